"""Counters in memory that all workers of one machine share.

    SharedLimitStore ──▶ SharedCounters ──▶ Table ──▶ counter of a key
                         ▲ you are here

The parent of the workers makes the memory, and a fork inherits it. There is one lock, that of a file, because the
system takes it back from a process that dies with it. Taking and giving it costs 1.6 µs. To ask a process that decides
for all would cost 15 µs if nobody else asked, and all workers would wait for the one.

Each rule has a table, made by whoever meets the rule first. A table is divided into groups of places; a key has its
place in the group that its hash names, and if the group is full, the key that was used least recently leaves. The hash
is Python's: secret, so that nobody can fill a group on purpose, and the same in all forks of one process.

    used, tables | rule, offset, groups | rule, offset, groups | … | table | table | …
    table: hashes | times of use | states, 16 bytes each | moments, for a sliding window
"""

import mmap
import os
import struct
import sys
import tempfile
import time
import weakref
from collections.abc import Iterable
from pathlib import Path
from typing import Self

from router.stores.counters import FixedWindow, SlidingWindow, SlidingWindowCounter, TokenBucket
from router.stores.limits import Algorithm, Charge, Rule

if sys.platform != "win32":  # nobody forks there
    import fcntl

MEMORY_BYTES = 1 << 30
"""Address space for all tables. The system gives memory only for what is in use."""

LARGEST_TABLE_BYTES = 1 << 28
GROUP = 16
"""Places in a group."""

_HEADER = struct.Struct("QQ")
_ENTRY = struct.Struct("QQQ")
_DIRECTORY_BYTES = 64 * 1024
_PLACE_BYTES = 32
_MASK = 2**64 - 1
_TWO_FLOATS = struct.Struct("dd")
_TWO_INTS = struct.Struct("qq")
_WINDOW_AND_TWO = struct.Struct("qII")


class SharedCounters:
    """The memory, and the lock on it.

    Attributes:
        wall_offset: What added to monotonic seconds gives the time of day, for all workers the same.
    """

    def __init__(self, lock: int, memory: memoryview) -> None:
        self._lock = lock
        weakref.finalize(self, os.close, lock)
        self._memory = memory
        self.wall_offset = time.time() - time.monotonic()
        _HEADER.pack_into(memory, 0, _DIRECTORY_BYTES, 0)

    @classmethod
    def create(cls, size_bytes: int = MEMORY_BYTES) -> Self:
        """Memory for the processes that will be forked from this one."""
        if sys.platform == "linux":
            file = os.memfd_create("rate-limits")
        else:
            file, path = tempfile.mkstemp()
            Path(path).unlink()
        os.ftruncate(file, size_bytes)
        return cls(file, memoryview(mmap.mmap(file, size_bytes)))

    def acquire(self) -> None:
        """Wait for the lock. Not for threads: it belongs to the process."""
        fcntl.lockf(self._lock, fcntl.LOCK_EX)

    def release(self) -> None:
        """Let others have it."""
        fcntl.lockf(self._lock, fcntl.LOCK_UN)

    def table(self, rule: Rule, max_keys: int) -> "Table | None":
        """The table of a rule, whoever made it; ``None`` if there is no room for one. Call it with the lock."""
        name = hash((rule, max_keys)) & _MASK
        used, count = _HEADER.unpack_from(self._memory, 0)
        for index in range(count):
            known, offset, groups = _ENTRY.unpack_from(self._memory, _HEADER.size + index * _ENTRY.size)
            if known == name:
                return Table(rule, self._memory[offset:], groups)
        entry = _HEADER.size + count * _ENTRY.size
        groups = _groups(rule, max_keys)
        end = used + groups * GROUP * _place_bytes(rule)
        if end > len(self._memory) or entry + _ENTRY.size > _DIRECTORY_BYTES:
            return None
        _ENTRY.pack_into(self._memory, entry, name, used, groups)
        _HEADER.pack_into(self._memory, 0, end, count + 1)
        return Table(rule, self._memory[used:], groups)


class Table:
    """The counters of one rule, by key."""

    def __init__(self, rule: Rule, memory: memoryview, groups: int) -> None:
        places = groups * GROUP
        self.rule = rule
        self._groups = groups
        self._hashes = memory[: 8 * places].cast("Q")
        self._used_at = memory[8 * places : 16 * places].cast("d")
        self._states = memory[16 * places : _PLACE_BYTES * places]
        self._moments = memory[_PLACE_BYTES * places : _place_bytes(rule) * places].cast("d")

    def counter(self, charge: Charge, now: float) -> "SharedCounter":
        """The counter of a charge's key. To be had, and stored, with the lock."""
        key, first = self._hashed(charge.key)
        group = [*self._hashes[first : first + GROUP]]
        is_new = key not in group
        place = first + (self._free_in(first, group) if is_new else group.index(key))
        self._used_at[place] = now
        counter = self._counter(place, now, is_new=is_new)
        if is_new:
            counter.store()
            self._hashes[place] = key  # last: who dies before leaves a free place
        return counter

    def known_counter(self, key: str, now: float) -> "SharedCounter | None":
        """The counter of a key, if there is one; likewise."""
        hashed, first = self._hashed(key)
        group = [*self._hashes[first : first + GROUP]]
        return self._counter(first + group.index(hashed), now, is_new=False) if hashed in group else None

    def _hashed(self, key: str) -> tuple[int, int]:
        """What stands for the key, and the first place of its group."""
        hashed = hash(key) & _MASK or 1
        return hashed, hashed % self._groups * GROUP

    def _free_in(self, first: int, group: list[int]) -> int:
        if 0 in group:
            place = group.index(0)
        else:
            used_at = [*self._used_at[first : first + GROUP]]
            place = used_at.index(min(used_at))
            self._hashes[first + place] = 0
        self._states[16 * (first + place) : 16 * (first + place) + 16] = bytes(16)
        return place

    def _counter(self, place: int, now: float, *, is_new: bool) -> "SharedCounter":
        state = self._states[16 * place : 16 * place + 16]
        match self.rule.algorithm:
            case Algorithm.TOKEN_BUCKET:
                return _Bucket(self.rule, now, state, is_new=is_new)
            case Algorithm.SLIDING_WINDOW:
                capacity = self.rule.capacity
                moments = self._moments[place * capacity : (place + 1) * capacity]
                return _Log(self.rule, now, state, moments)
            case Algorithm.SLIDING_WINDOW_COUNTER:
                return _TwoWindows(self.rule, now, state)
            case Algorithm.FIXED_WINDOW:
                return _Window(self.rule, now, state)


class _Bucket(TokenBucket):
    __slots__ = ("_state",)

    def __init__(self, rule: Rule, now: float, state: memoryview, *, is_new: bool) -> None:
        super().__init__(rule, now)
        self._state = state
        if not is_new:
            self._tokens, self._at = _TWO_FLOATS.unpack(state)

    def store(self) -> None:
        # In one piece: who dies now has stored all of it or nothing.
        _TWO_FLOATS.pack_into(self._state, 0, self._tokens, self._at)


class _Window(FixedWindow):
    __slots__ = ("_state",)

    def __init__(self, rule: Rule, now: float, state: memoryview) -> None:
        super().__init__(rule, now)
        self._state = state
        self._window, self._spent = _TWO_INTS.unpack(state)

    def store(self) -> None:
        _TWO_INTS.pack_into(self._state, 0, self._window, self._spent)


class _TwoWindows(SlidingWindowCounter):
    __slots__ = ("_state",)

    def __init__(self, rule: Rule, now: float, state: memoryview) -> None:
        super().__init__(rule, now)
        self._state = state
        self._window, self._spent, self._before = _WINDOW_AND_TWO.unpack(state)

    def store(self) -> None:
        _WINDOW_AND_TWO.pack_into(self._state, 0, self._window, self._spent, self._before)


class _Log(SlidingWindow):
    __slots__ = ()

    def __init__(self, rule: Rule, now: float, state: memoryview, moments: "memoryview[float]") -> None:
        super().__init__(rule, now, spent=_Ring(state, moments))

    def store(self) -> None:
        """Its moments are where they belong."""


class _Ring:
    """Moments in memory of a fixed size; the state says which is the oldest, and how many there are."""

    __slots__ = ("_count", "_moments", "_oldest", "_state")

    def __init__(self, state: memoryview, moments: "memoryview[float]") -> None:
        self._state = state
        self._moments = moments
        self._oldest: int
        self._count: int
        self._oldest, self._count = _TWO_INTS.unpack(state)

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int) -> float:
        return self._moments[(self._oldest + index) % len(self._moments)]

    def popleft(self) -> None:
        self._oldest = (self._oldest + 1) % len(self._moments)
        self._count -= 1
        _TWO_INTS.pack_into(self._state, 0, self._oldest, self._count)

    def pop(self) -> None:
        self._count -= 1
        _TWO_INTS.pack_into(self._state, 0, self._oldest, self._count)

    def extend(self, moments: Iterable[float]) -> None:
        for moment in moments:
            self._moments[(self._oldest + self._count) % len(self._moments)] = moment
            self._count += 1
        _TWO_INTS.pack_into(self._state, 0, self._oldest, self._count)


SharedCounter = _Bucket | _Log | _Window | _TwoWindows
"""A counter whose state is in shared memory. ``store`` puts it there."""


def _place_bytes(rule: Rule) -> int:
    return _PLACE_BYTES + (8 * rule.capacity if rule.algorithm is Algorithm.SLIDING_WINDOW else 0)


def _groups(rule: Rule, max_keys: int) -> int:
    # Twice the places, so that groups of keys that the hash makes larger than others have room, too.
    places = min(2 * max_keys, LARGEST_TABLE_BYTES // _place_bytes(rule))
    return max(1, places // GROUP)
