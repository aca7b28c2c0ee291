"""``@external``: only where it is needed, and never where the subgraph would have to resolve the field."""

from supergraph.compose.problems import Problems
from supergraph.compose.usage import Usage
from supergraph.sdl.model import INTERFACE


def check_external(usage: Usage, problems: Problems) -> None:
    """Report external fields that are unused, on interfaces, or also provide something."""
    subgraph = usage.subgraph
    for type_def in subgraph.schema.types.values():
        for field in type_def.fields.values():
            coordinate = field.coordinate
            if type_def.kind == INTERFACE and subgraph.has(field, "external"):
                message = f'Interface type field "{coordinate}" is marked @external but @external is not allowed there'
                code = "EXTERNAL_ON_INTERFACE"
                problems.error_in(subgraph.name, code, message, field.node, coordinate=coordinate)
            if not usage.is_external(field):
                continue
            if subgraph.has(field, "provides"):
                message = f'Field "{coordinate}" cannot be both @external and @provides something'
                code = "EXTERNAL_COLLISION_WITH_ANOTHER_DIRECTIVE"
                problems.error_in(subgraph.name, code, message, field.node, coordinate=coordinate)
            if coordinate not in usage.used:
                message = (
                    f'Field "{coordinate}" is marked @external but is not used in any federation directive (@key, '
                    "@provides, @requires, @fromContext) or to satisfy an interface: remove it, or the @external"
                )
                problems.error_in(subgraph.name, "EXTERNAL_UNUSED", message, field.node, coordinate=coordinate)
