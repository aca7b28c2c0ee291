"""The field sets of ``@key``, ``@requires`` and ``@provides``: they parse, and select what they may select."""

from collections.abc import Iterator
from dataclasses import dataclass

from graphql import StringValueNode, ValueNode, print_ast

from supergraph.compose.problems import Problems
from supergraph.compose.usage import Usage
from supergraph.sdl.field_set import FieldSet, FieldSetError, Selected, parse_field_set, walk
from supergraph.sdl.model import COMPOSITE, INTERFACE, UNION, Applied, Element, Field, TypeDef
from supergraph.sdl.types import base_name

Finding = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Site:
    """One application to check: ``kind`` is the prefix of its error codes."""

    usage: Usage
    kind: str
    element: Element
    applied: Applied
    parent: str


def check_field_sets(usage: Usage, problems: Problems) -> None:
    """Report everything that is wrong with the field sets of a subgraph."""
    for site in _sites(usage, problems):
        for code, reason in dict.fromkeys(_findings(site)):
            local = site.applied.name
            message = f"On {site.element.coordinate}, for @{local}{_shown(site.applied)}: {reason}"
            problems.error_in(usage.subgraph.name, code, message, site.applied.node, coordinate=site.element.coordinate)


def _shown(applied: Applied) -> str:
    value: ValueNode | None = applied.arguments.get("fields")
    return f"(fields: {print_ast(value)})" if value is not None else ""


def _sites(usage: Usage, problems: Problems) -> Iterator[_Site]:
    subgraph = usage.subgraph
    for type_def in subgraph.schema.types.values():
        for applied in subgraph.applications(type_def, "key"):
            if type_def.kind == INTERFACE and (subgraph.version or (0, 0)) < (2, 3):
                message = f'Cannot use @key on interface "{type_def.name}": it is supported from federation v2.3 on'
                code = "KEY_UNSUPPORTED_ON_INTERFACE"
                problems.error_in(subgraph.name, code, message, applied.node, coordinate=type_def.name)
            else:
                yield _Site(usage, "KEY", type_def, applied, type_def.name)
        for field in type_def.fields.values():
            for applied in subgraph.applications(field, "requires"):
                if _is_supported("REQUIRES", usage, type_def, field, applied, problems):
                    yield _Site(usage, "REQUIRES", field, applied, type_def.name)
            for applied in subgraph.applications(field, "provides"):
                if _is_supported("PROVIDES", usage, type_def, field, applied, problems):
                    yield _Site(usage, "PROVIDES", field, applied, base_name(field.type))


def _is_supported(
    kind: str, usage: Usage, type_def: TypeDef, field: Field, applied: Applied, problems: Problems
) -> bool:
    code = None
    base = usage.subgraph.schema.types.get(base_name(field.type))
    if type_def.kind == INTERFACE:
        code = f"{kind}_UNSUPPORTED_ON_INTERFACE"
        message = f'Cannot use @{applied.name} on field "{field.coordinate}" of an interface: it is not supported'
    elif kind == "PROVIDES" and (base is None or base.kind not in COMPOSITE):
        code = "PROVIDES_ON_NON_OBJECT_FIELD"
        message = f'Invalid @{applied.name} on field "{field.coordinate}": its type has no fields'
    if code is not None:
        problems.error_in(usage.subgraph.name, code, message, applied.node, coordinate=field.coordinate)
    return code is None


def _findings(site: _Site) -> Iterator[Finding]:
    value = site.applied.arguments.get("fields")
    if not isinstance(value, StringValueNode):
        yield f"{site.kind}_INVALID_FIELDS_TYPE", "the argument must be a string"
        return
    try:
        selected = parse_field_set(value.value)
    except FieldSetError as error:
        yield f"{site.kind}_INVALID_FIELDS", f"it is not a selection of fields: {error}"
        return
    if any(item.directives for item in walk(selected)):
        yield f"{site.kind}_DIRECTIVE_IN_FIELDS_ARG", "directives cannot be applied inside a selection of fields"
    yield from _check_level(site, site.parent, selected, below_external=False)


def _check_level(site: _Site, parent: str, selected: FieldSet, *, below_external: bool) -> Iterator[Finding]:
    for item in selected:
        if item.is_fragment:
            yield from _check_fragment(site, parent, item, below_external=below_external)
        elif item.name != "__typename":
            yield from _check_item(site, parent, item, below_external=below_external)


def _check_fragment(site: _Site, parent: str, item: Selected, *, below_external: bool) -> Iterator[Finding]:
    schema = site.usage.subgraph.schema
    condition = item.condition or parent
    type_def = schema.types.get(condition)
    if type_def is None or type_def.kind not in COMPOSITE:
        yield f"{site.kind}_INVALID_FIELDS", f'"{condition}" is not a type that fields can be selected on'
    elif condition != parent and not set(schema.runtime_types(condition)) & set(schema.runtime_types(parent)):
        yield f"{site.kind}_INVALID_FIELDS", f'a value of type "{parent}" is never of type "{condition}"'
    else:
        yield from _check_level(site, condition, item.children or (), below_external=below_external)


def _check_item(site: _Site, parent: str, item: Selected, *, below_external: bool) -> Iterator[Finding]:
    schema = site.usage.subgraph.schema
    invalid = f"{site.kind}_INVALID_FIELDS"
    if item.alias is not None:
        yield invalid, f'the alias "{item.alias}" is not allowed'
    type_def = schema.types.get(parent)
    field = type_def.fields.get(item.name) if type_def else None
    if type_def is None or field is None:
        advice = "" if site.kind == "KEY" else " (if it belongs to another subgraph, declare it with @external)"
        yield invalid, f'cannot query field "{item.name}" on type "{parent}"; it should be added to the type{advice}'
        return
    yield from _check_arguments(site, field, item)
    base = schema.types.get(base_name(field.type))
    is_composite = base is not None and base.kind in COMPOSITE
    if site.kind == "KEY" and base is not None and base.kind in (INTERFACE, UNION):
        kind_code = "KEY_FIELDS_SELECT_INVALID_TYPE"
        yield kind_code, f'field "{field.coordinate}" is of {base.kind} type "{base.name}": it cannot be part of a key'
    if is_composite != (item.children is not None):
        wrong = "must have a selection of subfields" if is_composite else "cannot have a selection of subfields"
        yield invalid, f'field "{field.coordinate}" of type "{field.type}" {wrong}'
        return
    is_external = below_external or _is_external(site, type_def, field)
    if item.children is not None:
        yield from _check_level(site, base_name(field.type), item.children, below_external=is_external)
    elif site.kind != "KEY" and not is_external:
        message = (
            f'field "{field.coordinate}" should not be part of it, since it is not @external: this subgraph has it'
        )
        yield f"{site.kind}_FIELDS_MISSING_EXTERNAL", message


def _check_arguments(site: _Site, field: Field, item: Selected) -> Iterator[Finding]:
    if site.kind != "REQUIRES":
        if field.arguments:
            reason = f'field "{field.coordinate}" cannot be included because it has arguments'
            yield f"{site.kind}_FIELDS_HAS_ARGS", reason
        return
    for name, _ in item.arguments:
        if name not in field.arguments:
            yield "REQUIRES_INVALID_FIELDS", f'unknown argument "{name}" of field "{field.coordinate}"'


def _is_external(site: _Site, type_def: TypeDef, field: Field) -> bool:
    usage = site.usage
    if usage.is_external(field):
        return True
    if type_def.kind != INTERFACE:
        return False
    implementations = usage.subgraph.schema.implementations(type_def.name)
    return any(
        usage.is_external(implementation.fields[field.name])
        for implementation in implementations
        if field.name in implementation.fields
    )
