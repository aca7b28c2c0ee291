"""What objects of the response consist of, and which fields of an answer stay together.

    layout ──▶ pieces ──▶ cutting
               ▲ you are here

Fields that one call brings for an object, and that stand side by side in the response, are one piece of it. A *run* is
what all pieces have in common: fields that never come apart, in any object that the call is made for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from router.executor.codec import encode_json
from router.executor.compiled.places import NotCompilableError, Part, Place, Slot

CallId = tuple[int, int]
"""A fetch, and the number of one of its calls; a root fetch has one, which is 0."""

Keys = tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """A part of an object in the response: fields of its own, a text, or what a call brings."""

    own: Slot | None = None
    text: bytes = b""
    call: CallId | None = None
    keys: Keys = ()


def pieces_of(place: Place, brought_by: dict[Slot, CallId]) -> list[Piece]:
    """What the objects of a place consist of, in the order in which clients see it."""
    pieces: list[Piece] = []
    visible = [slot for slot in place.slots if slot.response_key is not None]

    def call_of(slot: Slot) -> CallId | None:
        return None if place.is_own(slot) else brought_by.get(slot)

    for call, group in groupby(visible, key=call_of):
        if call is not None:
            pieces.append(Piece(call=call, keys=tuple(slot.key for slot in group)))
            continue
        for slot in group:
            text = encode_json(slot.response_key) + b":"
            if slot.is_absent:
                pieces.append(Piece(text=text + b"null"))
            elif slot.key in place.answered:
                pieces.append(Piece(own=slot))
            elif slot.constant is not None:
                pieces.append(Piece(text=text + encode_json(slot.constant)))
            else:
                raise NotCompilableError(f"nobody fetches {slot.key}")
    return pieces


def runs_of(call_id: CallId, parts: Sequence[Part], objects: Sequence[Sequence[Piece]]) -> tuple[Keys, ...]:
    """The longest runs that every object can be put together from."""
    wanted = {piece.keys for pieces in objects for piece in pieces if piece.call == call_id}
    used = {key for keys in wanted for key in keys}
    together = {pair for keys in wanted for pair in pairwise(keys)}
    runs: list[list[str]] = []
    before: str | None = None
    for key in parts[0].keys:
        if key in used:
            if (
                before is not None
                and (before, key) in together
                and all(
                    (before in keys) is (key in keys) and (key not in keys or (before, key) in pairwise(keys))
                    for keys in wanted
                )
            ):
                runs[-1].append(key)
            else:
                runs.append([key])
        before = key if key in used else None
    return tuple(map(tuple, runs))


def runs_in(keys: Keys, runs: Sequence[Keys]) -> list[int]:
    """The numbers of the runs that ``keys`` consist of, in their order."""
    by_first = {run[0]: number for number, run in enumerate(runs)}
    return [by_first[key] for key in keys if key in by_first]
