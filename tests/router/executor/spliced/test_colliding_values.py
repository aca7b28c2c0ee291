"""Values that somebody has chosen so that ``requests.c`` finds them in one place.

The hash is no secret, and subgraphs may pass on what their users write. So a request gives up where it would have to
compare too much; the interpreter, whose hash is a secret, takes over.
"""

from collections.abc import Iterator, Sequence
from itertools import islice, product
from string import ascii_letters

from tests.router.executor.spliced.splices import (
    ITEMS,
    NAMES,
    PREFIX,
    a_splice,
    answer,
    items,
    names,
    representation,
    unusual,
    variables_of,
)

FACTOR = 0x9E3779B97F4A7C15
BITS = 2**64 - 1
LETTERS = ascii_letters + "0123456789-_"
WORD = 8
END = "aaaaaaa"
FULLY_COLLIDING = 3


def texts(length: int) -> Iterator[str]:
    return map("".join, product(LETTERS, repeat=length))


def hash_of(data: bytes, before: int = 0) -> int:
    """As ``mixed`` of requests.c, but for the length, which is the same for all values here."""
    for start in range(0, len(data), WORD):
        before = (before ^ int.from_bytes(data[start : start + WORD], "little")) * FACTOR & BITS
        before ^= before >> 32
    return before


def nearly_colliding(count: int, bits: int) -> list[str]:
    """Texts with the same highest bits of their hashes."""
    start = (WORD + WORD) * FACTOR & BITS
    found = (text for text in texts(14) if hash_of(f'"{text}"'.encode(), start) >> 64 - bits == 0)
    return list(islice(found, count))


def fully_colliding(count: int) -> list[str]:
    """Texts with the same hashes: the second of their three words makes up for the first."""
    start = 3 * WORD * FACTOR & BITS
    wanted = hash_of(b"bbbbbbbb", hash_of(b'"' + END.encode(), start))
    before = (wanted ^ wanted >> 32) * pow(FACTOR, -1, 2**64) & BITS
    found = []
    for first in texts(WORD - 1):
        second = (before ^ hash_of(b'"' + first.encode(), start)).to_bytes(WORD, "little")
        if second.isascii() and second.decode().isprintable() and not set(second) & set(b'"\\'):
            found.append(first + second.decode() + END)
            if len(found) == count:
                break
    return found


def check(ids: Sequence[str], different: Sequence[str]) -> None:
    splice = a_splice(ITEMS, NAMES)
    splice.take(0, items(*ids))
    assert variables_of(splice.request(1, [])) == {"r": [representation(each) for each in different]}
    splice.take(1, names(*(f"name of {each}" for each in different)))
    assert splice.response() == answer(items=[{"id": each, "name": f"name of {each}"} for each in ids])


def test_a_few_values_with_the_same_hash_are_told_apart() -> None:
    values = fully_colliding(FULLY_COLLIDING)
    whole = {hash_of(f'"{each}"'.encode(), 3 * WORD * FACTOR & BITS) for each in values}

    assert (len(values), len(whole)) == (FULLY_COLLIDING, 1)
    check([*values, *reversed(values)], values)


def test_values_that_are_looked_for_in_the_same_place_are_told_apart() -> None:
    values = nearly_colliding(40, 8)

    check([*values, *values], values)


def test_too_many_values_that_are_looked_for_in_the_same_place_are_unusual() -> None:
    splice = a_splice(ITEMS, NAMES)
    splice.take(0, items(*nearly_colliding(150, 9)))

    with unusual():
        splice.request(1, [])


def test_nothing_is_left_of_a_request_of_too_many_values_in_the_same_place() -> None:
    splice = a_splice(ITEMS, NAMES)
    splice.take(0, items(*nearly_colliding(150, 9)))
    with unusual():
        splice.request(1, [])
    splice.take(1, names())

    with unusual():
        splice.response()


def test_as_many_other_values_are_sent() -> None:
    values = list(islice(texts(14), 150))
    splice = a_splice(ITEMS, NAMES)
    splice.take(0, items(*values))

    found = splice.request(1, [])

    assert found is not None
    assert found.startswith(PREFIX)
    assert found.count(b"__typename") == len(values)
