"""Which workers run: decisions without processes and without a clock.

    workers ──▶ ready, ended, stop ──▶ Supervision ──▶ due, given_up
                                       ▲ you are here

* The first worker starts alone, and the others when it serves. What is wrong with the configuration is told once.
* If nobody has served yet, a worker that ends is the end: it would end again.
* After that, a worker that ends is started anew, at once if it has run for long, else after a pause that doubles.
* If none serves and one after the other ends before it does, that is the end, too.
"""

from dataclasses import dataclass

LONG_SECONDS = 60.0
"""A worker that has run so long was well."""

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0

FAILED_STARTS = 5
"""So many starts in a row may fail while nobody serves."""


@dataclass(slots=True)
class _Slot:
    """The place of one worker, which processes take one after the other.

    Attributes:
        due_at: When the next one shall start; ``None`` while one runs, or none shall.
        pause_seconds: How long to wait the next time one ends early.
    """

    due_at: float | None = None
    started_at: float = 0.0
    is_ready: bool = False
    pause_seconds: float = 0.0


class Supervision:
    """The state of a group of workers, numbered from 0. Times are monotonic seconds.

    Attributes:
        given_up: Whether starting them makes no sense any more.
    """

    def __init__(self, count: int, *, now: float) -> None:
        self._slots = tuple(_Slot() for _ in range(count))
        self._slots[0].due_at = now
        self._has_served = False
        self._failed_starts = 0
        self._is_stopping = False
        self.given_up = False

    def take_due(self, now: float) -> list[int]:
        """The workers that are to be started now; they count as running from now on."""
        due = [number for number, slot in enumerate(self._slots) if slot.due_at is not None and slot.due_at <= now]
        for number in due:
            slot = self._slots[number]
            slot.due_at, slot.started_at, slot.is_ready = None, now, False
        return due

    def seconds_until_due(self, now: float) -> float | None:
        """How long nothing is to be done; ``None``: until something happens."""
        return min((max(0.0, slot.due_at - now) for slot in self._slots if slot.due_at is not None), default=None)

    def ready(self, number: int, now: float) -> None:
        """A worker serves."""
        self._slots[number].is_ready = True
        self._failed_starts = 0
        if not self._has_served and not self._is_stopping:
            self._has_served = True
            for slot in self._slots[:number] + self._slots[number + 1 :]:
                slot.due_at = now

    def ended(self, number: int, now: float) -> None:
        """A worker is no more."""
        slot = self._slots[number]
        self._failed_starts += not slot.is_ready
        slot.is_ready = False
        if self._is_stopping:
            return
        nobody_serves = not any(each.is_ready for each in self._slots)
        if not self._has_served or (nobody_serves and self._failed_starts >= FAILED_STARTS):
            self.given_up = True
            self.stop()
            return
        if now - slot.started_at >= LONG_SECONDS:
            slot.pause_seconds = 0.0
        slot.due_at = now + slot.pause_seconds
        slot.pause_seconds = min(LONGEST_PAUSE_SECONDS, max(FIRST_PAUSE_SECONDS, 2 * slot.pause_seconds))

    def stop(self) -> None:
        """Start no more."""
        self._is_stopping = True
        for slot in self._slots:
            slot.due_at = None
