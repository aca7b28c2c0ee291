"""The representation templates of a request."""

from collections.abc import Iterable
from dataclasses import replace

from supergraph.plan.nodes import InputField, InputObject
from supergraph.planner.drafts import Draft


def templates_of(draft: Draft) -> tuple[InputObject, ...]:
    """The templates of a request, those that differ only in the type they fit written as one."""
    return _grouped(draft.inputs.values())


def _grouped(templates: Iterable[InputObject]) -> tuple[InputObject, ...]:
    groups: dict[InputObject, tuple[str, ...]] = {}
    for template in templates:
        alike = replace(template, types=())
        groups[alike] = groups.get(alike, ()) + template.types
    return tuple(replace(template, types=types) for template, types in groups.items())


def unite_fields(fields: Iterable[InputField]) -> tuple[InputField, ...]:
    """Fields of one representation; two that want parts of one object want both parts."""
    united: dict[str, InputField] = {}
    for field in fields:
        known = united.get(field.name)
        if known is None:
            united[field.name] = field
        elif field.selection != known.selection:
            united[field.name] = replace(known, selection=_unite_objects((*known.selection, *field.selection)))
    return tuple(united.values())


def _unite_objects(templates: tuple[InputObject, ...]) -> tuple[InputObject, ...]:
    by_type: dict[str, InputObject] = {}
    for template in templates:
        for type_name in template.types:
            known = by_type.get(type_name)
            fields = template.fields if known is None else unite_fields((*known.fields, *template.fields))
            by_type[type_name] = replace(template, types=(type_name,), fields=fields)
    return _grouped(by_type.values())
