"""From objects in the store to the representations that an entity fetch sends.

    store ──▶ walk ──▶ representations ──▶ subgraph
                       ▲ you are here

What a value in the store becomes:

==========================  =================================================================================
in the store                in the representation
==========================  =================================================================================
object of no fitting type   no representation: it needs none
leaf missing                no representation: its producer failed or was skipped
null, may be null           null
null, may not be null       no representation: its own position is already in error
value of the wrong kind     as null
list                        element by element; null elements stay null
any other leaf              itself, unchanged
==========================  =================================================================================

Equal representations are sent once. They are compared by their bytes, for in Python ``1``, ``1.0`` and ``True`` are
equal. First-seen order is kept.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from router.executor.codec import MalformedJSONError, encode_json
from router.executor.room import Room
from router.executor.walk import Stored, walk
from supergraph.plan import EntityCall, InputField, InputObject


class _Absent:
    """Says that a value cannot be represented; null is a value."""


_ABSENT: Final = _Absent()


@dataclass(frozen=True, slots=True, eq=False)
class FieldTemplate:
    """An ``InputField``, ready to run; ``selection`` is ``None`` for a leaf."""

    name: str
    store_key: str
    nullable: bool
    selection: "TemplateChoice | None"


@dataclass(frozen=True, slots=True, eq=False)
class ObjectTemplate:
    """An ``InputObject``, ready to run."""

    typename: str | None
    fields: tuple[FieldTemplate, ...]


@dataclass(frozen=True, slots=True, eq=False)
class TemplateChoice:
    """The templates of one position.

    Attributes:
        by_type: By stored type name.
        untyped: For an object whose type name is not stored.
    """

    by_type: Mapping[str, ObjectTemplate]
    untyped: ObjectTemplate


@dataclass(slots=True, eq=False)
class Representations:
    """What one ``_entities`` call sends, and who waits for each answer.

    Attributes:
        encoded: The distinct representations.
        targets: For each of them, the objects that it stands for, apart by the path that led to them.
    """

    call: EntityCall
    encoded: list[bytes]
    targets: list[dict[int, list[Stored]]]


def compile_templates(abstract_types: frozenset[str], templates: Sequence[InputObject]) -> TemplateChoice:
    """Make ``templates`` ready to run; ``abstract_types`` are all interfaces and unions."""
    compiled = [_compile_template(abstract_types, template) for template in templates]
    by_type: dict[str, ObjectTemplate] = {}
    for source, template in zip(templates, compiled, strict=True):
        for name in source.types:
            by_type.setdefault(name, template)
    for source, template in zip(templates, compiled, strict=True):
        # An interface object's own subgraph stored the interface's name, and can be asked by it again.
        if source.typename in abstract_types:
            by_type.setdefault(source.typename, template)
    return TemplateChoice(by_type, compiled[0])


def _compile_template(abstract_types: frozenset[str], template: InputObject) -> ObjectTemplate:
    return ObjectTemplate(template.typename, tuple(_compile_field(abstract_types, field) for field in template.fields))


def _compile_field(abstract_types: frozenset[str], field: InputField) -> FieldTemplate:
    selection = compile_templates(abstract_types, field.selection) if field.selection else None
    return FieldTemplate(field.name, field.store_key, field.nullable, selection)


def represent(root: Stored, call: EntityCall, choice: TemplateChoice, room: Room) -> Representations:
    """The representations of every object on the paths of ``call``; ``TooLargeError`` if there is no room for them."""
    collected = Representations(call, [], [])
    indices: dict[bytes, int] = {}
    for path_index, path in enumerate(call.paths):
        for target in walk(root, path):
            add_representation(collected, indices, target, path_index, choice, room)
    return collected


def add_representation(
    collected: Representations,
    indices: dict[bytes, int],
    target: Stored,
    path_index: int,
    choice: TemplateChoice,
    room: Room,
) -> None:
    """Add the representation of one object, if it has one; ``indices`` knows where equal ones stand."""
    representation = _represent_object(target, choice)
    if isinstance(representation, _Absent):
        return
    try:
        body = encode_json(representation)
    except MalformedJSONError:
        return
    room.take(len(body))
    index = indices.setdefault(body, len(collected.encoded))
    if index == len(collected.encoded):
        collected.encoded.append(body)
        collected.targets.append({})
    collected.targets[index].setdefault(path_index, []).append(target)


def _represent_object(stored: Stored, choice: TemplateChoice) -> dict[str, object] | _Absent:
    name = stored.get("__typename")
    if name is None:
        template = choice.untyped
    else:
        found = choice.by_type.get(name) if type(name) is str else None
        if found is None:
            return _ABSENT
        template = found
    representation: dict[str, object] = {} if template.typename is None else {"__typename": template.typename}
    for field in template.fields:
        if field.store_key not in stored:
            return _ABSENT
        value = stored[field.store_key]
        if field.selection is not None:
            value = _represent_nested(value, field.selection)
        if value is _ABSENT or (value is None and not field.nullable):
            return _ABSENT
        representation[field.name] = value
    return representation


def _represent_nested(value: object, choice: TemplateChoice) -> object:
    if type(value) is dict:
        return _represent_object(value, choice)
    if type(value) is list:
        elements = [_represent_nested(element, choice) for element in value]
        return _ABSENT if _ABSENT in elements else elements
    return None


def split_representations(calls: list[Representations], limit: int | None) -> list[list[Representations]]:
    """The same calls in parts of at most ``limit`` representations; none if there is nothing to send.

    Every part has every call, for the operation's text names them all: a call without representations gets an empty
    list.
    """
    total = sum(len(call.encoded) for call in calls)
    if total == 0:
        return []
    if limit is None or total <= limit:
        return [calls]
    parts: list[list[Representations]] = []
    for start in range(0, total, limit):
        part: list[Representations] = []
        offset = 0
        for call in calls:
            low = max(start - offset, 0)
            high = max(start + limit - offset, 0)
            part.append(Representations(call.call, call.encoded[low:high], call.targets[low:high]))
            offset += len(call.encoded)
        parts.append(part)
    return parts
