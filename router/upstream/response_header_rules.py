"""Which headers of subgraphs' answers the client gets, compiled once per snapshot.

Nothing is passed on that no rule names, and never what belongs to the connection or describes the body. Several
subgraphs may answer with the same header: a rule says whether the first, the last or all of them count. Cookies are
always kept apart, each in a line of its own.
https://www.rfc-editor.org/rfc/rfc6265#section-3
"""

import re
from collections.abc import Callable, Iterable, Sequence

from multidict import CIMultiDict

from router.config.headers import OWN_HEADERS, Algorithm, ResponseHeaderRule, ResponsePropagate
from router.policy.request import Request
from router.upstream.header_rules import connection_options, insert_step, printable, remove_step

Answered = CIMultiDict[str]
"""Headers of one answer, under the names that the client will see."""

Step = Callable[[Request, Answered, Answered], None]
"""Takes the subgraph's headers, and changes what goes on to the client."""

_COOKIE = "set-cookie"


class ResponseHeaderRuleSet:
    """The rules of one subgraph."""

    def __init__(self, rules: Sequence[ResponseHeaderRule]) -> None:
        self._steps = tuple(map(_compile, rules))
        self._algorithms: dict[str, Algorithm] = {}
        self._matching: list[tuple[re.Pattern[str], Algorithm]] = []
        for rule in rules:
            if rule.propagate is not None and rule.propagate.named is not None:
                name = (rule.propagate.rename or rule.propagate.named).lower()
                self._algorithms[name] = rule.propagate.algorithm
            elif rule.propagate is not None:
                self._matching.append((re.compile(rule.propagate.matching or ""), rule.propagate.algorithm))

    def apply(self, request: Request, headers: Iterable[tuple[bytes, bytes]]) -> None:
        """Pass on what the rules make of the headers of one answer."""
        answered = Answered(
            (name.decode("latin-1"), value.decode("utf-8", "surrogateescape")) for name, value in headers
        )
        passed = Answered()
        for step in self._steps:
            step(request, answered, passed)
        for name in dict.fromkeys(name.lower() for name in passed):
            self._add(request.response_headers, name, passed.getall(name))

    def _add(self, sent: CIMultiDict[str], name: str, values: list[str]) -> None:
        algorithm = "append" if name == _COOKIE else self._algorithm(name)
        if algorithm == "first" and name in sent:
            return
        if algorithm == "last":
            sent.popall(name, None)
        for value in values:
            sent.add(name, printable(value))

    def _algorithm(self, name: str) -> Algorithm:
        known = self._algorithms.get(name)
        if known is not None:
            return known
        return next((algorithm for pattern, algorithm in self._matching if pattern.search(name)), "last")


def _compile(rule: ResponseHeaderRule) -> Step:
    if rule.propagate is not None:
        return _propagate(rule.propagate)
    if rule.insert is not None:
        change = insert_step(rule.insert)
    else:
        assert rule.remove is not None
        change = remove_step(rule.remove)
    return lambda request, _, passed: change(request, passed)


def _propagate(rule: ResponsePropagate) -> Step:
    if rule.named is None:
        search = re.compile(rule.matching or "").search

        def propagate_matching(_: Request, answered: Answered, passed: Answered) -> None:
            never = OWN_HEADERS | connection_options(answered)
            for name, value in answered.items():
                lower = name.lower()
                if lower not in never and search(lower):
                    passed.add(lower, value)

        return propagate_matching
    named, target, default = rule.named, (rule.rename or rule.named).lower(), rule.default

    def propagate_named(_: Request, answered: Answered, passed: Answered) -> None:
        values = [] if named.lower() in connection_options(answered) else answered.getall(named, [])
        for value in values or ([] if default is None else [default]):
            passed.add(target, value)

    return propagate_named
