"""What a layout is made of: the positions of one operation's data, with all that is known of them beforehand.

    Program ──▶ layout ──▶ places ──▶ structs, source
                           ▲ you are here

A ``Place`` is one path from the root, with objects of one concrete type; a position of an abstract type is a place for
each type. A place has a ``Slot`` for every response key and for every key that only the plan needs. Its objects are
created by one fetch, and other fetches may fill slots of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from graphql import GraphQLNamedType

from router.executor.program import CompiledFetch
from router.executor.project import Position
from supergraph.plan import EntityCall, InputObject, Path

TYPE_NAME = "__typename"


class NotCompilableError(Exception):
    """The interpreter has to run this; the text says why."""


@dataclass(slots=True, eq=False, kw_only=True)
class Slot:
    """One key of the objects at a place.

    Attributes:
        attribute: The struct's attribute; the same for equal keys, wherever they stand.
        key: The key in answers.
        response_key: ``None`` if clients must not see it.
        nullable: For each list level, outermost first, and for the value inside: whether it may be null.
        leaf: The leaf's type; ``None`` for a composite and for a type name.
        constant: The type name that must stand here.
        is_absent: Nobody fetches it, and it is null.
        owner: The fetch that brings it.
        position: Of a composite value that clients see.
        places: Of a composite value: where its objects stand, once it is known who brings them.
        is_tagged: Whether its objects have several types, told by their type names.
        is_sent: Whether representations are made of it.
    """

    attribute: str
    key: str
    response_key: str | None
    nullable: tuple[bool, ...] = (False,)
    leaf: GraphQLNamedType | None = None
    constant: str | None = None
    is_absent: bool = False
    owner: int | None = None
    position: Position | None = None
    places: "tuple[Place, ...]" = ()
    is_tagged: bool = False
    is_sent: bool = False


@dataclass(slots=True, eq=False, kw_only=True)
class Place:
    """Objects of one type at one path.

    Attributes:
        type_name: An abstract type's if nothing depends on the types of its objects.
        is_typed: Whether the objects come with their type names.
        is_typed_later: Whether a later fetch may bring their type names.
        creator: The fetch whose answers contain the objects; ``None`` for the root.
        slots: Those of the response first, in its order.
        by_key: The slots that answers have keys for.
        answered: The keys that the objects come with, in the order in which they are asked for.
    """

    type_name: str
    is_typed: bool
    creator: int | None
    is_typed_later: bool = False
    slots: list[Slot] = field(default_factory=list)
    by_key: dict[str, Slot] = field(default_factory=dict)
    answered: list[str] = field(default_factory=list)

    def add(self, slot: Slot) -> None:
        """Add a slot, whose key must be free."""
        if slot.key in self.by_key:
            raise NotCompilableError(f"two things are stored as {slot.key}")
        self.slots.append(slot)
        if not slot.is_absent:
            self.by_key[slot.key] = slot

    def is_own(self, slot: Slot) -> bool:
        """Whether the objects come with this slot filled."""
        return slot.owner is not None and slot.owner == self.creator

    def is_final(self) -> bool:
        """Whether the objects come as they stay, so that two paths may share one."""
        return all(
            (self.is_own(slot) or slot.owner is None) and all(inner.is_final() for inner in slot.places)
            for slot in self.slots
        )


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Part:
    """What a fetch brings for the objects of one place.

    Attributes:
        template: What represents them.
        slots: What is answered.
        checks: Keys at which the place's type name is answered.
        keys: All keys that are answered, in the order in which they are asked for.
    """

    place: Place
    template: InputObject | None
    slots: tuple[Slot, ...]
    checks: tuple[str, ...]
    keys: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """What a subgraph may call the type of the objects: their name, or that which they were sent with.

        The second is an interface object's; it changes nothing where the type is known already.
        """
        sent = None if self.template is None else self.template.typename
        names = (self.place.type_name, sent) if self.place.is_typed and sent is not None else (self.place.type_name,)
        return tuple(dict.fromkeys(names))

    @property
    def may_be_missing(self) -> bool:
        """Whether null for an entity only makes nulls in the response: where nothing else follows from it."""
        return all(slot.response_key is not None and slot.nullable[0] and not slot.is_sent for slot in self.slots)


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """The objects that a fetch's answers are for: one path, with a part for each place there that it serves."""

    path: Path
    parts: tuple[Part, ...]

    def part_at(self, place: Place) -> Part | None:
        """The part for ``place``, if its objects are served."""
        return next((part for part in self.parts if part.place is place), None)


@dataclass(frozen=True, slots=True, eq=False)
class LaidOutCall:
    """One ``_entities`` field."""

    call: EntityCall
    targets: tuple[Target, ...]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class LaidOutFetch:
    """A fetch with its places.

    Attributes:
        root: Of a root fetch: where its data goes.
        calls: Of an entity fetch.
    """

    compiled: CompiledFetch
    root: Target | None = None
    calls: tuple[LaidOutCall, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """All places of an operation under one truth of its conditions; fetches that are not made are ``None``."""

    root: Place
    fetches: tuple[LaidOutFetch | None, ...]


def step_into(place: Place, path: Path) -> tuple[Slot, tuple[Place, ...], Path] | None:
    """The slot that ``path`` enters, the places there that its guards let through, and the rest of the path.

    ``None`` if nothing stands there.
    """
    step, *rest = path
    slot = place.by_key.get(step.key or "")
    if slot is None or not slot.places:
        return None
    levels = len(slot.nullable) - 1
    steps = (step, *rest[:levels])
    if len(steps) <= levels or any(inner.key is not None for inner in steps[1:]):
        raise NotCompilableError(f"a path does not enter the lists at {slot.key}")
    passed = tuple(inner for inner in slot.places if all(_passes(inner, each.types) for each in steps))
    return slot, passed, tuple(rest[levels:])


def _passes(place: Place, types: tuple[str, ...]) -> bool:
    if not types or place.type_name in types:
        return True
    if place.is_typed_later:
        raise NotCompilableError(f"when the types of {place.type_name} are known is not certain")
    return not place.is_typed


def places_at(place: Place, path: Path) -> Iterator[Place]:
    """Every place that ``path`` leads to."""
    if not path:
        yield place
        return
    found = step_into(place, path)
    if found is not None:
        _, passed, rest = found
        for inner in passed:
            yield from places_at(inner, rest)
