"""Time that only passes when a test says so."""


class FakeClock:
    """Call it for the time; ``advance`` lets seconds pass."""

    def __init__(self, now: float = 1_700_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds
