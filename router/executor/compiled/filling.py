"""What becomes of answers: as code that fills the objects they are for, and makes the response fit for clients.

layout ──▶ filling ──▶ response
           ▲ you are here
"""

from collections.abc import Callable, Iterable, Sequence

import msgspec

from router.executor.compiled.collecting import Objects
from router.executor.compiled.places import Part, Place, Slot
from router.executor.compiled.source import ROOT, Lines, Source
from router.executor.compiled.structs import EntityType, is_converted

Assign = Callable[[Objects, Iterable[int], Sequence[object]], None]
"""Puts what the entities say into the objects of one group."""

Finish = Callable[[object], None]
"""Unsets what must not get into the response, and gives objects the class that clients get."""


def assign_lines(source: Source, part: Part, entity: EntityType, *, several_types: bool) -> Lines:
    """The loop body of an ``Assign``."""
    wrong = [
        f"entity.{entity.attributes[key]} {'is' if key in part.keys else 'is not'} UNSET"
        for key in entity.attributes
        if key in entity.optional
    ]
    if several_types and part.template is not None:
        wrong += [f"entity.{entity.attributes[key]} not in {part.names!r}" for key in part.checks]
    lines = _missing(part) if part.template is not None else []
    lines += [f"if {' or '.join(wrong)}:", " raise GiveUpError"] if wrong else []
    for slot in part.slots:
        value = f"entity.{entity.attributes[slot.key]}"
        if slot.key in entity.raw:
            annotation = source.types.annotation(slot)
            value = f"{source.constant(msgspec.json.Decoder(annotation).decode)}({value})"
        lines.append(f"target.{slot.attribute} = {value}")
    return lines


def _missing(part: Part) -> Lines:
    """A null entity stays null, and so does what was asked of it."""
    if not part.may_be_missing:
        return ["if entity is None:", " raise GiveUpError"]
    targets = "".join(f"target.{slot.attribute} = " for slot in part.slots)
    return ["if entity is None:", f" {targets}None", " continue"] if targets else ["if entity is None:", " continue"]


def write_assign(source: Source, lines: Lines) -> str:
    """The name of an ``Assign``."""
    body = ["for target, index in zip(objects, indices):", " entity = entities[index]"]
    return source.function("objects, indices, entities", [*body, *(f" {line}" for line in lines)])


def write_finish(source: Source, root: Place) -> str | None:
    """The name of a ``Finish``; ``None`` if nothing is to be done."""
    lines = _finish(source, ROOT, root, is_tagged=False)
    return source.function(ROOT, lines) if lines else None


def _finish(source: Source, variable: str, place: Place, *, is_tagged: bool) -> Lines:
    hidden = [f"{variable}.{slot.attribute} = " for slot in place.slots if slot.response_key is None]
    lines = [f"{''.join(hidden)}UNSET"] if hidden else []
    for slot in place.slots:
        if slot.response_key is not None:
            lines += _finish_slot(source, variable, slot)
    if place.creator is not None and is_converted(place, is_tagged=is_tagged):
        lines.append(f"{variable}.__class__ = {source.constant(source.types.encoded(place))}")
    return lines


def _finish_slot(source: Source, variable: str, slot: Slot) -> Lines:
    def write(inner: str, place: Place) -> Lines:
        return _finish(source, inner, place, is_tagged=slot.is_tagged)

    return source.enter(slot, variable, write, slot.places)
