"""What a change of the schema would save, found by planning again on a supergraph that has the change.

    decisions ──▶ wishes ──▶ changed supergraph ──▶ plan ──▶ Saving
                  ▲ you are here

A wish is a change that would have made a fetch unnecessary: the subgraph that the objects come from resolves the
fields, too (``@shareable``), or knows their values on this way alone (``@provides``). Whether it helps is not reasoned
about: the fields may be needed from elsewhere anyway. Only so many are tried.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Literal

from graphql import is_leaf_type

from supergraph.errors import PlanningError
from supergraph.operation.model import Field, Operation, SelectionSet, Unit
from supergraph.plan.query_plan import QueryPlan
from supergraph.planner import DEFAULT_LIMITS, PlannerLimits, plan
from supergraph.query_graph import QueryGraphs
from supergraph.read import Supergraph
from supergraph.sdl.types import base_name
from supergraph.views import FieldView, SubgraphView, TypeView

_MOST_TRIES = 12
"""Of each kind of wish."""

Types = Mapping[str, TypeView]


@dataclass(frozen=True, slots=True, kw_only=True)
class Saving:
    """What a change would save.

    Attributes:
        directive: The directive that says it.
        subgraph: Where it is changed.
        coordinates: The fields that get the directive.
        fields: What is provided, as a field set; empty for ``@shareable``.
        requests: How many fewer, each list counted as one object.
        stages: How many fewer.
    """

    directive: Literal["@shareable", "@provides"]
    subgraph: str
    coordinates: tuple[str, ...]
    fields: str = ""
    requests: int
    stages: int


@dataclass(frozen=True, slots=True)
class ShareWish:
    """That a subgraph resolved some fields of a type, too."""

    subgraph: str
    type: str
    names: tuple[str, ...]

    def granted(self, supergraph: Supergraph) -> Types | None:
        """The subgraph's types with the change; ``None`` where it is impossible."""
        types = supergraph.subgraphs[self.subgraph].types
        for name in self.names:
            changed = _with_field(supergraph, types, self.type, name, external=False)
            if changed is None:
                return None
            types = changed
        return types

    def saving(self, requests: int, stages: int) -> Saving:
        """What it saves."""
        coordinates = tuple(f"{self.type}.{name}" for name in self.names)
        return Saving(
            directive="@shareable", subgraph=self.subgraph, coordinates=coordinates, requests=requests, stages=stages
        )


@dataclass(frozen=True, slots=True)
class ProvideWish:
    """That a subgraph provided some fields of the objects that one of its fields returns.

    Attributes:
        units: What is provided, as the operation selects it.
    """

    subgraph: str
    type: str
    name: str
    units: tuple[Field, ...]

    def granted(self, supergraph: Supergraph) -> Types | None:
        """The subgraph's types with the change; ``None`` where it is impossible."""
        types = supergraph.subgraphs[self.subgraph].types
        view = types[self.type].fields[self.name]
        changed = _with_external(supergraph, types, base_name(view.type), self.units)
        if changed is None:
            return None
        parts = filter(None, (view.provides, _field_set(self.units)))
        return _with_view(changed, self.type, replace(view, provides=" ".join(parts)))

    def saving(self, requests: int, stages: int) -> Saving:
        """What it saves."""
        return Saving(
            directive="@provides",
            subgraph=self.subgraph,
            coordinates=(f"{self.type}.{self.name}",),
            fields=_field_set(self.units),
            requests=requests,
            stages=stages,
        )


Wish = ShareWish | ProvideWish


def share_wishes(view: SubgraphView, type_name: str, units: Iterable[Unit]) -> Iterable[ShareWish]:
    """That one field, or all of them together, came from this subgraph."""
    names = tuple(dict.fromkeys(unit.name for unit in units if isinstance(unit, Field)))
    yield from (ShareWish(view.name, type_name, (name,)) for name in names)
    if len(names) > 1:
        yield ShareWish(view.name, type_name, names)


def provide_wishes(view: SubgraphView, parent_type: str, name: str, units: Iterable[Unit]) -> Iterable[ProvideWish]:
    """That all of them were provided by the field through which the objects were reached."""
    wanted = tuple(units)
    fields = tuple(unit for unit in wanted if isinstance(unit, Field) and _can_be_provided(unit))
    if fields and len(fields) == len(wanted) and name in view.types[parent_type].fields:
        yield ProvideWish(view.name, parent_type, name, fields)


def find_savings(
    supergraph: Supergraph,
    operation: Operation,
    labels: frozenset[str],
    known: QueryPlan,
    wishes: Collection[Wish],
    *,
    limits: PlannerLimits = DEFAULT_LIMITS,
) -> tuple[Saving, ...]:
    """The wishes that would save something, the largest saving first.

    ``limits.evaluations`` is for all tries together: a client may ask for an explanation.
    """
    found: list[Saving] = []
    evaluations = 0
    for wish in _first_of_each_kind(wishes):
        if evaluations > limits.evaluations:
            break
        types = wish.granted(supergraph)
        if types is None:
            continue
        try:
            changed = _changed(supergraph, wish.subgraph, types)
            metrics = plan(changed, operation, labels=labels, limits=limits).metrics
        except PlanningError:  # there is more to try, and it takes longer than may be
            break
        evaluations += metrics.evaluations
        requests, stages = known.metrics.requests - metrics.requests, known.metrics.stages - metrics.stages
        if (requests, stages) > (0, 0):
            found.append(wish.saving(requests, stages))
    return tuple(sorted(found, key=lambda saving: (-saving.requests, -saving.stages, len(saving.coordinates))))


def _first_of_each_kind(wishes: Collection[Wish]) -> Iterator[Wish]:
    """In turns, so that neither kind uses up what may be tried."""
    shared = [wish for wish in wishes if isinstance(wish, ShareWish)][:_MOST_TRIES]
    provided = [wish for wish in wishes if isinstance(wish, ProvideWish)][:_MOST_TRIES]
    for pair in zip_longest(shared, provided):
        yield from (wish for wish in pair if wish is not None)


def _changed(supergraph: Supergraph, subgraph: str, types: Types) -> Supergraph:
    subgraphs = {**supergraph.subgraphs, subgraph: replace(supergraph.subgraphs[subgraph], types=types)}
    return replace(supergraph, subgraphs=subgraphs, query_graphs=QueryGraphs(supergraph.schema, subgraphs))


def _with_field(supergraph: Supergraph, types: Types, type_name: str, name: str, *, external: bool) -> Types | None:
    """The types with one field more, declared as in a subgraph that resolves it."""
    mine = types.get(type_name)
    field = _resolved_field(supergraph, type_name, name)
    if mine is None or field is None or mine.kind != "object":
        return None
    if base_name(field.type) not in types and not is_leaf_type(supergraph.schema.type_map[base_name(field.type)]):
        return None
    plain = replace(field, external=external, requires=None, provides=None, override_label=None, context_arguments=())
    return _with_view(types, type_name, plain)


def _resolved_field(supergraph: Supergraph, type_name: str, name: str) -> FieldView | None:
    others = [other.types[type_name] for other in supergraph.subgraphs.values() if type_name in other.types]
    known = (other.fields[name] for other in others if name in other.fields)
    return next((found for found in known if not found.external), None)


def _with_external(supergraph: Supergraph, types: Types, type_name: str, units: Iterable[Field]) -> Types | None:
    """The types in which what is selected is known, at least as external."""
    for unit in units:
        mine = types.get(type_name)
        if mine is None or mine.kind != "object":
            return None
        changed = (
            types if unit.name in mine.fields else _with_field(supergraph, types, type_name, unit.name, external=True)
        )
        if changed is not None and unit.selection is not None:
            below = [each for each in unit.selection.units if isinstance(each, Field)]
            changed = _with_external(supergraph, changed, base_name(unit.type), below)
        if changed is None:
            return None
        types = changed
    return types


def _with_view(types: Types, type_name: str, view: FieldView) -> Types:
    mine = types[type_name]
    return {**types, type_name: replace(mine, fields={**mine.fields, view.name: view})}


def _can_be_provided(unit: Field) -> bool:
    """Whether it can stand in a field set without more ado: arguments and type conditions are left to people."""
    if unit.arguments or unit.name.startswith("__"):
        return False
    below: SelectionSet | None = unit.selection
    return below is None or all(isinstance(each, Field) and _can_be_provided(each) for each in below.units)


def _field_set(units: Iterable[Unit]) -> str:
    parts: dict[str, None] = {}
    for unit in units:
        if isinstance(unit, Field):
            below = f" {{ {_field_set(unit.selection.units)} }}" if unit.selection is not None else ""
            parts[f"{unit.name}{below}"] = None
    return " ".join(parts)
