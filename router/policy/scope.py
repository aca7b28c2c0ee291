"""Where a policy is asked at all, whatever its mode."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scope:
    """Some of the routes.

    Attributes:
        only: The one route where the policy is asked; ``None`` is all of them.
        never: Routes where another one is asked in its place.
    """

    only: str | None = None
    never: frozenset[str] = frozenset()

    def covers(self, route: str) -> bool:
        """Whether the policy is asked on this route."""
        return route not in self.never and self.only in (None, route)


EVERYWHERE = Scope()
