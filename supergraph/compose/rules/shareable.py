"""``@shareable``: on what is resolved, and once."""

from collections import Counter

from supergraph.compose.problems import Problems
from supergraph.compose.usage import Usage
from supergraph.sdl.model import INTERFACE, Element

_CODE = "INVALID_SHAREABLE_USAGE"


def check_shareable(usage: Usage, problems: Problems) -> None:
    """Report ``@shareable`` on interface fields, and twice on one declaration."""
    subgraph = usage.subgraph
    for type_def in subgraph.schema.types.values():
        _check_repeated(usage, type_def, problems)
        for field in type_def.fields.values():
            _check_repeated(usage, field, problems)
            if type_def.kind == INTERFACE and subgraph.has(field, "shareable"):
                message = (
                    f'Invalid use of @shareable on field "{field.coordinate}": only object type fields can have it'
                )
                problems.error_in(subgraph.name, _CODE, message, field.node, coordinate=field.coordinate)


def _check_repeated(usage: Usage, element: Element, problems: Problems) -> None:
    applications = usage.subgraph.applications(element, "shareable")
    counts = Counter(applied.declaration for applied in applications if applied.node is not None)
    if any(count > 1 for count in counts.values()):
        message = (
            f'Invalid duplicate application of @shareable on "{element.coordinate}": once per declaration is enough'
        )
        problems.error_in(usage.subgraph.name, _CODE, message, element.node, coordinate=element.coordinate)
