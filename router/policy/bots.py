"""User agents that are not wanted."""

import re
from collections.abc import Sequence

from router.errors import BotDeniedError
from router.policy.pipeline import Policy
from router.policy.request import Request, Response


class Bots(Policy):
    """Refuses requests whose ``User-Agent`` fits a pattern. It stops those who do not hide, and no others."""

    name = "bots"
    priority = 2550

    def __init__(self, patterns: Sequence[str]) -> None:
        self._patterns = tuple(re.compile(pattern) for pattern in patterns)

    async def on_request(self, request: Request) -> Response | None:
        """Raise ``BotDeniedError``."""
        for agent in request.headers.getall("user-agent", []):
            if any(pattern.search(agent) for pattern in self._patterns):
                raise BotDeniedError
        return None
