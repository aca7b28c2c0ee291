"""The gateway as a library."""

import asyncio
from pathlib import Path

import aiohttp
import pytest

from router import Router
from router.config.listen import Address
from router.config.problems import ConfigError
from router.sources.errors import SourceError
from tests.live_gateway import compose_supergraph

QUIET = "telemetry: {access_log: {enabled: false}}\n"


async def answer_of(router: Router) -> object:
    stop = asyncio.Event()
    addresses: asyncio.Queue[Address] = asyncio.Queue()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(router.serve(Address("127.0.0.1", 0), stop=stop, started=addresses.put_nowait))
        address = await addresses.get()
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"http://{address}/graphql", json={"query": "{ __typename }"}) as response,
        ):
            answer: object = await response.json()
        stop.set()
    return answer


async def test_a_configuration_that_names_subgraphs_is_composed_and_served(tmp_path: Path) -> None:
    (tmp_path / "a.graphql").write_text("type Query { a: Int }")
    config = tmp_path / "router.yaml"
    config.write_text(QUIET + "subgraphs: {a: {routing_url: 'http://a', schema: {file: a.graphql}}}")
    assert await answer_of(Router.from_config(config)) == {"data": {"__typename": "Query"}}


async def test_a_configuration_that_names_a_supergraph_file_serves_it(tmp_path: Path) -> None:
    (tmp_path / "graph.graphql").write_text(compose_supergraph("http://u", "http://r").sdl)
    config = tmp_path / "router.yaml"
    config.write_text(QUIET + "supergraph: {source: {file: ./graph.graphql}}")
    assert await answer_of(Router.from_config(config)) == {"data": {"__typename": "Query"}}


def test_a_configuration_without_a_graph_is_refused() -> None:
    with pytest.raises(SourceError, match="there is no supergraph to serve"):
        Router.from_config()


async def test_subgraphs_that_do_not_compose_are_refused_with_every_error(tmp_path: Path) -> None:
    config = tmp_path / "router.yaml"
    config.write_text("""
subgraphs:
  a: {routing_url: "http://a", schema: {sdl: "type Query { x: Int @shareable }"}}
  b: {routing_url: "http://b", schema: {sdl: "type Query { x: String @shareable }"}}
""")
    with pytest.raises(SourceError, match=r"the subgraphs do not compose: \d+ error"):
        await Router.from_config(config).serve(Address("127.0.0.1", 0), stop=asyncio.Event())


async def test_a_part_of_the_configuration_that_cannot_be_used_is_refused(tmp_path: Path) -> None:
    config = tmp_path / "router.yaml"
    config.write_text(QUIET + "override_subgraph_url: {users: 'ftp://x'}")
    router = Router.from_config(config, source=compose_supergraph("http://u", "http://r"))
    with pytest.raises(ConfigError, match=r"override_subgraph_url\.users: .* is not an http"):
        await router.serve(Address("127.0.0.1", 0), stop=asyncio.Event())


async def test_an_access_log_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    config = tmp_path / "router.yaml"
    config.write_text(f"telemetry: {{access_log: {{output: {tmp_path / 'none' / 'x.log'}}}}}")
    router = Router.from_config(config, source=compose_supergraph("http://u", "http://r"))
    with pytest.raises(ConfigError, match=r"telemetry\.access_log\.output"):
        await router.serve(Address("127.0.0.1", 0), stop=asyncio.Event())
