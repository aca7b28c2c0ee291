"""The representation templates of a request."""

from dataclasses import replace

from supergraph.plan.nodes import InputObject
from supergraph.planner.drafts import Draft


def templates_of(draft: Draft) -> tuple[InputObject, ...]:
    """The templates of a request, those that differ only in the type they fit written as one."""
    united: dict[InputObject, tuple[str, ...]] = {}
    for template in draft.inputs.values():
        united.setdefault(replace(template, types=()), ())
        united[replace(template, types=())] += template.types
    return tuple(replace(template, types=types) for template, types in united.items())
