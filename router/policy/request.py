"""What a policy sees: one pair of values for both doors."""

from collections.abc import Awaitable, Callable
from typing import Literal

from msgspec import Struct, field
from multidict import CIMultiDict, CIMultiDictProxy

from router.identity.certificate import ClientCertificate
from router.identity.identity import Identity
from router.policy.spending import OperationCost, Spending

Door = Literal["graphql", "rest"]

Write = Callable[[bytes], Awaitable[None]]
"""Sends bytes to the client, no faster than it takes them."""


class Request(Struct, kw_only=True, eq=False):  # a struct, because it takes a quarter of the time to make
    """One client request on its way through the pipeline.

    Attributes:
        door: Where it came in; policies treat both alike.
        method: Upper case.
        path: The raw path, without the query string.
        route: The template that it matched (``/graphql``, ``/api/v1/products/{rest*}``): metric label and span name.
        route_name: The route's name; ``graphql`` for the GraphQL door.
        query_string: Without ``?``, not decoded.
        headers: As received.
        body: Whole and decompressed; within ``limits.http_max_request_bytes``.
        peer_ip: Address of the socket's other end.
        peer_certificate: The client's, verified by the TLS listener.
        id: Set by the request-id policy.
        identity: Set by authentication; ``None`` is an anonymous caller.
        response_headers: What policies want to see on the answer, whatever the answer is.
        context: What plugins and a coprocessor tell each other; JSON-able.
        cost: Of its operation; whoever wants to know it puts an empty one here before there is an operation.
        spending: What rate limits said so far.
        log_fields: What stages want to see in the access-log line (operation name, error codes, …).
    """

    door: Door
    method: str
    path: str
    route: str
    route_name: str
    headers: CIMultiDictProxy[str]
    query_string: str = ""
    body: bytes = b""
    peer_ip: str = ""
    peer_certificate: ClientCertificate | None = None
    id: str = ""
    identity: Identity | None = None
    response_headers: CIMultiDict[str] = field(default_factory=CIMultiDict)
    context: dict[str, object] = field(default_factory=dict)
    cost: OperationCost | None = None
    spending: Spending | None = None
    log_fields: dict[str, object] = field(default_factory=dict)


class Response(Struct, kw_only=True, eq=False):
    """The answer to one request, before it is written to the socket.

    Attributes:
        error_codes: Codes of every error in it, for metrics and the access log; empty when all went well.
        rest: Writes what comes after ``body``, if there is more; the policies see the response before.
    """

    status: int
    body: bytes = b""
    headers: CIMultiDict[str] = field(default_factory=CIMultiDict)
    error_codes: tuple[str, ...] = ()
    rest: Callable[[Write], Awaitable[None]] | None = None
