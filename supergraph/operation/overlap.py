"""Whether all fields with one response key can be merged, decided for sets of fields instead of for pairs.

    document ──▶ parse ──▶ choose ──▶ validate ──▶ normalise ──▶ Operation
                                      ▲ you are here

The specification compares any two fields of a response key, and what is below the one with what is below the other. In
a union of unions that is a power of the number of types. Both things that it asks are kinds of equality, so it is
enough to ask them of all fields of a key at once:

* Values of one key have one shape, whatever object they are of. So all that is below any of the fields is one set, of
  which the same is asked.
* Fields that can meet on one object are one field with the same arguments: those on one object type, and those on
  abstract types with all others. So all that is below the fields of such a group is one set, of which both is asked.

What is asked of the same fields again is answered already. How much is looked at is bounded all the same: fragments
can be made such that the groups differ on every way through them.
https://spec.graphql.org/September2025/#FieldsInSetCanMerge()
"""

from collections.abc import Iterable, Sequence
from enum import Enum
from typing import NamedTuple

from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLCompositeType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLOutputType,
    GraphQLSchema,
    InlineFragmentNode,
    ListValueNode,
    NamedTypeNode,
    ObjectFieldNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    get_named_type,
    is_composite_type,
    is_object_type,
)

from supergraph.operation.values import print_arguments

MAX_SELECTIONS = 200_000
"""How many selections are looked at, each as often as it is: a second's work at most."""


class OverlapEffortError(Exception):
    """More would have to be looked at than ``MAX_SELECTIONS``."""


class _About(Enum):
    """What is asked of a set of fields."""

    SHAPES = 1
    MEETINGS = 2
    BOTH = 3


class _Use(NamedTuple):
    """A field, and the type that it is selected on."""

    node: FieldNode
    parent: GraphQLCompositeType


_Part = tuple[SelectionSetNode, GraphQLCompositeType]


class _Question(NamedTuple):
    parts: Sequence[_Part]
    about: _About


Conflict = tuple[FieldNode, FieldNode]
"""Two fields with one response key that cannot be merged."""


def find_conflict(schema: GraphQLSchema, document: DocumentNode, limit: int = MAX_SELECTIONS) -> Conflict | None:
    """Two fields that are in each other's way, in a document that is valid otherwise; ``None`` if there are none.

    Fields that are to be streamed count as such, whatever becomes of the directive.

    Raises:
        OverlapEffortError: More than ``limit`` selections would have to be looked at.
    """
    overlaps = _Overlaps(schema, document, limit)
    overlaps.ask_operations(document)
    while overlaps.pending:
        conflict = overlaps.answer(overlaps.pending.pop())
        if conflict is not None:
            return conflict
    return None


class _Overlaps:
    """What is still to be asked of one document, and what was asked."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, limit: int) -> None:
        self.pending: list[_Question] = []
        self._schema = schema
        self._left = limit
        self._asked: set[tuple[_About, frozenset[int]]] = set()
        self._fragments: dict[str, _Part] = {
            node.name.value: (node.selection_set, self._type_of(node.type_condition))
            for node in document.definitions
            if isinstance(node, FragmentDefinitionNode)
        }

    def ask_operations(self, document: DocumentNode) -> None:
        """Ask about all operations: every fragment is spread in one."""
        for node in document.definitions:
            if isinstance(node, OperationDefinitionNode):
                root = self._schema.get_root_type(node.operation)
                assert root is not None, "another rule has seen to it"
                self.pending.append(_Question(((node.selection_set, root),), _About.BOTH))

    def answer(self, question: _Question) -> Conflict | None:
        """What is wrong here; what is below becomes further questions."""
        about = question.about
        for uses in self._collect(question.parts).values():
            if len(uses) == 1:
                if uses[0].node.selection_set is not None:
                    self._ask_below(uses, about)
                continue
            conflict = self._answer_for_key(uses, about)
            if conflict is not None:
                return conflict
        return None

    def _answer_for_key(self, uses: Sequence[_Use], about: _About) -> Conflict | None:
        """The question for the fields of one response key."""
        if any(directive.name.value == "stream" for use in uses for directive in use.node.directives or ()):
            return uses[0].node, uses[1].node
        groups = [] if about is _About.SHAPES else _groups_that_meet(uses)
        conflict = None if about is _About.MEETINGS else self._two_shapes(uses)
        conflict = conflict or next(filter(None, map(_two_fields, groups)), None)
        if conflict is not None:
            return conflict
        if len(groups) < 2:
            self._ask_below(uses, about)
            return None
        if about is _About.BOTH:
            self._ask_below(uses, _About.SHAPES)
        for group in groups:
            self._ask_below(group, _About.MEETINGS)
        return None

    def _ask_below(self, uses: Sequence[_Use], about: _About) -> None:
        parts = [(below, self._type_below(use)) for use in uses if (below := use.node.selection_set) is not None]
        mark = (about, frozenset(id(selection) for selection, _ in parts))
        if parts and mark not in self._asked:
            self._asked.add(mark)
            self.pending.append(_Question(parts, about))

    def _collect(self, parts: Iterable[_Part]) -> dict[str, list[_Use]]:
        """The fields of a position by response key, with those in fragments."""
        found: dict[str, list[_Use]] = {}
        entered: set[str] = set()
        waiting = list(parts)
        while waiting:
            selection, parent = waiting.pop()
            self._left -= len(selection.selections)
            if self._left < 0:
                raise OverlapEffortError
            for node in selection.selections:
                if isinstance(node, FieldNode):
                    found.setdefault((node.alias or node.name).value, []).append(_Use(node, parent))
                elif isinstance(node, InlineFragmentNode):
                    condition = node.type_condition
                    waiting.append((node.selection_set, self._type_of(condition) if condition else parent))
                elif (name := node.name.value) not in entered:  # type: ignore[attr-defined]  # there is no fourth kind
                    entered.add(name)
                    waiting.append(self._fragments[name])
        return found

    def _two_shapes(self, uses: Sequence[_Use]) -> Conflict | None:
        first = self._output_type(uses[0])
        for use in uses:
            if not _is_same_shape(first, self._output_type(use)):
                return uses[0].node, use.node
        return None

    def _output_type(self, use: _Use) -> GraphQLOutputType:
        found = self._schema.get_field(use.parent, use.node.name.value)
        assert found is not None, "another rule has seen to it"
        return found.type

    def _type_below(self, use: _Use) -> GraphQLCompositeType:
        named = get_named_type(self._output_type(use))
        assert is_composite_type(named), "another rule has seen to it"
        return named

    def _type_of(self, node: NamedTypeNode) -> GraphQLCompositeType:
        named = self._schema.type_map[node.name.value]
        assert is_composite_type(named), "another rule has seen to it"
        return named


def _groups_that_meet(uses: Sequence[_Use]) -> list[list[_Use]]:
    """The fields of each object type, with those of all abstract types."""
    abstract: list[_Use] = []
    by_object: dict[str, list[_Use]] = {}
    for use in uses:
        if is_object_type(use.parent):
            by_object.setdefault(use.parent.name, []).append(use)
        else:
            abstract.append(use)
    return [[*group, *abstract] for group in by_object.values()] or [abstract]


def _two_fields(uses: Sequence[_Use]) -> Conflict | None:
    first, *others = (use.node for use in uses)
    arguments = _print_sorted(first)
    for other in others:
        if other.name.value != first.name.value or _print_sorted(other) != arguments:
            return first, other
    return None


def _print_sorted(node: FieldNode) -> tuple[tuple[str, str], ...]:
    """The arguments as text that is equal for equal values: the order of what is in an object does not matter."""
    if not node.arguments:
        return ()
    return print_arguments(ArgumentNode(name=each.name, value=_sorted(each.value)) for each in node.arguments)


def _sorted(value: ValueNode) -> ValueNode:
    match value:
        case ListValueNode(values=values):
            return ListValueNode(values=tuple(map(_sorted, values)))
        case ObjectValueNode(fields=fields):
            by_name = sorted(fields, key=lambda field: field.name.value)
            return ObjectValueNode(
                fields=tuple(ObjectFieldNode(name=each.name, value=_sorted(each.value)) for each in by_name)
            )
        case _:
            return value


def _is_same_shape(left: GraphQLOutputType, right: GraphQLOutputType) -> bool:
    """https://spec.graphql.org/September2025/#SameResponseShape()."""
    while isinstance(left, GraphQLNonNull | GraphQLList) and type(left) is type(right):
        left, right = left.of_type, right.of_type
    return left is right or (is_composite_type(left) and is_composite_type(right))
