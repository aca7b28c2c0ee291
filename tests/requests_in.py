"""Requests as policies see them, for tests."""

from collections.abc import Mapping, Sequence

from multidict import CIMultiDict, CIMultiDictProxy

from router.identity.identity import Identity
from router.policy.request import Door, Request, Response

JSON = {"content-type": "application/json"}


def request_in(
    door: Door = "graphql",
    *,
    method: str = "POST",
    headers: Mapping[str, str] | Sequence[tuple[str, str]] = (),
    body: bytes = b"{}",
    peer_ip: str = "192.0.2.1",
    identity: Identity | None = None,
) -> Request:
    """A request for ``/graphql``, or for the REST route ``things``."""
    path, name = ("/graphql", "graphql") if door == "graphql" else ("/api/v1/things/{id}", "things")
    return Request(
        door=door,
        method=method,
        path=path.replace("{id}", "7"),
        route=path,
        route_name=name,
        headers=CIMultiDictProxy(CIMultiDict(headers)),
        body=body,
        peer_ip=peer_ip,
        identity=identity,
    )


async def answer_ok(_request: Request) -> Response:
    """What stands behind the policies of a test."""
    return Response(status=200, body=b"{}")
