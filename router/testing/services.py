"""Services in the process of the test: what the gateway asks, and what it is told.

gateway ──ServiceRequest──▶ FakeService ──▶ the test's own function
◀──ServiceResponse──▲ you are here
"""

import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

import orjson
from multidict import CIMultiDict, CIMultiDictProxy


class ServiceAwayError(ConnectionError):
    """Raise it, or give it as an answer: nobody listens where the service should be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRequest:
    """What a service is asked.

    Attributes:
        target: Path and query string, as they stand in the request line.
    """

    method: str
    target: str
    headers: CIMultiDictProxy[str]
    body: bytes = b""

    def json(self) -> object:
        """The decoded body."""
        return orjson.loads(self.body)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceResponse:
    """What it answers.

    Attributes:
        body: Bytes as they are; anything else becomes JSON.
    """

    status: int = 200
    body: object = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    def encode(self) -> tuple[CIMultiDict[str], bytes]:
        """Headers and body as they are sent."""
        headers = CIMultiDict(self.headers)
        if isinstance(self.body, bytes):
            return headers, self.body
        headers.setdefault("content-type", "application/json")
        return headers, orjson.dumps(self.body)


Answer = ServiceResponse | ServiceAwayError | Mapping[str, object]
"""A mapping is JSON with status 200."""

Answering = Callable[[ServiceRequest], Answer | Awaitable[Answer]]


class FakeService:
    """An HTTP service behind a proxy route, an issuer of tokens, a coprocessor.

    Args:
        answer: What it always answers, or a function of the request; the function may be async.

    Attributes:
        requests: What it was asked so far.
    """

    def __init__(self, answer: Answer | Answering) -> None:
        self.answer = answer
        self.requests: list[ServiceRequest] = []

    async def handle(self, request: ServiceRequest) -> ServiceResponse:
        """Answer a request; raises ``ServiceAwayError``."""
        self.requests.append(request)
        answer = self.answer(request) if callable(self.answer) else self.answer
        return as_response(await answer if inspect.isawaitable(answer) else answer)


def as_response(answer: Answer) -> ServiceResponse:
    """An answer as it is sent; raises ``ServiceAwayError``."""
    match answer:
        case ServiceResponse():
            return answer
        case ServiceAwayError():
            raise answer
        case values:
            return ServiceResponse(body=values)
