"""SDLs from everywhere, and copies of those that are away."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web

from router.config.supergraph import SubgraphSchema, SubgraphSection
from router.sources.copies import Copies
from router.sources.errors import SourceError
from router.sources.sdl import SdlLoader, display_path
from tests.live_gateway import FakeSubgraph, Json, json_response

SDL = "type Query { a: Int }"
AWAY = "http://127.0.0.1:9/graphql"


def answer_sdl(request: Json) -> web.Response:
    assert "_service" in str(request["query"])
    return json_response({"data": {"_service": {"sdl": SDL}}})


@pytest_asyncio.fixture
async def subgraph() -> AsyncIterator[FakeSubgraph]:
    async with FakeSubgraph(answer_sdl).running() as running:
        yield running


def section(**schema: object) -> SubgraphSection:
    return SubgraphSection(routing_url="http://x", schema=SubgraphSchema.model_validate(schema))


async def test_all_kinds_of_sources_mix(
    subgraph: FakeSubgraph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shop.py").write_text("sdl = 'type Query { p: Int }'")
    (tmp_path / "f.graphql").write_text("type Query { f: Int }")
    loader = SdlLoader(inline_label="supergraph.yaml")
    loaded = await loader.load(
        {
            "remote": section(subgraph_url=subgraph.url),
            "python": section(python="shop:sdl", python_path=str(tmp_path)),
            "file": section(file=str(tmp_path / "f.graphql")),
            "inline": section(sdl="type Query { i: Int }"),
        }
    )
    assert [(each.subgraph.name, each.source.label, each.source.path) for each in loaded] == [
        ("remote", subgraph.url, None),
        ("python", "shop:sdl", None),
        ("file", "f.graphql", "f.graphql"),
        ("inline", "supergraph.yaml#subgraphs.inline.schema.sdl", None),
    ]
    assert [each.subgraph.sdl for each in loaded] == [each.source.text for each in loaded]
    assert loader.files == {tmp_path / "f.graphql", tmp_path / "shop.py"}


async def test_headers_are_sent_with_the_question(subgraph: FakeSubgraph) -> None:
    headers = {"authorization": "Bearer x", "content-type": "text/plain"}
    await SdlLoader().load({"a": section(subgraph_url=subgraph.url, headers=headers)})
    [sent] = subgraph.headers
    assert (sent["authorization"], sent["content-type"]) == ("Bearer x", "application/json")


async def test_the_timeout_of_a_subgraph_is_its_own(subgraph: FakeSubgraph, tmp_path: Path) -> None:
    (tmp_path / "slow.py").write_text("import threading\nthreading.Event().wait()")
    slow = section(python="slow:sdl", python_path=str(tmp_path), timeout=0.05)
    with pytest.raises(SourceError, match=r'^subgraph "b": slow:sdl: no schema within 0\.05 s$'):
        await SdlLoader().load({"a": section(subgraph_url=subgraph.url), "b": slow})


async def test_a_python_schema_that_cannot_be_had_names_its_subgraph(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match='subgraph "a": nowhere:sdl: there is no module nowhere'):
        await SdlLoader().load({"a": section(python="nowhere:sdl", python_path=str(tmp_path))})


async def test_a_subgraph_that_is_away_is_replaced_by_its_copy(subgraph: FakeSubgraph, tmp_path: Path) -> None:
    copies = Copies(tmp_path / "kept")
    await SdlLoader(copies=copies).load({"a": section(subgraph_url=subgraph.url)})
    notes: list[str] = []
    loader = SdlLoader(copies=copies, allow_missing=True, note=notes.append)
    [loaded] = await loader.load({"a": section(subgraph_url=AWAY)})
    assert loaded.subgraph.sdl == SDL
    [note] = notes
    assert note.startswith('subgraph "a" is away, so its SDL of 20')
    assert str(tmp_path / "kept" / "a.graphql") in note


async def test_a_copy_is_not_taken_unasked(tmp_path: Path) -> None:
    copies = Copies(tmp_path)
    copies.keep("a", SDL)
    with pytest.raises(SourceError, match=f'subgraph "a": {AWAY} cannot be reached'):
        await SdlLoader(copies=copies).load({"a": section(subgraph_url=AWAY)})


async def test_a_subgraph_that_is_there_is_not_replaced(subgraph: FakeSubgraph, tmp_path: Path) -> None:
    copies = Copies(tmp_path)
    copies.keep("a", "type Query { old: Int }")
    [loaded] = await SdlLoader(copies=copies, allow_missing=True).load({"a": section(subgraph_url=subgraph.url)})
    kept = copies.find("a")
    assert kept is not None
    assert loaded.subgraph.sdl == kept.sdl == SDL


async def test_a_subgraph_without_a_copy_is_named(tmp_path: Path) -> None:
    loader = SdlLoader(copies=Copies(tmp_path), allow_missing=True)
    with pytest.raises(SourceError, match=r'subgraph "a": .* cannot be reached .*; there is no copy of it in .* yet'):
        await loader.load({"a": section(subgraph_url=AWAY)})


def test_copies_are_kept_out_of_version_control(tmp_path: Path) -> None:
    Copies(tmp_path / "kept").keep("a", SDL)
    assert (tmp_path / "kept" / ".gitignore").read_text() == "*\n"


@pytest.mark.parametrize("name", ["a/b", "..", "ü", "a b"])
def test_any_name_has_a_copy_inside_the_folder(tmp_path: Path, name: str) -> None:
    copies = Copies(tmp_path / "kept")
    copies.keep(name, SDL)
    found = copies.find(name)
    assert found is not None
    assert (found.sdl, found.path.parent) == (SDL, tmp_path / "kept")


def test_a_copy_that_cannot_be_written_is_no_failure(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    copies = Copies(blocked)
    copies.keep("a", SDL)
    assert copies.find("a") is None


def test_a_path_is_shown_from_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert display_path(tmp_path / "a" / "b.graphql") == "a/b.graphql"
    assert display_path(Path("/elsewhere/b.graphql")) == "/elsewhere/b.graphql"
