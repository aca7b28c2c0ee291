"""The data of the hidden monolith: every value is a pure function of object, field and arguments.

An object is a type name and an index; there are ``POPULATION`` objects of each type, and one of each root type. No
value is stored anywhere, so a schema that shrinks keeps the values of what is left, and every subgraph sees the same
truth without a copy of it.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from graphql import (
    FieldNode,
    GraphQLError,
    GraphQLObjectType,
    InlineFragmentNode,
    SelectionSetNode,
    is_non_null_type,
    value_from_ast_untyped,
)

from supergraph.sdl.types import ListOf, Named, NonNull, TypeRef
from tests.oracle.world import BUILT_IN_SCALARS, Coordinate, World, WorldError, is_leaf, is_root

POPULATION = 4

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


@dataclass(frozen=True, slots=True)
class Obj:
    """One object, as one resolver passes it to the next.

    Attributes:
        representation: In a subgraph, what ``_entities`` was given for this object.
        provided: In a subgraph, the parts of ``@provides`` sets that apply below this object.
        ancestors: In the monolith, the objects on the way here, nearest first.
    """

    type: str
    index: int
    representation: Mapping[str, Json] | None = field(default=None, compare=False)
    provided: tuple[SelectionSetNode, ...] = field(default=(), compare=False)
    ancestors: tuple["Obj", ...] = field(default=(), compare=False)

    def __str__(self) -> str:
        return f"{self.type}#{self.index}"


Value = None | bool | int | float | str | Obj | list["Value"] | dict[str, Json]


class InjectedError(GraphQLError):
    """The data says that this field fails here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataOptions:
    """What the data looks like; rates are per mille, so that they hash alike everywhere."""

    seed: int = 0
    nulls: int = 120
    errors: int = 0


class Data:
    """All values of one world."""

    def __init__(self, world: World, options: DataOptions) -> None:
        self.world = world
        self.options = options

    def value(self, of: Obj, name: str, arguments: Mapping[str, object], inputs: Json = None) -> Value:
        """The value of a field; ``inputs`` are the values of its ``@requires`` set as the resolver has them.

        Raises ``InjectedError`` where the field is meant to fail.
        """
        coordinate = (of.type, name)
        if coordinate not in self.world.resolvers:
            raise WorldError(f"nobody resolves {of.type}.{name}")
        if self.fails(of, name):
            raise InjectedError(f"injected failure of {of}.{name}")
        salt = (*coordinate, of.index, json.dumps(arguments, sort_keys=True), json.dumps(inputs, sort_keys=True))
        return self._generate(self.world.value_types[coordinate], of, name, salt)

    def fails(self, of: Obj, name: str) -> bool:
        """Whether the field of this object is meant to fail.

        Key fields never fail. Neither does a non-null field that a ``@requires`` needs, or that only some subgraphs
        promise to be non-null, nor any non-null field where the same is true of some object: its failure would take
        data from the client that the monolith still has, and no gateway could avoid that.
        """
        coordinate = (of.type, name)
        if not self.options.errors or coordinate in self.world.key_fields or is_root(of.type):
            return False
        if isinstance(self.world.value_types[coordinate], NonNull) and not self._may_fail_unseen(coordinate):
            return False
        return self._number("fails", *coordinate, of.index) % 1000 < self.options.errors

    def _may_fail_unseen(self, coordinate: Coordinate) -> bool:
        """Whether a null of this non-null field reaches no further in a subgraph than in the monolith."""
        declared = self.world.monolith.type_map[coordinate[0]]
        assert isinstance(declared, GraphQLObjectType)
        promised_by_all = is_non_null_type(declared.fields[coordinate[1]].type)
        return promised_by_all and self.world.objects_agree and coordinate not in self.world.required_fields

    def read(self, selection: SelectionSetNode, of: Obj) -> dict[str, Json]:
        """What a field set selects on an object, as a representation would carry it (without type names)."""
        found: dict[str, Json] = {}
        for node in selection.selections:
            if isinstance(node, InlineFragmentNode):
                condition = node.type_condition.name.value if node.type_condition else of.type
                if self._matches(of.type, condition):
                    found |= self.read(node.selection_set, of)
            elif isinstance(node, FieldNode) and node.name.value != "__typename":
                found[node.name.value] = self._read_field(node, of)
        return found

    def _read_field(self, node: FieldNode, of: Obj) -> Json:
        name = node.name.value
        if self.fails(of, name):
            return None
        arguments = {each.name.value: value_from_ast_untyped(each.value) for each in node.arguments or ()}
        sub = self.world.inputs.get((of.type, name))
        value = self.value(of, name, arguments, self.read(sub, of) if sub else None)
        return self._as_json(value, node.selection_set)

    def from_context(self, of: Obj, name: str) -> dict[str, Json]:
        """The values of contextual arguments, by argument, as the ancestors of an object in the monolith give them."""
        found: dict[str, Json] = {}
        for resolver in self.world.resolvers[of.type, name][:1]:
            for each in resolver.field.from_context:
                setting = [
                    type_name
                    for piece in self.world.subgraphs[resolver.subgraph].types.values()
                    if each.context in piece.contexts
                    for type_name in self.world.runtime_types(resolver.subgraph, piece.name)
                ]
                nearest = next((one for one in of.ancestors if one.type in setting), None)
                found[each.argument] = only_leaf(self.read(each.selection, nearest)) if nearest else None
        return found

    def _as_json(self, value: Value, selection: SelectionSetNode | None) -> Json:
        if isinstance(value, list):
            return [self._as_json(each, selection) for each in value]
        if isinstance(value, Obj):
            assert selection is not None
            return self.read(selection, value)
        return value

    def _matches(self, type_name: str, condition: str) -> bool:
        if type_name == condition:
            return True
        return any(type_name in self.world.runtime_types(name, condition) for name in self.world.subgraphs)

    # --- making values up ------------------------------------------------------------------------------------------

    def _generate(self, type_ref: TypeRef, of: Obj, name: str, salt: tuple[object, ...]) -> Value:
        is_key = (of.type, name) in self.world.key_fields
        match type_ref:
            case NonNull(of=inner):
                return self._generate_present(inner, of, name, salt)
            case _ if not is_key and self._number("null", *salt) % 1000 < self.options.nulls:
                return None
            case _:
                return self._generate_present(type_ref, of, name, salt)

    def _generate_present(self, type_ref: Named | ListOf, of: Obj, name: str, salt: tuple[object, ...]) -> Value:
        if isinstance(type_ref, ListOf):
            is_key = (of.type, name) in self.world.key_fields
            length = self._number("length", *salt) % 3 + 1 if is_key else self._number("length", *salt) % 4
            return [self._generate(type_ref.of, of, name, (*salt, position)) for position in range(length)]
        if is_leaf(self.world, type_ref.name):
            return self._leaf(type_ref.name, of, name, salt)
        return self._object(of, name, salt)

    def _object(self, of: Obj, name: str, salt: tuple[object, ...]) -> Obj:
        targets = self.world.targets[of.type, name]
        if not targets:
            raise WorldError(f"no object type fits {of.type}.{name} in every subgraph")
        target = targets[self._number("target", *salt) % len(targets)]
        if is_root(target):
            return Obj(target, 0)
        if (of.type, name) in self.world.key_fields:
            # Neighbours get different objects, so that a key made of objects tells them apart.
            offset = salt[-1] if isinstance(salt[-1], int) else 0
            return Obj(target, (of.index + offset) % POPULATION)
        return Obj(target, self._number("index", *salt) % POPULATION)

    def _leaf(self, type_name: str, of: Obj, name: str, salt: tuple[object, ...]) -> Value:
        number = self._number("leaf", *salt)
        is_key = (of.type, name) in self.world.key_fields
        if type_name == "ID" or (type_name == "String" and is_key):
            return f"{of.type}.{name}.{of.index}" if is_key else f"{of.type}.{name}.{number % 100}"
        if type_name == "Int" and is_key:
            return self._number("base", of.type, name) % 100_000 * POPULATION + of.index
        if type_name not in BUILT_IN_SCALARS:
            return self._custom(type_name, of, name, number)
        plain: dict[str, Value] = {
            "Int": number % 1000,
            "Float": number % 1000 / 4 + 0.25,
            "Boolean": number % 2 == 0,
            "String": f"{name}-{number % 1000}",
        }
        return plain[type_name]

    def _custom(self, type_name: str, of: Obj, name: str, number: int) -> Value:
        enums = [
            piece.values
            for resolver in self.world.resolvers[of.type, name]
            if (piece := self.world.subgraphs[resolver.subgraph].types[type_name]).kind == "enum"
        ]
        if not enums:
            return {"blob": number % 1000, "null": None, "list": [1, "two", 2.5]}
        values = [value for value in enums[0] if all(value in other for other in enums)]
        return values[number % len(values)]

    def _number(self, *parts: object) -> int:
        text = repr((self.options.seed, *parts))
        return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=6).digest())


def only_leaf(value: Json) -> Json:
    """The leaf that a context's selection, which selects one path, has found."""
    while isinstance(value, dict) and len(value) == 1:
        value = next(iter(value.values()))
    return value


def map_objects(value: Value, change: Callable[[Obj], Obj]) -> Value:
    """A value with all its objects changed."""
    if isinstance(value, list):
        return [map_objects(each, change) for each in value]
    return change(value) if isinstance(value, Obj) else value
