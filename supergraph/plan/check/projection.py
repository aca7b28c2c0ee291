"""The client's selection, walked over what has been written."""

from collections.abc import Iterable
from functools import lru_cache

from graphql import parse_value, print_ast

from supergraph.operation.model import Cast, Field, SelectionSet
from supergraph.plan.check.places import Arguments, Place
from supergraph.plan.check.truth import Truth, holds
from supergraph.plan.check.types import Types
from supergraph.plan.query_plan import QueryPlan


class Projection:
    """Finds what nobody has fetched.

    Args:
        problems: Takes what is wrong, each once.
    """

    def __init__(self, types: Types, plan: QueryPlan, truth: Truth, problems: dict[str, None]) -> None:
        self.types = types
        self.plan = plan
        self.truth = truth
        self.problems = problems
        self._checked: set[tuple[SelectionSet, Place]] = set()

    def check(self, selection: SelectionSet, place: Place) -> None:
        """Note every field of every type that nobody has fetched."""
        if (selection, place) in self._checked:
            return
        self._checked.add((selection, place))
        tells_types = any(isinstance(unit, Cast) and self._decides(unit, place) for unit in selection.units)
        for type_name in sorted(place.types):
            if tells_types and len(place.types) > 1:
                self._check_typename(place, type_name)
            self._check_object(selection, place, type_name)

    def _decides(self, cast: Cast, place: Place) -> bool:
        """Whether it depends on an object's type what the client gets."""
        decides = cast.type in place.types or not self.plan.rules_out(cast)
        return decides and holds(cast.conditions, self.truth)

    def _check_object(self, selection: SelectionSet, place: Place, type_name: str) -> None:
        for unit in selection.units:
            if not holds(unit.conditions, self.truth):
                continue
            if isinstance(unit, Cast):
                if unit.type == type_name:
                    self._check_object(unit.selection, place, type_name)
            elif not isinstance(unit, Field):
                self._check_object(unit.selection, place, type_name)
            elif unit.name == "__typename":
                if self.types.is_abstract(selection.type) and len(place.types) > 1:
                    self._check_typename(place, type_name)
            elif not unit.name.startswith("__"):
                self._check_field(unit, place, type_name)

    def _check_typename(self, place: Place, type_name: str) -> None:
        if (type_name, "__typename") not in place.cells:
            self.problems[f"nobody fetches the type name of {type_name} at {place.path}"] = None

    def _check_field(self, unit: Field, place: Place, type_name: str) -> None:
        key = self.plan.store_keys.get((unit.id, type_name), unit.response_key)
        cell = place.cells.get((type_name, key))
        where = f"{type_name}.{unit.name} at {place.path or 'the root'}"
        if cell is None:
            note = f"; {place.notes[type_name]}" if type_name in place.notes else ""
            self.problems[f"nobody fetches {where} (as {key}){note}"] = None
        elif (cell.name, cell.arguments) != (unit.name, _normal(unit.arguments)):
            self.problems[f"{where} is read from {key}, which holds {cell.name}"] = None
        elif unit.selection is not None and cell.place is not None:
            self.check(unit.selection, cell.place)


def _normal(arguments: Iterable[tuple[str, str]]) -> Arguments:
    """Arguments in one way of printing, since fetches are printed without spaces."""
    return tuple((name, _printed(value)) for name, value in arguments)


@lru_cache(maxsize=4096)
def _printed(value: str) -> str:
    return print_ast(parse_value(value, no_location=True))
