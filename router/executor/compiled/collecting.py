"""Which objects a fetch is made for, and what represents them: as code.

    layout, representing ──▶ collecting ──▶ requests
                             ▲ you are here

Where representations differ in one string only, which is usual, comprehensions and the encoder do nearly all of the
work: this takes less than half the time of a loop that looks at one object after the other.
"""

from collections.abc import Callable, Iterable, Sequence

from router.executor.compiled.places import LaidOutCall, Part, Place, Slot, Target
from router.executor.compiled.representing import (
    Representing,
    give_up_if,
    identity,
    is_text,
    nulls,
    object_of,
    shape_of,
    stored,
)
from router.executor.compiled.reuse import Reuse
from router.executor.compiled.source import ROOT, Lines, Source

Objects = list[object]

Groups = Sequence[tuple[Objects, Iterable[int]]]
"""Objects, each with the index of its representation."""

Kept = tuple[Objects, list[int]]
"""The objects of a target that others take."""

Collect = Callable[[object, list[Kept]], tuple[int, bytes, Groups]]
"""From the root to the number of distinct representations, these as JSON, and the objects that they stand for."""

Find = Callable[[object], Sequence[Objects]]
"""From the root to the objects of each group."""

GroupOf = Callable[[Part], int]
"""The number of the group that the objects of a part belong to: groups are treated alike when answers arrive."""


def write_collect(
    source: Source, root: Place, call: LaidOutCall, group_of: GroupOf, count: int, *, reuse: Reuse
) -> str:
    """The name of a ``Collect``; ``count`` is the number of groups."""
    write = _write_texts if _has_texts(call) else _write_loops
    lines, known, encoded = write(source, root, call, group_of, reuse)
    for target in call.targets:
        if target in reuse.kept:
            number = group_of(target.parts[0])
            lines.append(f"kept[{reuse.kept[target]}] = objects{number}, indices{number}")
    groups = "".join(f"(objects{number}, indices{number}), " for number in range(count))
    return source.function(f"{ROOT}, kept", [*lines, f"return len({known}), {encoded}, ({groups})"])


def write_find(source: Source, root: Place, target: Target, group_of: GroupOf, count: int) -> str:
    """The name of a ``Find``; ``count`` is the number of groups."""
    lines = [f"objects{number} = []" for number in range(count)]

    def write(variable: str, place: Place) -> Lines:
        part = target.part_at(place)
        return [] if part is None else [f"objects{group_of(part)}.append({variable})"]

    lines += source.walk(root, target.path, write)
    return source.function(ROOT, [*lines, f"return ({''.join(f'objects{number}, ' for number in range(count))})"])


_Written = tuple[Lines, str, str]
"""Code, the name of what holds the distinct representations, and an expression for their JSON."""


def _has_texts(call: LaidOutCall) -> bool:
    """Whether all representations are alike, with one string in them, and there may be many."""
    parts = [part for target in call.targets for part in target.parts]
    return (
        len({shape_of(part.template) for part in parts if part.template}) == 1
        and all(len(target.parts) <= 1 for target in call.targets)
        and any(step.key is None for target in call.targets for step in target.path)
        and all(_text_slot(part) is not None for part in parts)
    )


def _text_slot(part: Part) -> Slot | None:
    """The only slot that a representation is made of, if its values are strings."""
    slots = [stored(part.place, field) for field in part.template.fields] if part.template is not None else []
    return slots[0] if is_text(slots) else None


def _write_texts(source: Source, root: Place, call: LaidOutCall, group_of: GroupOf, reuse: Reuse) -> _Written:
    lines: Lines = []
    keys, missing = [], []
    example = ""
    for target in call.targets:
        for part in target.parts:
            number, slot = group_of(part), _text_slot(part)
            assert slot is not None
            assert part.template is not None
            objects = source.comprehend(root, target.path, part.place)
            if target in reuse.taken:
                objects = f"kept[{reuse.taken[target]}][0]"
            lines.append(f"objects{number} = {objects}")
            keys.append(f"[v.{slot.attribute} for v in objects{number}]")
            missing += nulls("v", part.place, part.template)
            example = object_of(part.template.typename, [(part.template.fields[0].name, "'%'")])
    lines.append(f"keys = {' + '.join(keys)}")
    if missing:
        lines += give_up_if(["None in keys"])
    # Groups are filled in this order, and share one iterator over all indices.
    lines += [
        "known = dict.fromkeys(keys)",
        "if len(known) == len(keys):",
        " indices = iter(range(len(keys)))",
        "else:",
        " indices = map(dict(zip(known, range(len(known)))).__getitem__, keys)",
    ]
    lines += [f"indices{number} = indices" for number in range(len(keys))]
    if any(target in reuse.kept for target in call.targets):
        lines += [f"indices{number} = list(islice(indices, len(objects{number})))" for number in range(len(keys))]
    return lines, "known", f"texts(known, dumps({example}))"


def _write_loops(source: Source, root: Place, call: LaidOutCall, group_of: GroupOf, reuse: Reuse) -> _Written:
    loops = _Loops(source, call)
    lines = ["representations = []", "known = {}", "get = known.get"]
    numbers = sorted({group_of(part) for target in call.targets for part in target.parts})
    lines += [f"objects{number} = []; indices{number} = []" for number in numbers]
    for target in call.targets:
        if target in reuse.taken:
            lines += loops.over_kept(reuse.taken[target], target.parts[0], group_of(target.parts[0]))
            continue

        def write(variable: str, place: Place, target: Target = target) -> Lines:
            part = target.part_at(place)
            if part is None:
                return []
            number = group_of(part)
            add = f"objects{number}.append({variable}); indices{number}.append(index)"
            return [*loops.find_index(variable, part), add]

        lines += source.walk(root, target.path, write)
    encoded = "b'[' + b','.join(representations) + b']'" if loops.by_bytes else "dumps(representations)"
    return lines, "representations", encoded


class _Loops:
    """Code for one object after the other.

    Attributes:
        by_bytes: Whether representations are compared, and sent, as bytes: where equal values may have different JSON.
    """

    def __init__(self, source: Source, call: LaidOutCall) -> None:
        self._representing = Representing(source)
        parts = [part for target in call.targets for part in target.parts]
        self.by_bytes = not all(part.template and identity("", part.place, part.template) for part in parts)
        self._shapes = list(dict.fromkeys(shape_of(part.template) for part in parts if part.template))

    def find_index(self, variable: str, part: Part) -> Lines:
        """Sets ``index`` to that of the object's representation, which is added if it is new."""
        template = part.template
        assert template is not None
        representation = object_of(template.typename, self._representing.entries(variable, part.place, template))
        if self.by_bytes:
            key, representation = f"dumps({representation})", "key"
        else:
            told = identity(variable, part.place, template) or ()
            key = ", ".join([str(self._shapes.index(shape_of(template))), *told])
        return [
            *give_up_if(nulls(variable, part.place, template)),
            f"key = {key}",
            "index = get(key)",
            "if index is None:",
            " index = known[key] = len(representations)",
            f" representations.append({representation})",
        ]

    def over_kept(self, kept: int, part: Part, number: int) -> Lines:
        """Objects that were represented before: one of each representation is looked at."""
        return [
            f"objects{number}, before = kept[{kept}]",
            "seen = {}",
            f"for v, number in zip(objects{number}, before):",
            " index = seen.get(number)",
            " if index is None:",
            *(f"  {line}" for line in self.find_index("v", part)),
            "  seen[number] = index",
            f" indices{number}.append(index)",
        ]
