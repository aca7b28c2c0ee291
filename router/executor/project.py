"""From the store to what the client asked for.

    store ──▶ project ──▶ data, errors
              ▲ you are here

The client's selection is compiled for each concrete type of each position: which response keys, in which order, from
which store keys. Order is that of the spec's CollectFields. A null in a non-null position nulls the closest nullable
position around it, and is an error unless a recorded error explains it. Types are those of the API schema, so that a
hidden type or enum value never gets out.
https://spec.graphql.org/September2025/#sec-Handling-Execution-Errors

This code runs per object and per request: data stays the dicts and lists that the JSON parser made. A path is a
linked pair (path of the parent, segment), built only for composite values and unrolled only for an error.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple, Protocol
from weakref import ref

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_composite_type,
    is_interface_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
)
from graphql.type import GraphQLOutputType

from router.executor.completed_lists import CompletedLists
from router.executor.conditions import ConditionVariables
from router.executor.leaves import INVALID, LeafCheck, leaf_check
from router.executor.merge import MergeNotes, copy_object, merge_object
from router.executor.room import Room
from router.executor.walk import Stored
from supergraph.operation.model import Cast, Conditions, Deferred, Field, SelectionSet, Unit
from supergraph.operation.normalise import LOCAL_FIELDS

LinkedPath = tuple["LinkedPath | None", str | int]


class Problems(Protocol):
    """Where projection reports what it has to make null."""

    @property
    def room(self) -> Room:
        """What is left for the response; projection ends with ``TooLargeError`` if it is not enough."""

    @property
    def lists(self) -> CompletedLists | None:
        """Those that are completed; ``None`` if each stands in one place."""

    @property
    def told(self) -> int:
        """How many problems there have been, explained ones included."""

    @property
    def met(self) -> int:
        """How many objects with deferred parts there have been."""

    def null(self, path: LinkedPath, coordinate: str) -> None:
        """A null stands in a non-null position."""

    def wrong_value(self, path: LinkedPath, coordinate: str, wanted: str) -> None:
        """A value is not what its type says."""

    def unknown_type(self, path: LinkedPath | None) -> None:
        """The selection depends on an object's type, and nothing says which it is."""

    def deferred(self, parts: "Iterable[tuple[Deferred, Position]]", stored: Stored, path: LinkedPath | None) -> None:
        """An object has deferred parts."""


Completer = Callable[[object, LinkedPath, Problems], object]
"""Completes a value that is not null; the result is null if it cannot be."""


class ProjectedField(NamedTuple):
    """One response key of an object.

    Attributes:
        check: For a leaf; ``None`` passes every value.
        complete: For lists and objects; ``None`` for a leaf.
        position: The position inside all lists, ``None`` for leaves.
        coordinate: ``Type.field``, for messages.
        wanted: The leaf's type, for messages.
    """

    response_key: str
    store_key: str
    non_null: bool
    check: LeafCheck | None
    complete: Completer | None
    position: "Position | None"
    coordinate: str
    wanted: str


class Shape(NamedTuple):
    """What the client gets of one concrete type at one position.

    Attributes:
        template: All response keys in order, with null, or with the type's name for ``__typename``.
        fields: What is read from the store.
        joined: Where the plan fetched the pieces of one field under several store keys: the key in ``fields``, and
            the others. Empty for nearly all.
        deferred: What is delivered later, each with the position that it is projected by.
        is_plain: Neither of the two.
        least_bytes: An object's JSON is not smaller.
    """

    template: dict[str, object]
    fields: tuple[ProjectedField, ...]
    joined: tuple[tuple[str, tuple[str, ...]], ...]
    deferred: "tuple[tuple[Deferred, Position], ...]"
    is_plain: bool
    least_bytes: int


class Projection:
    """How one operation is projected under one truth of its conditions.

    Attributes:
        schema: The API schema.
        abstract_types: Names of all interfaces and unions of the supergraph.
        strict_leaves: Whether leaves are checked against their types.
        rules_out: As of the plan.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        abstract_types: frozenset[str],
        store_keys: Mapping[tuple[int, str], str],
        rules_out: Callable[[Cast], bool],
        conditions: ConditionVariables,
        bits: int,
        *,
        strict_leaves: bool = True,
    ) -> None:
        self.schema = schema
        self.abstract_types = abstract_types
        self._store_keys = store_keys
        self.rules_out = rules_out
        self.strict_leaves = strict_leaves
        self._conditions = conditions
        self._bits = bits
        self._positions: dict[tuple[object, ...], Position] = {}

    def holds(self, conditions: Conditions) -> bool:
        """Whether ``conditions`` are true here."""
        return not conditions or self._conditions.compile_test(conditions).holds(self._bits)

    def store_keys_of(self, units: Iterable[Field], type_name: str) -> tuple[str, ...]:
        """Where the value of a field, asked for by ``units``, is stored: one key, or one for each piece."""
        keys = (self._store_keys.get((unit.id, type_name), unit.response_key) for unit in units)
        return tuple(dict.fromkeys(keys))

    def position(self, selections: tuple[SelectionSet, ...], type_name: str) -> "Position":
        """The position of API type ``type_name`` at which ``selections`` are merged; equal positions are shared."""
        key = (type_name, *map(id, selections))
        position = self._positions.get(key)
        if position is None:
            position = self._positions[key] = Position(self, selections, type_name)
        return position


class Position:
    """A place for objects in the response.

    Shapes are compiled when an object of their type is first met: an abstract position may have a hundred types.
    """

    __slots__ = (
        "_is_root",
        "_needs_type",
        "_possible",
        "_projection_ref",
        "_selections",
        "_shapes",
        "_static",
        "type_name",
    )

    def __init__(self, projection: Projection, selections: tuple[SelectionSet, ...], type_name: str) -> None:
        self.type_name = type_name
        # Projections hold their positions: a cycle would leave both of a forgotten operation to the garbage collector.
        self._projection_ref = ref(projection)
        self._selections = selections
        self._shapes: dict[object, Shape] = {}
        schema = projection.schema
        named = schema.get_type(type_name)
        self._static = type_name if is_object_type(named) else None
        possible = schema.get_possible_types(named) if is_abstract_type(named) else ()
        self._possible = frozenset(object_type.name for object_type in possible)
        roots = (schema.query_type, schema.mutation_type, schema.subscription_type)
        self._is_root = any(root is not None and root.name == type_name for root in roots)
        self._needs_type = any(map(self._asks_for_type, selections))

    @property
    def _projection(self) -> Projection:
        projection = self._projection_ref()
        assert projection is not None, "whoever uses a position keeps its projection"
        return projection

    @property
    def static_type(self) -> str | None:
        """The type of every object here, if it is known beforehand."""
        return self._static

    @property
    def possible_types(self) -> tuple[str, ...]:
        """The visible object types that objects here can have, sorted."""
        return tuple(sorted(self._possible)) if self._static is None else (self._static,)

    def complete(self, stored: Stored, path: LinkedPath | None, problems: Problems) -> dict[str, object] | None:
        """What the client gets of ``stored``; ``None`` if a null propagates to here or the type is not visible."""
        shape = self.shape_of(stored)
        if shape is None:
            if self._is_undetermined(stored):
                problems.unknown_type(path)
            return None
        problems.room.take(shape.least_bytes)
        if not shape.is_plain:
            stored = self._prepare(stored, shape, path, problems)
        projected = shape.template.copy()
        for response_key, store_key, non_null, check, complete, _, coordinate, wanted in shape.fields:
            value = stored.get(store_key)
            if value is not None:
                if complete is not None:
                    value = complete(value, (path, response_key), problems)
                elif check is not None:
                    value = check(value)
                    if value is INVALID:
                        problems.wrong_value((path, response_key), coordinate, wanted)
                        value = None
            if value is None and non_null:
                problems.null((path, response_key), coordinate)
                return None
            projected[response_key] = value
        return projected

    def shape_of(self, stored: Stored) -> Shape | None:
        """How ``stored`` is projected, or ``None`` if its type is hidden, unknown or undetermined."""
        # A subgraph may call its root types as it likes.
        name = None if self._is_root else stored.get("__typename")
        if name is not None and type(name) is not str:
            return None
        shape = self._shapes.get(name)
        if shape is None:
            shape = self._find_shape(name)
            if shape is not None:
                self._shapes[name] = shape
        return shape

    def possible_shapes(self) -> Iterable[Shape]:
        """Every shape that an object here can have."""
        for name in self.possible_types:
            shape = self.shape_of({"__typename": name})
            assert shape is not None
            yield shape

    def _find_shape(self, name: str | None) -> Shape | None:
        if self._static is not None:
            return self._compile_shape(self._static) if name is None or name == self._static else None
        if name in self._possible:
            assert name is not None
            return self._compile_shape(name)
        if self._is_abstract_name(name) and not self._needs_type:
            return self._compile_shape(self.type_name)
        return None

    def _is_undetermined(self, stored: Stored) -> bool:
        name = stored.get("__typename")
        return self._static is None and (name is None or type(name) is str) and self._is_abstract_name(name)

    def _is_abstract_name(self, name: str | None) -> bool:
        # An interface object's subgraph answers with the interface's name, and a later fetch repairs it. If the plan
        # needed no such fetch, the client's selection is the same for every type.
        return name is None or name in self._projection.abstract_types

    def _asks_for_type(self, selection: SelectionSet) -> bool:
        return any(self._depends_on_type(unit) for unit in selection.units if self._projection.holds(unit.conditions))

    def _depends_on_type(self, unit: Unit) -> bool:
        if isinstance(unit, Cast):
            return not self._projection.rules_out(unit)
        return unit.name == "__typename" and not unit.hidden

    def _prepare(self, stored: Stored, shape: Shape, path: LinkedPath | None, problems: Problems) -> Stored:
        if shape.deferred:
            problems.deferred(shape.deferred, stored, path)
        return self._join(stored, shape, problems.room) if shape.joined else stored

    def _join(self, stored: Stored, shape: Shape, room: Room) -> Stored:
        pieces: Stored = {}
        for key, others in shape.joined:
            for piece in (key, *others):
                if piece in stored:
                    room.take_value(stored[piece])
                    copied = copy_object({key: stored[piece]})
                    merge_object(pieces, copied, self._projection.abstract_types, MergeNotes())
        return {**stored, **pieces}

    def _compile_shape(self, type_name: str) -> Shape:
        named = self._projection.schema.get_type(type_name)
        template: dict[str, object] = {}
        fields: list[ProjectedField] = []
        joined: list[tuple[str, tuple[str, ...]]] = []
        for response_key, units in self._collect(type_name).items():
            name = units[0].name
            template[response_key] = type_name if name == "__typename" else None
            if name in LOCAL_FIELDS:
                fields.append(_local_field(response_key))
            elif name != "__typename":
                assert is_object_type(named) or is_interface_type(named)
                key, *others = self._projection.store_keys_of(units, type_name)
                fields.append(self._compile_field(units, named, key))
                if others:
                    joined.append((key, tuple(others)))
        deferred = tuple(self._deferred_parts(self._selections, type_name))
        return Shape(
            template,
            tuple(fields),
            tuple(joined),
            deferred,
            is_plain=not joined and not deferred,
            least_bytes=max(2, 1 + sum(len(key) + 4 for key in template)),
        )

    def _deferred_parts(
        self, selections: Iterable[SelectionSet], type_name: str
    ) -> "Iterator[tuple[Deferred, Position]]":
        for selection in selections:
            for part in selection.deferred:
                if self._projection.holds(part.conditions):
                    yield part, self._projection.position((part.selection,), part.selection.type)
            for unit in selection.units:
                if isinstance(unit, Cast) and unit.type == type_name and self._projection.holds(unit.conditions):
                    yield from self._deferred_parts((unit.selection,), type_name)

    def _collect(self, type_name: str) -> dict[str, list[Field]]:
        """The units of each response key, in the order of the response.

        Conditions are decided first, for they decide the order too: in ``{ a @include(if: $v) b a }``.
        https://spec.graphql.org/September2025/#sec-Field-Collection
        """
        collected: dict[str, list[Field]] = {}
        for selection in self._selections:
            self._collect_units(selection, type_name, collected)
        return collected

    def _collect_units(self, selection: SelectionSet, type_name: str, collected: dict[str, list[Field]]) -> None:
        for unit in selection.units:
            if not self._projection.holds(unit.conditions):
                continue
            if isinstance(unit, Cast):
                if unit.type == type_name:
                    self._collect_units(unit.selection, type_name, collected)
            elif not unit.hidden:
                collected.setdefault(unit.response_key, []).append(unit)

    def _compile_field(
        self, units: list[Field], parent: GraphQLObjectType | GraphQLInterfaceType, store_key: str
    ) -> ProjectedField:
        field = units[0]
        definition: GraphQLField = parent.fields[field.name]
        named = get_named_type(definition.type)
        coordinate = f"{parent.name}.{field.name}"
        position = check = None
        if is_composite_type(named):
            selections = tuple(unit.selection for unit in units if unit.selection is not None)
            position = self._projection.position(selections, named.name)
        elif self._projection.strict_leaves:
            check = leaf_check(named)
        return ProjectedField(
            field.response_key,
            store_key,
            is_non_null_type(definition.type),
            check,
            _compile_completer(definition.type, check, position, coordinate),
            position,
            coordinate,
            named.name,
        )


def _local_field(response_key: str) -> ProjectedField:
    """A field that introspection answers; its answer is complete."""
    return ProjectedField(
        response_key, response_key, non_null=False, check=None, complete=None, position=None, coordinate="", wanted=""
    )


def _compile_completer(
    output_type: GraphQLOutputType, check: LeafCheck | None, position: Position | None, coordinate: str
) -> Completer | None:
    nullable = get_nullable_type(output_type)
    if is_list_type(nullable):
        element_type = nullable.of_type
        return _list_completer(
            _compile_completer(element_type, check, position, coordinate),
            check,
            coordinate,
            get_named_type(element_type).name,
            non_null=is_non_null_type(element_type),
        )
    return None if position is None else _object_completer(position, coordinate)


def _object_completer(position: Position, coordinate: str) -> Completer:
    def complete_object(value: object, path: LinkedPath, problems: Problems) -> object:
        if type(value) is dict:
            return position.complete(value, path, problems)
        problems.wrong_value(path, coordinate, "an object")
        return None

    return complete_object


def _list_completer(
    complete: Completer | None, check: LeafCheck | None, coordinate: str, wanted: str, *, non_null: bool
) -> Completer:
    complete_elements = _elements_completer(complete, check, coordinate, wanted, non_null=non_null)

    def complete_list(value: object, path: LinkedPath, problems: Problems) -> object:
        if type(value) is not list:
            problems.wrong_value(path, coordinate, "a list")
            return None
        lists = problems.lists
        if lists is None:
            return complete_elements(value, path, problems)
        found = lists.find(complete_elements, value)
        if found is not None:
            return found[0]
        told, met = problems.told, problems.met
        completed = complete_elements(value, path, problems)
        if problems.met == met:
            lists.add(complete_elements, value, completed, is_clean=problems.told == told)
        return completed

    return complete_list


def _elements_completer(
    complete: Completer | None, check: LeafCheck | None, coordinate: str, wanted: str, *, non_null: bool
) -> Callable[[list[object], LinkedPath, Problems], object]:
    def complete_elements(value: list[object], path: LinkedPath, problems: Problems) -> object:
        problems.room.take(len(value) + 1)
        completed = []
        for index, element in enumerate(value):
            if element is not None:
                if complete is not None:
                    element = complete(element, (path, index), problems)
                elif check is not None:
                    element = check(element)
                    if element is INVALID:
                        problems.wrong_value((path, index), coordinate, wanted)
                        element = None
            if element is None and non_null:
                problems.null((path, index), coordinate)
                return None
            completed.append(element)
        return completed

    return complete_elements
