"""Which fetches are made for objects that another fetch was made for before.

    layout ──▶ reuse ──▶ collecting
               ▲ you are here

A field that needs what another subgraph has to say first is fetched for the very objects that the other fetch was made
for. They need not be looked for again; and those that were represented by one representation then are represented by
one now, for nothing is sent of them but what was sent then, and what one entity said of all of them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from router.executor.compiled.places import LaidOutFetch, Part, Slot, Target
from router.executor.readiness import arrived_before


@dataclass(frozen=True, slots=True, eq=False)
class Reuse:
    """The targets whose objects are kept, and those that take them, with a number for each that is kept."""

    kept: Mapping[Target, int]
    taken: Mapping[Target, int]


def find_reuse(fetches: Sequence[LaidOutFetch | None]) -> Reuse:
    """What the fetches of a layout can take from one another; a fetch that is not made keeps nothing."""
    kept: dict[Target, int] = {}
    taken: dict[Target, int] = {}
    before = arrived_before(() if fetch is None else fetch.compiled.fetch.needs for fetch in fetches)
    for fetch, known in zip(fetches, before, strict=True):
        earlier = [fetches[need] for need in sorted(known, reverse=True)]
        for target in _targets(fetch):
            source = next((each for other in earlier for each in _targets(other) if _fits(target, each)), None)
            if source is not None:
                taken[target] = kept.setdefault(source, len(kept))
    return Reuse(kept, taken)


def _targets(fetch: LaidOutFetch | None) -> Iterator[Target]:
    """The targets of entity calls that have objects of one place only."""
    for call in fetch.calls if fetch is not None else ():
        yield from (target for target in call.targets if len(target.parts) == 1)


def _fits(target: Target, source: Target) -> bool:
    (part,), (told,) = target.parts, source.parts
    if target.path != source.path or part.place is not told.place:
        return False
    known = {*_sent(told), *told.slots}
    return part.template is not None and all(
        not field.selection and part.place.by_key.get(field.store_key) in known for field in part.template.fields
    )


def _sent(part: Part) -> Iterable[Slot]:
    """The leaves that represent the objects of a part."""
    for field in part.template.fields if part.template is not None else ():
        if not field.selection and field.store_key in part.place.by_key:
            yield part.place.by_key[field.store_key]
