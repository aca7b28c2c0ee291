"""Limits on an operation: measured once per document, decided for each request.

    document ──▶ validate ──▶ exceeded_limits ──▶ decide_limits ──▶ plan
                              ▲ you are here

How things are counted, in all cases with fragments expanded:

* *depth*: the longest chain of fields from the root to a leaf. ``{ book { title } }`` has depth 2.
* *height*: different fields. A field that is repeated at one place, under whatever alias, counts once.
* *aliases*: fields with an alias, each time they are selected; *aliases per field*: those of one field name.
* *root fields*: different response keys at the root, so ``{ a: me b: me }`` has two.
* *directives*: on fields, fragments and the operation, each time.

Introspection (``__schema``, ``__type``) is outside depth and height and has a rule of its own: the lists that it can
nest in one another without end (``fields { type { fields … } }``) may be nested ``max_introspection_lists`` deep.

The numbers can be exponential in the size of the document, the work is linear: each fragment is measured once.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
)

from router.config.security import LimitsConfig
from router.errors import (
    AliasesLimitError,
    ClientError,
    DepthLimitError,
    DirectivesLimitError,
    HeightLimitError,
    IntrospectionDepthLimitError,
    RootFieldsLimitError,
)
from router.graphql.aliases import most_aliases_of_a_field
from router.graphql.height import height
from router.policy.modes import Modes
from router.policy.request import Request
from supergraph.operation.request_text import response_key

_log = logging.getLogger(__name__)

NAME = "limits"
"""Its name among the policies."""

Fragments = Mapping[str, FragmentDefinitionNode]

_INTROSPECTION = ("__schema", "__type")
_INTROSPECTION_LISTS = frozenset({"fields", "interfaces", "possibleTypes", "inputFields"})


@dataclass(frozen=True, slots=True)
class Excess:
    """A limit that an operation exceeds.

    Attributes:
        name: Its key in the block ``limits``.
        warns: Whether it only warns.
    """

    name: str
    limit: int
    error: type[ClientError]
    warns: bool


def exceeded_limits(
    operation: OperationDefinitionNode, fragments: Fragments, limits: LimitsConfig
) -> tuple[Excess, ...]:
    """The limits that an operation exceeds.

    The document should be valid, but need not be: unknown fragments and fragment cycles count as empty.
    """
    return tuple(
        Excess(name, limit, error, limits.only_warns(name))
        for name, limit, number, error in _measurements(operation, fragments, limits)
        if limit is not None and number > limit
    )


def decide_limits(exceeded: Iterable[Excess], request: Request, modes: Modes) -> None:
    """Raise the error of the first exceeded limit where limits are enforced; tell of those that only warn."""
    for excess in exceeded:
        error = excess.error(f"The operation exceeds limits.{excess.name}, which is {excess.limit}")
        if not excess.warns:
            modes.refuse(NAME, request, error)
        elif modes.mode(NAME, request) != "off":
            fields = {"limit": excess.name, "allowed": excess.limit, "request_id": request.id}
            _log.warning("operation exceeds a limit", extra=fields)
            modes.let_pass(NAME, request, error)


_Measurement = tuple[str, int | None, int, type[ClientError]]


def _measurements(
    operation: OperationDefinitionNode, fragments: Fragments, limits: LimitsConfig
) -> Iterator[_Measurement]:
    """Each limit, its value, and the number that is held against it."""
    size = _measure(operation.selection_set, _measure_fragments(fragments))
    yield "max_depth", limits.max_depth, size.depth, DepthLimitError
    introspection_lists = size.lists_of_introspection
    yield (
        "max_introspection_lists",
        limits.max_introspection_lists,
        introspection_lists,
        IntrospectionDepthLimitError,
    )
    root_fields = _count_root_fields(operation, fragments)
    yield "max_root_fields", limits.max_root_fields, root_fields, RootFieldsLimitError
    yield "max_aliases", limits.max_aliases, size.aliases, AliasesLimitError
    if limits.max_aliases_per_field is not None:
        number = most_aliases_of_a_field(operation, fragments)
        yield "max_aliases_per_field", limits.max_aliases_per_field, number, AliasesLimitError
    directives = size.directives + len(operation.directives or ())
    yield "max_directives", limits.max_directives, directives, DirectivesLimitError
    if limits.max_height is not None:
        number = height(operation, fragments, at_most=limits.max_height)
        yield "max_height", limits.max_height, number, HeightLimitError


@dataclass(slots=True)
class _Size:
    """What is counted of one selection set.

    Attributes:
        depth: Of nested fields, introspection apart.
        lists: Of nested introspection lists, if this stands inside an introspection.
        lists_of_introspection: The same, of the introspections inside this.
    """

    depth: int = 0
    lists: int = 0
    lists_of_introspection: int = 0
    aliases: int = 0
    directives: int = 0


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a selection set stands, as seen from the one that is measured."""

    depth: int = 0
    lists: int = 0
    in_introspection: bool = False


def _measure_fragments(fragments: Fragments) -> Mapping[str, _Size]:
    """The size of every fragment; those that a fragment spreads are measured before it."""
    sizes: dict[str, _Size] = {}
    opened: set[str] = set()
    waiting = list(fragments)
    while waiting:
        name = waiting[-1]
        if name in sizes:
            waiting.pop()
        elif name not in opened:
            opened.add(name)
            # One that is opened and not measured spreads itself in the end: invalid, and counted as empty.
            waiting.extend(each for each in _spreads(fragments[name]) if each in fragments and each not in opened)
        else:
            sizes[name] = _measure(fragments[name].selection_set, sizes)
    return sizes


def _measure(selection_set: SelectionSetNode, fragments: Mapping[str, _Size]) -> _Size:
    """The size of a selection set, given that of the fragments in it."""
    size = _Size()
    for node, place in _walk(selection_set):
        size.directives += len(node.directives or ())
        if isinstance(node, FragmentSpreadNode):
            _add_fragment(size, fragments.get(node.name.value, _Size()), place)
        elif isinstance(node, FieldNode):
            size.aliases += node.alias is not None
            size.depth = max(size.depth, place.depth)
            size.lists = max(size.lists, place.lists)
            if place.in_introspection:
                size.lists_of_introspection = max(size.lists_of_introspection, place.lists)
    return size


def _add_fragment(size: _Size, fragment: _Size, place: _Place) -> None:
    size.aliases += fragment.aliases
    size.directives += fragment.directives
    size.lists = max(size.lists, place.lists + fragment.lists)
    inside = place.lists + fragment.lists if place.in_introspection else fragment.lists_of_introspection
    size.lists_of_introspection = max(size.lists_of_introspection, inside)
    if not place.in_introspection:
        size.depth = max(size.depth, place.depth + fragment.depth)


def _walk(selection_set: SelectionSetNode) -> Iterator[tuple[SelectionNode, _Place]]:
    """Every selection, spreads not followed. A field comes with the place that it opens, others with their own."""
    waiting = [(selection_set, _Place())]
    while waiting:
        current, place = waiting.pop()
        for node in current.selections:
            opened = _below(node, place) if isinstance(node, FieldNode) else place
            yield node, opened
            if isinstance(node, FieldNode | InlineFragmentNode) and node.selection_set is not None:
                waiting.append((node.selection_set, opened))


def _below(node: FieldNode, place: _Place) -> _Place:
    name = node.name.value
    in_introspection = place.in_introspection or name in _INTROSPECTION
    return _Place(
        depth=place.depth if in_introspection or name == "__typename" else place.depth + 1,
        lists=place.lists + (name in _INTROSPECTION_LISTS),
        in_introspection=in_introspection,
    )


def _spreads(fragment: FragmentDefinitionNode) -> list[str]:
    return [node.name.value for node, _ in _walk(fragment.selection_set) if isinstance(node, FragmentSpreadNode)]


def _count_root_fields(operation: OperationDefinitionNode, fragments: Fragments) -> int:
    """Different response keys at the root; each fragment is looked at once."""
    keys: set[str] = set()
    seen: set[str] = set()
    waiting = [operation.selection_set]
    while waiting:
        for node in waiting.pop().selections:
            if isinstance(node, FieldNode):
                keys.add(response_key(node))
            elif isinstance(node, FragmentSpreadNode):
                name = node.name.value
                if name in fragments and name not in seen:
                    seen.add(name)
                    waiting.append(fragments[name].selection_set)
            elif isinstance(node, InlineFragmentNode):
                waiting.append(node.selection_set)
    return len(keys)
