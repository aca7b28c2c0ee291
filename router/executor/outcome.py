"""The boundary between executor and upstream: a request goes out, an outcome comes back.

A subgraph that fails is an outcome, not an exception: its siblings go on.

There is one of these for each request, hence structs: a named tuple takes five times as long to make, a frozen
dataclass ten times.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextvars import Context
from dataclasses import dataclass

from msgspec import Struct

from supergraph.plan.nodes import Fetch


class FetchRequest(Struct, frozen=True, gc=False):
    """One request to one subgraph; ``body`` is the JSON of a GraphQL request."""

    fetch: Fetch
    body: bytes


class FetchAnswer(Struct, frozen=True, gc=False):
    """An HTTP response arrived, whatever it says; ``content_type`` is empty if it has none."""

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


class PromptAnswer(asyncio.Future[FetchOutcome]):
    """An answer that one may take when it comes, and not with the next turn of the event loop, which costs 1 µs.

    It does not come before ``Send`` has returned. Whoever makes one sets ``receiver`` to ``None``.

    Attributes:
        receiver: Is called with the answer once it is there; if it was cancelled, as callbacks are.
        context: What the receiver is called in.
    """

    __slots__ = ("context", "receiver")

    receiver: "Callable[[asyncio.Future[FetchOutcome]], None] | None"
    context: Context

    def deliver(self, outcome: FetchOutcome) -> None:
        """Set the result, and give it to the receiver."""
        receiver, self.receiver = self.receiver, None
        self.set_result(outcome)
        if receiver is not None:
            self.context.run(receiver, self)

    def cancel(self, msg: object = None) -> bool:
        """Take no answer any more."""
        if not super().cancel(msg):
            return False
        receiver, self.receiver = self.receiver, None
        if receiver is not None:
            self.get_loop().call_soon(receiver, self, context=self.context)
        return True


_BEFORE, _AFTER = b'{"data":', b"}"


def with_only(data: bytes) -> bytes:
    """The JSON of a response that has nothing but ``data``, which is JSON, too."""
    return _BEFORE + data + _AFTER


def data_of(only_data: bytes) -> bytes:
    """The JSON of ``data`` in a response that has nothing else."""
    return only_data[len(_BEFORE) : -len(_AFTER)]


class ExecutionResult(Struct, frozen=True, gc=False):
    """What the client gets.

    Attributes:
        only_data: The response as it is if there is nothing else to say: see ``with_only``. Large data is not copied
            to put something before it.
        errors: GraphQL error objects, JSON-able, in a deterministic order.
        nothing_in_time: Time was up before any subgraph had answered.
    """

    only_data: bytes
    errors: tuple[Mapping[str, object], ...] = ()
    nothing_in_time: bool = False

    @property
    def data(self) -> bytes:
        """JSON of the ``data`` entry, ``null`` included."""
        return data_of(self.only_data)
