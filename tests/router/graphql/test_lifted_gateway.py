"""Templates in a whole gateway: documents with other literals ask the subgraph the same text."""

from pathlib import Path

from tests.live_gateway import live_gateway


async def test_a_subgraph_is_asked_one_text_for_many_documents(tmp_path: Path) -> None:
    async with live_gateway(tmp_path) as gateway:
        answers = [await gateway.ask(f"{{ users(first: {number}) {{ name }} }}") for number in range(5)]
        asked = gateway.users.asked

    assert answers == [{"data": {"users": [{"name": "Ada"}]}}] * 5
    assert len({str(request["query"]) for request in asked}) == 3
    given = [request["variables"] for request in asked]
    assert [list(each.values()) for each in given if isinstance(each, dict) and each] == [[2], [3], [4]]
