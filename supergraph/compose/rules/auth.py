"""Access requirements stand on objects; interfaces inherit them when subgraphs are merged."""

from supergraph.compose.auth import REQUIREMENTS
from supergraph.compose.problems import Problems
from supergraph.compose.usage import Usage
from supergraph.sdl.model import INTERFACE, Element


def check_auth(usage: Usage, problems: Problems) -> None:
    """Report requirements on interfaces, their fields, and types that stand for interfaces."""
    for type_def in usage.subgraph.schema.types.values():
        if type_def.kind == INTERFACE:
            for element in (type_def, *type_def.fields.values()):
                _check(usage, element, "an interface", problems)
        elif usage.is_interface_object(type_def):
            _check(usage, type_def, "an interface object", problems)


def _check(usage: Usage, element: Element, what: str, problems: Problems) -> None:
    subgraph = usage.subgraph
    for name in REQUIREMENTS:
        for applied in subgraph.applications(element, name):
            message = (
                f'Invalid use of @{applied.name} on "{element.coordinate}" of {what}: access requirements stand on '
                "object types, scalars, enums and object fields"
            )
            code = "AUTH_REQUIREMENTS_APPLIED_ON_INTERFACE"
            problems.error_in(subgraph.name, code, message, applied.node, coordinate=element.coordinate)
