"""Where each value of a response stands, which fetch brings it, and what it may be.

    Program, condition bits ──▶ layout ──▶ structs, source
                                ▲ you are here

A ``Place`` is one position of the client's selection, reached by one path, with a ``Slot`` for every response key there
and for every key that only the plan needs. The objects of a place are created by one fetch; other fetches may fill
slots of them. What does not fit into this picture is left to the interpreter, by ``NotCompilableError``: abstract
positions, renamed store keys, a value fetched in two pieces, introspection, deferred parts, contextual variables.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from graphql import (
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLSchema,
    SelectionSetNode,
    get_named_type,
    is_composite_type,
    is_interface_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
)
from graphql.type import GraphQLOutputType

from router.executor.compiled.selections import Asked, FetchText
from router.executor.program import NOWHERE, CompiledFetch, Program
from router.executor.project import Position, ProjectedField
from supergraph.operation.model import Condition
from supergraph.plan import Fetch, Path

MAX_SLOTS = 3000
"""A larger operation is interpreted: its code would cost more than it saves."""

TYPE_NAME = "__typename"


class NotCompilableError(Exception):
    """The interpreter has to run this; the text says why."""


@dataclass(slots=True, eq=False, kw_only=True)
class Slot:
    """One key of the objects at a place.

    Attributes:
        attribute: The struct's attribute.
        key: The key in answers and, if ``is_visible``, in the response.
        nullable: For each list level, outermost first, and for the value inside: whether it may be null.
        leaf: The leaf's type; ``None`` for a composite and for a type name.
        constant: The type name that must stand here.
        is_absent: Nobody fetches it, and it is null.
        owner: The fetch that brings it.
        place: Of a composite value: where its objects stand.
    """

    attribute: str
    key: str
    is_visible: bool
    nullable: tuple[bool, ...]
    leaf: GraphQLNamedType | None = None
    constant: str | None = None
    is_absent: bool = False
    owner: int | None = None
    place: "Place | None" = None


@dataclass(slots=True, eq=False)
class Place:
    """Objects of one concrete type at one path.

    Attributes:
        slots: By key; those of the response first, in its order.
        creator: The fetch whose answers contain the objects; ``None`` for the root.
    """

    type_name: str
    slots: dict[str, Slot] = field(default_factory=dict)
    creator: int | None = None

    @property
    def hidden(self) -> tuple[Slot, ...]:
        """What must not get into the response."""
        return tuple(slot for slot in self.slots.values() if not slot.is_visible)


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """What one fetch brings for the objects of one place.

    Attributes:
        steps: The slots that lead to the place from the root.
        checks: Keys at which the place's type name must be answered.
    """

    place: Place
    steps: tuple[Slot, ...]
    slots: tuple[Slot, ...]
    checks: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class LaidOutFetch:
    """A fetch with its places: one for a root fetch, for an entity fetch those of each call's paths."""

    compiled: CompiledFetch
    root: Part | None
    calls: tuple[tuple[Part, ...], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """All places of an operation under one truth of its conditions; fetches that are not made are ``None``."""

    root: Place
    fetches: tuple[LaidOutFetch | None, ...]


def lay_out(program: Program, bits: int) -> Layout:
    """The layout of ``program``; raises ``NotCompilableError``."""
    operation = program.operation
    if operation.blocks or program.introspection is not None or operation.kind == "subscription":
        raise NotCompilableError("deferred parts, introspection and subscriptions are interpreted")
    return _Builder(program, bits).build()


class _Builder:
    def __init__(self, program: Program, bits: int) -> None:
        self._program = program
        self._bits = bits
        self._count = 0
        self._root = self._client_place(program.roots(bits).first)

    def build(self) -> Layout:
        fetches = tuple(
            self._fetch(compiled) if compiled.test.holds(self._bits) else None for compiled in self._program.fetches
        )
        self._check_owned(self._root)
        return Layout(self._root, fetches)

    def _client_place(self, position: Position) -> Place:
        type_name = position.static_type
        if type_name is None:
            raise NotCompilableError(f"objects of {position.type_name} have several types")
        (shape,) = position.possible_shapes()
        if not shape.is_plain:
            raise NotCompilableError(f"{type_name} is fetched in pieces, or has deferred parts")
        fields = {projected.response_key: projected for projected in shape.fields}
        place = Place(type_name)
        for key, value in shape.template.items():
            place.slots[key] = self._client_slot(place, key, fields.get(key), value)
        return place

    def _client_slot(self, place: Place, key: str, projected: ProjectedField | None, value: object) -> Slot:
        slot = self._slot(place, key, is_visible=True)
        if projected is None:
            slot.constant = str(value)
            return slot
        if not projected.coordinate or (projected.store_key not in (key, NOWHERE)):
            raise NotCompilableError(f"{key} is introspection, or stored under another key")
        type_name, _, field_name = projected.coordinate.partition(".")
        output_type = _field_type(self._program.api_schema, type_name, field_name)
        slot.nullable = _nullability(output_type)
        if projected.store_key == NOWHERE:
            if not slot.nullable[0]:
                raise NotCompilableError(f"{projected.coordinate} is withheld, and may not be null")
            slot.is_absent = True
        elif projected.position is not None:
            slot.place = self._client_place(projected.position)
        else:
            slot.leaf = get_named_type(output_type)
        return slot

    def _slot(self, place: Place, key: str, *, is_visible: bool) -> Slot:
        self._count += 1
        if self._count > MAX_SLOTS:
            raise NotCompilableError(f"the response has more than {MAX_SLOTS} different places")
        return Slot(attribute=f"a{len(place.slots)}", key=key, is_visible=is_visible, nullable=(False,))

    def _fetch(self, compiled: CompiledFetch) -> LaidOutFetch:
        fetch = compiled.fetch
        text = FetchText(fetch.operation, self._program.schema, self._holds)
        if fetch.path:
            raise NotCompilableError("a root field is fetched for an object")
        if not fetch.entities:
            return LaidOutFetch(compiled, self._part(self._root, (), (text.root,), fetch, text), ())
        calls = []
        for call in fetch.entities:
            if call.contexts:
                raise NotCompilableError("contextual variables are interpreted")
            selections = text.entities(call.alias)
            reached = (self._resolve(path) for path in call.paths)
            calls.append(tuple(self._part(*found, selections, fetch, text) for found in reached if found is not None))
        return LaidOutFetch(compiled, None, tuple(calls))

    def _holds(self, condition: Condition) -> bool:
        conditions = self._program.conditions
        if condition.variable not in conditions.names:
            raise NotCompilableError(f"nothing is known of the condition ${condition.variable}")
        return conditions.compile_test((condition,)).holds(self._bits)

    def _resolve(self, path: Path) -> tuple[Place, tuple[Slot, ...]] | None:
        """The place at ``path`` with the slots that lead there; ``None`` if a guard lets no object through."""
        place, slots = self._root, []
        steps = iter(path)
        for step in steps:
            slot = place.slots.get(step.key or "")
            if slot is None or slot.place is None:
                raise NotCompilableError(f"the path {path} leads elsewhere")
            lists = [next(steps, None) for _ in slot.nullable[1:]]
            if any(inner is None or inner.key is not None for inner in lists):
                raise NotCompilableError(f"the path {path} does not enter its lists")
            place = slot.place
            slots.append(slot)
            if any(inner.types and place.type_name not in inner.types for inner in (step, *lists) if inner is not None):
                return None
        return place, tuple(slots)

    def _part(
        self,
        place: Place,
        steps: tuple[Slot, ...],
        selections: tuple[SelectionSetNode, ...],
        fetch: Fetch,
        text: FetchText,
    ) -> Part:
        slots, checks = [], []
        for key, asked in text.asked(place.type_name, selections).items():
            if asked.name != TYPE_NAME:
                slots.append(self._own(place, key, asked, fetch, text))
            elif steps:  # subgraphs may call their root types as they like
                checks.append(key)
        return Part(place, steps, tuple(slots), tuple(checks))

    def _own(self, place: Place, key: str, asked: Asked, fetch: Fetch, text: FetchText) -> Slot:
        slot = place.slots.get(key)
        if slot is None:
            slot = place.slots[key] = self._hidden_slot(place, key, asked)
        if slot.owner is not None or (slot.constant is not None and asked.name != TYPE_NAME):
            raise NotCompilableError(f"{key} is asked for twice")
        slot.owner = fetch.id
        if slot.place is not None:
            slot.place.creator = fetch.id
            for inner_key, inner in text.asked(slot.place.type_name, asked.inner).items():
                self._own(slot.place, inner_key, inner, fetch, text)
        return slot

    def _hidden_slot(self, place: Place, key: str, asked: Asked) -> Slot:
        slot = self._slot(place, key, is_visible=False)
        if asked.name == TYPE_NAME:
            slot.constant = place.type_name
            return slot
        output_type = _field_type(self._program.schema, place.type_name, asked.name)
        # What clients do not see may be null whatever its type says.
        slot.nullable = tuple(True for _ in _nullability(output_type))
        named = get_named_type(output_type)
        if is_object_type(named):
            slot.place = Place(named.name)
        elif is_composite_type(named):
            raise NotCompilableError(f"objects of {named.name} have several types")
        else:
            slot.leaf = named
        return slot

    def _check_owned(self, place: Place) -> None:
        for slot in place.slots.values():
            if slot.owner is None and slot.constant is None and not slot.is_absent:
                raise NotCompilableError(f"nobody fetches {slot.key}")
            if slot.place is not None:
                self._check_owned(slot.place)


def _field_type(schema: GraphQLSchema, type_name: str, field_name: str) -> GraphQLOutputType:
    named = schema.get_type(type_name)
    if not (is_object_type(named) or is_interface_type(named)) or field_name not in named.fields:
        raise NotCompilableError(f"{type_name}.{field_name} is not known")
    output_type: GraphQLOutputType = named.fields[field_name].type
    return output_type


def _nullability(output_type: GraphQLOutputType) -> tuple[bool, ...]:
    return tuple(_levels(output_type))


def _levels(output_type: GraphQLOutputType) -> Iterator[bool]:
    yield not is_non_null_type(output_type)
    inner = output_type.of_type if isinstance(output_type, GraphQLNonNull) else output_type
    if is_list_type(inner):
        yield from _levels(inner.of_type)
