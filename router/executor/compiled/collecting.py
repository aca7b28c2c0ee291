"""Which objects a fetch is made for, and what represents them: as code.

    layout ──▶ collecting ──▶ requests
               ▲ you are here

What the interpreter would not represent is a reason to give up: a null where none may be sent has made its own place
null, and the usual case has no such places.
"""

from collections.abc import Callable, Sequence

from router.executor.compiled.layout import choose_template
from router.executor.compiled.places import LaidOutCall, NotCompilableError, Part, Place, Slot, Target
from router.executor.compiled.source import ROOT, Lines, Source
from router.executor.compiled.structs import is_exact
from supergraph.plan import InputField, InputObject

Objects = list[object]

Groups = Sequence[tuple[Objects, list[int]]]
"""Objects, each with the index of its representation."""

Collect = Callable[[object], tuple[int, bytes, Groups]]
"""From the root to the number of distinct representations, these as JSON, and the objects that they stand for."""

Find = Callable[[object], Sequence[Objects]]
"""From the root to the objects of each group."""

Group = Callable[[Part], int]
"""The number of the group that the objects of a part belong to: groups are treated alike when answers arrive."""


def write_collect(source: Source, root: Place, call: LaidOutCall, group: Group, count: int) -> str:
    """The name of a ``Collect``; ``count`` is the number of groups."""
    collecting = _Collecting(source, call)
    lines: Lines = ["representations = []", "append = representations.append", "known = {}", "get = known.get"]
    lines += [f"objects{number} = []; indices{number} = []" for number in range(count)]
    for target in call.targets:

        def write(variable: str, place: Place, target: Target = target) -> Lines:
            part = target.part_at(place)
            return [] if part is None else collecting.represent(variable, part, group(part))

        lines += source.walk(root, target.path, write)
    groups = "".join(f"(objects{number}, indices{number}), " for number in range(count))
    encoded = "b'[' + b','.join(representations) + b']'" if collecting.by_bytes else "dumps(representations)"
    return source.function(ROOT, [*lines, f"return len(representations), {encoded}, ({groups})"])


def write_find(source: Source, root: Place, target: Target, group: Group, count: int) -> str:
    """The name of a ``Find``; ``count`` is the number of groups."""
    lines = [f"objects{number} = []" for number in range(count)]

    def write(variable: str, place: Place) -> Lines:
        part = target.part_at(place)
        return [] if part is None else [f"objects{group(part)}.append({variable})"]

    lines += source.walk(root, target.path, write)
    return source.function(ROOT, [*lines, f"return ({''.join(f'objects{number}, ' for number in range(count))})"])


class _Collecting:
    """The representations of one call.

    Attributes:
        by_bytes: Whether they are compared, and sent, as bytes: where equal values may have different JSON.
    """

    def __init__(self, source: Source, call: LaidOutCall) -> None:
        self._source = source
        self._nested: dict[tuple[int, int], str] = {}
        parts = [part for target in call.targets for part in target.parts]
        self.by_bytes = not all(part.template and _has_identity(part.place, part.template) for part in parts)
        self._shapes = list(dict.fromkeys(_shape(part.template) for part in parts if part.template))

    def represent(self, variable: str, part: Part, group: int) -> Lines:
        """Adds one object to its group."""
        assert part.template is not None
        lines, entries = self._entries(variable, part.place, part.template)
        representation = _object(part.template, entries)
        if self.by_bytes:
            lines.append(f"key = dumps({representation})")
            representation = "key"
        else:
            shape = self._shapes.index(_shape(part.template))
            told = [str(shape)] if len(self._shapes) > 1 else []
            for (_, value), field in zip(entries, part.template.fields, strict=True):
                told += _identity(value, _stored(part.place, field)) or []
            lines.append(f"key = {', '.join(told)}")
        return [
            *lines,
            "index = get(key)",
            "if index is None:",
            " index = known[key] = len(representations)",
            f" append({representation})",
            f"objects{group}.append({variable}); indices{group}.append(index)",
        ]

    def _entries(self, variable: str, place: Place, template: InputObject) -> tuple[Lines, list[tuple[str, str]]]:
        """The names of a representation's fields with expressions for their values, after some lines."""
        lines: Lines = []
        entries = []
        for number, field in enumerate(template.fields):
            slot = _stored(place, field)
            name = f"r{number}"
            lines.append(f"{name} = {variable}.{slot.attribute}")
            if not field.nullable and slot.nullable[0]:
                lines += [f"if {name} is None:", " raise GiveUpError"]
            entries.append((field.name, self._nested_value(name, slot, field, len(slot.nullable) - 1)))
        return lines, entries

    def _nested_value(self, value: str, slot: Slot, field: InputField, lists: int) -> str:
        if not field.selection:
            return value
        if lists:
            inner = self._nested_value("each", slot, field, lists - 1)
            return f"(None if {value} is None else [{inner} for each in {value}])"
        known = (id(slot), id(field))
        if known not in self._nested:
            self._nested[known] = self._source.function("v0", self._nested_body(slot, field))
        return f"{self._nested[known]}({value})"

    def _nested_body(self, slot: Slot, field: InputField) -> Lines:
        def write(variable: str, place: Place) -> Lines:
            template = choose_template(place, field.selection)
            if template is None:
                return []
            lines, entries = self._entries(variable, place, template)
            return [*lines, f"return {_object(template, entries)}"]

        return [
            "if v0 is None:",
            " return None",
            *self._source.tell_apart(slot, "v0", write, slot.places),
            "raise GiveUpError",
        ]


def _object(template: InputObject, entries: Sequence[tuple[str, str]]) -> str:
    typename = [] if template.typename is None else [("__typename", repr(template.typename))]
    return "{" + ", ".join(f"{name!r}: {value}" for name, value in [*typename, *entries]) + "}"


def _shape(template: InputObject) -> tuple[str | None, ...]:
    return (template.typename, *(field.name for field in template.fields))


def _stored(place: Place, field: InputField) -> Slot:
    slot = place.by_key.get(field.store_key)
    if slot is None or bool(slot.places) is not bool(field.selection):
        raise NotCompilableError(f"{field.store_key} is not fetched as it is sent")
    return slot


def _identity(value: str, slot: Slot) -> list[str] | None:
    """Expressions that are equal where the JSON of ``value`` is; ``None`` if only its bytes tell."""
    if len(slot.nullable) > 1 or slot.leaf is None:
        return None
    if slot.leaf.name == "Float":
        # 1 and 1.0 are equal, and so are 0.0 and -0.0.
        return [f"{value} or repr({value})", f"{value}.__class__"]
    return [value] if is_exact(slot.leaf) else None


def _has_identity(place: Place, template: InputObject) -> bool:
    return all(_identity("", _stored(place, field)) is not None for field in template.fields)
