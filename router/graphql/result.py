"""What one GraphQL operation came to, before a door puts it into a response."""

from collections.abc import Awaitable, Callable, Mapping

from msgspec import Struct, field

from router.executor.codec import encode_json
from router.executor.outcome import data_of
from router.policy.request import Write

ErrorObject = Mapping[str, object]

Rest = Callable[[Write], Awaitable[None]]
"""Writes payloads, each one JSON object."""


class GraphqlResult(Struct, kw_only=True):
    """A result of an operation. Not frozen, as there is one for each request; only who makes it changes it.

    Attributes:
        only_data: The response if there is nothing else to say: see ``with_only``; ``None`` if nothing was executed.
        errors: GraphQL error objects, JSON-able.
        extensions: The gateway's own, such as the query plan.
        status: The HTTP status of the GraphQL door: 200 once execution has started.
        rest: Writes the payloads with deferred parts, if there are any; this result is then the first payload.
    """

    only_data: bytes | None
    errors: tuple[ErrorObject, ...] = ()
    extensions: Mapping[str, object] = field(default_factory=dict)
    status: int = 200
    rest: Rest | None = None

    @property
    def data(self) -> bytes | None:
        """JSON of ``data``, ``null`` included; ``None`` if nothing was executed."""
        return None if self.only_data is None else data_of(self.only_data)

    @property
    def error_codes(self) -> tuple[str, ...]:
        """The code of every error, for metrics and the access log."""
        return tuple(map(error_code, self.errors)) if self.errors else ()

    def encode(self, *, has_next: bool | None = None) -> bytes:
        """The GraphQL response as JSON; ``has_next`` is told to clients that take deferred parts.

        Errors come first, as the specification recommends: a reader of the text sees them before a long ``data``.
        https://spec.graphql.org/September2025/#sec-Response-Format
        """
        if self.only_data is not None and not self.errors and not self.extensions and has_next is None:
            return self.only_data
        parts: list[bytes] = []
        if self.errors:
            parts.append(b'"errors":' + encode_json(self.errors))
        if self.only_data is not None:
            parts.append(self.only_data[1:-1])
        if self.extensions:
            parts.append(b'"extensions":' + encode_json(self.extensions))
        if has_next is not None:
            parts.append(b'"hasNext":' + (b"true" if has_next else b"false"))
        return b"{" + b",".join(parts) + b"}"


def error_code(error: ErrorObject) -> str:
    """The code of an error object."""
    extensions = error.get("extensions")
    code = extensions.get("code") if isinstance(extensions, Mapping) else None
    return code if isinstance(code, str) else "INTERNAL_SERVER_ERROR"
