"""Which headers of subgraphs' answers clients get."""

import pytest

from router.config.headers import HeadersSection
from router.identity.identity import Identity
from router.policy.request import Request
from router.upstream.response_header_rules import ResponseHeaderRuleSet
from tests.requests_in import request_in

Headers = list[tuple[bytes, bytes]]


def sent(*answers: Headers, rules: list[dict[str, object]], request: Request | None = None) -> list[tuple[str, str]]:
    section = HeadersSection.model_validate({"all": {"response": rules}})
    rule_set = ResponseHeaderRuleSet(section.response_rules("any"))
    request = request or request_in()
    for answer in answers:
        rule_set.apply(request, answer)
    return [(name.lower(), value) for name, value in request.response_headers.items()]


def propagate(name: str, **options: object) -> dict[str, object]:
    return {"propagate": {"named": name, **options}}


def test_nothing_is_passed_on_that_no_rule_names() -> None:
    assert sent([(b"x-a", b"1"), (b"x-b", b"2")], rules=[propagate("x-b")]) == [("x-b", "2")]


@pytest.mark.parametrize(
    ("algorithm", "expected"),
    [("first", ["1"]), ("last", ["2"]), ("append", ["1", "2"])],
)
def test_of_several_answers_the_rule_says_which_count(algorithm: str, expected: list[str]) -> None:
    found = sent([(b"x-a", b"1")], [(b"x-a", b"2")], rules=[propagate("X-A", algorithm=algorithm)])
    assert found == [("x-a", value) for value in expected]


def test_cookies_are_never_joined_or_lost() -> None:
    answers = ([(b"set-cookie", b"a=1; Path=/"), (b"set-cookie", b"b=2")], [(b"set-cookie", b"c=3")])
    found = sent(*answers, rules=[propagate("set-cookie", algorithm="last")])
    assert found == [("set-cookie", "a=1; Path=/"), ("set-cookie", "b=2"), ("set-cookie", "c=3")]


def test_a_header_can_get_another_name_and_a_default() -> None:
    rules = [propagate("x-a", rename="x-b"), propagate("x-c", default="none")]
    assert sent([(b"x-a", b"1")], rules=rules) == [("x-b", "1"), ("x-c", "none")]


def test_a_pattern_never_takes_headers_of_the_connection_or_the_body() -> None:
    answer = [(b"content-length", b"3"), (b"connection", b"x-hop"), (b"x-hop", b"1"), (b"x-far", b"2")]
    assert sent(answer, rules=[{"propagate": {"matching": ".*"}}]) == [("x-far", "2")]


def test_a_rule_cannot_name_headers_of_the_connection() -> None:
    with pytest.raises(ValueError, match="belongs to the connection"):
        sent([], rules=[propagate("transfer-encoding")])


def test_headers_can_be_inserted_and_removed() -> None:
    rules: list[dict[str, object]] = [
        {"propagate": {"matching": "^x-"}},
        {"remove": {"named": "x-internal"}},
        {"insert": {"name": "x-consumer", "from_context": "consumer.id"}},
    ]
    request = request_in(identity=Identity(id="acme", method="jwt"))
    found = sent([(b"x-internal", b"1"), (b"x-open", b"2")], rules=rules, request=request)
    assert found == [("x-open", "2"), ("x-consumer", "acme")]


def test_a_value_cannot_end_its_line() -> None:
    assert sent([(b"x-a", b"1\x01\x7f")], rules=[propagate("x-a")]) == [("x-a", "1%01%7F")]


@pytest.mark.parametrize("rule", [{}, {"insert": {"name": "a", "value": "1"}, "remove": {"named": "b"}}])
def test_a_rule_is_exactly_one_thing(rule: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="exactly one of"):
        sent([], rules=[rule])
