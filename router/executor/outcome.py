"""The boundary between executor and upstream: a request goes out, an outcome comes back.

A subgraph that fails is an outcome, not an exception: its siblings go on.

There is one of these for each request, hence tuples: a frozen dataclass takes twice as long to make.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from supergraph.plan.nodes import Fetch


class FetchRequest(NamedTuple):
    """One request to one subgraph; ``body`` is the JSON of a GraphQL request."""

    fetch: Fetch
    body: bytes


class FetchAnswer(NamedTuple):
    """An HTTP response arrived, whatever it says."""

    status: int
    content_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class FetchFailure:
    """No response: ``SUBREQUEST_HTTP_ERROR``, ``GATEWAY_TIMEOUT``, … with a text that is safe to show."""

    code: str
    message: str


FetchOutcome = FetchAnswer | FetchFailure

Send = Callable[[FetchRequest], asyncio.Future[FetchOutcome]]
"""Starts a request and does not wait. The future is the caller's own: cancelling it gives the request up."""


@dataclass(frozen=True, slots=True)
class ExecutionResult:
    """What the client gets.

    Attributes:
        data: JSON bytes of the ``data`` entry (``null`` included).
        errors: GraphQL error objects, JSON-able, in a deterministic order.
        nothing_in_time: Time was up before any subgraph had answered.
    """

    data: bytes
    errors: tuple[Mapping[str, object], ...] = ()
    nothing_in_time: bool = False
