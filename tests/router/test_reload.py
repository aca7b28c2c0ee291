"""A gateway takes new schemas and configurations while it serves."""

import asyncio
import threading
import weakref
from pathlib import Path

import aiohttp
import pytest
import yaml

from router.config.load import load_config
from router.gateway import Router
from router.setup import Setup
from tests.live_gateway import USERS_SDL, FakeSubgraph, answer_users, compose_supergraph
from tests.reloading import LIMIT_SECONDS, Reloading, reloading, serving

SUCCESS = 'router_supergraph_reloads_total{result="success"}'
UNCHANGED = 'router_supergraph_reloads_total{result="unchanged"}'
FAILURE = 'router_supergraph_reloads_total{result="failure"}'
PLANNED = 'router_cache_requests_total{cache="plan",result="miss"}'
PREPARED = 'router_cache_requests_total{cache="document",result="miss"}'

QUERY = "{ me { name reviews } }"
ANSWER = {"data": {"me": {"name": "Ada", "reviews": ["good"]}}}


def is_refused(answer: dict[str, object]) -> bool:
    return "GRAPHQL_VALIDATION_FAILED" in str(answer)


async def test_a_changed_schema_is_served_without_being_asked(tmp_path: Path) -> None:
    async with reloading(tmp_path, hot_reload=True) as gateway:
        assert is_refused(await gateway.ask("{ me { age } }"))
        gateway.add_field("age")
        await gateway.released()
        assert await gateway.ask("{ me { age } }") == {"data": {"me": {"age": None}}}


async def test_without_hot_reload_a_change_waits_for_someone_to_ask(tmp_path: Path) -> None:
    async with reloading(tmp_path) as gateway:
        gateway.add_field("age")
        assert is_refused(await gateway.ask("{ me { age } }"))
        await gateway.reload()
        assert not is_refused(await gateway.ask("{ me { age } }"))


async def test_a_broken_schema_keeps_the_last_good_one(tmp_path: Path) -> None:
    async with reloading(tmp_path) as gateway:
        gateway.write_users("type Query {")
        gateway.router.reload()
        await gateway.becomes(FAILURE, 1)
        assert await gateway.ask(QUERY) == ANSWER


async def test_what_is_broken_is_told_with_place_and_cure(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with reloading(tmp_path) as gateway:
        gateway.write_users(USERS_SDL.replace("id: ID! name: String", "id: ID! name: String reviews: [String!]"))
        gateway.router.reload()
        await gateway.becomes(FAILURE, 1)
    told = [record.__dict__ for record in caplog.records if "cure" in record.__dict__]
    assert [(record["levelname"], record["code"]) for record in told] == [("ERROR", "INVALID_FIELD_SHARING")]
    assert "users.graphql:6:" in told[0]["place"]
    assert "@shareable" in told[0]["cure"]


async def test_after_a_broken_schema_a_good_one_is_served(tmp_path: Path) -> None:
    async with reloading(tmp_path) as gateway:
        gateway.write_users("type Query {")
        gateway.router.reload()
        await gateway.becomes(FAILURE, 1)
        gateway.add_field("age")
        await gateway.reload()
        assert not is_refused(await gateway.ask("{ me { age } }"))


async def test_a_schema_that_makes_the_same_supergraph_changes_nothing(tmp_path: Path) -> None:
    async with reloading(tmp_path) as gateway:
        before = gateway.snapshot
        gateway.write_users(f"{USERS_SDL}\n# nothing more")
        gateway.router.reload()
        await gateway.becomes(UNCHANGED, 1)
        assert gateway.snapshot is before


async def test_what_was_asked_most_often_is_planned_before_it_is_asked_again(tmp_path: Path) -> None:
    async with reloading(tmp_path) as gateway:
        await gateway.ask(QUERY)
        gateway.add_field("age")
        await gateway.reload()
        before = await gateway.metric(PREPARED), await gateway.metric(PLANNED)
        assert await gateway.ask(QUERY) == ANSWER
        assert (await gateway.metric(PREPARED), await gateway.metric(PLANNED)) == before


async def test_no_more_is_warmed_up_than_configured(tmp_path: Path) -> None:
    settings = {"supergraph": {"query_planning": {"warmed_up_queries": 0}}}
    async with reloading(tmp_path, settings) as gateway:
        await gateway.ask(QUERY)
        gateway.add_field("age")
        await gateway.reload()
        before = await gateway.metric(PLANNED)
        await gateway.ask(QUERY)
        assert await gateway.metric(PLANNED) == before + 1


async def test_a_request_ends_on_the_snapshot_that_it_began_on(tmp_path: Path) -> None:
    async with reloading(tmp_path) as gateway, asyncio.TaskGroup() as tasks:
        gateway.users.hold = asyncio.Event()
        waiting = tasks.create_task(gateway.ask(QUERY))
        await gateway.users.arrived.wait()
        gateway.write_users(USERS_SDL.replace("me: User", "you: User"))
        gateway.router.reload()
        await gateway.becomes(SUCCESS, 1)
        assert is_refused(await gateway.ask(QUERY))
        assert gateway.releases.empty()
        gateway.users.hold.set()
        assert await waiting == ANSWER
        await gateway.released()


async def test_no_request_is_lost_while_schemas_change(tmp_path: Path) -> None:
    async with reloading(tmp_path) as gateway:
        done = False
        answers: list[object] = []

        async def ask_on() -> None:
            while not done:
                answers.append(await gateway.ask(QUERY))

        async with asyncio.TaskGroup() as tasks:
            for _ in range(4):
                tasks.create_task(ask_on())
            for number in range(5):
                gateway.add_field(f"field{number}")
                await gateway.reload()
            done = True
        assert [answer for answer in answers if answer != ANSWER] == []
        assert await gateway.metric(SUCCESS) == 5


async def test_the_memory_of_an_old_snapshot_is_freed(tmp_path: Path) -> None:
    async with reloading(tmp_path) as gateway:
        await gateway.ask(QUERY)
        old = weakref.ref(gateway.snapshot.planning), weakref.ref(gateway.snapshot.planning._supergraph.api_schema)
        gateway.add_field("age")
        await gateway.reload()
        assert (old[0](), old[1]()) == (None, None)


async def test_connections_of_an_old_snapshot_are_closed(tmp_path: Path) -> None:
    async with reloading(tmp_path) as gateway:
        await gateway.ask(QUERY)
        [users, _] = gateway.snapshot.upstreams._subgraphs.values()
        assert users.pool.open_connections == 1
        gateway.add_field("age")
        await gateway.reload()
        assert users.pool.open_connections == 0


async def test_rate_limits_go_on_counting_when_a_schema_changes(tmp_path: Path) -> None:
    settings = {"ratelimit": {"global": {"capacity": 2, "interval": "1h"}}}
    async with reloading(tmp_path, settings) as gateway:
        assert await gateway.ask(QUERY) == ANSWER
        assert await gateway.ask(QUERY) == ANSWER
        gateway.add_field("age")
        await gateway.reload()
        assert "RATE_LIMITED" in str(await gateway.ask(QUERY))


async def test_rate_limits_go_on_counting_when_a_subgraph_joins(tmp_path: Path) -> None:
    settings = {"ratelimit": {"global": {"capacity": 1, "interval": "1h"}}}
    async with reloading(tmp_path, settings) as gateway:
        assert await gateway.ask(QUERY) == ANSWER
        gateway.configure(settings | {"subgraphs": with_a_third(gateway)})
        await gateway.reload()
        assert "RATE_LIMITED" in str(await gateway.ask("{ third }"))


async def test_a_subgraph_that_has_moved_is_asked_at_its_new_place(tmp_path: Path) -> None:
    async with FakeSubgraph(answer_users).running() as new_place, reloading(tmp_path) as gateway:
        gateway.configure({"override_subgraph_url": {"users": new_place.url}})
        await gateway.reload()
        assert await gateway.ask(QUERY) == ANSWER
        assert (len(new_place.asked), gateway.users.asked) == (1, [])


async def test_a_changed_configuration_is_served(tmp_path: Path) -> None:
    async with reloading(tmp_path) as gateway:
        assert "INTROSPECTION_DISABLED" in str(await gateway.ask("{ __schema { queryType { name } } }"))
        gateway.configure({"supergraph": {"introspection": True}})
        await gateway.reload()
        answer = await gateway.ask("{ __schema { queryType { name } } }")
        assert answer == {"data": {"__schema": {"queryType": {"name": "Query"}}}}


async def test_a_subgraph_that_joins_is_served(tmp_path: Path) -> None:
    async with reloading(tmp_path) as gateway:
        gateway.configure({"subgraphs": with_a_third(gateway)})
        await gateway.reload()
        assert await gateway.ask("{ third @skip(if: true) }") == {"data": {}}
        gateway.add_field("age")
        await gateway.reload()
        assert not is_refused(await gateway.ask("{ third @skip(if: true) me { age } }"))


async def test_a_changed_configuration_is_noticed(tmp_path: Path) -> None:
    async with reloading(tmp_path, hot_reload=True) as gateway:
        gateway.configure({"limits": {"max_depth": 1}})
        await gateway.released()
        assert "MAX_DEPTH_LIMIT" in str(await gateway.ask(QUERY))


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({"limits": {"max_deep": 1}}, id="an unknown key"),
        pytest.param({"override_subgraph_url": {"users": "ftp://x"}}, id="a value that cannot be used"),
        pytest.param({"authentication": {"router": {"jwt": {"jwks": [{"file": "no.json"}]}}}}, id="a missing file"),
        pytest.param({"subgraphs": {}}, id="no graph"),
    ],
)
async def test_a_broken_configuration_changes_nothing(tmp_path: Path, settings: dict[str, object]) -> None:
    async with reloading(tmp_path) as gateway:
        gateway.configure(settings)
        gateway.router.reload()
        await gateway.becomes(FAILURE, 1)
        assert await gateway.ask(QUERY) == ANSWER


async def test_a_change_that_needs_a_restart_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with reloading(tmp_path) as gateway:
        gateway.configure({"supergraph": {"listen": "127.0.0.1:1"}, "health_check": {"path": "/up"}})
        await gateway.reload()
    told = [record.__dict__["key"] for record in caplog.records if "needs a restart" in record.message]
    assert sorted(told) == ["health_check", "supergraph.listen"]


async def test_a_changed_operation_of_a_route_is_served(tmp_path: Path) -> None:
    operation = tmp_path / "me.graphql"
    operation.write_text("{ me { name } }")
    route = {"name": "me", "method": "GET", "path": "/me", "operation": "me.graphql"}
    async with reloading(tmp_path, {"rest": {"routes": [route]}}) as gateway:
        operation.write_text("{ me { id } }")
        await gateway.reload()
        async with gateway.session.get(f"{gateway.url}/me") as response:
            assert await response.json() == {"me": {"id": "1"}}


async def test_a_schema_that_a_route_cannot_live_with_is_not_served(tmp_path: Path) -> None:
    (tmp_path / "me.graphql").write_text("{ me { name } }")
    route = {"name": "me", "method": "GET", "path": "/me", "operation": "me.graphql"}
    async with reloading(tmp_path, {"rest": {"routes": [route]}}) as gateway:
        gateway.write_users(USERS_SDL.replace("name: String }", "title: String }"))
        gateway.router.reload()
        await gateway.becomes(FAILURE, 1)
        assert await gateway.ask(QUERY) == ANSWER


async def test_the_age_of_the_supergraph_is_told(tmp_path: Path) -> None:
    async with reloading(tmp_path) as gateway:
        assert 0 < await gateway.metric("router_supergraph_age_seconds") < 60


async def test_it_stops_well_while_a_request_is_on_an_old_snapshot(tmp_path: Path) -> None:
    async with asyncio.TaskGroup() as tasks, reloading(tmp_path) as gateway:
        gateway.users.hold = asyncio.Event()
        waiting = tasks.create_task(gateway.ask(QUERY))
        await gateway.users.arrived.wait()
        gateway.add_field("age")
        gateway.router.reload()
        await gateway.becomes(SUCCESS, 1)
        asyncio.get_running_loop().call_later(0.1, gateway.users.hold.set)
    assert waiting.result() == ANSWER


async def test_a_request_that_never_ends_does_not_keep_an_old_snapshot(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with reloading(tmp_path, {"traffic_shaping": {"router": {"timeout": "10ms"}}}) as gateway:
        assert gateway.router._generations is not None
        gateway.router._generations._current.requests += 1
        gateway.add_field("age")
        await gateway.reload()
    assert "requests outlived their snapshot" in caplog.messages


async def test_old_policies_are_closed_with_their_last_snapshot(tmp_path: Path) -> None:
    async with reloading(tmp_path) as gateway:
        fetch = gateway.snapshot.policies.world.fetch
        gateway.add_field("age")
        await gateway.reload()
        with pytest.raises(OSError, match=r"127\.0\.0\.1"):  # it tried
            await fetch("http://127.0.0.1:1/keys")
        gateway.configure({"supergraph": {"introspection": True}})
        await gateway.reload()
        with pytest.raises(RuntimeError, match="closed"):
            await fetch("http://127.0.0.1:1/keys")


async def test_a_bug_costs_a_reload_and_not_the_gateway(caplog: pytest.LogCaptureFixture) -> None:
    def read() -> Setup:
        asked.set()
        raise ZeroDivisionError

    asked = threading.Event()
    setup = Setup.of(load_config([], {}), compose_supergraph("http://u", "http://r"))
    router = Router(setup, reread=read)
    async with serving(router, asyncio.Queue()) as url, aiohttp.ClientSession() as session:
        router.reload()
        await asyncio.to_thread(asked.wait, LIMIT_SECONDS)
        async with session.post(f"{url}/graphql", json={"query": "{ __typename }"}) as response:
            assert await response.json() == {"data": {"__typename": "Query"}}
    assert "reload failed" in caplog.messages


def with_a_third(gateway: Reloading) -> dict[str, object]:
    """The subgraphs of the configuration, and one more."""
    subgraphs = yaml.safe_load((gateway.folder / "router.yaml").read_text())["subgraphs"]
    third = {"routing_url": gateway.users.url, "schema": {"sdl": "type Query { third: Int }"}}
    return {**subgraphs, "third": third}
