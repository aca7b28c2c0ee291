"""What a supergraph is built from, read again and again."""

from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from router.config.supergraph import SubgraphSchema, SubgraphSection
from router.sources.errors import SourceAwayError, SourceError
from router.sources.load import SourceReader, SupergraphText, Texts
from router.sources.response_body import read_response
from router.sources.sdl import LoadedSdl
from router.sources.supergraph_url import SupergraphUrl
from tests.live_gateway import FakeSubgraph, Json, compose_supergraph, json_response

AWAY = "http://127.0.0.1:9/graphql"


def section(**schema: object) -> SubgraphSection:
    return SubgraphSection(routing_url="http://x", schema=SubgraphSchema.model_validate(schema))


def answer_sdl(_: Json) -> web.Response:
    return json_response({"data": {"_service": {"sdl": "type Query { remote: Int }"}}})


def sdls(texts: Texts) -> dict[str, str]:
    assert isinstance(texts, tuple)
    assert all(isinstance(each, LoadedSdl) for each in texts)
    return {each.subgraph.name: each.subgraph.sdl for each in texts}


def write(path: Path, text: str) -> None:
    path.write_text(text)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.graphql"
    path.write_text("type Query { a: Int }")
    return path


async def test_the_same_texts_are_equal(file: Path) -> None:
    reader = SourceReader({"a": section(file=str(file))})
    assert await reader.read() == await reader.read()


async def test_a_changed_file_makes_other_texts(file: Path) -> None:
    reader = SourceReader({"a": section(file=str(file))})
    before = await reader.read()
    write(file, "type Query { b: Int }")
    assert await reader.read() != before


async def test_a_poll_asks_running_subgraphs_only(file: Path) -> None:
    async with FakeSubgraph(answer_sdl).running() as running:
        reader = SourceReader({"a": section(file=str(file)), "b": section(subgraph_url=running.url)})
        await reader.read()
        write(file, "type Query { b: Int }")
        running.answer = lambda _: json_response({"data": {"_service": {"sdl": "type Query { other: Int }"}}})
        assert sdls(await reader.poll()) == {"a": "type Query { a: Int }", "b": "type Query { other: Int }"}


async def test_the_first_poll_reads_everything(file: Path) -> None:
    reader = SourceReader({"a": section(file=str(file)), "b": section(subgraph_url=AWAY)})
    with pytest.raises(SourceAwayError):
        await reader.poll()


async def test_a_subgraph_that_goes_away_is_taken_to_say_the_same(file: Path) -> None:
    async with FakeSubgraph(answer_sdl).running() as running:
        reader = SourceReader({"a": section(file=str(file)), "b": section(subgraph_url=running.url)})
        before = await reader.read()
    assert await reader.read() == before


async def test_a_subgraph_that_answers_something_else_is_broken() -> None:
    async with FakeSubgraph(answer_sdl).running() as running:
        reader = SourceReader({"b": section(subgraph_url=running.url)})
        await reader.read()
        running.answer = lambda _: json_response({"errors": [{"message": "no"}]})
        with pytest.raises(SourceError, match=r"no _service\.sdl"):
            await reader.poll()


async def test_what_is_broken_and_away_is_broken(file: Path) -> None:
    reader = SourceReader({"a": section(file=str(file.with_name("no"))), "b": section(subgraph_url=AWAY)})
    with pytest.raises(SourceError) as caught:
        await reader.read()
    assert not isinstance(caught.value, SourceAwayError)


async def test_files_that_are_missing_are_known(file: Path) -> None:
    missing = file.with_name("no.graphql")
    reader = SourceReader({"a": section(file=str(file)), "b": section(file=str(missing))})
    with pytest.raises(SourceError, match="no such file"):
        await reader.read()
    assert reader.files == {file, missing}


async def test_a_supergraph_file_is_known_though_it_is_missing(tmp_path: Path) -> None:
    reader = SourceReader(tmp_path / "no.graphql")
    with pytest.raises(SourceError, match="no such file"):
        await reader.read()
    assert reader.files == {tmp_path / "no.graphql"}


async def test_a_supergraph_file_is_read(file: Path) -> None:
    assert await SourceReader(file).read() == SupergraphText("type Query { a: Int }", str(file))


async def test_a_supergraph_that_is_given_is_taken() -> None:
    supergraph = compose_supergraph("http://u", "http://r")
    assert await SourceReader(supergraph).poll() is supergraph


def test_the_most_impatient_subgraph_says_how_often_all_are_asked() -> None:
    reader = SourceReader(
        {
            "a": section(sdl="type Query { a: Int }"),
            "b": section(subgraph_url=AWAY, poll_interval="30s"),
            "c": section(subgraph_url=AWAY, poll_interval="5s"),
        }
    )
    assert reader.poll_seconds == 5.0


@pytest.mark.parametrize("source", [Path("x"), {"a": section(sdl="type Query { a: Int }")}], ids=["file", "inline"])
def test_what_is_not_on_the_network_is_not_polled(source: Path | dict[str, SubgraphSection]) -> None:
    assert SourceReader(source).poll_seconds is None


def test_a_published_supergraph_is_polled_as_configured() -> None:
    assert SourceReader(SupergraphUrl("http://x", 7.0)).poll_seconds == 7.0


async def test_nobody_at_the_url_of_a_supergraph_may_come_later() -> None:
    with pytest.raises(SourceAwayError, match="the supergraph cannot be fetched"):
        await SourceReader(SupergraphUrl(AWAY)).read()


async def test_what_is_not_text_is_no_supergraph() -> None:
    async def answer(_: web.BaseRequest) -> web.Response:
        return web.Response(body=b"\xff\xfe")

    runner = web.ServerRunner(web.Server(answer, access_log=None))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0]
    try:
        with pytest.raises(SourceError, match="not UTF-8"):
            await SourceReader(SupergraphUrl(f"http://{host}:{port}")).read()
    finally:
        await runner.cleanup()


async def test_a_large_schema_is_read_to_its_end() -> None:
    sdl = f"type Query {{ a: Int }} # {'x' * 3_000_000}"
    async with FakeSubgraph(lambda _: json_response({"data": {"_service": {"sdl": sdl}}})).running() as running:
        texts = await SourceReader({"a": section(subgraph_url=running.url)}).read()
    assert sdls(texts) == {"a": sdl}


async def test_an_endless_answer_is_not_read_to_its_end() -> None:
    subgraph = FakeSubgraph(lambda _: json_response("x" * 1_000_000))
    async with (
        subgraph.running(),
        aiohttp.ClientSession() as session,
        session.get(subgraph.url, data=b"{}") as response,
    ):
        with pytest.raises(ValueError, match="larger than 1000 bytes"):
            await read_response(response, limit_bytes=1000)
