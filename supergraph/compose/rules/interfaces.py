"""Entities behind interfaces: ``@key`` on an interface and ``@interfaceObject``."""

from supergraph.compose.problems import Problems
from supergraph.compose.usage import Key, Usage
from supergraph.sdl.field_set import normal_form
from supergraph.sdl.model import INTERFACE, TypeDef


def check_interfaces(usage: Usage, problems: Problems) -> None:
    """Report interface keys that implementations lack, and interface objects without a key."""
    subgraph = usage.subgraph
    for type_def in subgraph.schema.types.values():
        if type_def.kind == INTERFACE:
            for key in usage.keys[type_def.name]:
                _check_key(usage, type_def, key, problems)
        elif usage.is_interface_object(type_def) and not usage.keys[type_def.name]:
            message = f'The @interfaceObject type "{type_def.name}" has no @key: only entities can be interface objects'
            code = "INTERFACE_OBJECT_USAGE_ERROR"
            problems.error_in(subgraph.name, code, message, type_def.node, coordinate=type_def.name)


def _check_key(usage: Usage, interface: TypeDef, key: Key, problems: Problems) -> None:
    wanted = normal_form(key.selected)
    lacking, unresolvable = [], []
    for implementation in usage.subgraph.schema.implementations(interface.name):
        same = [own for own in usage.keys[implementation.name] if normal_form(own.selected) == wanted]
        if not same:
            lacking.append(implementation.name)
        elif key.resolvable and not any(own.resolvable for own in same):
            unresolvable.append(implementation.name)
    for names, wrong in ((lacking, "missing"), (unresolvable, "not resolvable")):
        if names:
            message = (
                f'Key "{key.text}" on interface type "{interface.name}" is {wrong} on implementation type(s) '
                f"{', '.join(names)}"
            )
            code = "INTERFACE_KEY_NOT_ON_IMPLEMENTATION"
            node = key.applied.node
            problems.error_in(usage.subgraph.name, code, message, node, coordinate=interface.name)
