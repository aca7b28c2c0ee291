"""The block ``headers``: which headers subgraphs get, and clients. Nothing is passed on that no rule names."""

import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, model_validator

from router.config.section import Section

_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_CONTEXT = re.compile(r"consumer\.(id|plan|scopes|method)|claims\..+|request\.id|client\.ip|route")

# Headers that belong to one connection or describe the body. A gateway makes its own or has none.
# https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1
OWN_HEADERS = frozenset({
    "connection", "keep-alive", "proxy-connection", "proxy-authenticate", "proxy-authorization", "te", "trailer",
    "transfer-encoding", "upgrade", "content-length", "content-encoding", "content-type", "host", "expect",
    "accept", "accept-encoding", "http2-settings",
})  # fmt: skip


def _header_name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} cannot be the name of a header")
    return name


def _free_header_name(name: str) -> str:
    if _header_name(name).lower() in OWN_HEADERS:
        raise ValueError(f"{name} belongs to the connection or to the body, and is never taken from a rule")
    return name


def _pattern(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"{pattern!r} is not a regular expression: {error}") from None
    return pattern


def _context_path(path: str) -> str:
    if not _CONTEXT.fullmatch(path):
        raise ValueError(
            "from_context knows consumer.id, consumer.plan, consumer.scopes, consumer.method, claims.<name>, "
            "request.id, client.ip and route"
        )
    return path


def _header_value(value: str) -> str:
    if any(character < " " and character != "\t" for character in value) or "\x7f" in value:
        raise ValueError("a header value must not have control characters")
    return value


HeaderName = Annotated[str, AfterValidator(_header_name)]
FreeHeaderName = Annotated[str, AfterValidator(_free_header_name)]
HeaderValue = Annotated[str, AfterValidator(_header_value)]
Pattern = Annotated[str, AfterValidator(_pattern)]


class Propagate(Section):
    """Pass a header of the client's request on."""

    named: FreeHeaderName | None = None
    """The header."""

    matching: Pattern | None = None
    """A regular expression that is searched in header names, in lower case; instead of ``named``."""

    rename: FreeHeaderName | None = None
    """The name that the subgraph sees; with ``named`` only."""

    default: HeaderValue | None = None
    """The value if the client sends none; with ``named`` only."""

    @model_validator(mode="after")
    def _check(self) -> "Propagate":
        if (self.named is None) == (self.matching is None):
            raise ValueError("propagate has exactly one of named and matching")
        if self.named is None and (self.rename is not None or self.default is not None):
            raise ValueError("rename and default go with named, not with matching")
        return self


class Insert(Section):
    """Send a header of our own; a client's header of that name is never passed on."""

    name: FreeHeaderName
    """The header."""

    value: HeaderValue | None = None
    """Its value."""

    from_context: Annotated[str, AfterValidator(_context_path)] | None = None
    """Where its value comes from, for example ``consumer.id``; if there is none, the header is not sent."""

    @model_validator(mode="after")
    def _check(self) -> "Insert":
        if (self.value is None) == (self.from_context is None):
            raise ValueError("insert has exactly one of value and from_context")
        return self


class Remove(Section):
    """Take out what earlier rules put in."""

    named: HeaderName | None = None
    """The header."""

    matching: Pattern | None = None
    """A regular expression that is searched in header names, in lower case; instead of ``named``."""

    @model_validator(mode="after")
    def _check(self) -> "Remove":
        if (self.named is None) == (self.matching is None):
            raise ValueError("remove has exactly one of named and matching")
        return self


class HeaderRule(Section):
    """One rule: exactly one of propagate, insert and remove."""

    propagate: Propagate | None = None
    insert: Insert | None = None
    remove: Remove | None = None

    @model_validator(mode="after")
    def _check(self) -> "HeaderRule":
        if sum(rule is not None for rule in (self.propagate, self.insert, self.remove)) != 1:
            raise ValueError("a header rule has exactly one of propagate, insert and remove")
        return self


Algorithm = Literal["first", "last", "append"]


class ResponsePropagate(Propagate):
    """Pass a header of the subgraph's answer on."""

    algorithm: Algorithm = "last"
    """When several subgraphs answer with it: the first, the last or all. Cookies are always all sent."""


class ResponseHeaderRule(Section):
    """One rule: exactly one of propagate, insert and remove."""

    propagate: ResponsePropagate | None = None
    insert: Insert | None = None
    remove: Remove | None = None

    @model_validator(mode="after")
    def _check(self) -> "ResponseHeaderRule":
        if sum(rule is not None for rule in (self.propagate, self.insert, self.remove)) != 1:
            raise ValueError("a header rule has exactly one of propagate, insert and remove")
        return self


class HeaderRules(Section):
    """Rules of both directions, in the order in which they work."""

    request: tuple[HeaderRule, ...] = ()
    """What is sent to the subgraph."""

    response: tuple[ResponseHeaderRule, ...] = ()
    """What of its answer is sent to the client."""


class HeadersSection(Section):
    """Header rules for subgraphs; those for all of them work first."""

    all: HeaderRules = HeaderRules()
    subgraphs: Mapping[str, HeaderRules] = {}
    """By subgraph."""

    def request_rules(self, subgraph: str) -> tuple[HeaderRule, ...]:
        """The rules for requests to one subgraph, in order."""
        return self.all.request + self.subgraphs.get(subgraph, HeaderRules()).request

    def response_rules(self, subgraph: str) -> tuple[ResponseHeaderRule, ...]:
        """The rules for answers of one subgraph, in order."""
        return self.all.response + self.subgraphs.get(subgraph, HeaderRules()).response
