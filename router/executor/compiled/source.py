"""The loops of a compiled plan, as Python source: which objects a fetch is made for, and where its answers go.

    layout ──▶ source ──▶ functions
               ▲ you are here

Names in the source come from counters; texts of users appear as string constants only.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec
import orjson

from router.executor.compiled.layout import NotCompilableError, Part, Place, Slot
from router.executor.compiled.structs import is_exact
from supergraph.plan import InputField, InputObject

Objects = list[object]

Collect = Callable[[object], tuple[list[object], list[tuple[Objects, list[int]]]]]
"""From the root to the distinct representations, and for each path its objects with the indices of theirs."""

Assign = Callable[[Objects, list[int], list[object]], None]
"""Puts what the entities say into the objects of one path."""

Finish = Callable[[object], None]
"""Unsets what must not get into the response."""


class GiveUpError(Exception):
    """This run is not the usual case: the interpreter has to take over."""


class _Lines:
    """Source text under construction."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._depth = 0
        self._names = 0

    def add(self, line: str) -> None:
        self._lines.append(" " * self._depth + line)

    def open(self, line: str) -> None:
        self.add(line)
        self._depth += 1

    def back_to(self, depth: int) -> None:
        self._depth = depth

    @property
    def depth(self) -> int:
        return self._depth

    def name(self, letter: str) -> str:
        self._names += 1
        return f"{letter}{self._names}"

    def compile(self, function: str) -> Callable[..., Any]:
        namespace: dict[str, Any] = {"GiveUpError": GiveUpError, "dumps": orjson.dumps, "UNSET": msgspec.UNSET}
        try:
            exec(compile("\n".join(self._lines), "<compiled plan>", "exec"), namespace)  # noqa: S102 - the texts are ours
        except (SyntaxError, RecursionError, MemoryError) as error:
            raise NotCompilableError(f"the plan is nested too deeply: {error}") from error
        compiled: Callable[..., Any] = namespace[function]
        return compiled


def compile_collect(parts: Sequence[Part], templates: Sequence[InputObject]) -> Collect:
    """The representations of one entity call, and whom each of them stands for."""
    lines = _Lines()
    lines.open("def collect(root):")
    lines.add("representations = []")
    lines.add("append = representations.append")
    lines.add("known = {}")
    chosen = [_choose_template(part.place, templates) for part in parts]
    several = len({id(template) for template in chosen}) > 1
    for number, (part, template) in enumerate(zip(parts, chosen, strict=True)):
        _collect_part(lines, number, part, template, several=several)
    results = ", ".join(f"(objects{number}, indices{number})" for number in range(len(parts)))
    lines.add(f"return representations, [{results}]")
    return lines.compile("collect")


def _collect_part(lines: _Lines, number: int, part: Part, template: InputObject, *, several: bool) -> None:
    lines.add(f"objects{number} = []")
    lines.add(f"indices{number} = []")
    outside = lines.depth
    target = _enter(lines, "root", part.steps)
    representation, identity = _represent(lines, target, part.place, template)
    if several:
        identity = f"({list(template.types)!r}[0], {template.typename!r}, {identity})"
    lines.add(f"key = {identity}")
    lines.add("index = known.get(key)")
    lines.open("if index is None:")
    lines.add("index = known[key] = len(representations)")
    lines.add(f"append({representation})")
    lines.back_to(lines.depth - 1)
    lines.add(f"objects{number}.append({target})")
    lines.add(f"indices{number}.append(index)")
    lines.back_to(outside)


def _enter(lines: _Lines, start: str, steps: Iterable[Slot]) -> str:
    """Loops over the objects that ``steps`` lead to; the name of their variable."""
    variable = start
    for slot in steps:
        expression = f"{variable}.{slot.attribute}"
        for nullable in slot.nullable[:-1]:
            variable = lines.name("v")
            lines.open(f"for {variable} in {expression}{' or ()' if nullable else ''}:")
            expression = variable
        if len(slot.nullable) == 1:
            variable = lines.name("v")
            lines.add(f"{variable} = {expression}")
        if slot.nullable[-1]:
            lines.open(f"if {variable} is not None:")
    return variable


def _choose_template(place: Place, templates: Sequence[InputObject]) -> InputObject:
    for index, template in enumerate(templates):
        if place.type_name in template.types:
            if index > 0 and "__typename" not in place.slots:
                raise NotCompilableError(f"which template fits {place.type_name} is not certain")
            return template
    raise NotCompilableError(f"no template fits {place.type_name}")


def _represent(lines: _Lines, target: str, place: Place, template: InputObject) -> tuple[str, str]:
    """Expressions for the representation of ``target`` and for what tells it from others."""
    entries = [] if template.typename is None else [f"'__typename': {template.typename!r}"]
    identities = []
    exact = True
    for field in template.fields:
        value, is_plain = _input(lines, target, place, field)
        entries.append(f"{field.name!r}: {value}")
        identities.append(value)
        exact = exact and is_plain
    representation = "{" + ", ".join(entries) + "}"
    if not exact:
        return representation, f"dumps({representation})"
    return representation, identities[0] if len(identities) == 1 else f"({''.join(f'{each}, ' for each in identities)})"


def _input(lines: _Lines, target: str, place: Place, field: InputField) -> tuple[str, bool]:
    slot = place.slots.get(field.store_key)
    if slot is None:
        raise NotCompilableError(f"{field.store_key} is not fetched as a key")
    variable = lines.name("v")
    lines.add(f"{variable} = {target}.{slot.attribute}")
    if slot.nullable[0] and not field.nullable:
        lines.open(f"if {variable} is None:")
        lines.add("raise GiveUpError")
        lines.back_to(lines.depth - 1)
    if not field.selection:
        if slot.place is not None:
            raise NotCompilableError(f"{field.store_key} is sent as a leaf, and is none")
        return variable, len(slot.nullable) == 1 and (slot.leaf is None or is_exact(slot.leaf))
    if slot.place is None or len(slot.nullable) > 1:
        raise NotCompilableError(f"lists in representations are interpreted ({field.store_key})")
    return _nested_input(lines, variable, slot.place, field), False


def _nested_input(lines: _Lines, variable: str, place: Place, field: InputField) -> str:
    outside = lines.depth
    built = lines.name("v")
    lines.add(f"{built} = None")
    lines.open(f"if {variable} is not None:")
    representation, _ = _represent(lines, variable, place, _choose_template(place, field.selection))
    lines.add(f"{built} = {representation}")
    lines.back_to(outside)
    return built


def compile_assign(part: Part) -> Assign:
    """What a fetch brings for one place goes into its objects."""
    lines = _Lines()
    lines.open("def assign(objects, indices, entities):")
    lines.open("for target, index in zip(objects, indices):")
    lines.add("entity = entities[index]")
    for number, slot in enumerate(part.slots):
        lines.add(f"target.{slot.attribute} = entity.e{number}")
    return lines.compile("assign")


def compile_finish(root: Place) -> Finish | None:
    """Unsets hidden fields; ``None`` if there are none."""
    places = list(_places_with_hidden(root, ()))
    if not places:
        return None
    lines = _Lines()
    lines.open("def finish(root):")
    outside = lines.depth
    for place, steps in places:
        target = _enter(lines, "root", steps)
        for slot in place.hidden:
            lines.add(f"{target}.{slot.attribute} = UNSET")
        lines.back_to(outside)
    return lines.compile("finish")


def _places_with_hidden(place: Place, steps: tuple[Slot, ...]) -> "Iterable[tuple[Place, tuple[Slot, ...]]]":
    if place.hidden:
        yield place, steps
    for slot in place.slots.values():
        if slot.place is not None and slot.is_visible:
            yield from _places_with_hidden(slot.place, (*steps, slot))
