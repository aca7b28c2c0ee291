"""The block ``traffic_shaping``, and URLs of subgraphs."""

import pytest
from pydantic import ValidationError

from router.config.traffic import TrafficShapingSection
from router.upstream.endpoint import parse_endpoint


def test_a_subgraph_is_shaped_as_all_are() -> None:
    section = TrafficShapingSection.model_validate({"all": {"timeout": "10s", "bulkhead": {"max_connections": 5}}})
    shape = section.subgraph("users")
    assert (shape.timeout, shape.connect_timeout, shape.bulkhead.max_connections) == (10.0, 5.0, 5)


def test_what_a_subgraph_says_itself_counts() -> None:
    section = TrafficShapingSection.model_validate(
        {
            "all": {"timeout": "10s", "connect_timeout": "1s"},
            "subgraphs": {"users": {"timeout": "2s", "bulkhead": {"max_requests": 3}}},
        }
    )
    shape = section.subgraph("users")
    assert (shape.timeout, shape.connect_timeout, shape.bulkhead.max_requests) == (2.0, 1.0, 3)


@pytest.mark.parametrize("key", ["retry", "circuit_breaker", "outlier_detection", "compression"])
def test_what_does_not_exist_yet_is_refused(key: str) -> None:
    with pytest.raises(ValidationError, match=key):
        TrafficShapingSection.model_validate({"all": {key: {}}})


@pytest.mark.parametrize("timeout", ["0s", 7, "5", "-1s"])
def test_a_timeout_is_a_time(timeout: object) -> None:
    with pytest.raises(ValidationError):
        TrafficShapingSection.model_validate({"all": {"timeout": timeout}})


@pytest.mark.parametrize(
    ("url", "host", "port", "target", "authority"),
    [
        ("http://users", "users", 80, "/", "users"),
        ("https://users/graphql", "users", 443, "/graphql", "users"),
        ("http://users:4101/a?b=c", "users", 4101, "/a?b=c", "users:4101"),
        ("http://[::1]:4101/", "::1", 4101, "/", "[::1]:4101"),
        ("HTTP://Users/", "users", 80, "/", "Users"),
    ],
)
def test_a_url_is_taken_apart(url: str, host: str, port: int, target: str, authority: str) -> None:
    endpoint = parse_endpoint(url)
    assert (endpoint.host, endpoint.port, endpoint.target, endpoint.authority) == (host, port, target, authority)


def test_a_unix_url_names_socket_and_path() -> None:
    endpoint = parse_endpoint("unix:///run/a%20b.sock?path=/graphql")
    assert (endpoint.unix_path, endpoint.target, endpoint.authority) == ("/run/a b.sock", "/graphql", "localhost")


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("", "is not an http"),
        ("users:4101", "is not an http"),
        ("ftp://users", "is not an http"),
        ("http://", "names no host"),
        ("http://users:port/", "Port could not be cast"),
        ("http://users/ x", "has a space"),
        ("http://users/\r\nx: y", "control character"),
        ("http://user:password@users/", "must not hold a user"),
        ("http://users/#a", "has a fragment"),
        ("unix://run/users.sock", "names no absolute path"),
        ("unix:///run/users.sock?path=graphql", "must begin with a slash"),
    ],
)
def test_a_url_that_cannot_be_used_is_refused(url: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        parse_endpoint(url)
