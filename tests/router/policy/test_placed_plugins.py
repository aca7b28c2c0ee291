"""Plugins that are asked in some places only: under a route, for a subgraph."""

import pytest

from router.config.model import Config
from router.executor.outcome import FetchOutcome
from router.plugins import Plugin, PluginOptions, Request, Response, SubgraphCall
from router.plugins.load import PluginProblemError
from router.plugins.placed import placed_plugins
from router.testing import FakeSubgraph, RouterTester

LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])'
USERS = LINK + ' type Query { me: User } type User @key(fields: "id") { id: ID! name: String }'
REVIEWS = LINK + ' type User @key(fields: "id") { id: ID! reviews: [String!] }'
ORDERS: dict[str, object] = {"name": "orders", "path": "/orders", "terminate": {"status": 200}}
ITEMS: dict[str, object] = {"name": "items", "path": "/items", "terminate": {"status": 200}}
USE = f"{__name__}:Mark"


class Mark(Plugin):
    """Leaves its mark on answers, and on requests to subgraphs."""

    class Options(PluginOptions):
        mark: str = "x"

    options: Options

    def on_response(self, _request: Request, response: Response) -> None:
        response.headers.add("x-mark", self.options.mark)

    async def on_subgraph_request(self, _request: Request, call: SubgraphCall) -> FetchOutcome | None:
        call.headers["x-mark"] = self.options.mark
        return None


def entry(mark: str, **more: object) -> dict[str, object]:
    return {"use": USE, "config": {"mark": mark}, **more}


def gateway(top: list[dict[str, object]], orders: list[dict[str, object]]) -> RouterTester:
    subgraphs = {
        "users": FakeSubgraph(USERS, answer={"data": {"me": {"__typename": "User", "id": "1", "name": "Ada"}}}),
        "reviews": FakeSubgraph(REVIEWS, answer={"data": {"_entities": [{"reviews": ["good"]}]}}),
    }
    config = {"plugins": top, "rest": {"routes": [{**ORDERS, "plugins": orders}, ITEMS]}}
    return RouterTester(config, subgraphs=subgraphs)


async def marks(router: RouterTester, path: str) -> list[str]:
    return list((await router.request("GET", path)).headers.getall("x-mark", []))


async def test_a_plugin_under_a_route_is_asked_there_and_nowhere_else() -> None:
    async with gateway([], [entry("route")]) as router:
        assert await marks(router, "/orders") == ["route"]
        assert await marks(router, "/items") == []
        assert (await router.query("{ me { name } }")).headers.getall("x-mark", []) == []


async def test_the_narrower_place_wins() -> None:
    async with gateway([entry("top")], [entry("route")]) as router:
        assert await marks(router, "/orders") == ["route"]
        assert await marks(router, "/items") == ["top"]


async def test_plugins_of_other_names_are_both_asked() -> None:
    async with gateway([entry("top", name="first")], [entry("route")]) as router:
        assert sorted(await marks(router, "/orders")) == ["route", "top"]


async def test_a_mode_does_not_reach_beyond_the_route() -> None:
    async with gateway(
        [], [entry("route", mode={"doors": {"rest": "enforce"}, "routes": {"items": "enforce"}})]
    ) as router:
        assert await marks(router, "/items") == []


async def test_a_plugin_under_a_route_is_named_after_it() -> None:
    async with gateway([], [entry("route")]) as router:
        verdicts = (await router.request("GET", "/items")).verdicts
        assert verdicts["Mark@orders"].outcome == "off"


async def test_a_plugin_is_told_of_the_subgraphs_that_it_names() -> None:
    async with gateway([entry("for-users", subgraphs=["users"])], []) as router:
        await router.query("{ me { name reviews } }")
        assert router.subgraphs["users"].requests[0].headers["x-mark"] == "for-users"
        assert "x-mark" not in router.subgraphs["reviews"].requests[0].headers


async def test_a_subgraph_that_is_not_there_is_told(caplog: pytest.LogCaptureFixture) -> None:
    async with gateway([entry("x", subgraphs=["user"])], []):
        pass
    assert "configured subgraph is not in the supergraph" in caplog.messages


def test_the_same_plugin_may_stand_under_several_routes() -> None:
    routes = [{**ORDERS, "plugins": [entry("a")]}, {**ITEMS, "plugins": [entry("b")]}]
    placed = placed_plugins(Config.model_validate({"rest": {"routes": routes}}), taken=frozenset())
    assert [each.plugin.name for each in placed] == ["Mark@orders", "Mark@items"]


def test_two_of_one_name_under_one_route_are_refused() -> None:
    routes = [{**ORDERS, "plugins": [entry("a"), entry("b")]}]
    with pytest.raises(PluginProblemError, match="orders"):
        placed_plugins(Config.model_validate({"rest": {"routes": routes}}), taken=frozenset())


def test_a_wrong_option_is_told_with_its_place() -> None:
    routes = [{**ORDERS, "plugins": [{"use": USE, "config": {"marc": "a"}}]}]
    with pytest.raises(PluginProblemError, match=r"rest\.routes\[0\]\.plugins\[0\]\.config\.marc"):
        placed_plugins(Config.model_validate({"rest": {"routes": routes}}), taken=frozenset())
