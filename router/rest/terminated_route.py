"""A route that the gateway answers by itself: what is closed, has moved or was retired.

Request ──▶ policies ──▶ TerminatedRoute ──▶ text | problem
                         ▲ you are here
"""

from collections.abc import Mapping
from dataclasses import dataclass

from multidict import CIMultiDict

from router.config.rest import Terminate
from router.policy.request import Request, Response
from router.rest.errors import TerminatedError

_WITHOUT_CONTENT = (204, 205, 304)


@dataclass(frozen=True, slots=True, eq=False)
class TerminatedRoute:
    """Such a route, ready to answer."""

    section: Terminate

    async def answer(self, _request: Request, _path_parameters: Mapping[str, str]) -> Response:
        """Say what the configuration says; raises ``TerminatedError`` if that is an error."""
        section = self.section
        if section.status >= 400:
            raise TerminatedError(section.message, status=section.status, headers=section.headers)
        response = Response(status=section.status, headers=CIMultiDict(section.headers))
        if section.message and section.status not in _WITHOUT_CONTENT:
            response.body = section.message.encode()
            response.headers["Content-Type"] = "text/plain; charset=utf-8"
        return response
