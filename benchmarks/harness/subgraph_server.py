"""All subgraphs in one lean process: ``python -m benchmarks.harness.subgraph_server``; prints its port.

    gateway ──▶ POST /any_order/bands ──▶ what was answered to the same body before
                ▲ you are here

Each different body is executed once, by graphql-core; afterwards its answer comes from a dictionary, so that what is
measured is the gateway. Requests that are new by design would not profit, hence:

* The digits of an alias (``alias_00000042``) are taken out of the body, and put into the answer that is kept.
* Below ``/any_order/`` queries are the same if they consist of the same words in any order. The answer then has the
  order of the first of them, which no gateway minds.

``GET /counts`` tells how many requests there were, and how many of them had the header ``x-caller``.
"""

import asyncio
import re
import sys
from dataclasses import dataclass

import httptools
import orjson
import uvloop

from benchmarks.harness.festival import answer
from benchmarks.harness.scenarios import MARK

CALLER = b"x-caller"
_ALIAS = re.compile(rb"alias_\d{8}")
_WORD = re.compile(rb"\w+|[^\w\s]")


@dataclass(slots=True)
class Counts:
    """What has been asked since the last look.

    Attributes:
        new: Requests that had to be executed.
        of_callers: Requests with the header of a client.
    """

    requests: int = 0
    new: int = 0
    of_callers: int = 0


class Answers:
    """What is answered to a path and a body."""

    def __init__(self) -> None:
        self.counts = Counts()
        self._known: dict[tuple[bytes, bytes], bytes] = {}

    def answer(self, path: bytes, body: bytes) -> bytes:
        """A whole HTTP response."""
        if path == b"/counts":
            counts, self.counts = self.counts, Counts()
            return _response(orjson.dumps(counts))
        self.counts.requests += 1
        alias = _ALIAS.search(body)
        same = body if alias is None else _ALIAS.sub(MARK, body)
        key = (path, _without_order(same) if path.startswith(b"/any_order/") else same)
        response = self._known.get(key)
        if response is None:
            self.counts.new += 1
            response = self._known[key] = _response(_execute(path.rpartition(b"/")[2].decode(), same))
        return response if alias is None else response.replace(MARK, alias[0])


def _without_order(body: bytes) -> bytes:
    """The words of a query, sorted, and its variables as they are: representations have an order that matters."""
    request = orjson.loads(body)
    words = sorted(_WORD.findall(request["query"].encode()))
    return b" ".join([*words, orjson.dumps(request.get("variables"))])


def _execute(subgraph: str, body: bytes) -> bytes:
    request = orjson.loads(body)
    return orjson.dumps(answer(subgraph, request["query"], request.get("variables") or {}))


def _response(body: bytes) -> bytes:
    head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
    return head % len(body) + body


class _Connection(asyncio.Protocol):
    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self._parser = httptools.HttpRequestParser(self)
        self._transport: asyncio.Transport | None = None
        self._path = b""
        self._body: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # uvloop's, which does not inherit from it

    def data_received(self, data: bytes) -> None:
        # Heads come in one piece, near enough: the number is looked at by people.
        self._answers.counts.of_callers += CALLER in data.lower()
        self._parser.feed_data(data)

    def on_url(self, url: bytes) -> None:
        self._path = url

    def on_body(self, piece: bytes) -> None:
        self._body.append(piece)

    def on_message_complete(self) -> None:
        assert self._transport is not None
        body = b"".join(self._body)
        self._body.clear()
        self._transport.write(self._answers.answer(self._path, body))


async def _serve() -> None:
    answers = Answers()
    server = await asyncio.get_running_loop().create_server(lambda: _Connection(answers), "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)  # until whoever started it is gone


if __name__ == "__main__":
    uvloop.run(_serve())
