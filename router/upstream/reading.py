"""Bytes in, at most one HTTP response out. No I/O, no clock.

    socket ──▶ connection ──▶ ResponseReader ──▶ HttpResponse
                              ▲ you are here

There are two lanes. A response whose head is plain (see ``response``) and arrives in one piece is read here: what is
left to do is to count the bytes of its body. All others go to llhttp, from their first byte on (see ``parsing``). Both
lanes read the same bytes alike; which one a response takes can only be told by its cost. In the plain lane a head is
read that is the same as the last one on this connection, and else any other plain head.

The connection may carry another request only if the response ended where it said it would, nothing came behind it,
and both sides keep the connection alive. In doubt it may not.
"""

import re

from router.upstream.parsing import ResponseParser
from router.upstream.response import (
    HttpResponse,
    PlainHead,
    keep_plain_head,
    match_plain_head,
    read_plain_response,
)

_HEADS_NOT_KEPT = 4
"""How many heads are not kept after one that was another: it may be that a server never sends the same again."""


class ResponseReader:
    """Reads the responses of one connection, one after the other.

    Attributes:
        started: A byte of the current response has arrived, and not all of it at once. Then ``reset`` makes it ready
            for the next one; else it is.
        reusable: The connection may carry another request; meaningful once a response is complete.
    """

    __slots__ = ("_begun", "_head", "_limit_bytes", "_missing", "_not_kept", "_parser", "_parts", "reusable", "started")

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._head: PlainHead | None = None
        self._not_kept = 0
        self._parser: ResponseParser | None = None  # made when it is needed, which may be never
        self._parts: list[bytes] = []
        self._missing = 0
        self.reset()

    def reset(self) -> None:
        """Expect the next response."""
        self.started = False
        self.reusable = True
        self._begun: HttpResponse | None = None

    def feed(self, data: bytes) -> HttpResponse | None:
        """Take what arrived; returns the response when it is complete.

        Raises:
            UpstreamError: Nothing that comes on this connection can be trusted any more.
        """
        if self.started:
            return self._parse(data) if self._begun is None else self._add(self._begun, data)
        head = self._head
        plain = None if head is None else head.read(data)
        if plain is None:
            found = match_plain_head(data)
            if found is None:
                return self._parse_from_here(data)
            plain = read_plain_response(data, found)
            self._keep(data, found)
        response, missing = plain
        if missing < 0 or missing + len(response.body) > self._limit_bytes:
            return self._parse_from_here(data)
        if missing == 0:
            return response
        self.started = True
        self._begun, self._parts, self._missing = response, [response.body], missing
        return None

    def end(self) -> HttpResponse | None:
        """The peer will send no more; returns the response if that is how its end was to be told."""
        if not self.started or self._begun is not None:
            return None
        assert self._parser is not None
        response = self._parser.end()
        self.reusable = self._parser.reusable
        return response

    def _keep(self, data: bytes, found: re.Match[bytes]) -> None:
        """Compare the next head with this one, which is not that of the last response, or do so later."""
        if self._head is not None:
            self._head = None
            self._not_kept = _HEADS_NOT_KEPT
        elif self._not_kept:
            self._not_kept -= 1
        else:
            self._head = keep_plain_head(data, found)

    def _add(self, begun: HttpResponse, data: bytes) -> HttpResponse | None:
        """More of the body of a response with a plain head."""
        missing = self._missing - len(data)
        if missing < 0:
            # Nobody asked for what comes behind it.
            self.reusable = False
            data = data[:missing]
        self._parts.append(data)
        self._missing = missing
        if missing > 0:
            return None
        body, self._parts = b"".join(self._parts), []
        return HttpResponse(begun.status, begun.content_type, body, begun.head)

    def _parse_from_here(self, data: bytes) -> HttpResponse | None:
        self.started = True
        if self._parser is None:
            self._parser = ResponseParser(self._limit_bytes)
        self._parser.reset()
        return self._parse(data)

    def _parse(self, data: bytes) -> HttpResponse | None:
        assert self._parser is not None
        response = self._parser.feed(data)
        self.reusable = self._parser.reusable
        return response
