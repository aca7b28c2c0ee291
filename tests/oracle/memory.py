"""Subgraphs and monolith as real GraphQL schemas over the same data.

A subgraph executes exactly the text that it is sent, and is strict: an operation that its schema does not allow, a
representation that names an unknown type or lacks a key, a field that the subgraph does not resolve, a required value
that is missing or wrong are written down as *violations*. A plan that causes one is wrong even if the answer is right.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from graphql import (
    DocumentNode,
    ExecutionResult,
    FieldNode,
    GraphQLAbstractType,
    GraphQLError,
    GraphQLResolveInfo,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    build_schema,
    execute_sync,
    parse,
    print_ast,
    validate,
)

from supergraph.sdl.types import base_name
from tests.oracle.data import POPULATION, Data, InjectedError, Json, Obj, Value, map_objects
from tests.oracle.pieces import Key, Piece, PieceField, SubgraphPieces
from tests.oracle.world import World, fields_in


class ViolationError(GraphQLError):
    """A subgraph was asked for something that it must not be asked for."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request that a subgraph got, and its answer."""

    subgraph: str
    query: str
    variables: Mapping[str, Json]
    answer: Mapping[str, Json]


# --- the monolith --------------------------------------------------------------------------------------------------


def execute_monolith(
    data: Data, document: DocumentNode, variables: Mapping[str, Json], operation_name: str | None = None
) -> dict[str, Json]:
    """What one plain schema over the same data answers."""

    def resolve(source: Obj, info: GraphQLResolveInfo[object], **arguments: object) -> Value:
        inputs = data.world.inputs.get((source.type, info.field_name))
        all_arguments = {**arguments, **data.from_context(source, info.field_name)}
        value = data.value(source, info.field_name, all_arguments, data.read(inputs, source) if inputs else None)
        return map_objects(value, lambda each: replace(each, ancestors=(source, *source.ancestors)))

    result = execute_sync(
        data.world.monolith,
        document,
        root_value=Obj(root_type(document, operation_name), 0),
        variable_values=dict(variables),
        operation_name=operation_name,
        field_resolver=resolve,
        type_resolver=_type_of,
    )
    return _formatted(result)


def root_type(document: DocumentNode, operation_name: str | None = None) -> str:
    """``Query``, ``Mutation`` or ``Subscription``."""
    for node in document.definitions:
        if isinstance(node, OperationDefinitionNode) and operation_name in (None, node.name and node.name.value):
            return node.operation.value.capitalize()
    raise ValueError(f"no operation {operation_name}")


def _formatted(result: ExecutionResult) -> dict[str, Json]:
    """The response as JSON; built from plain JSON by construction."""
    answer: dict[str, Json] = json.loads(json.dumps(result.formatted))
    return answer


def _type_of(value: Obj, _info: GraphQLResolveInfo[object], _abstract: GraphQLAbstractType) -> str:
    return value.type


# --- a subgraph ----------------------------------------------------------------------------------------------------


class InMemorySubgraph:
    """One subgraph; ``exchanges`` and ``violations`` remember what it was asked."""

    def __init__(
        self,
        data: Data,
        name: str,
        labels: frozenset[str] = frozenset(),
        schema: GraphQLSchema | None = None,
    ) -> None:
        self.data = data
        self.world: World = data.world
        self.pieces: SubgraphPieces = self.world.subgraphs[name]
        self.name = name
        self.labels = labels
        self.schema = schema or executable_schema(self.pieces)
        self.exchanges: list[Exchange] = []
        self.violations: list[str] = []
        self._overridden_by = dict(_overrides(self.world, name))

    def execute(self, query: str, variables: Mapping[str, Json]) -> dict[str, Json]:
        """Answer one GraphQL request."""
        document = parse(query)
        errors = validate(self.schema, document)
        answer: dict[str, Json]
        if errors:
            self._note(f"invalid operation: {errors[0].message}")
            answer = {"data": None, "errors": [{"message": errors[0].message}]}
        else:
            result = execute_sync(
                self.schema,
                document,
                root_value=Obj(root_type(document), 0),
                variable_values=dict(variables),
                field_resolver=self._resolve,
                type_resolver=self._resolve_type,
            )
            for error in result.errors or ():
                if not isinstance(error.original_error, InjectedError):
                    self._note(str(error.message))
            answer = _formatted(result)
        self.exchanges.append(Exchange(self.name, query, dict(variables), answer))
        return answer

    def _note(self, message: str) -> None:
        if message not in self.violations:
            self.violations.append(message)

    def _resolve_type(self, value: Obj, _info: GraphQLResolveInfo[object], abstract: GraphQLAbstractType) -> str:
        if abstract.name == "_Entity" and value.type not in self.pieces.types:
            return next(name for name in self._stand_ins(value.type))
        return value.type

    def _stand_ins(self, type_name: str) -> Iterator[str]:
        for piece in self.pieces.types.values():
            if piece.interface_object and type_name in self.world.runtime_types(self.name, piece.name):
                yield piece.name

    def _resolve(self, source: Obj, info: GraphQLResolveInfo[object], **arguments: object) -> Value:
        if info.field_name == "_entities":
            representations = arguments["representations"]
            assert isinstance(representations, list)
            return [self._find(each) for each in representations]
        parent = self.pieces.types[info.parent_type.name]
        child = parent.fields[info.field_name]
        self._check_resolves(source, parent, child)
        inputs = self._inputs(source, parent, child)
        value = self.data.value(source, child.name, arguments, inputs)
        return self._with_views(value, source, child)

    # --- what must not be asked ------------------------------------------------------------------------------------

    def _check_resolves(self, source: Obj, parent: Piece, child: PieceField) -> None:
        coordinate = f"{parent.name}.{child.name}"
        if child.external and not _selects(source.provided, child.name, self._conditions(source)):
            raise ViolationError(f"{coordinate} is external in {self.name}, and not provided here")
        if child.label is not None and child.label not in self.labels:
            raise ViolationError(f"{coordinate}: {self.name} resolves it only while label {child.label} is on")
        if (parent.name, child.name) in self._overridden_by:
            label = self._overridden_by[parent.name, child.name]
            if label is None or label in self.labels:
                raise ViolationError(f"{coordinate} of {self.name} is overridden")

    def _conditions(self, source: Obj) -> frozenset[str]:
        """The type conditions that an object matches in this subgraph."""
        names = [name for name in self.pieces.types if source.type in self.world.runtime_types(self.name, name)]
        return frozenset([source.type, *names])

    def _with_views(self, value: Value, source: Obj, child: PieceField) -> Value:
        views = tuple(_below(source.provided, child.name, self._conditions(source)))
        if child.provides:
            views = (*views, child.provides)
        return map_objects(value, lambda each: replace(each, provided=views)) if views else value

    def _inputs(self, source: Obj, parent: Piece, child: PieceField) -> Json:
        if child.requires is None:
            return None
        expected = self.data.read(child.requires, source)
        if source.representation is not None and self._covers(source.representation, child.requires):
            given = self._read(child.requires, source.representation, parent.name)
            if given != expected:
                message = f"{parent.name}.{child.name} of {self.name} got {given} for {source}, but it is {expected}"
                raise ViolationError(message)
            used: Json = given
        elif self._provides(source, child.requires):
            used = expected
        else:
            message = f"{parent.name}.{child.name} of {self.name} lacks its @requires {print_ast(child.requires)}"
            raise ViolationError(message)
        return used if (source.type, child.name) in self.world.inputs else None

    def _covers(self, representation: Mapping[str, Json], selection: SelectionSetNode) -> bool:
        return all(node.name.value in representation for condition, node in fields_in(selection) if condition is None)

    def _provides(self, source: Obj, selection: SelectionSetNode) -> bool:
        conditions = self._conditions(source)
        return all(
            _selects(source.provided, node.name.value, conditions)
            for condition, node in fields_in(selection)
            if condition is None or condition in conditions
        )

    # --- representations -------------------------------------------------------------------------------------------

    def _find(self, representation: object) -> Obj:
        """The object that a representation stands for."""
        if not isinstance(representation, dict):
            raise ViolationError(f"{self.name} got a representation that is no object: {representation!r}")
        type_name = representation.get("__typename")
        piece = self.pieces.types.get(type_name) if isinstance(type_name, str) else None
        if piece is None or not piece.keys:
            raise ViolationError(f"{self.name} has no entity {type_name!r}")
        for name in representation:
            if name != "__typename" and name not in piece.fields:
                raise ViolationError(f"{self.name} got {piece.name}.{name} in a representation, and has no such field")
        keys = [key for key in piece.keys if key.resolvable and self._covers(representation, key.fields)]
        if not keys:
            raise ViolationError(f"{self.name} got no complete key of {piece.name}: {representation}")
        return replace(self._lookup(piece, keys, representation), representation=representation)

    def _lookup(self, piece: Piece, keys: Sequence[Key], representation: Mapping[str, Json]) -> Obj:
        for type_name in self.world.runtime_types(self.name, piece.name):
            for index in range(POPULATION):
                found = Obj(type_name, index)
                if all(self._has_key(found, piece, key, representation) for key in keys):
                    return found
        raise ViolationError(f"{self.name} knows no {piece.name} with {representation}")

    def _has_key(self, found: Obj, piece: Piece, key: Key, representation: Mapping[str, Json]) -> bool:
        return self.data.read(key.fields, found) == self._read(key.fields, representation, piece.name)

    def _read(self, selection: SelectionSetNode, given: Mapping[str, Json], type_name: str) -> dict[str, Json]:
        """What a field set selects in a representation, without type names."""
        found: dict[str, Json] = {}
        for node in selection.selections:
            if isinstance(node, InlineFragmentNode):
                condition = node.type_condition.name.value if node.type_condition else type_name
                if self._is_kind_of(given, type_name, condition):
                    found |= self._read(node.selection_set, given, condition)
            elif isinstance(node, FieldNode) and node.name.value != "__typename":
                name = node.name.value
                if name not in given:
                    raise ViolationError(f"{self.name} got no {type_name}.{name} in {given}")
                found[name] = self._read_value(node.selection_set, given[name], self._type_below(type_name, name))
        return found

    def _read_value(self, selection: SelectionSetNode | None, given: Json, type_name: str) -> Json:
        if selection is None or given is None:
            return given
        if isinstance(given, list):
            return [self._read_value(selection, each, type_name) for each in given]
        if not isinstance(given, dict):
            raise ViolationError(f"{self.name} got {given!r} in a representation where {type_name} stands")
        return self._read(selection, given, type_name)

    def _is_kind_of(self, given: Mapping[str, Json], type_name: str, condition: str) -> bool:
        possible = self.world.runtime_types(self.name, type_name)
        actual = given.get("__typename", possible[0] if len(possible) == 1 else None)
        if actual is None:
            raise ViolationError(f"{self.name} got an object of {type_name} without a type name: {given}")
        return actual in self.world.runtime_types(self.name, condition)

    def _type_below(self, type_name: str, name: str) -> str:
        return base_name(self.pieces.types[type_name].fields[name].type)


def _overrides(world: World, name: str) -> Iterator[tuple[tuple[str, str], str | None]]:
    """The fields that others override in subgraph ``name``, with the label if there is one."""
    for pieces in world.subgraphs.values():
        for piece in pieces.types.values():
            for child in piece.fields.values():
                if child.override == name:
                    yield (piece.name, child.name), child.label


def _selects(views: Sequence[SelectionSetNode], name: str, conditions: frozenset[str]) -> bool:
    return any(
        node.name.value == name and (condition is None or condition in conditions)
        for view in views
        for condition, node in fields_in(view)
    )


def _below(views: Sequence[SelectionSetNode], name: str, conditions: frozenset[str]) -> Iterator[SelectionSetNode]:
    for view in views:
        for condition, node in fields_in(view):
            if node.name.value == name and node.selection_set and (condition is None or condition in conditions):
                yield node.selection_set


# --- the schema a subgraph executes --------------------------------------------------------------------------------


def executable_schema(pieces: SubgraphPieces) -> GraphQLSchema:
    """The schema that a subgraph executes; costly, so trials on one supergraph share it."""
    return build_schema(executable_sdl(pieces), assume_valid_sdl=True)


def executable_sdl(pieces: SubgraphPieces) -> str:
    """The subgraph's schema without federation directives and with the entity root field."""
    entities = [piece.name for piece in pieces.types.values() if piece.keys and piece.kind == "object"]
    printed = [_executable_type(piece, with_entities=bool(entities)) for piece in pieces.types.values()]
    if entities:
        printed.append(f"scalar _Any\n\nunion _Entity = {' | '.join(entities)}")
    if "Query" not in pieces.types:
        root = "_entities(representations: [_Any!]!): [_Entity]!" if entities else "_service: String"
        printed.append(f"type Query {{ {root} }}")
    return "\n\n".join(printed)


def _executable_type(piece: Piece, *, with_entities: bool) -> str:
    match piece.kind:
        case "union":
            return f"union {piece.name} = {' | '.join(piece.members)}"
        case "enum":
            return f"enum {piece.name} {{ {' '.join(piece.values)} }}"
        case "scalar":
            return f"scalar {piece.name}"
        case "input":
            return f"input {piece.name} {{ {' '.join(map(print_ast, piece.inputs))} }}"
        case _:
            implements = f" implements {' & '.join(piece.interfaces)}" if piece.interfaces else ""
            keyword = "interface" if piece.kind == "interface" else "type"
            lines = [_executable_field(child) for child in piece.fields.values()]
            if piece.name == "Query" and with_entities:
                lines.append("_entities(representations: [_Any!]!): [_Entity]!")
            return f"{keyword} {piece.name}{implements} {{\n  " + "\n  ".join(lines) + "\n}"


def _executable_field(child: PieceField) -> str:
    arguments = [
        f"{each.name.value}: {print_ast(each.type)}"
        + (f" = {print_ast(each.default_value)}" if each.default_value else "")
        for each in child.arguments
    ]
    return f"{child.name}{'(' + ', '.join(arguments) + ')' if arguments else ''}: {child.type}"
