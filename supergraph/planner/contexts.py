"""Contexts: arguments that a subgraph wants filled from an object further up.

A field with ``@fromContext`` acts like one with a requirement on an ancestor: the nearest position above it whose type
sets the context. Before the search, the wanted selection is added there as a type condition on that position's own
type, so that the ordinary search reads it from wherever it is; the field itself is served only by a node that was
opened with the context granted.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from supergraph.operation.model import Cast, Deferred, Field, SelectionSet, Unit
from supergraph.operation.schema_types import possible_types
from supergraph.plan.nodes import ContextInput, ContextValue, Path
from supergraph.planner.drafts import Draft
from supergraph.planner.positions import Position
from supergraph.query_graph import QueryGraph
from supergraph.views import ContextArgument

Wanted = tuple[str, str]
"""The name of a context and the selection that is read from the type that sets it."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class ContextCast(Cast):
    """Data that is read at a position for fields below it; not part of the response."""

    wanted: Wanted

    @property
    def for_client(self) -> bool:
        """It is the gateway that wants this."""
        return False


def add_context_needs(graph: QueryGraph, selection: SelectionSet) -> SelectionSet:
    """The selection with everything that its contextual fields want from above; itself if there is nothing."""
    if not graph.has_contexts:
        return selection
    return _Adder(graph).add(selection)[0]


class _Adder:
    def __init__(self, graph: QueryGraph) -> None:
        self._graph = graph

    def add(self, selection: SelectionSet) -> tuple[SelectionSet, dict[Wanted, None], dict[Wanted, None]]:
        """The new selection; what its own fields want from above; what fields further down still want."""
        own: dict[Wanted, None] = {}
        below: dict[Wanted, None] = {}
        units: list[Unit] = []
        for unit in selection.units:
            if isinstance(unit, Field):
                own |= dict.fromkeys(self._wanted_by(selection.type, unit))
            if unit.selection is None:
                units.append(unit)
                continue
            inner, inner_own, inner_below = self.add(unit.selection)
            units.append(unit if inner is unit.selection else replace(unit, selection=inner))
            if isinstance(unit, Field):
                below |= inner_own | inner_below
            else:
                own |= inner_own
                below |= inner_below
        deferred: list[Deferred] = []
        for part in selection.deferred:
            inner, inner_own, inner_below = self.add(part.selection)
            deferred.append(part if inner is part.selection else replace(part, selection=inner))
            own |= inner_own
            below |= inner_below
        found = {wanted: casts for wanted in below if (casts := list(self._casts(selection.type, wanted)))}
        if not found and _is_same(units, selection.units) and _is_same(deferred, selection.deferred):
            return selection, own, below
        added: list[Unit] = [cast for group in found.values() for cast in group]
        rest = {wanted: None for wanted in below if wanted not in found}
        return SelectionSet(selection.type, (*added, *units), tuple(deferred)), own, rest

    def _wanted_by(self, type_name: str, field: Field) -> Iterator[Wanted]:
        for graph in range(len(self._graph.subgraphs)):
            for name in (type_name, *possible_types(self._graph.schema, type_name)):
                view = self._graph.type_view(graph, name)
                found = view.fields.get(field.name) if view else None
                for argument in found.context_arguments if found else ():
                    yield argument.context, argument.selection

    def _casts(self, type_name: str, wanted: Wanted) -> Iterable[ContextCast]:
        context, text = wanted
        setters = self._graph.context_setters(context)
        for name in possible_types(self._graph.schema, type_name):
            if name in setters:
                yield ContextCast(type=name, selection=self._graph.field_sets.get(name, text).selection, wanted=wanted)


def _is_same(new: Sequence[object], old: Sequence[object]) -> bool:
    return all(left is right for left, right in zip(new, old, strict=True))


@dataclass(frozen=True, slots=True, eq=False)
class ContextSource:
    """Where a contextual value can be read, on objects of one type, and who produces it."""

    path: Path
    value: ContextValue
    producers: Mapping[Draft, None]


Contexts = dict[Wanted, dict[str, ContextSource]]
"""The sources of each value, by the type of the objects that say it; all of them stand at one position."""


def context_source(cast: ContextCast, position: Position, path: Path, producers: Mapping[Draft, None]) -> ContextSource:
    """The source that a placed ``ContextCast`` has become."""
    keys = []
    selection: SelectionSet | None = cast.selection
    type_name = cast.type
    while selection is not None:
        unit = next((unit for unit in selection.units if isinstance(unit, Field)), None)
        if unit is None:
            break
        key = position.find(type_name, unit.name, unit.arguments)
        keys.append(key)
        position = position.child(key)
        selection = unit.selection
        type_name = selection.type if selection else ""
    return ContextSource(path, ContextValue(types=(cast.type,), keys=tuple(keys)), producers)


def context_input(variable: str, argument: ContextArgument, sources: Mapping[str, ContextSource]) -> ContextInput:
    """The variable of a contextual argument."""
    return ContextInput(
        variable=variable,
        depth=depth_of(sources),
        values=tuple(source.value for source in sources.values()),
        nullable=not argument.type.endswith("!"),
    )


def depth_of(sources: Mapping[str, ContextSource]) -> int:
    """How many steps lead to the objects that say a value."""
    return len(next(iter(sources.values())).path)
