"""How large and how deep a document is once its fragments are expanded, found before anything expands them.

Twenty fragments of two spreads each select a million fields. Finding that out is linear in the document; cycles count
as nothing here, because validation reports them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)


@dataclass(frozen=True, slots=True)
class _Own:
    """What one definition selects itself.

    Attributes:
        depth: How many selection sets are inside one another.
        spreads: The fragments that it spreads, each with the depth at which it does.
    """

    fields: int
    depth: int
    spreads: tuple[tuple[str, int], ...]


def expands_beyond(limit: int, document: DocumentNode) -> bool:
    """Whether an operation of ``document`` selects more than ``limit`` fields."""
    own, operations = _definitions(document)
    sizes: dict[str, int] = {}
    for name in _inside_out(own):
        sizes[name] = _sum(own[name], sizes, limit)
    return any(_sum(operation, sizes, limit) > limit for operation in operations)


def count_fields(document: DocumentNode) -> int:
    """How many fields are written in a document."""
    own, operations = _definitions(document)
    return sum(each.fields for each in (*own.values(), *operations))


def nests_beyond(limit: int, document: DocumentNode) -> bool:
    """Whether more than ``limit`` selection sets of ``document`` are inside one another."""
    own, operations = _definitions(document)
    depths: dict[str, int] = {}
    for name in _inside_out(own):
        depths[name] = _depth(own[name], depths)
    return any(_depth(each, depths) > limit for each in (*own.values(), *operations))


def _definitions(document: DocumentNode) -> tuple[dict[str, _Own], list[_Own]]:
    """The fragments by name, and the operations."""
    own: dict[str, _Own] = {}
    operations: list[_Own] = []
    for definition in document.definitions:
        match definition:
            case FragmentDefinitionNode(name=name, selection_set=selection):
                own[name.value] = _read_own(selection)
            case OperationDefinitionNode(selection_set=selection):
                operations.append(_read_own(selection))
            case _:  # type definitions are refused by validation
                pass
    return own, operations


def _read_own(selection: SelectionSetNode) -> _Own:
    fields = deepest = 0
    spreads: list[tuple[str, int]] = []
    waiting = [(selection, 1)]
    while waiting:
        current, depth = waiting.pop()
        deepest = max(deepest, depth)
        for node in current.selections:
            match node:
                case FieldNode(selection_set=inner):
                    fields += 1
                    if inner is not None:
                        waiting.append((inner, depth + 1))
                case InlineFragmentNode(selection_set=inner):
                    waiting.append((inner, depth + 1))
                case FragmentSpreadNode(name=name):
                    spreads.append((name.value, depth))
                case _:  # pragma: no cover - the grammar has no fourth kind
                    raise TypeError(node)
    return _Own(fields, deepest, tuple(spreads))


def _inside_out(own: Mapping[str, _Own]) -> Iterator[str]:
    """Every fragment behind those that it spreads; without recursion, since chains can be thousands long."""
    done: set[str] = set()
    entered: set[str] = set()
    for root in own:
        stack = [root]
        while stack:
            name = stack[-1]
            if name in done:
                stack.pop()
            elif name in entered:
                done.add(name)
                stack.pop()
                yield name
            else:
                entered.add(name)
                stack.extend(spread for spread, _ in own[name].spreads if spread in own and spread not in entered)


def _sum(own: _Own, sizes: Mapping[str, int], limit: int) -> int:
    # Capped: the true number can have more digits than the document has characters.
    return min(limit + 1, own.fields + sum(sizes.get(name, 0) for name, _ in own.spreads))


def _depth(own: _Own, depths: Mapping[str, int]) -> int:
    return max([own.depth, *(depth + depths.get(name, 0) for name, depth in own.spreads)])
