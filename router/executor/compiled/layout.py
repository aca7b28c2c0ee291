"""Where each value of a response stands, which fetch brings it, and what it may be.

    Program, condition bits ──▶ layout ──▶ structs, source
                                ▲ you are here

The fetches are gone through in the order of the plan; each creates the places that its answers contain. What does not
fit into this picture is left to the interpreter, by ``NotCompilableError``: a value that is fetched in two pieces,
introspection, deferred parts, contextual variables.
"""

from collections.abc import Iterator, Sequence

from graphql import (
    GraphQLNonNull,
    GraphQLSchema,
    SelectionSetNode,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    is_interface_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
)
from graphql.type import GraphQLOutputType

from router.executor.compiled.places import (
    TYPE_NAME,
    LaidOutCall,
    LaidOutFetch,
    Layout,
    NotCompilableError,
    Part,
    Place,
    Slot,
    Target,
    places_at,
)
from router.executor.compiled.selections import Asked, FetchText
from router.executor.program import NOWHERE, CompiledFetch, Program
from router.executor.project import Position, ProjectedField
from supergraph.operation.model import Condition
from supergraph.plan import EntityCall, Fetch, InputObject

MAX_SLOTS = 3000
"""A larger operation is interpreted: its code would cost more than it saves."""


def lay_out(program: Program, bits: int) -> Layout:
    """The layout of ``program``; raises ``NotCompilableError``."""
    operation = program.operation
    if operation.blocks or program.introspection is not None or operation.kind == "subscription":
        raise NotCompilableError("deferred parts, introspection and subscriptions are interpreted")
    if len(program.fetches) > program.options.max_requests:
        raise NotCompilableError("the plan may make more requests than it is allowed to")
    return _Builder(program, bits).build()


def choose_template(place: Place, templates: Sequence[InputObject]) -> InputObject | None:
    """The template that fits the objects of ``place``; ``None`` if they have no representation."""
    fitting = next((template for template in templates if place.type_name in template.types), None)
    if place.is_typed_later and fitting is not templates[0]:
        raise NotCompilableError(f"when the types of {place.type_name} are known is not certain")
    return fitting if place.is_typed else templates[0]


class _Builder:
    def __init__(self, program: Program, bits: int) -> None:
        self._program = program
        self._bits = bits
        self._count = 0
        self._attributes: dict[str, str] = {}
        roots = program.roots(bits)  # kept to the end of this method, for positions need their projection
        position = roots.first
        self._root = Place(type_name=position.type_name, is_typed=False, creator=None)
        self._add_client_slots(self._root, position)

    def build(self) -> Layout:
        fetches = tuple(
            self._fetch(compiled) if compiled.test.holds(self._bits) else None for compiled in self._program.fetches
        )
        _drop_unserved(self._root)
        _check_templates(fetches)
        return Layout(self._root, fetches)

    # --- what the client asks for ----------------------------------------------------------------------------------

    def _add_client_slots(self, place: Place, position: Position) -> None:
        shape = position.shape_of({TYPE_NAME: place.type_name} if place.is_typed else {})
        if shape is None or not shape.is_plain:
            raise NotCompilableError(f"objects of {place.type_name} are of unknown type, or come in pieces")
        fields = {projected.response_key: projected for projected in shape.fields}
        for key, value in shape.template.items():
            if key in fields:
                place.add(self._client_slot(fields[key]))
            else:
                place.add(self._slot(key, key, constant=str(value)))

    def _client_slot(self, projected: ProjectedField) -> Slot:
        type_name, _, field_name = projected.coordinate.partition(".")
        output_type = _field_type(self._program.api_schema, type_name, field_name)
        nullable = _nullability(output_type)
        key = projected.response_key
        if projected.store_key == NOWHERE:
            if not nullable[0]:
                raise NotCompilableError(f"{projected.coordinate} is withheld, and may not be null")
            absent = self._slot(f" {key}", key)
            absent.is_absent = True
            return absent
        slot = self._slot(projected.store_key, key)
        slot.nullable = nullable
        slot.position = projected.position
        if slot.position is None:
            slot.leaf = get_named_type(output_type)
        return slot

    def _slot(self, key: str, response_key: str | None, *, constant: str | None = None) -> Slot:
        self._count += 1
        if self._count > MAX_SLOTS:
            raise NotCompilableError(f"the response has more than {MAX_SLOTS} different places")
        attribute = self._attributes.setdefault(key, f"a{len(self._attributes)}")
        return Slot(attribute=attribute, key=key, response_key=response_key, constant=constant)

    # --- what the fetches bring ------------------------------------------------------------------------------------

    def _fetch(self, compiled: CompiledFetch) -> LaidOutFetch:
        fetch = compiled.fetch
        if fetch.renames:
            raise NotCompilableError("answers whose keys are renamed are interpreted")
        text = FetchText(fetch.operation, self._program.schema, self._holds)
        if fetch.entities:
            calls = tuple(self._call(call, fetch, text) for call in fetch.entities)
            return LaidOutFetch(compiled=compiled, calls=calls)
        parts = (
            self._part(place, None, (text.root,), fetch, text) for place in list(places_at(self._root, fetch.path))
        )
        return LaidOutFetch(compiled=compiled, root=Target(fetch.path, tuple(parts)))

    def _call(self, call: EntityCall, fetch: Fetch, text: FetchText) -> LaidOutCall:
        if call.contexts:
            raise NotCompilableError("contextual variables are interpreted")
        selections = text.entities(call.alias)
        targets = []
        for path in call.paths:
            parts = []
            for place in list(places_at(self._root, path)):
                template = choose_template(place, call.templates)
                if template is not None:
                    parts.append(self._part(place, template, selections, fetch, text))
            targets.append(Target(path, tuple(parts)))
        return LaidOutCall(call, tuple(targets))

    def _holds(self, condition: Condition) -> bool:
        conditions = self._program.conditions
        if condition.variable not in conditions.names:
            raise NotCompilableError(f"nothing is known of the condition ${condition.variable}")
        return conditions.compile_test((condition,)).holds(self._bits)

    def _part(
        self,
        place: Place,
        template: InputObject | None,
        selections: tuple[SelectionSetNode, ...],
        fetch: Fetch,
        text: FetchText,
    ) -> Part:
        slots, checks = [], []
        keys = text.asked(place.type_name, selections)
        for key, asked in keys.items():
            if asked.name == TYPE_NAME:
                checks.append(key)
                place.is_typed_later |= not place.is_typed and place is not self._root
            else:
                slots.append(self._own(place, key, asked, fetch, text))
        return Part(place=place, template=template, slots=tuple(slots), checks=tuple(checks), keys=tuple(keys))

    def _own(self, place: Place, key: str, asked: Asked, fetch: Fetch, text: FetchText) -> Slot:
        slot = place.by_key.get(key)
        if slot is None:
            slot = self._hidden_slot(place, key, asked)
            place.add(slot)
        if slot.owner is not None or (slot.constant is None) is (asked.name == TYPE_NAME):
            raise NotCompilableError(f"{key} is asked for twice")
        slot.owner = fetch.id
        if asked.inner:
            self._create(slot, place, asked, fetch, text)
        return slot

    def _hidden_slot(self, place: Place, key: str, asked: Asked) -> Slot:
        if asked.name == TYPE_NAME:
            return self._slot(key, None, constant=place.type_name)
        slot = self._slot(key, None)
        output_type = _field_type(self._program.schema, place.type_name, asked.name)
        # What clients do not see may be null whatever its type says.
        slot.nullable = tuple(True for _ in _nullability(output_type))
        if not asked.inner:
            slot.leaf = get_named_type(output_type)
        return slot

    def _create(self, slot: Slot, parent: Place, asked: Asked, fetch: Fetch, text: FetchText) -> None:
        """The places of a composite value, as its fetch fills them."""
        names, is_typed = self._types_of(slot, parent, asked, text)
        places = []
        for name in names:
            place = Place(type_name=name, is_typed=is_typed, creator=fetch.id)
            if slot.position is not None:
                self._add_client_slots(place, slot.position)
            places.append(place)
        slot.places, slot.is_tagged = tuple(places), len(places) > 1
        for place in places:
            for key, inner in text.asked(place.type_name, asked.inner).items():
                place.answered.append(key)
                if inner.name != TYPE_NAME or not slot.is_tagged:
                    self._own(place, key, inner, fetch, text)
                elif key != TYPE_NAME:
                    raise NotCompilableError("a type name is fetched under an alias")

    def _types_of(self, slot: Slot, parent: Place, asked: Asked, text: FetchText) -> tuple[tuple[str, ...], bool]:
        """The types that the objects of a slot can have, and whether the answer tells them."""
        if slot.position is not None:
            type_name, names = slot.position.type_name, slot.position.possible_types
        else:
            named = get_named_type(_field_type(self._program.schema, parent.type_name, asked.name))
            if not is_composite_type(named):
                raise NotCompilableError(f"{slot.key} is asked for as an object, and is none")
            possible = self._program.schema.get_possible_types(named) if is_abstract_type(named) else (named,)
            type_name, names = named.name, tuple(sorted(each.name for each in possible))
        told = [
            TYPE_NAME in found and found[TYPE_NAME].name == TYPE_NAME
            for found in (text.asked(name, asked.inner) for name in names)
        ]
        if not told or (any(told) and not all(told)):
            raise NotCompilableError(f"some types of {type_name} are fetched with their names, and some without")
        is_typed = all(told)
        return names if is_typed else (type_name,), is_typed


def _drop_unserved(place: Place) -> None:
    """Leave out the types that no subgraph answers with, for then nobody fetches what is asked of them.

    An object of such a type that comes nevertheless is for the interpreter.
    """
    for slot in place.slots:
        if slot.owner is None and slot.constant is None and not slot.is_absent:
            raise NotCompilableError(f"nobody fetches {slot.key}")
        if slot.places:
            slot.places = tuple(inner for inner in slot.places if _is_served(inner, is_tagged=slot.is_tagged))
            if not slot.places:
                raise NotCompilableError(f"nobody fetches what is inside {slot.key}")


def _is_served(place: Place, *, is_tagged: bool) -> bool:
    try:
        _drop_unserved(place)
    except NotCompilableError:
        if is_tagged:
            return False
        raise
    return True


def _check_templates(fetches: Sequence[LaidOutFetch | None]) -> None:
    """Choose templates again, now that it is known which types are told later; note what is sent."""
    for fetch in fetches:
        for call in fetch.calls if fetch is not None else ():
            for target in call.targets:
                for part in target.parts:
                    _note_sent(part.place, call.call.templates)


def _note_sent(place: Place, templates: Sequence[InputObject]) -> None:
    template = choose_template(place, templates)
    for field in template.fields if template is not None else ():
        slot = place.by_key.get(field.store_key)
        if slot is not None:
            slot.is_sent = True
            for inner in slot.places if field.selection else ():
                _note_sent(inner, field.selection)


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
