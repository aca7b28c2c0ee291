"""A small normaliser: operations for executor tests, without the planner's machinery.

It inlines fragments, expands conditions on abstract types to object types and keeps ``@skip`` and ``@include`` on
variables. It does not merge fields; the executor does that too.
"""

import itertools
from collections.abc import Iterable, Iterator

from graphql import (
    DirectiveNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLNamedType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    VariableNode,
    get_named_type,
    is_abstract_type,
    is_interface_type,
    is_object_type,
    parse,
    print_ast,
)

from supergraph.operation.model import (
    Cast,
    Condition,
    Conditions,
    Field,
    Operation,
    SelectionSet,
    Unit,
    VariableDefinition,
)
from supergraph.sdl.types import Named, type_from_text


def operation(schema: GraphQLSchema, text: str) -> Operation:
    """The one operation in ``text``, which must be valid."""
    document = parse(text, no_location=True)
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    (definition,) = (node for node in document.definitions if isinstance(node, OperationDefinitionNode))
    root = schema.get_root_type(definition.operation)
    assert root is not None
    units = _Normaliser(schema, fragments).units(definition.selection_set.selections, root, ())
    return Operation(
        kind=definition.operation.value,
        name=definition.name.value if definition.name else None,
        selection=SelectionSet(root.name, tuple(units)),
        variables=tuple(
            VariableDefinition(
                variable.variable.name.value,
                print_ast(variable.type),
                print_ast(variable.default_value) if variable.default_value else None,
            )
            for variable in definition.variable_definitions or ()
        ),
        definition=definition,
        fragments=fragments,
        text=text,
        key=text,
    )


class _Normaliser:
    def __init__(self, schema: GraphQLSchema, fragments: dict[str, FragmentDefinitionNode]) -> None:
        self._schema = schema
        self._fragments = fragments
        self._ids = itertools.count(1)

    def units(self, nodes: Iterable[SelectionNode], parent: GraphQLNamedType, conditions: Conditions) -> Iterator[Unit]:
        for node in nodes:
            inner = _conditions(node.directives or (), conditions)
            if isinstance(node, FieldNode):
                yield self._field(node, parent, inner)
            elif isinstance(node, FragmentSpreadNode):
                fragment = self._fragments[node.name.value]
                yield from self._fragment(
                    fragment.type_condition.name.value, fragment.selection_set.selections, parent, inner
                )
            elif isinstance(node, InlineFragmentNode):
                name = node.type_condition.name.value if node.type_condition else parent.name
                yield from self._fragment(name, node.selection_set.selections, parent, inner)

    def _fragment(
        self, name: str, nodes: Iterable[SelectionNode], parent: GraphQLNamedType, conditions: Conditions
    ) -> Iterator[Unit]:
        if name == parent.name or (is_object_type(parent) and name in self._names_of(parent)):
            yield from self.units(nodes, parent, conditions)
        elif is_abstract_type(parent):
            wanted = self._schema.get_type(name)
            assert wanted is not None
            inside = {wanted.name} if is_object_type(wanted) else {t.name for t in self._possible(wanted)}
            for possible in self._possible(parent):
                if possible.name in inside:
                    units = tuple(self.units(nodes, possible, ()))
                    yield Cast(type=possible.name, selection=SelectionSet(possible.name, units), conditions=conditions)

    def _possible(self, abstract: GraphQLNamedType) -> list[GraphQLNamedType]:
        assert is_abstract_type(abstract)
        return list(self._schema.get_possible_types(abstract))

    def _names_of(self, object_type: GraphQLNamedType) -> set[str]:
        return {
            named.name
            for named in self._schema.type_map.values()
            if is_abstract_type(named) and object_type in self._schema.get_possible_types(named)
        }

    def _field(self, node: FieldNode, parent: GraphQLNamedType, conditions: Conditions) -> Field:
        field_id = next(self._ids)
        name = node.name.value
        selection = None
        type_ref = type_from_text("String!") if name == "__typename" else Named("Local")
        if not name.startswith("__"):
            assert is_object_type(parent) or is_interface_type(parent)
            field_type = parent.fields[name].type
            named = get_named_type(field_type)
            type_ref = type_from_text(str(field_type))
            if node.selection_set is not None:
                selection = SelectionSet(named.name, tuple(self.units(node.selection_set.selections, named, ())))
        return Field(
            id=field_id,
            response_key=node.alias.value if node.alias else name,
            name=name,
            type=type_ref,
            conditions=conditions,
            selection=selection,
        )


def _conditions(directives: Iterable[DirectiveNode], outer: Conditions) -> Conditions:
    found = set(outer)
    for directive in directives:
        (node,) = directive.arguments or ()
        argument = node.value
        assert isinstance(argument, VariableNode)
        found.add(Condition(argument.name.value, directive.name.value == "include"))
    return tuple(sorted(found))
