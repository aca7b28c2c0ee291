"""Stage 5: what can only be seen on the merged schema."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from supergraph.compose.composed import ComposedDirectives
from supergraph.compose.problems import Problems
from supergraph.compose.subgraph import LoadedSubgraph
from supergraph.compose.transitive_auth import check_transitive_auth
from supergraph.compose.usage import Usage
from supergraph.compose.wording import quoted
from supergraph.sdl.field_set import FieldSet, Selected
from supergraph.sdl.model import INTERFACE, OBJECT, Field, Schema
from supergraph.sdl.types import NonNull, base_name


@dataclass(frozen=True, slots=True)
class Merged:
    """A merged schema with all it was made from."""

    subgraphs: Sequence[LoadedSubgraph]
    usage: dict[str, Usage]
    composed: ComposedDirectives
    schema: Schema


def validate_merged(merged: Merged, problems: Problems) -> None:
    """Report what the merge made inconsistent."""
    for check in _CHECKS:
        check(merged, problems)


def _check_implementations(merged: Merged, problems: Problems) -> None:
    """Each type has the fields of its interfaces, which may have got more of them from other subgraphs."""
    schema = merged.schema
    for type_def in schema.types.values():
        if type_def.kind not in (OBJECT, INTERFACE):
            continue
        for name in type_def.interfaces:
            interface = schema.types.get(name)
            for field in interface.fields.values() if interface else ():
                if field.name not in type_def.fields:
                    having = [s.name for s in merged.subgraphs if _has_field(s, name, field.name)]
                    message = (
                        f'Interface field "{field.coordinate}" is declared in subgraphs {quoted(having)} but type '
                        f'"{type_def.name}", which implements "{name}", lacks it in all subgraphs'
                    )
                    places = [
                        subgraph.place(subgraph.schema.types[type_def.name])
                        for subgraph in merged.subgraphs
                        if type_def.name in subgraph.schema.types
                    ]
                    problems.error("INTERFACE_FIELD_NO_IMPLEM", message, places, coordinate=type_def.name)


def _has_field(subgraph: LoadedSubgraph, type_name: str, field_name: str) -> bool:
    type_def = subgraph.schema.types.get(type_name)
    return type_def is not None and field_name in type_def.fields


def _check_requires(merged: Merged, problems: Problems) -> None:
    """``@requires`` is sent to other subgraphs, so it must be a valid selection on the supergraph too."""
    for subgraph in merged.subgraphs:
        for field, selected in merged.usage[subgraph.name].field_sets("requires"):
            for reason in dict.fromkeys(_wrong_selections(merged.schema, field.parent, selected)):
                message = f'On field "{field.coordinate}", for @requires: {reason}'
                code = "REQUIRES_INVALID_FIELDS"
                problems.error_in(subgraph.name, code, message, field.node, coordinate=field.coordinate)


def _wrong_selections(schema: Schema, parent: str, selected: FieldSet) -> Iterator[str]:
    for item in selected:
        if item.is_fragment:
            yield from _wrong_selections(schema, item.condition or parent, item.children or ())
        elif item.name != "__typename":
            type_def = schema.types.get(parent)
            field = type_def.fields.get(item.name) if type_def else None
            if field is None:
                yield f'cannot query field "{item.name}" on type "{parent}" of the supergraph'
                continue
            yield from _wrong_arguments(field, item)
            yield from _wrong_selections(schema, base_name(field.type), item.children or ())


def _wrong_arguments(field: Field, item: Selected) -> Iterator[str]:
    given = {name for name, _ in item.arguments}
    for name in sorted(given - set(field.arguments)):
        yield f'field "{field.coordinate}" has no argument "{name}" in the supergraph'
    for argument in field.arguments.values():
        if isinstance(argument.type, NonNull) and argument.default is None and argument.name not in given:
            yield f'no value provided for the required argument "{argument.coordinate}"'


def _check_auth(merged: Merged, problems: Problems) -> None:
    check_transitive_auth(merged.subgraphs, merged.usage, merged.composed, merged.schema, problems)


_CHECKS: tuple[Callable[[Merged, Problems], None], ...] = (_check_implementations, _check_requires, _check_auth)
