"""Composing in a process of its own says the same as composing here."""

import asyncio
import logging
from pathlib import Path

import pytest

from router.sources.errors import DoesNotComposeError, SourceError
from router.sources.load import SMALL_CHARACTERS, build_beside_requests
from router.sources.sdl import LoadedSdl
from router.sources.subgraphs import compose_beside, compose_here
from supergraph import Subgraph
from supergraph.diagnostics import SdlSource

LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@shareable"])\n'


def loaded(name: str, sdl: str) -> LoadedSdl:
    return LoadedSdl(Subgraph(name, f"http://{name}", LINK + sdl), SdlSource(label=f"{name}.graphql", text=LINK + sdl))


GOOD = (
    loaded("a", 'type Query { x: Int @shareable } "one" type T @shareable { i: Int }'),
    loaded("b", 'type Query { x: Int @shareable } "two" type T @shareable { i: Int }'),
)
BROKEN = (loaded("a", "type Query { x: Int }"), loaded("b", "type Query { x: Int }"))
PADDING = "#" * SMALL_CHARACTERS


@pytest.mark.parametrize("texts", [GOOD, BROKEN], ids=["good", "broken"])
async def test_the_result_is_the_same(texts: tuple[LoadedSdl, ...]) -> None:
    assert await compose_beside(texts) == compose_here(texts)


async def test_large_schemas_are_composed_beside_with_every_hint(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        supergraph = await build_beside_requests((*GOOD, loaded("c", f"type Query {{ y: Int }} {PADDING}")))
    assert set(supergraph.subgraphs) == {"a", "b", "c"}
    assert [record.__dict__["code"] for record in caplog.records] == ["INCONSISTENT_DESCRIPTION"]


async def test_errors_of_large_schemas_have_their_places() -> None:
    with pytest.raises(DoesNotComposeError) as caught:
        await build_beside_requests((BROKEN[0], loaded("b", f"type Query {{ x: Int }} {PADDING}")))
    assert [str(place) for error in caught.value.errors for place in error.places] == [
        "a.graphql:2:14",
        "b.graphql:2:14",
    ]


async def test_a_process_that_fails_is_told(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text("raise SystemExit(3)")
    with pytest.raises(SourceError, match="ended with code 3"):
        await compose_beside(GOOD, program=program)


async def test_a_process_that_nobody_waits_for_is_ended(tmp_path: Path) -> None:
    program, started = tmp_path / "program.py", tmp_path / "started"
    program.write_text(f"open({str(started)!r}, 'w').close(); import time; time.sleep(600)")
    async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
        composing = tasks.create_task(compose_beside(GOOD, program=program))
        while not await asyncio.to_thread(started.exists):
            pass
        composing.cancel()
    assert composing.cancelled()
