"""``@override``: which subgraph resolves a field that has moved, or is moving under a label."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from graphql import StringValueNode

from supergraph.compose.state import Merge, Source
from supergraph.sdl.model import Applied, Field, TypeDef

_LABEL = re.compile(r"[A-Za-z][-_:./0-9A-Za-z]*\Z")
_PERCENT = re.compile(r"percent\((\d{1,3}(?:\.\d{1,8})?)\)\Z")


@dataclass(slots=True)
class Overrides:
    """The outcome for one field, by subgraph name.

    Attributes:
        dropped: Subgraphs whose field is overridden and not needed there.
        used: Subgraphs whose field is overridden but needed by their own keys, requires, provides or interfaces.
        sources: For overriding subgraphs, which one they override.
        labels: For both sides of a labelled override, its label.
        unknown: For overriding subgraphs, the named subgraph that does not exist.
        used_under_label: Old sides of a labelled override that need the field themselves.
    """

    dropped: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)
    sources: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    unknown: dict[str, str] = field(default_factory=dict)
    used_under_label: set[str] = field(default_factory=set)

    def is_overridden(self, subgraph: str) -> bool:
        """Does the subgraph not resolve the field any more, whatever the labels?"""
        return subgraph in self.dropped or subgraph in self.used

    def is_moving_away(self, subgraph: str) -> bool:
        """Is the subgraph's field the old side of a labelled override?"""
        return subgraph in self.labels and subgraph not in self.sources


def resolve_overrides(state: Merge, parent: TypeDef, sources: Sequence[Source[Field]]) -> Overrides:
    """Validate the overrides of one field and say who resolves it."""
    result = Overrides()
    by_name = {source.name: source for source in sources}
    for source in sources:
        for applied in source.subgraph.applications(source.element, "override"):
            _resolve_one(state, parent, source, applied, by_name, result)
    return result


def _resolve_one(
    state: Merge,
    parent: TypeDef,
    source: Source[Field],
    applied: Applied,
    by_name: dict[str, Source[Field]],
    result: Overrides,
) -> None:
    origin = applied.text("from") or ""
    coordinate = source.element.coordinate
    declared = source.subgraph.schema.types[parent.name]
    target = by_name.get(origin)

    def error(code: str, message: str) -> None:
        state.problems.error_in(source.name, code, message, applied.node, coordinate=coordinate)

    if declared.kind == "interface":
        error("OVERRIDE_ON_INTERFACE", f'@override cannot be used on field "{coordinate}" of an interface')
    elif origin == source.name:
        error(
            "OVERRIDE_FROM_SELF_ERROR", f'Source and destination of the @override of "{coordinate}" are both "{origin}"'
        )
    elif origin not in state.graphs:
        _hint_unknown(state, source, applied, origin)
        result.unknown[source.name] = origin
        result.sources[source.name] = origin
    elif _at_interface_object(state, parent, source, origin):
        code = "OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE"
        error(code, f'@override cannot be used on "{coordinate}": one side is a field of an @interfaceObject type')
    elif target is None:
        _hint_needless(state, source, applied, f'field "{coordinate}" does not exist in subgraph "{origin}"')
        result.sources[source.name] = origin
    elif target.subgraph.has(target.element, "override"):
        code = "OVERRIDE_SOURCE_HAS_OVERRIDE"
        error(code, f'Field "{coordinate}" is overridden in subgraph "{origin}" too: overrides cannot be chained')
    elif _collides(state, source, target):
        message = (
            f'@override cannot be used on field "{coordinate}": it is @external here, or has @requires or @provides '
            f'in subgraph "{origin}"'
        )
        error("OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE", message)
    else:
        result.sources[source.name] = origin
        _apply(state, source, target, applied, result)


def _at_interface_object(state: Merge, parent: TypeDef, source: Source[Field], origin: str) -> bool:
    """Is the field one of an interface object, here or in ``origin``?"""
    if state.usage_of(source).is_interface_object(source.subgraph.schema.types[parent.name]):
        return True
    usage = state.usage[origin]
    for interface in parent.interfaces:
        declared = usage.subgraph.schema.types.get(interface)
        if declared is not None and usage.is_interface_object(declared) and source.element.name in declared.fields:
            return True
    own = usage.subgraph.schema.types.get(parent.name)
    return own is not None and usage.is_interface_object(own) and source.element.name in own.fields


def _collides(state: Merge, source: Source[Field], target: Source[Field]) -> bool:
    if state.usage_of(source).is_external(source.element):
        return True
    return any(target.subgraph.has(target.element, name) for name in ("requires", "provides"))


def _apply(state: Merge, source: Source[Field], target: Source[Field], applied: Applied, result: Overrides) -> None:
    coordinate = source.element.coordinate
    if isinstance(applied.arguments.get("label"), StringValueNode):
        _apply_label(state, source, target, applied, result)
        return
    usage = state.usage_of(target)
    if usage.is_external(target.element):
        reason = f'field "{coordinate}" is already @external in subgraph "{target.name}"'
        _hint_needless(state, source, applied, reason)
        return
    is_used = coordinate in usage.used
    (result.used if is_used else result.dropped).add(target.name)
    cure = "It is still used there by a federation directive or an interface; mark it @external" if is_used else ""
    message = (
        f'Field "{coordinate}" on subgraph "{target.name}" is overridden by "{source.name}". '
        f"{cure or 'Consider removing it'}."
    )
    code = "OVERRIDDEN_FIELD_CAN_BE_REMOVED"
    state.problems.hint(code, message, [target.place], coordinate=coordinate)


def _apply_label(
    state: Merge, source: Source[Field], target: Source[Field], applied: Applied, result: Overrides
) -> None:
    coordinate = source.element.coordinate
    label = applied.text("label") or ""
    if not _is_label(label):
        message = (
            f'Invalid label "{label}" of @override on "{coordinate}": a label is a letter, then letters, '
            "digits and any of _-:./ ; or it is percent(n) with 0 <= n <= 100 and at most 8 decimals"
        )
        state.problems.error_in(source.name, "OVERRIDE_LABEL_INVALID", message, applied.node, coordinate=coordinate)
    result.labels[source.name] = label
    result.labels[target.name] = label
    if coordinate in state.usage_of(target).used:
        result.used_under_label.add(target.name)
    message = (
        f'Field "{coordinate}" is moving from subgraph "{target.name}" to "{source.name}" under the label "{label}". '
        "Once all traffic has moved, remove the label, then the field"
    )
    state.problems.hint("OVERRIDE_MIGRATION_IN_PROGRESS", message, [source.place], coordinate=coordinate)


def _is_label(label: str) -> bool:
    percent = _PERCENT.match(label)
    if percent is not None:
        return float(percent[1]) <= 100
    return _LABEL.match(label) is not None


def _hint_unknown(state: Merge, source: Source[Field], applied: Applied, origin: str) -> None:
    coordinate = source.element.coordinate
    close = get_close_matches(origin, list(state.graphs), n=2)
    advice = f" Did you mean {' or '.join(close)}?" if close else ""
    message = f'Source subgraph "{origin}" for field "{coordinate}" on subgraph "{source.name}" does not exist.{advice}'
    place = source.subgraph.place(applied)
    state.problems.hint("FROM_SUBGRAPH_DOES_NOT_EXIST", message, [place], coordinate=coordinate)


def _hint_needless(state: Merge, source: Source[Field], applied: Applied, reason: str) -> None:
    coordinate = source.element.coordinate
    message = f'@override on "{coordinate}" in subgraph "{source.name}" can be removed: {reason}'
    place = source.subgraph.place(applied)
    state.problems.hint("OVERRIDE_DIRECTIVE_CAN_BE_REMOVED", message, [place], coordinate=coordinate)
