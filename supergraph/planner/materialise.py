"""From decisions to fetches: walk the decisions and write each unit into the request that serves it.

    operation ──▶ search ──▶ decisions ──▶ materialise ──▶ fetch graph ──▶ passes ──▶ plan
                                           ▲ you are here

A request depends on the requests that produce its inputs (key fields, required fields, type names), not on those that
happen to stand above it in the tree.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from graphql import is_abstract_type

from supergraph.errors import PlanningError
from supergraph.operation.conditions import implies, shared
from supergraph.operation.model import Cast, Conditions, Deferred, Field, SelectionSet, Unit
from supergraph.operation.schema_types import field_type, possible_types
from supergraph.plan.nodes import InputField, InputObject, Path, Step
from supergraph.planner.alike import Alike
from supergraph.planner.budget import Budget
from supergraph.planner.carried_contexts import casts_for
from supergraph.planner.contexts import ContextCast, Contexts, ContextSource, context_input, context_source, depth_of
from supergraph.planner.decisions import CastChoice, Choice, FieldChoice, LeavesChoice, Opening, Solution
from supergraph.planner.drafts import Draft, DraftField, DraftSelection, add_conditions
from supergraph.planner.positions import TYPENAME, Position, Shapes
from supergraph.planner.templates import unite_fields
from supergraph.query_graph import FieldSet, Node, QueryGraph
from supergraph.sdl.types import NonNull, list_depth
from supergraph.views import ContextArgument

MAX_SHARERS = 100
"""How many requests of one place are looked at for one that another opening can share: more than these differ in their
conditions."""


class Writer(NamedTuple):
    """Where things that a node serves are written: a request and the place in its selection."""

    draft: Draft
    selection: DraftSelection


Writers = dict[Node, Writer]


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the response the walk is.

    Attributes:
        type: The position's type in the supergraph, or the object type that a type condition narrowed it to.
        path: The way to it, without a guard of its own.
        guard: The object type that it was narrowed to.
        conditions: What must hold for anything here to be asked: of the objects above and of the type conditions here.
        contexts: Contextual values that objects above say.
        said_here: Contextual values that the objects here say to those below.
        alike: What the object types that this position was narrowed to have in common; ``None`` if it was not.
    """

    position: Position
    type: str
    path: Path = ()
    guard: str | None = None
    conditions: Conditions = ()
    contexts: Contexts = field(default_factory=dict)
    said_here: Contexts = field(default_factory=dict)
    alike: Alike | None = None

    def guarded_path(self, types: tuple[str, ...] = ()) -> Path:
        """The path for positions below: only through objects of the right type, or of one of ``types``."""
        if self.guard is None or not self.path:
            return self.path
        return (*self.path[:-1], replace(self.path[-1], types=types or (self.guard,)))

    def contexts_below(self) -> Contexts:
        """The contextual values for objects below: the nearest object that sets a context is the one that counts."""
        return {**self.contexts, **self.said_here} if self.said_here else self.contexts


@dataclass(frozen=True, slots=True, eq=False)
class Reached:
    """A place at which a deferred part stands, with what is open there."""

    part: Deferred
    writers: Writers
    place: Place


class Materialiser:
    """Builds the fetch graph of one operation."""

    def __init__(self, graph: QueryGraph, kind: str, root: SelectionSet, budget: Budget) -> None:
        self.graph = graph
        self._budget = budget
        self.drafts: list[Draft] = []
        self._made_at: dict[tuple[int, Path], list[Draft]] = {}
        self.reached: list[Reached] = []
        self.store_keys: dict[tuple[int, str], str] = {}
        self._untold: list[Cast] = []
        self._told: list[Cast] = []
        self._kind = kind
        self._abstract: dict[str, bool] = {}
        self._context_numbers: dict[tuple[str, str, str, int], int] = {}
        self._context_variables: dict[tuple[Draft, str, str], dict[str, str]] = {}
        position = Position(Shapes(graph))
        position.adopt(root)
        self.root = Place(position, root.type)

    def new_draft(self, graph: int, kind: str, path: Path = (), stage: int = 0, block: int | None = None) -> Draft:
        """A new request."""
        draft = Draft(graph, kind, path, stage, block)
        self.drafts.append(draft)
        self._made_at.setdefault((graph, path), []).append(draft)
        return draft

    def place(self, selection: SelectionSet, solution: Solution, writers: Writers, place: Place) -> None:
        """Write the client's units at a position and everything below."""
        self._place_solution(selection, solution, writers, place, _Mode())

    def impossible(self) -> frozenset[int]:
        """The fields below type conditions that cannot hold, where nobody tells the types of the objects."""
        return _field_ids(self._untold) - _field_ids(self._told) if self._untold else frozenset()

    def place_part(self, reached: "Reached", solution: Solution, writers: Writers) -> None:
        """Write a deferred part, where it was met, into requests of its own."""
        part = reached.part
        self._place_solution(part.selection, solution, writers, reached.place, _Mode(block=part.block.id))

    def _place_solution(
        self, selection: SelectionSet, solution: Solution, writers: Writers, place: Place, mode: "_Mode"
    ) -> None:
        # A deferred part may read from whatever is opened here, under conditions of its own.
        demand = {} if selection.deferred else _demand(solution)
        for opening in solution.openings:
            wanted = add_conditions(demand.get(opening.node, ()), mode.conditions)
            self._read_contexts(selection, opening, writers, place, mode)
            writers[opening.node] = self._open(opening, writers, place, _Mode({}, wanted, mode.block))
        self._place_choices(selection, solution.choices, writers, place, mode)

    def _place_choices(
        self, selection: SelectionSet, choices: Iterable[Choice], writers: Writers, place: Place, mode: "_Mode"
    ) -> None:
        for part in selection.deferred:
            self.reached.append(Reached(part, dict(writers), place))
        choices = tuple(choices)
        self._settle_types(selection, choices, writers, mode)
        alike = Alike(choices)
        order: dict[Unit, int] = {unit: index for index, unit in enumerate(selection.units)}
        units = [(unit, choice) for choice in choices for unit in _units_of(choice)]
        self._budget.write(len(units))
        for unit, choice in sorted(units, key=lambda item: order.get(item[0], len(order))):
            match choice:
                case LeavesChoice(node=node):
                    assert isinstance(unit, Field)
                    if node is not None:
                        self._place_leaf(unit, node, writers[node], place, mode)
                case FieldChoice():
                    self._place_field(choice, writers, place, mode)
                case CastChoice():
                    self._place_cast(choice, writers, place, mode, alike)

    def _store_key(self, place: Place, unit: Field, mode: "_Mode") -> str:
        if mode.producers is not None:
            return place.position.claim_internal(place.type, unit.name, unit.arguments)
        key = place.position.claim_for_client(place.type, unit)
        if key != unit.response_key:
            # The name of an interface stands in the store where only an interface object was asked.
            for type_name in (place.type, *possible_types(self.graph.schema, place.type)):
                self.store_keys[unit.id, type_name] = key
        return key

    def _place_leaf(self, unit: Field, node: Node, writer: Writer, place: Place, mode: "_Mode") -> None:
        mode.produced_by(writer.draft)
        if unit.name == TYPENAME:
            writer.selection.ask_typename(add_conditions(unit.conditions, mode.conditions))
            return
        more = self._context_variables.get((writer.draft, node.type, unit.name), {})
        writer.selection.field(self._draft_field(unit, self._store_key(place, unit, mode), mode, None, more))

    def _draft_field(
        self, unit: Field, key: str, mode: "_Mode", below: DraftSelection | None, more: Mapping[str, str]
    ) -> DraftField:
        return DraftField(
            key,
            unit.name,
            arguments=(*unit.arguments, *more.items()),
            conditions=add_conditions(unit.conditions, mode.conditions),
            directives=unit.directives,
            variables=unit.variables,
            below=below,
            is_shown=mode.producers is None,
        )

    def _place_field(self, choice: FieldChoice, writers: Writers, place: Place, mode: "_Mode") -> None:
        unit = choice.unit
        assert unit.selection is not None
        key = self._store_key(place, unit, mode)
        conditions = add_conditions(unit.conditions, mode.conditions)
        types = place.alike.types(choice) if place.alike else ()
        below: Writers = {}
        is_written = True
        for tail, parent in choice.parents.items():
            writer = writers[parent]
            more = self._context_variables.get((writer.draft, parent.type, unit.name), {})
            alike = place.alike if types and not more else None
            writing = (writer.draft, key, tail, mode)
            known = alike.written(choice, writing) if alike else None
            new = self._draft_field(unit, key, mode, known or DraftSelection(), more)
            written = writer.selection.field(new)
            assert written.below is not None
            if alike is None or written is not new:
                types = ()
            else:
                alike.note(choice, writing, written.below)
            is_written = is_written and written.below is known
            self._ask_type(written.below, unit.selection.type, tail)
            below[tail] = Writer(writer.draft, written.below)
            if choice.child.uses.isdisjoint(choice.parents):
                mode.produced_by(writer.draft)
        if is_written:
            return
        steps = (Step(key), *[Step(None)] * list_depth(unit.type))
        child = Place(
            place.position.child(key),
            unit.selection.type,
            (*place.guarded_path(types), *steps),
            conditions=add_conditions(place.conditions, conditions),
            contexts=place.contexts_below(),
        )
        self._place_solution(unit.selection, choice.child, below, child, mode.without_conditions())

    def _place_cast(self, choice: CastChoice, writers: Writers, place: Place, mode: "_Mode", alike: Alike) -> None:
        unit: Cast = choice.unit
        below: Writers = {}
        for tail, parent in choice.parents.items():
            writer = writers[parent]
            if tail is parent and not unit.conditions:
                below[tail] = writer
            else:
                is_shown = mode.producers is None
                selection = writer.selection.cast(unit.type, unit.conditions, is_shown=is_shown)
                below[tail] = Writer(writer.draft, selection)
        narrowed = Place(
            place.position,
            unit.type,
            place.path,
            unit.type if self._is_abstract(place.type) else place.guard,
            add_conditions(place.conditions, unit.conditions),
            place.contexts,
            dict(place.said_here),
            alike,
        )
        if isinstance(unit, ContextCast):
            mode = _Mode({}, block=mode.block)
        self._place_solution(unit.selection, choice.child, below, narrowed, mode)
        if isinstance(unit, ContextCast):
            self._note_context(unit, narrowed, place, mode)

    def _settle_types(
        self, selection: SelectionSet, choices: Iterable[Choice], writers: Writers, mode: "_Mode"
    ) -> None:
        """Where interface objects supply objects, ask another request for the types that type conditions need.

        That one is then made for this alone, whatever the conditions are of what else it selects. If there is none,
        note the client's type conditions that the search left out: of types that another subgraph would have to know,
        which supplies the same objects.
        """
        placed = [choice.unit for choice in choices if isinstance(choice, CastChoice)]
        tellers = [node for node in writers if not self.graph.is_interface_object(node)]
        if tellers and len(tellers) < len(writers):
            for cast in placed:
                writers[tellers[0]].selection.ask_typename(add_conditions(cast.conditions, mode.conditions))
        if mode.producers is None and self._is_abstract(selection.type):
            types = {cast.type for cast in placed}
            for unit in selection.units:
                if isinstance(unit, Cast):
                    (self._told if tellers or unit.type in types else self._untold).append(unit)

    def _note_context(self, unit: ContextCast, narrowed: Place, place: Place, mode: "_Mode") -> None:
        source = context_source(unit, narrowed.position, narrowed.guarded_path(), mode.producers or {})
        place.said_here.setdefault(unit.wanted, {}).setdefault(unit.type, source)

    def _read_contexts(
        self, selection: SelectionSet, opening: Opening, writers: Writers, place: Place, mode: "_Mode"
    ) -> None:
        """Read what the object itself says, where it goes along with an opening for fields below it."""
        for field_set, served in opening.contexts:
            inputs = _Mode({}, block=mode.block)
            self._place_choices(field_set.selection, served.choices, writers, place, inputs)
            for cast in casts_for(selection, self.graph.context_grants.of(opening.node.graph)[field_set.id]):
                self._note_context(cast, place, place, inputs)

    def _ask_type(self, selection: DraftSelection, supergraph_type: str, node: Node) -> None:
        """Ask for the type name wherever it decides something: a guard, a representation, the projection.

        An interface object answers with the interface's name. That says at least that the type is not known yet, and
        no representation is made for it; where the type is known already it would say less.
        """
        tells_less = self.graph.is_interface_object(node)
        if self._is_abstract(supergraph_type) or (self._is_abstract(node.type) and not tells_less):
            selection.typename = True

    def _is_abstract(self, type_name: str) -> bool:
        if type_name not in self._abstract:
            self._abstract[type_name] = is_abstract_type(self.graph.schema.type_map[type_name])
        return self._abstract[type_name]

    def _open(self, opening: Opening, writers: Writers, place: Place, mode: "_Mode") -> Writer:
        """Make the request of an opening, or find the one it can share, and write its inputs to their producers."""
        if not opening.conditions:
            return self._open_root(opening, writers, place, mode.block)
        types = self._types_here(opening, place)
        wanted_when = add_conditions(place.conditions, mode.conditions)
        draft = self._shared_draft(opening, place, types, mode.block, wanted_when)
        missing = [
            name for name in types if name not in draft.inputs or not implies(wanted_when, draft.available[name])
        ]
        if missing:
            for field_set, served in opening.conditions:
                self._place_choices(field_set.selection, served.choices, writers, place, mode)
        for type_name in missing:
            self._add_input(draft, opening, type_name, place)
            draft.available[type_name] = wanted_when
        assert mode.producers is not None
        draft.needs |= mode.producers
        self._fill_contexts(draft, opening, place)
        selection = draft.selection.cast(opening.type, place.conditions)
        self._ask_type(selection, place.type, opening.node)
        return Writer(draft, selection)

    def _fill_contexts(self, draft: Draft, opening: Opening, place: Place) -> None:
        """Give the contextual arguments of an opening their variables, and note where the values come from."""
        for field_set in self._contextual_sets(opening):
            assert field_set.contextual is not None
            view = self.graph.type_view(opening.node.graph, field_set.type)
            # A field of the object itself does not see what the object says to those below.
            contexts = place.contexts if field_set.type == opening.type else place.contexts_below()
            for argument in view.fields[field_set.contextual].context_arguments if view else ():
                sources = contexts.get((argument.context, argument.selection))
                if sources is None:
                    coordinate = f"{field_set.type}.{field_set.contextual}"
                    message = f"{coordinate} wants {argument.context}, which no type above it sets in this operation."
                    raise PlanningError(message, coordinate=coordinate)
                variable = self._context_variable(opening.node.graph, argument, sources)
                draft.contexts[context_input(variable, argument, sources)] = argument.type
                for source in sources.values():
                    draft.needs |= source.producers
                asked = self._context_variables.setdefault((draft, field_set.type, field_set.contextual), {})
                asked[argument.name] = f"${variable}"

    def _context_variable(self, graph: int, argument: ContextArgument, sources: Mapping[str, ContextSource]) -> str:
        """The variable of a contextual value. The place and the type count: one request may be told several."""
        value = (argument.context, argument.selection, argument.type, depth_of(sources))
        index = self._context_numbers.setdefault(value, len(self._context_numbers))
        return f"contextualArgument_{graph + 1}_{index}"

    def _contextual_sets(self, opening: Opening) -> Iterable[FieldSet]:
        """The fields, here and below, that the request of an opening is granted the contexts of."""
        return [field_set for field_set, _ in opening.conditions if field_set.contextual is not None]

    def _open_root(self, opening: Opening, writers: Writers, place: Place, block: int | None) -> Writer:
        kind = opening.type.lower() if place.path else self._kind
        path = place.guarded_path()
        for draft in self.drafts:
            asked = (draft.graph, draft.path, draft.kind, draft.block)
            if asked == (opening.node.graph, path, kind, block) and not draft.is_entity:
                return Writer(draft, _root_selection(draft, place))
        draft = self.new_draft(opening.node.graph, kind, path, opening.stage, block)
        if path:
            draft.needs[min((writer.draft for writer in writers.values()), key=lambda draft: draft.stage)] = None
        return Writer(draft, _root_selection(draft, place))

    def _types_here(self, opening: Opening, place: Place) -> tuple[str, ...]:
        """The type names that objects at the place can have in the store and that the target can be opened for."""
        if not self._is_abstract(place.type):
            return (place.type,)
        known = self.graph.runtime_types(opening.node)
        possible = possible_types(self.graph.schema, place.type)
        if known is not None:
            possible = tuple(type_name for type_name in possible if type_name in known)
        return (*possible, place.type)

    def _shared_draft(
        self, opening: Opening, place: Place, types: tuple[str, ...], block: int | None, wanted_when: Conditions
    ) -> Draft:
        asked = (opening.stage, block, True)
        for draft in self._made_at.get((opening.node.graph, place.path), ())[:MAX_SHARERS]:
            if (draft.stage, draft.block, draft.is_entity) != asked:
                continue
            # Under an interface's name all objects are asked the same, so every type has a request of its own until it
            # is known what it is asked.
            if self._is_abstract(opening.type) and draft.asked_for != place.type:
                continue
            if _has_room(draft, opening.node, types, wanted_when):
                break
        else:
            draft = self.new_draft(opening.node.graph, "query", place.path, opening.stage, block)
            draft.asked_for = place.type
        for type_name in types:
            draft.nodes[type_name] = opening.node
        return draft

    def _add_input(self, draft: Draft, opening: Opening, type_name: str, place: Place) -> None:
        fields: list[InputField] = []
        for field_set, _ in opening.conditions:
            fields += self._input_fields(field_set.selection.units, type_name, place.position, opening.node.graph)
        sent = opening.type if self._is_abstract(opening.type) else type_name
        draft.inputs[type_name] = InputObject(types=(type_name,), typename=sent, fields=unite_fields(fields))

    def _input_fields(
        self, units: Iterable[Unit], type_name: str, position: Position, graph: int
    ) -> Iterable[InputField]:
        for unit in units:
            if isinstance(unit, Cast):
                if unit.type == type_name:
                    yield from self._input_fields(unit.selection.units, type_name, position, graph)
            elif unit.name != TYPENAME:
                key = position.find(type_name, unit.name, unit.arguments)
                nullable = not isinstance(field_type(self.graph.schema, type_name, unit.name), NonNull)
                nested = self._nested_inputs(unit, position.child(key), graph) if unit.selection else ()
                yield InputField(name=unit.name, store_key=key, nullable=nullable, selection=nested)

    def _nested_inputs(self, unit: Field, position: Position, graph: int) -> tuple[InputObject, ...]:
        assert unit.selection is not None
        templates: dict[tuple[str | None, tuple[InputField, ...]], list[str]] = {}
        named = unit.selection.type
        sends_type = self._is_abstract(named)
        only_type = named if self.graph.has_interface_object(graph, named) else None
        for type_name in possible_types(self.graph.schema, named):
            fields = unite_fields(self._input_fields(unit.selection.units, type_name, position, graph))
            templates.setdefault(((only_type or type_name) if sends_type else None, fields), []).append(type_name)
        return tuple(
            InputObject(types=tuple(types), typename=typename, fields=fields)
            for (typename, fields), types in templates.items()
        )


class _Mode:
    """Whether client units are placed, or inputs of a request: then ``producers`` collects who produces them.

    ``conditions`` is what must hold for the inputs to be needed, ``block`` the deferred part that asks.
    """

    __slots__ = ("block", "conditions", "producers")

    def __init__(
        self, producers: dict[Draft, None] | None = None, conditions: Conditions = (), block: int | None = None
    ) -> None:
        self.producers = producers
        self.conditions = conditions
        self.block = block

    def produced_by(self, draft: Draft) -> None:
        """Note a producer."""
        if self.producers is not None:
            self.producers[draft] = None

    def without_conditions(self) -> "_Mode":
        """The mode below a field that carries the conditions already."""
        return _Mode(self.producers, block=self.block) if self.conditions else self


def _has_room(draft: Draft, node: Node, types: tuple[str, ...], wanted_when: Conditions) -> bool:
    """Whether a request can ask ``node`` of these types as well."""
    for type_name in types:
        known = draft.available.get(type_name)
        if known is not None and not implies(wanted_when, known) and not implies(known, wanted_when):
            return False
        if draft.nodes.get(type_name, node) is not node:
            return False
    return True


def _field_ids(casts: Iterable[Cast]) -> frozenset[int]:
    return frozenset(unit.id for cast in casts for unit in cast.selection.units if isinstance(unit, Field))


def _root_selection(draft: Draft, place: Place) -> DraftSelection:
    # A subgraph may call its root types otherwise, so no type is named.
    return draft.selection.cast("", place.conditions) if place.conditions else draft.selection


def _units_of(choice: Choice) -> tuple[Unit, ...]:
    return choice.units if isinstance(choice, LeavesChoice) else (choice.unit,)


def _demand(solution: Solution) -> dict[Node, Conditions]:
    """For each node what must hold for anything to be taken from it: what all its uses have in common."""
    demand: dict[Node, Conditions] = {}

    def use(node: Node, conditions: Conditions) -> None:
        known = demand.get(node)
        demand[node] = conditions if known is None else shared((known, conditions))

    for choice in solution.choices:
        if not isinstance(choice, LeavesChoice):
            for node in choice.parents.values():
                use(node, choice.unit.conditions)
        elif choice.node is not None:
            for unit in choice.units:
                use(choice.node, unit.conditions)
    for opening in reversed(solution.openings):
        for node in opening.uses:
            use(node, demand.get(opening.node, ()))
    return demand
