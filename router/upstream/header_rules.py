"""Which headers of a client's request a subgraph gets, compiled once per snapshot.

Nothing is passed on that no rule names. Headers of the connection and the body are never passed on, whatever a rule
says, nor those that the client itself declared to be hop by hop. What a rule inserts is ours: a client's own header
of that name is dropped, so that nobody can pretend to be ``x-consumer-id``.
"""

import re
from collections.abc import Callable, Iterable, Sequence

from multidict import CIMultiDict, MultiMapping

from router.config.headers import OWN_HEADERS, HeaderRule, Insert, Propagate, Remove
from router.identity.identity import Identity
from router.policy.request import Request

NAMING = frozenset({"traceparent", "tracestate", "x-request-id"})
"""The headers by which we name a request: ours count, whatever a rule says."""

Step = Callable[[Request, CIMultiDict[str]], None]
"""Changes the headers that go out."""

Values = Callable[[Request], Sequence[str]]
"""What a rule that makes a certain header gives it for values."""

_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


class HeaderRuleSet:
    """The rules of one subgraph."""

    def __init__(self, rules: Sequence[HeaderRule]) -> None:
        inserted = frozenset(rule.insert.name.lower() for rule in rules if rule.insert is not None)
        self._steps = tuple(_compile(rule, inserted) for rule in rules)
        self._simple = _simple(rules, inserted)

    def apply(self, request: Request) -> CIMultiDict[str]:
        """The headers that the rules make of a client's request."""
        headers: CIMultiDict[str] = CIMultiDict()
        for step in self._steps:
            step(request, headers)
        return headers

    def simple_lines(self, request: Request) -> bytes | None:
        """``apply`` as header lines, in a third of the time; ``None`` if that cannot be, always or never.

        It can be if each rule makes a header of its own, whatever the others do, and none of ``NAMING``.
        """
        if self._simple is None:
            return None
        lines = b""
        for name, values in self._simple:
            for value in values(request):
                lines += b"%b: %b\r\n" % (name, encode_value(value))
        return lines


def encode_value(value: str) -> bytes:
    """A header value as it is sent; see ``encode_header_lines``."""
    # Most show at a glance that nothing is to be done.
    return value.encode() if value.isprintable() else printable(value).encode("utf-8", "surrogateescape")


def encode_header_lines(headers: Iterable[tuple[str, str]]) -> bytes:
    """Header lines as they are sent, each with its line end.

    A claim may hold anything. Control characters, which could end a line and begin another header, are sent in
    percent encoding; other text as UTF-8, which is also how aiohttp has read what came in.
    """
    return b"".join(
        [b"%b: %b\r\n" % (name.encode("utf-8", "surrogateescape"), encode_value(value)) for name, value in headers]
    )


def printable(value: str) -> str:
    """A header value without the characters that would end it."""
    if _CONTROL.search(value) is None:
        return value
    return _CONTROL.sub(lambda match: f"%{ord(match[0]):02X}", value)


def _compile(rule: HeaderRule, inserted: frozenset[str]) -> Step:
    if rule.propagate is not None:
        if rule.propagate.named is not None:
            return _propagate_named(rule.propagate, rule.propagate.named, inserted)
        return _propagate_matching(rule.propagate, inserted)
    if rule.insert is not None:
        return insert_step(rule.insert)
    assert rule.remove is not None
    return remove_step(rule.remove)


def _simple(rules: Sequence[HeaderRule], inserted: frozenset[str]) -> tuple[tuple[bytes, Values], ...] | None:
    """What ``simple_lines`` needs: names and values, in their order."""
    made: list[tuple[str, Values]] = []
    for rule in rules:
        if rule.insert is not None:
            made.append((rule.insert.name.lower(), _inserted(rule.insert)))
        elif rule.propagate is not None and rule.propagate.named is not None:
            named = _passed_on(rule.propagate, rule.propagate.named, inserted)
            if named is not None:
                made.append(named)
        else:
            return None
    names = [name for name, _ in made]
    if not NAMING.isdisjoint(names) or any(names.count(name) > 1 for name in inserted):
        return None
    return tuple((name.encode(), values) for name, values in made)


def _passed_on(rule: Propagate, name: str, inserted: frozenset[str]) -> tuple[str, Values] | None:
    """The header that a rule makes of a client's; ``None`` if an inserted header has its name."""
    target, own = (rule.rename or name).lower(), name.lower()
    default = [] if rule.default is None else [rule.default]

    def values(request: Request) -> Sequence[str]:
        received = request.headers
        found = received.getall(name, None)
        return default if found is None or own in connection_options(received) else found

    return None if {target, target.replace("_", "-"), own} & inserted else (target, values)


def _inserted(rule: Insert) -> Values:
    """The value of a header of our own, if it has one."""
    path = rule.from_context
    if path is None:
        constant = [] if rule.value is None else [rule.value]
        return lambda _: constant

    def values(request: Request) -> Sequence[str]:
        value = context_value(request, path)
        return [] if value is None else [value]

    return values


def _propagate_named(rule: Propagate, name: str, inserted: frozenset[str]) -> Step:
    passed_on = _passed_on(rule, name, inserted)
    if passed_on is None:
        return lambda _request, _headers: None
    target, values = passed_on

    def propagate(request: Request, headers: CIMultiDict[str]) -> None:
        for value in values(request):
            headers.add(target, value)

    return propagate


def _propagate_matching(rule: Propagate, inserted: frozenset[str]) -> Step:
    search = re.compile(rule.matching or "").search
    never = OWN_HEADERS | inserted

    def propagate(request: Request, headers: CIMultiDict[str]) -> None:
        skipped = never | connection_options(request.headers)
        # A header that an earlier rule propagated is not sent twice; its other values, if any, are here.
        present = frozenset(name.lower() for name in headers)
        for name, value in request.headers.items():
            lower = name.lower()
            # Some servers take ``x_consumer_id`` for ``x-consumer-id``, so it is not to be smuggled in as that.
            if {lower, lower.replace("_", "-")} & skipped:
                continue
            if lower not in present and search(lower):
                headers.add(lower, value)

    return propagate


def insert_step(rule: Insert) -> Step:
    """A header of our own, or none where it has no value."""
    name = rule.name.lower()
    values = _inserted(rule)

    def insert(request: Request, headers: CIMultiDict[str]) -> None:
        made = values(request)
        if made:
            headers[name] = made[0]
        else:
            headers.popall(name, None)

    return insert


def remove_step(rule: Remove) -> Step:
    """What earlier rules put in is taken out."""
    named = rule.named
    if named is not None:
        return lambda _, headers: _drop(headers, named)
    search = re.compile(rule.matching or "").search

    def remove(_: Request, headers: CIMultiDict[str]) -> None:
        for name in {name for name in headers if search(name.lower())}:
            _drop(headers, name)

    return remove


def _drop(headers: CIMultiDict[str], name: str) -> None:
    headers.popall(name, None)


def connection_options(received: MultiMapping[str]) -> frozenset[str]:
    """The headers that the sender declared to be for this hop only."""
    # https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1
    lines = received.getall("connection", None)
    if lines is None:
        return frozenset()
    return frozenset(option.strip().lower() for line in lines for option in line.split(","))


def context_value(request: Request, path: str) -> str | None:
    """The value of ``consumer.id`` and its like, or ``None`` if this request has none."""
    match path:
        case "request.id":
            return request.id
        case "client.ip":
            return request.peer_ip
        case "route":
            return request.route_name
        case _:
            return None if request.identity is None else _identity_value(request.identity, path)


def _identity_value(identity: Identity, path: str) -> str | None:
    match path:
        case "consumer.id":
            return identity.id
        case "consumer.plan":
            return identity.plan
        case "consumer.method":
            return identity.method
        case "consumer.scopes":
            return " ".join(sorted(identity.scopes))
        case _:
            return _claim_text(identity.claims.get(path.removeprefix("claims.")))


def _claim_text(claim: object) -> str | None:
    match claim:
        case None:
            return None
        case bool():
            return "true" if claim else "false"
        case str() | int() | float():
            return str(claim)
        case list():
            return ",".join(text for text in map(_claim_text, claim) if text is not None)
        case _:
            return None
