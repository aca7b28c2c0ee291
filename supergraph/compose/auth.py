"""Access requirements across interfaces: whoever selects through an interface must meet what the objects demand.

Requirements of an interface object's field go down to the field of each implementation; requirements of objects and
their fields go up to the interfaces. Both directions demand everything together.
"""

from collections.abc import Mapping, Sequence

from supergraph.compose.applied import combine
from supergraph.compose.composed import MergedDirective
from supergraph.compose.field_sharing import supplied_by_interface_objects
from supergraph.compose.state import Merge, Source
from supergraph.sdl.model import INTERFACE, Element, TypeDef

REQUIREMENTS = ("authenticated", "requiresScopes", "policy")


def propagate_requirements(state: Merge, sources: Mapping[str, Sequence[Source[TypeDef]]]) -> None:
    """Apply to interfaces what their implementations require, and the other way for interface objects."""
    directives = [directive for directive in state.composed.by_name.values() if directive.element in REQUIREMENTS]
    if not directives:
        return
    interfaces = [state.schema.types[name] for name in sources if state.schema.types[name].kind == INTERFACE]
    for interface in interfaces:
        for implementation in state.schema.implementations(interface.name):
            for directive in directives:
                _push_down(state, directive, interface, implementation)
    for interface in interfaces:
        implementations = state.schema.implementations(interface.name)
        for directive in directives:
            _require(state, directive, interface, implementations)
            for field in interface.fields.values():
                lower = [t.fields[field.name] for t in implementations if field.name in t.fields]
                _require(state, directive, field, lower)


def _push_down(state: Merge, directive: MergedDirective, interface: TypeDef, implementation: TypeDef) -> None:
    for field in interface.fields.values():
        if not field.directives(directive.name) or field.name not in implementation.fields:
            continue
        if supplied_by_interface_objects(state, implementation, field.name):
            _require(state, directive, implementation.fields[field.name], [field])


def _require(state: Merge, directive: MergedDirective, element: Element, others: Sequence[Element]) -> None:
    """Make ``element`` require what it and all ``others`` require."""
    found = [
        (other.coordinate, applied) for other in (element, *others) for applied in other.directives(directive.name)
    ]
    if not found or (len(found) == 1 and element.directives(directive.name)):
        return
    combined = combine(state, element, directive, found, [])
    element.applied = [applied for applied in element.applied if applied.name != directive.name]
    element.applied.append(combined)
