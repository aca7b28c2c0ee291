import logging

import pytest

from router.config.supergraph import SubgraphSchema, SubgraphSection
from router.sources.errors import SourceError
from router.sources.load import SourceReader, build_supergraph

LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@shareable"])\n'


def section(sdl: str) -> SubgraphSection:
    return SubgraphSection(routing_url="http://x", schema=SubgraphSchema(sdl=LINK + sdl))


async def test_a_hint_that_warns_is_logged_with_its_code(caplog: pytest.LogCaptureFixture) -> None:
    sections = {
        "a": section('type Query { x: Int @shareable } "one" type T @shareable { i: Int }'),
        "b": section('type Query { x: Int @shareable } "two" type T @shareable { i: Int }'),
    }
    with caplog.at_level(logging.WARNING):
        build_supergraph(await SourceReader(sections).read())
    assert [record.__dict__["code"] for record in caplog.records] == ["INCONSISTENT_DESCRIPTION"]


async def test_every_composition_error_is_told_with_its_place() -> None:
    sections = {"a": section("type Query { x: Int }"), "b": section("type Query { x: Int }")}
    with pytest.raises(SourceError) as caught:
        build_supergraph(await SourceReader(sections).read())
    first, *middle, last = str(caught.value).splitlines()
    assert first.startswith("error[INVALID_FIELD_SHARING]: ")
    assert [line.rsplit(":", 2)[1:] for line in middle if line.startswith(" -->")] == [["2", "14 (a)"], ["2", "14 (b)"]]
    assert last == "error: the subgraphs do not compose: 1 error"
