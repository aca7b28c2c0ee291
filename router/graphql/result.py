"""What one GraphQL operation came to, before a door puts it into a response."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from router.executor.codec import encode_json

ErrorObject = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphqlResult:
    """A result of an operation.

    Attributes:
        data: JSON bytes of ``data``, ``null`` included; ``None`` if nothing was executed.
        errors: GraphQL error objects, JSON-able.
        extensions: The gateway's own, such as the query plan.
        status: The HTTP status of the GraphQL door: 200 once execution has started.
    """

    data: bytes | None
    errors: tuple[ErrorObject, ...] = ()
    extensions: Mapping[str, object] = field(default_factory=dict)
    status: int = 200

    @property
    def error_codes(self) -> tuple[str, ...]:
        """The code of every error, for metrics and the access log."""
        return tuple(error_code(error) for error in self.errors)

    def encode(self) -> bytes:
        """The GraphQL response as JSON.

        Errors come first, as the specification recommends: a reader of the text sees them before a long ``data``.
        https://spec.graphql.org/September2025/#sec-Response-Format
        """
        parts: list[bytes] = []
        if self.errors:
            parts.append(b'"errors":' + encode_json(self.errors))
        if self.data is not None:
            parts.append(b'"data":' + self.data)
        if self.extensions:
            parts.append(b'"extensions":' + encode_json(self.extensions))
        return b"{" + b",".join(parts) + b"}"


def error_code(error: ErrorObject) -> str:
    """The code of an error object."""
    extensions = error.get("extensions")
    code = extensions.get("code") if isinstance(extensions, Mapping) else None
    return code if isinstance(code, str) else "INTERNAL_SERVER_ERROR"
