"""Time that passes when a test says so."""

START = 1_767_225_600.0
"""The first second of 2026."""


class Clock:
    """Call it for the time, in seconds since 1970; rate limits, tokens and caches of a ``RouterTester`` do.

    Time limits of requests are not kept by it, but by the event loop.
    """

    def __init__(self, now: float = START) -> None:
        self._now = now

    def __call__(self) -> float:
        """The time."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Let seconds pass."""
        if seconds < 0:
            raise ValueError("time does not go back")
        self._now += seconds
