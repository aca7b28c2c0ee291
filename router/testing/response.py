"""What a client of the gateway under test got."""

from collections.abc import Mapping
from dataclasses import dataclass

import orjson
from multidict import CIMultiDictProxy

from router.testing.verdicts import Verdict


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RouterResponse:
    """An answer.

    Attributes:
        body: All of it; parts that are deferred stand behind one another, as a client reads them.
        error_codes: The code of every error in it.
        verdicts: What each policy said, by name, in the order in which requests meet them.
    """

    status: int
    headers: CIMultiDictProxy[str]
    body: bytes
    error_codes: tuple[str, ...]
    verdicts: Mapping[str, Verdict]

    def json(self) -> object:
        """The decoded body."""
        return orjson.loads(self.body)

    @property
    def data(self) -> object:
        """The member ``data`` of a GraphQL response; ``None`` if there is none."""
        return self._member("data")

    @property
    def errors(self) -> list[dict[str, object]]:
        """The member ``errors``; empty if there is none."""
        found = self._member("errors")
        return found if isinstance(found, list) else []

    @property
    def extensions(self) -> dict[str, object]:
        """The member ``extensions``; empty if there is none."""
        found = self._member("extensions")
        return found if isinstance(found, dict) else {}

    def _member(self, name: str) -> object:
        answer = self.json()
        return answer.get(name) if isinstance(answer, dict) else None
