"""``@cost`` and ``@listSize``: what they say must fit the field they stand on."""

from collections.abc import Iterator

from graphql import IntValueNode

from supergraph.compose.problems import Problems
from supergraph.compose.usage import Usage
from supergraph.sdl.model import COMPOSITE, INTERFACE, Applied, Field
from supergraph.sdl.types import ListOf, Named, NonNull, TypeRef, base_name
from supergraph.sdl.values import to_plain


def check_cost(usage: Usage, problems: Problems) -> None:
    """Report costs on interface fields, and list sizes that make no sense."""
    subgraph = usage.subgraph
    for type_def in subgraph.schema.types.values():
        for field in type_def.fields.values():
            if type_def.kind == INTERFACE and subgraph.has(field, "cost"):
                message = f'@cost cannot be applied to field "{field.coordinate}" of an interface'
                code = "COST_APPLIED_TO_INTERFACE_FIELD"
                problems.error_in(subgraph.name, code, message, field.node, coordinate=field.coordinate)
            for applied in subgraph.applications(field, "listSize"):
                for code, message in _findings(usage, field, applied):
                    problems.error_in(subgraph.name, code, message, applied.node, coordinate=field.coordinate)


def _findings(usage: Usage, field: Field, applied: Applied) -> Iterator[tuple[str, str]]:
    coordinate = field.coordinate
    sized = _names(applied, "sizedFields")
    if not sized and not _is_list(field.type):
        yield "LIST_SIZE_APPLIED_TO_NON_LIST", f'"{coordinate}" is not a list'
    assumed = applied.arguments.get("assumedSize")
    if isinstance(assumed, IntValueNode) and int(assumed.value) < 0:
        yield "LIST_SIZE_INVALID_ASSUMED_SIZE", f'Assumed size of "{coordinate}" cannot be negative'
    for name in _names(applied, "slicingArguments"):
        argument = field.arguments.get(name)
        code = "LIST_SIZE_INVALID_SLICING_ARGUMENT"
        if argument is None:
            yield code, f'Slicing argument "{name}" is not an argument of "{coordinate}"'
        elif argument.type not in (Named("Int"), NonNull(Named("Int"))):
            yield code, f'Slicing argument "{argument.coordinate}" must be Int or Int!'
    yield from _check_sized(usage, field, sized)


def _check_sized(usage: Usage, field: Field, sized: list[str]) -> Iterator[tuple[str, str]]:
    if not sized:
        return
    base = usage.subgraph.schema.types.get(base_name(field.type))
    if base is None or base.kind not in COMPOSITE:
        message = f'Sized fields cannot be used because "{field.type}" has no fields'
        yield "LIST_SIZE_INVALID_SIZED_FIELD", message
        return
    for name in sized:
        child = base.fields.get(name)
        if child is None:
            yield "LIST_SIZE_INVALID_SIZED_FIELD", f'Sized field "{name}" is not a field of type "{base.name}"'
        elif not _is_list(child.type):
            yield "LIST_SIZE_APPLIED_TO_NON_LIST", f'Sized field "{child.coordinate}" is not a list'


def _names(applied: Applied, argument: str) -> list[str]:
    value = to_plain(applied.arguments.get(argument))
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, str)]


def _is_list(type_ref: TypeRef) -> bool:
    return isinstance(type_ref.of if isinstance(type_ref, NonNull) else type_ref, ListOf)
