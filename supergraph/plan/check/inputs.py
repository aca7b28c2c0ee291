"""The inputs of an entity fetch: is there a template for each type, and has somebody fetched what it reads?"""

from collections.abc import Callable, Iterable, Iterator, Sequence

from supergraph.plan.check.places import Place
from supergraph.plan.check.types import Types
from supergraph.plan.nodes import InputField, InputObject
from supergraph.sdl.field_set import FieldSet, parse_field_set
from supergraph.views import SubgraphView

Report = Callable[[str], None]


class Inputs:
    """Looks up what one fetch sends.

    Args:
        finished: Whether one of some fetches has finished when this one starts.
        report: Takes what is wrong.
    """

    def __init__(
        self, types: Types, subgraph: SubgraphView, finished: Callable[[Iterable[int]], bool], report: Report
    ) -> None:
        self._types = types
        self._subgraph = subgraph
        self._finished = finished
        self._report = report

    def template_for(self, templates: Sequence[InputObject], type_name: str) -> InputObject | None:
        """The template that objects of a type are sent by; ``None`` if they are not sent."""
        exact = [each for each in templates if type_name in each.types]
        fitting = exact or [each for each in templates if self._types.is_named(type_name, each.types)]
        return fitting[0] if fitting else None

    def check_typenames(self, place: Place, types: Iterable[str]) -> None:
        """Objects that are sent by different templates can be told apart."""
        for name in sorted(types):
            cell = place.cells.get((name, "__typename"))
            if cell is None or not self._finished(cell.writers):
                self._report(f"cannot tell objects of type {name} at {place.path}: no type name")

    def check_key(self, template: InputObject) -> None:
        """Some key of the type is sent whole."""
        view = self._subgraph.types.get(template.typename or "")
        if view is None:
            self._report(f"sends type {template.typename}, which the subgraph does not know")
            return
        keys = [parse_field_set(key.fields) for key in view.keys if key.resolvable]
        if all(any(missing_fields(key, template)) for key in keys):
            self._report(f"sends no complete key of {view.name}")

    def missing(self, fields: Sequence[InputField], place: Place, type_name: str) -> list[str]:
        """The inputs that nobody has written: no fault if nothing is missed in the end."""
        found: list[str] = []
        for each in fields:
            cell = place.cells.get((type_name, each.store_key))
            where = f"{type_name}.{each.name} at {place.path}"
            if cell is None:
                found.append(where)
            elif cell.name != each.name:
                self._report(f"sends {where}, but {each.store_key} holds {cell.name}")
            elif not self._finished(cell.writers):
                self._report(f"sends {where}, but needs none of {sorted(cell.writers)}, which write it")
            elif each.selection and cell.place is not None:
                found += self._missing_below(each, cell.place)
        return found

    def _missing_below(self, each: InputField, place: Place) -> list[str]:
        found: list[str] = []
        for name in sorted(place.types):
            template = self.template_for(each.selection, name)
            if template is None and len(place.types) == 1:
                self._report(f"sends {each.name} at {place.path}, but not for type {name}")
            elif template is not None:
                found += self.missing(template.fields, place, name)
        return found


def missing_fields(selection: FieldSet, template: InputObject) -> Iterator[str]:
    """The fields of a field set that a template does not send; what stands under a type condition is not looked at."""
    for selected in selection:
        if selected.is_fragment:
            continue
        sent = next((each for each in template.fields if each.name == selected.name), None)
        if sent is None and selected.name != "__typename":
            yield selected.name
        for inner in sent.selection if sent is not None else ():
            yield from (f"{selected.name}.{name}" for name in missing_fields(selected.children or (), inner))
