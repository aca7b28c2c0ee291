"""Which route answers, and what the configuration may say."""

import pytest
from pydantic import ValidationError

from router.config.problems import ConfigError
from router.config.rest import RestSection
from router.errors import ForbiddenError, MethodNotAllowedError, UnauthenticatedError
from router.identity.identity import Identity
from router.rest import RestRoutes, requirements_of
from router.rest.errors import BadPathError
from tests.rest_requests import SCHEMA, FakeStage, NoTrace, rest_request


def section_of(*routes: dict[str, object], base_path: str = "/api") -> RestSection:
    complete = [{"upstream": "http://service", **route} for route in routes]
    return RestSection.model_validate({"base_path": base_path, "routes": complete})


def load(*routes: dict[str, object], base_path: str = "/api") -> RestRoutes:
    return RestRoutes(
        section_of(*routes, base_path=base_path),
        schema=SCHEMA,
        run=FakeStage().run,
        trace=NoTrace(),
        proxy_timeout_seconds=1.0,
    )


def matched(routes: RestRoutes, method: str, path: str) -> str | None:
    match = routes.match(method, path)
    return None if match is None else match.name


ORDERS: dict[str, object] = {"name": "orders", "path": "/v1/orders"}
ORDER: dict[str, object] = {"name": "order", "path": "/v1/orders/{id}"}
MINE: dict[str, object] = {"name": "mine", "path": "/v1/orders/mine"}


def test_the_first_route_that_fits_answers() -> None:
    routes = load(ORDERS, MINE, ORDER)
    assert [matched(routes, "GET", f"/api/v1/orders{end}") for end in ("", "/mine", "/1")] == [
        "orders",
        "mine",
        "order",
    ]


def test_a_match_names_the_whole_template() -> None:
    match = load(ORDER).match("GET", "/api/v1/orders/1")
    assert match is not None
    assert match.path == "/api/v1/orders/{id}"


@pytest.mark.parametrize("path", ["/", "/v1/orders", "/api/v1/orders/", "/api/v1/Orders", "/api/v1/orders/1/2"])
def test_an_unknown_path_matches_nothing(path: str) -> None:
    assert load(ORDERS, ORDER).match("GET", path) is None


def test_a_path_in_disguise_is_refused() -> None:
    with pytest.raises(BadPathError):
        load(ORDERS).match("GET", "/api/v1/x/%2e%2e/orders")


def test_without_routes_no_path_is_looked_at() -> None:
    assert load().match("GET", "/a/../b") is None


def test_methods_of_one_path_may_belong_to_several_routes() -> None:
    routes = load(ORDERS, {"name": "create", "path": "/v1/orders", "methods": ["POST", "PUT"]})
    methods = ("GET", "POST", "PUT")
    assert [matched(routes, method, "/api/v1/orders") for method in methods] == ["orders", "create", "create"]


def test_get_includes_head() -> None:
    assert matched(load(ORDERS), "HEAD", "/api/v1/orders") == "orders"


async def test_another_method_is_refused_with_all_that_are_allowed() -> None:
    routes = load(ORDERS, {"name": "create", "path": "/v1/orders", "method": "POST"})
    match = routes.match("DELETE", "/api/v1/orders")
    assert match is not None
    with pytest.raises(MethodNotAllowedError) as refused:
        await match.handler(rest_request("DELETE"))
    assert (match.name, refused.value.headers) == ("orders", {"Allow": "GET, HEAD, OPTIONS, POST"})


async def test_options_tells_what_is_allowed() -> None:
    match = load(ORDERS).match("OPTIONS", "/api/v1/orders")
    assert match is not None
    response = await match.handler(rest_request("OPTIONS"))
    assert (response.status, response.headers["Allow"]) == (204, "GET, HEAD, OPTIONS")


def test_a_base_path_can_be_left_out() -> None:
    assert matched(load(ORDERS, base_path=""), "GET", "/v1/orders") == "orders"


def test_the_root_below_a_base_path_is_the_base_path() -> None:
    assert matched(load({"name": "root", "path": "/"}), "GET", "/api") == "root"


# Mistakes that are found at load


@pytest.mark.parametrize(
    ("routes", "problem"),
    [
        ([ORDERS, {**MINE, "name": "orders"}], "another route has the same name"),
        ([ORDER, MINE], "route mine: route order (/api/v1/orders/{id}) stands before it and takes its GET, HEAD"),
        ([ORDERS, {**ORDERS, "name": "again"}], "route again: route orders"),
        ([{"name": "all", "path": "/{rest*}"}, ORDERS], "route orders: route all"),
        ([ORDERS, {**ORDERS, "name": "again", "methods": ["HEAD", "POST"]}], "takes its HEAD requests"),
        ([{**ORDERS, "name": "graphql"}], 'the name "graphql" is taken'),
        ([{**ORDERS, "upstream": "service:80"}], "route orders: 'service:80' is not an http://"),
        ([{**ORDERS, "upstream": "http://u:p@service"}], "must not hold a user or a password"),
        ([{**ORDERS, "upstream": "http://service/?a=b"}], "without a query"),
        ([{**ORDERS, "strip_prefix": "/v2"}], "/api/v1/orders does not begin with strip_prefix /v2"),
        ([{**ORDERS, "strip_prefix": "/api/v"}], "does not begin with strip_prefix"),
    ],
)
def test_a_conflict_is_refused(routes: list[dict[str, object]], problem: str) -> None:
    with pytest.raises(ConfigError) as refused:
        load(*routes)
    assert problem in str(refused.value)


def test_every_conflict_is_told() -> None:
    with pytest.raises(ConfigError) as refused:
        load(ORDER, MINE, {**ORDERS, "upstream": "x"})
    assert len(refused.value.problems) == 2


@pytest.mark.parametrize(
    ("route", "problem"),
    [
        ({"path": "v1"}, "begins with a slash"),
        ({"path": "/v1/"}, "neither plain text nor"),
        ({"path": "/v1//a"}, "neither plain text nor"),
        ({"path": "/{rest*}/a"}, "may only come last"),
        ({"path": "/{a}x"}, "neither plain text nor"),
        ({"path": "/{1}"}, "neither plain text nor"),
        ({"path": "/{a}/{a}"}, "the same name"),
        ({"path": "/a/../b"}, "must not have"),
        ({"path": "/a%20b"}, "neither plain text nor"),
        ({"method": "TRACE"}, "Input should be"),
        ({"method": "GET", "methods": ["GET"]}, "not both"),
        ({"operation": "a.graphql"}, "exactly one of operation, upstream and terminate"),
        ({"upstream": None}, "exactly one of operation, upstream and terminate"),
        ({"body": "input"}, "body cannot stand in a route with upstream"),
        (
            {"upstream": None, "operation": "a", "strip_prefix": "/a"},
            "strip_prefix cannot stand in a route with operation",
        ),
        ({"require": {"scopes": []}}, "say what is required"),
        ({"require": {"api_keys": True}}, "api_keys"),
        ({"cache": {"ttl": "30s"}}, "cache"),
        ({"request": {"headers": {"add": {"Host": "x"}}}}, "Host belongs to the connection"),
        ({"request": {"headers": {"add": {"X-A": "a\r\nb: c"}}}}, "control characters"),
    ],
)
def test_a_route_that_makes_no_sense_is_refused(route: dict[str, object], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        section_of({"name": "route", "path": "/a", **route})


# Requirements


def test_a_route_that_says_nothing_has_no_requirement() -> None:
    assert requirements_of(section_of(ORDERS), {}) == {}


def test_a_public_route_lets_everybody_in() -> None:
    requirements_of(section_of({**ORDERS, "require": "public"}), {})["orders"](rest_request())


def test_an_authenticated_route_needs_an_identity() -> None:
    require = requirements_of(section_of({**ORDERS, "require": "authenticated"}), {})["orders"]
    require(rest_request(identity=Identity(id="u", method="jwt")))
    with pytest.raises(UnauthenticatedError):
        require(rest_request())


@pytest.mark.parametrize("scopes", [{"a", "b"}, {"admin"}, {"a", "b", "c"}])
def test_a_route_with_scopes_needs_all_of_one_list(scopes: set[str]) -> None:
    require = requirements_of(section_of({**ORDERS, "require": {"scopes": [["a", "b"], ["admin"]]}}), {})["orders"]
    require(rest_request(identity=Identity(id="u", method="jwt", scopes=frozenset(scopes))))


@pytest.mark.parametrize("scopes", [set(), {"a"}, {"b", "c"}])
def test_a_route_with_scopes_refuses_other_callers(scopes: set[str]) -> None:
    require = requirements_of(section_of({**ORDERS, "require": {"scopes": [["a", "b"], ["admin"]]}}), {})["orders"]
    with pytest.raises(ForbiddenError, match="a and b or admin"):
        require(rest_request(identity=Identity(id="u", method="jwt", scopes=frozenset(scopes))))


def test_a_route_with_scopes_sends_strangers_to_log_in() -> None:
    require = requirements_of(section_of({**ORDERS, "require": {"scopes": [["a"]]}}), {})["orders"]
    with pytest.raises(UnauthenticatedError):
        require(rest_request())
