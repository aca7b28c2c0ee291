"""Contextual variables: values that an entity fetch takes from objects further up.

    store ──▶ walk ──▶ representations, in groups of equal contextual values ──▶ one request a group
                       ▲ you are here

A variable has one value in a request, so entities below objects with different values cannot share one.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from router.executor.codec import MalformedJSONError, encode_json
from router.executor.represent import Representations, TemplateChoice, add_representation
from router.executor.room import Room
from router.executor.walk import Stored, walk
from supergraph.plan import ContextInput, EntityCall


@dataclass(frozen=True, slots=True, eq=False)
class ContextGroup:
    """The representations that share a request.

    Attributes:
        variables: The contextual variables with their values as JSON.
    """

    variables: Mapping[str, bytes]
    representations: Representations


def represent_in_context(root: Stored, call: EntityCall, choice: TemplateChoice, room: Room) -> list[ContextGroup]:
    """The representations of every object on the path of ``call``, grouped by the values of its contexts.

    Raises ``TooLargeError`` if there is no room for them.
    """
    groups: dict[tuple[bytes, ...], tuple[ContextGroup, dict[bytes, int]]] = {}
    for target, values in _targets_in_context(root, call):
        room.take(sum(map(len, values)))
        group = groups.get(values)
        if group is None:
            variables = {context.variable: value for context, value in zip(call.contexts, values, strict=True)}
            group = groups[values] = (ContextGroup(variables, Representations(call, [], [])), {})
        add_representation(group[0].representations, group[1], target, 0, choice, room)
    return [group for group, _ in groups.values() if group.representations.encoded]


def _targets_in_context(root: Stored, call: EntityCall) -> Iterator[tuple[Stored, tuple[bytes, ...]]]:
    (path,) = call.paths
    # The objects that set contexts, outermost first: each level is walked from the one above.
    depths = sorted({context.depth for context in call.contexts})

    def descend(stored: Stored, start: int, known: dict[int, Stored]) -> Iterator[tuple[Stored, dict[int, Stored]]]:
        if start in depths:
            known = {**known, start: stored}
        if start == len(path):  # an entity may itself set the context, for fields below it
            yield stored, known
            return
        end = next((depth for depth in depths if depth > start), len(path))
        for inner in walk(stored, path[start:end]):
            yield from descend(inner, end, known)

    for target, setters in descend(root, 0, {}):
        values = [_context_value(setters[context.depth], context) for context in call.contexts]
        if None not in values:
            yield target, tuple(value for value in values if value is not None)


def _context_value(setter: Stored, context: ContextInput) -> bytes | None:
    """The value as JSON; ``None`` if it was not fetched, or is null and may not be."""
    name = setter.get("__typename")
    for source in context.values:
        if name is None or name in source.types:
            value: object = setter
            for key in source.keys:
                if type(value) is not dict:
                    break
                if key not in value:
                    return None
                value = value[key]
            break
    else:
        value = None
    if value is None:
        return b"null" if context.nullable else None
    try:
        return encode_json(value)
    except MalformedJSONError:
        return None
