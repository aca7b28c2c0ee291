"""The header that asks why a plan is as it is."""

from pathlib import Path

from tests.live_gateway import Json, live_gateway

QUERY = "{ users { name reviews } }"
EXPOSED: Json = {"supergraph": {"expose_query_plan": True}}


async def test_reasons_come_beside_the_answer(tmp_path: Path) -> None:
    async with live_gateway(tmp_path, EXPOSED) as gateway:
        body = await gateway.ask(QUERY, router_explain="true")
    assert body["data"] == {"users": [{"name": "Ada", "reviews": ["good"]}]}
    reasons = body["extensions"]["explanation"]["reasons"]  # type: ignore[index] # a JSON object
    assert [reason["subgraph"] for reason in reasons] == ["users", "reviews"]


async def test_reasons_without_the_answer_fetch_nothing(tmp_path: Path) -> None:
    async with live_gateway(tmp_path, EXPOSED) as gateway:
        body = await gateway.ask(QUERY, router_explain="dry-run")
        asked = [*gateway.users.asked, *gateway.reviews.asked]
    assert (body["data"], asked) == (None, [])
    assert body["extensions"].keys() == {"explanation"}  # type: ignore[attr-defined] # a JSON object


async def test_reasons_are_told_beside_the_plan(tmp_path: Path) -> None:
    async with live_gateway(tmp_path, EXPOSED) as gateway:
        body = await gateway.ask(QUERY, router_explain="true", apollo_expose_query_plan="true")
    assert body["extensions"].keys() == {"apolloQueryPlan", "explanation"}  # type: ignore[attr-defined] # an object


async def test_reasons_are_not_told_unless_configured(tmp_path: Path) -> None:
    async with live_gateway(tmp_path) as gateway:
        body = await gateway.ask(QUERY, router_explain="true")
    assert "extensions" not in body
