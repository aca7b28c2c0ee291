"""A field that is computed from others must demand at least what those demand.

``@requires`` and ``@fromContext`` fetch fields that the client did not ask for, with the client's own rights not being
looked at. A client that may see the result must therefore be allowed to see what it is made of.
"""

from collections.abc import Iterator, Sequence

from supergraph.compose.auth import REQUIREMENTS
from supergraph.compose.composed import ComposedDirectives
from supergraph.compose.context_values import context_selections
from supergraph.compose.problems import Problems
from supergraph.compose.subgraph import LoadedSubgraph
from supergraph.compose.usage import Usage
from supergraph.sdl.field_set import FieldSet
from supergraph.sdl.model import Element, Field, Schema
from supergraph.sdl.types import base_name
from supergraph.sdl.values import to_plain
from supergraph.spec.merge_strategies import Dnf, conjoin, read_dnf

_NOTHING: Dnf = frozenset({frozenset()})
# What each directive demands; a directive that is absent demands nothing.
Demand = dict[str, Dnf]


def check_transitive_auth(
    subgraphs: Sequence[LoadedSubgraph],
    usage: dict[str, Usage],
    composed: ComposedDirectives,
    schema: Schema,
    problems: Problems,
) -> None:
    """Report fields with ``@requires`` or contextual arguments that demand less than what they are made of."""
    names = {directive.name: directive.element for directive in composed.by_name.values()}
    if not any(element in REQUIREMENTS for element in names.values()):
        return
    for subgraph in subgraphs:
        selections = [
            *((field, field.parent, selected) for field, selected in usage[subgraph.name].field_sets("requires")),
            *context_selections(subgraph),
        ]
        for field, parent, selected in selections:
            own = _demand_of_field(schema, names, field)
            for coordinate, demand in _selected_demands(schema, names, parent, selected):
                lacking = [name for name, wanted in demand.items() if not _implies(own.get(name), wanted)]
                if lacking:
                    message = (
                        f'Field "{field.coordinate}" does not specify the requirements ({", ".join(lacking)}) that '
                        f'"{coordinate}", which it is made from, has'
                    )
                    code = "MISSING_TRANSITIVE_AUTH_REQUIREMENTS"
                    problems.error_in(subgraph.name, code, message, field.node, coordinate=field.coordinate)
                    break


def _selected_demands(
    schema: Schema, names: dict[str, str], parent: str, selected: FieldSet
) -> Iterator[tuple[str, Demand]]:
    type_def = schema.types.get(parent)
    if type_def is not None:
        yield type_def.name, _demand_of(names, type_def)
    for item in selected:
        if item.is_fragment:
            yield from _selected_demands(schema, names, item.condition or parent, item.children or ())
            continue
        field = type_def.fields.get(item.name) if type_def else None
        if field is not None:
            yield field.coordinate, _demand_of(names, field)
            yield from _selected_demands(schema, names, base_name(field.type), item.children or ())


def _demand_of_field(schema: Schema, names: dict[str, str], field: Field) -> Demand:
    """What a client must meet to get the field: its own requirements and those of its type and its parent."""
    elements: list[Element] = [
        schema.types[name] for name in (field.parent, base_name(field.type)) if name in schema.types
    ]
    merged = schema.types[field.parent].fields.get(field.name) if field.parent in schema.types else None
    if merged is not None:
        elements.append(merged)
    demand: Demand = {}
    for element in elements:
        for name, wanted in _demand_of(names, element).items():
            demand[name] = conjoin([demand.get(name, _NOTHING), wanted])
    return demand


def _demand_of(names: dict[str, str], element: Element) -> Demand:
    demand: Demand = {}
    for applied in element.applied:
        name = names.get(applied.name)
        if name == "authenticated":
            demand[name] = frozenset({frozenset({"authenticated"})})
        elif name in REQUIREMENTS:
            value = applied.arguments.get("scopes" if name == "requiresScopes" else "policies")
            demand[name] = read_dnf(to_plain(value))
    return demand


def _implies(own: Dnf | None, wanted: Dnf) -> bool:
    """Does meeting ``own`` always meet ``wanted``?"""
    if not wanted or frozenset() in wanted:
        return True
    return bool(own) and all(any(one <= mine for one in wanted) for mine in own or ())
