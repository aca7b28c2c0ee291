"""What a fetch asks for, as selection sets: its text read back, for those who want to weigh it.

fetch.operation ──▶ fetched ──▶ cost
                    ▲ you are here
"""

from collections.abc import Iterator

from graphql import (
    DirectiveNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
    print_ast,
)

from supergraph.operation.model import Cast, Condition, Conditions, Field, SelectionSet, Unit
from supergraph.operation.request_text import read_request_text, response_key
from supergraph.operation.schema_types import field_type
from supergraph.plan import Fetch
from supergraph.sdl.types import base_name

_ENTITIES = "_entities"


def fetched_selection(schema: GraphQLSchema, fetch: Fetch) -> SelectionSet:
    """What a root fetch asks of the root type. Fields that the schema does not know are left out."""
    reader = _Reader(schema, fetch.operation)
    root = {"query": schema.query_type, "mutation": schema.mutation_type}.get(fetch.kind)
    return reader.selection(reader.root, root.name if root is not None else "Query")


def fetched_entities(schema: GraphQLSchema, fetch: Fetch, alias: str) -> tuple[SelectionSet, ...]:
    """What an entity fetch asks of each type of entity, under one alias."""
    reader = _Reader(schema, fetch.operation)
    return tuple(
        reader.selection(fragment.selection_set, fragment.type_condition.name.value)
        for node in reader.root.selections
        if isinstance(node, FieldNode) and response_key(node) == alias
        for fragment in reader.fragments_in(node.selection_set)
        if fragment.type_condition is not None
    )


class _Reader:
    def __init__(self, schema: GraphQLSchema, text: str) -> None:
        self._schema = schema
        self.root, self._fragments = read_request_text(text)

    def fragments_in(self, selection: SelectionSetNode | None) -> Iterator[InlineFragmentNode | FragmentDefinitionNode]:
        """The fragments right inside a selection set."""
        for node in selection.selections if selection is not None else ():
            if isinstance(node, InlineFragmentNode):
                yield node
            elif isinstance(node, FragmentSpreadNode):
                yield self._fragments[node.name.value]

    def selection(self, node: SelectionSetNode, type_name: str) -> SelectionSet:
        """A selection set on ``type_name``."""
        units: list[Unit] = []
        for each in node.selections:
            units.extend(self._units(each, type_name))
        return SelectionSet(type_name, tuple(units))

    def _units(self, node: SelectionNode, type_name: str) -> Iterator[Unit]:
        conditions = _conditions(node.directives or ())
        if isinstance(node, FieldNode):
            unit = self._field(node, type_name, conditions)
            if unit is not None:
                yield unit
            return
        fragment = self._fragments[node.name.value] if isinstance(node, FragmentSpreadNode) else node
        assert isinstance(fragment, InlineFragmentNode | FragmentDefinitionNode)
        on = fragment.type_condition.name.value if fragment.type_condition is not None else type_name
        yield Cast(type=on, selection=self.selection(fragment.selection_set, on), conditions=conditions)

    def _field(self, node: FieldNode, type_name: str, conditions: Conditions) -> Field | None:
        try:
            found = field_type(self._schema, type_name, node.name.value)
        except KeyError:
            return None
        inner = node.selection_set
        return Field(
            id=0,
            response_key=response_key(node),
            name=node.name.value,
            type=found,
            arguments=tuple((each.name.value, print_ast(each.value)) for each in node.arguments or ()),
            conditions=conditions,
            selection=None if inner is None else self.selection(inner, base_name(found)),
        )


def _conditions(directives: "tuple[DirectiveNode, ...] | list[DirectiveNode]") -> Conditions:
    found = []
    for directive in directives:
        if directive.name.value in ("skip", "include"):
            (argument,) = directive.arguments or ()
            if isinstance(argument.value, VariableNode):
                found.append(Condition(argument.value.name.value, directive.name.value == "include"))
    return tuple(sorted(found))
