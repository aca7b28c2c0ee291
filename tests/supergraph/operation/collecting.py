"""The fields of a position for one concrete type: CollectFields on the normalised tree.

https://spec.graphql.org/September2025/#sec-Field-Collection
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from supergraph.operation.conditions import ALWAYS, conjoin, implies, without
from supergraph.operation.model import Cast, Conditions, Field, SelectionSet
from supergraph.sdl.types import TypeRef

Guarded = tuple[Conditions, SelectionSet]
"""A selection set, and when it counts."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class CollectedField:
    """What a client gets under one response key of one concrete type.

    Attributes:
        type: On the parent of the first unit. Where that is an interface, the concrete type may narrow it.
        alternatives: The field is in the response if one of these holds; ``((),)`` means always.
        ids: Of the units that it was merged from; all have one name and one set of arguments.
        selections: The sub-selections of these units, to be passed to ``collect_fields`` with the type of each value.
            Their conditions are those that remain to be tested when the field is in the response. Empty for a leaf.
    """

    response_key: str
    name: str
    type: TypeRef
    arguments: tuple[tuple[str, str], ...]
    alternatives: tuple[Conditions, ...]
    ids: tuple[int, ...]
    selections: tuple[Guarded, ...]


def collect_fields(selections: SelectionSet | Sequence[Guarded], concrete_type: str) -> tuple[CollectedField, ...]:
    """The fields of an object of ``concrete_type``; hidden fields are left out.

    The order is that of the response, conditions apart: a field that has a conditional unit first and another behind
    other fields stands in the place of the first, whether its condition holds or not.
    """
    guarded: Sequence[Guarded] = ((ALWAYS, selections),) if isinstance(selections, SelectionSet) else selections
    found: dict[str, list[tuple[Conditions, Field]]] = {}
    for conditions, selection in guarded:
        for own, unit in _walk(selection, concrete_type, conditions):
            found.setdefault(unit.response_key, []).append((own, unit))
    return tuple(map(_merge, found.values()))


def _walk(selection: SelectionSet, concrete_type: str, outer: Conditions) -> Iterator[tuple[Conditions, Field]]:
    for unit in selection.units:
        conditions = conjoin(outer, unit.conditions)
        if conditions is None:
            continue
        if isinstance(unit, Cast):
            if unit.type == concrete_type:
                yield from _walk(unit.selection, concrete_type, conditions)
        elif not unit.hidden:
            yield conditions, unit


def _merge(units: list[tuple[Conditions, Field]]) -> CollectedField:
    first = units[0][1]
    alternatives: list[Conditions] = []
    for conditions, _ in units:
        if not any(implies(conditions, other) for other in alternatives):
            alternatives = [other for other in alternatives if not implies(other, conditions)]
            alternatives.append(conditions)
    # With one alternative all its conditions hold where the field is; with several, none is known to.
    known = alternatives[0] if len(alternatives) == 1 else ALWAYS
    return CollectedField(
        response_key=first.response_key,
        name=first.name,
        type=first.type,
        arguments=first.arguments,
        alternatives=tuple(alternatives),
        ids=tuple(unit.id for _, unit in units),
        selections=tuple((without(own, known), unit.selection) for own, unit in units if unit.selection is not None),
    )
