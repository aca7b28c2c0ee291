"""Header rules: what a subgraph gets of a client's headers."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from multidict import CIMultiDict, CIMultiDictProxy
from pydantic import ValidationError

from router.config.headers import HeadersSection
from router.identity.identity import Identity
from router.policy.request import Request
from router.upstream.header_rules import HeaderRuleSet, encode_header_lines

CALLER = Identity(
    id="user-1",
    method="jwt",
    plan="pro",
    scopes=frozenset({"b", "a"}),
    claims={"org": "acme", "roles": ["x", "y"], "admin": True, "level": 3, "nested": {"a": 1}, "a.b": "dotted"},
)


def rules(*request_rules: object) -> HeaderRuleSet:
    section = HeadersSection.model_validate({"all": {"request": request_rules}})
    return HeaderRuleSet(section.request_rules("users"))


def request_with(*headers: tuple[str, str], identity: Identity | None = CALLER) -> Request:
    return Request(
        door="rest",
        method="GET",
        path="/v1/orders",
        route="/v1/orders",
        route_name="orders",
        headers=CIMultiDictProxy(CIMultiDict(headers)),
        peer_ip="203.0.113.9",
        id="request-1",
        identity=identity,
    )


def sent(rule_set: HeaderRuleSet, *headers: tuple[str, str]) -> list[tuple[str, str]]:
    return list(rule_set.apply(request_with(*headers)).items())


def test_without_rules_nothing_is_sent() -> None:
    assert sent(rules(), ("Authorization", "a"), ("X-A", "b")) == []


def test_a_named_header_is_propagated_with_all_its_values() -> None:
    rule = {"propagate": {"named": "X-A"}}
    assert sent(rules(rule), ("x-a", "1"), ("X-a", "2"), ("x-b", "3")) == [("x-a", "1"), ("x-a", "2")]


def test_a_header_may_get_another_name() -> None:
    assert sent(rules({"propagate": {"named": "x-a", "rename": "x-b"}}), ("x-a", "1")) == [("x-b", "1")]


def test_a_default_stands_in_for_a_missing_header() -> None:
    assert sent(rules({"propagate": {"named": "x-a", "default": "none"}})) == [("x-a", "none")]


def test_a_default_does_not_replace_a_header() -> None:
    assert sent(rules({"propagate": {"named": "x-a", "default": "none"}}), ("x-a", "")) == [("x-a", "")]


def test_headers_are_propagated_by_pattern() -> None:
    headers = [("X-A-1", "1"), ("X-B", "2"), ("x-a-2", "3")]
    assert sent(rules({"propagate": {"matching": "^x-a-"}}), *headers) == [("x-a-1", "1"), ("x-a-2", "3")]


def test_a_header_that_two_rules_name_is_sent_once() -> None:
    both = rules({"propagate": {"named": "x-a"}}, {"propagate": {"matching": "^x-"}})
    assert sent(both, ("x-a", "1"), ("x-b", "2")) == [("x-a", "1"), ("x-b", "2")]


@pytest.mark.parametrize(
    "name",
    ["Connection", "Keep-Alive", "Transfer-Encoding", "TE", "Upgrade", "Proxy-Authorization", "Content-Length", "Host"],
)
def test_a_pattern_never_propagates_headers_of_the_connection(name: str) -> None:
    assert sent(rules({"propagate": {"matching": ".*"}}), (name, "x-other"), ("X-A", "1")) == [("x-a", "1")]


def test_a_disguised_header_of_the_connection_is_not_propagated() -> None:
    assert sent(rules({"propagate": {"matching": ".*"}}), ("Transfer_Encoding", "chunked")) == []


@pytest.mark.parametrize("rule", [{"named": "x-hop"}, {"matching": "^x-"}], ids=["named", "matching"])
def test_a_header_that_the_client_declared_hop_by_hop_is_not_propagated(rule: object) -> None:
    assert sent(rules({"propagate": rule}), ("Connection", "close, X-Hop"), ("X-Hop", "1")) == []


def test_a_constant_is_inserted() -> None:
    assert sent(rules({"insert": {"name": "X-Source", "value": "gateway"}})) == [("x-source", "gateway")]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("consumer.id", "user-1"),
        ("consumer.plan", "pro"),
        ("consumer.scopes", "a b"),
        ("consumer.method", "jwt"),
        ("claims.org", "acme"),
        ("claims.roles", "x,y"),
        ("claims.admin", "true"),
        ("claims.level", "3"),
        ("claims.a.b", "dotted"),
        ("request.id", "request-1"),
        ("client.ip", "203.0.113.9"),
        ("route", "orders"),
    ],
)
def test_a_value_is_inserted_from_the_context(path: str, value: str) -> None:
    assert sent(rules({"insert": {"name": "x-a", "from_context": path}})) == [("x-a", value)]


@pytest.mark.parametrize("path", ["claims.missing", "claims.nested"])
def test_a_value_that_is_not_there_is_not_inserted(path: str) -> None:
    assert sent(rules({"insert": {"name": "x-a", "from_context": path}})) == []


@pytest.mark.parametrize(
    "propagate",
    [{"named": "x-consumer-id"}, {"matching": "^x"}, {"named": "x-other", "rename": "X-Consumer-ID"}],
    ids=["named", "matching", "rename"],
)
@pytest.mark.parametrize("name", ["X-Consumer-ID", "x-other", "x_consumer_id"])
@pytest.mark.parametrize("first", [True, False], ids=["insert first", "insert last"])
def test_a_client_cannot_send_what_is_inserted(propagate: object, name: str, *, first: bool) -> None:
    insert = {"insert": {"name": "X-Consumer-ID", "from_context": "consumer.id"}}
    order = [insert, {"propagate": propagate}] if first else [{"propagate": propagate}, insert]
    got = rules(*order).apply(request_with((name, "admin"), identity=None))
    assert "x-consumer-id" not in got
    assert "x_consumer_id" not in got


def test_named_headers_are_removed_again() -> None:
    some = rules({"propagate": {"matching": "^x-"}}, {"remove": {"named": "X-A"}})
    assert sent(some, ("x-a", "1"), ("x-a", "2"), ("x-b", "3")) == [("x-b", "3")]


def test_headers_are_removed_by_pattern() -> None:
    some = rules({"propagate": {"matching": "^x-"}}, {"remove": {"matching": "^x-internal-"}})
    assert sent(some, ("X-Internal-A", "1"), ("x-internal-b", "2"), ("x-b", "3")) == [("x-b", "3")]


def test_rules_work_in_their_order() -> None:
    some = rules({"remove": {"named": "x-a"}}, {"propagate": {"named": "x-a"}})
    assert sent(some, ("x-a", "1")) == [("x-a", "1")]


def test_rules_for_all_work_before_those_of_one_subgraph() -> None:
    section = HeadersSection.model_validate(
        {
            "all": {"request": [{"propagate": {"matching": "^x-"}}]},
            "subgraphs": {"users": {"request": [{"remove": {"named": "x-a"}}]}},
        }
    )
    users, orders = (HeaderRuleSet(section.request_rules(name)) for name in ("users", "orders"))
    assert (sent(users, ("x-a", "1")), sent(orders, ("x-a", "1"))) == ([], [("x-a", "1")])


def test_a_value_cannot_end_its_line() -> None:
    assert encode_header_lines([("a", "1\r\nb: 2\n\x00")]) == b"a: 1%0D%0Ab: 2%0A%00\r\n"


def test_a_value_that_came_as_bytes_leaves_as_the_same_bytes() -> None:
    assert encode_header_lines([("a", b"\xff\xc3\xa9".decode("utf-8", "surrogateescape"))]) == b"a: \xff\xc3\xa9\r\n"


NAMES = ["x-a", "X-B", "x_a", "x-request-id", "traceparent"]
RULES = st.one_of(
    st.builds(
        lambda name, more: {"propagate": {"named": name, **more}},
        st.sampled_from(NAMES),
        st.sampled_from([{}, {"rename": "x-c"}, {"rename": "X-A"}, {"default": "none"}]),
    ),
    st.builds(
        lambda name, value: {"insert": {"name": name, **value}},
        st.sampled_from(NAMES),
        st.sampled_from([{"value": "ours"}, {"from_context": "consumer.id"}, {"from_context": "claims.none"}]),
    ),
    st.sampled_from([{"propagate": {"matching": "^x-"}}, {"remove": {"named": "x-a"}}]),
)
RECEIVED = st.tuples(
    st.sampled_from([*NAMES, "connection"]), st.sampled_from(["", "1", "x-a", "é", "\t", "\r\n", "\udcff"])
)


@settings(max_examples=500, deadline=None)
@given(rule_list=st.lists(RULES, max_size=4), headers=st.lists(RECEIVED, max_size=4))
def test_the_lines_of_simple_rules_are_those_of_what_they_make(
    rule_list: list[object], headers: list[tuple[str, str]]
) -> None:
    rule_set, request = rules(*rule_list), request_with(*headers)
    lines = rule_set.simple_lines(request)
    assert lines in (None, encode_header_lines(rule_set.apply(request).items()))


@pytest.mark.parametrize("own", ["x-request-id", "traceparent", "tracestate"])
def test_rules_that_make_our_own_headers_are_not_simple(own: str) -> None:
    assert rules({"propagate": {"named": "x-a", "rename": own}}).simple_lines(request_with()) is None


def test_usual_rules_are_simple() -> None:
    usual = rules({"propagate": {"named": "x-a"}}, {"insert": {"name": "x-b", "from_context": "consumer.id"}})
    assert usual.simple_lines(request_with(("x-a", "1"))) == b"x-a: 1\r\nx-b: user-1\r\n"


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        ({}, "exactly one of propagate, insert and remove"),
        ({"propagate": {"named": "a"}, "remove": {"named": "a"}}, "exactly one of propagate, insert and remove"),
        ({"propagate": {}}, "exactly one of named and matching"),
        ({"propagate": {"named": "a", "matching": "b"}}, "exactly one of named and matching"),
        ({"propagate": {"matching": "a", "rename": "b"}}, "rename and default go with named"),
        ({"propagate": {"matching": "("}}, "not a regular expression"),
        ({"propagate": {"named": "Connection"}}, "belongs to the connection"),
        ({"propagate": {"named": "a", "rename": "Content-Length"}}, "belongs to the connection"),
        ({"propagate": {"named": "a b"}}, "cannot be the name of a header"),
        ({"propagate": {"named": "a\r\nb"}}, "cannot be the name of a header"),
        ({"insert": {"name": "a"}}, "exactly one of value and from_context"),
        ({"insert": {"name": "a", "value": "b", "from_context": "route"}}, "exactly one of value and from_context"),
        ({"insert": {"name": "a", "from_context": "consumer.password"}}, "from_context knows"),
        ({"insert": {"name": "a", "value": "b\r\nc: d"}}, "control characters"),
        ({"remove": {}}, "exactly one of named and matching"),
        ({"propagate": {"named": "a", "algorithm": "append"}}, "algorithm"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(rule: object, problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        rules(rule)
