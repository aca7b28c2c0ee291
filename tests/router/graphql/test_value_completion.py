"""Where clients are told why a value was made null."""

from pathlib import Path

import pytest

from router.executor.outcome import with_only
from router.graphql.result import ErrorObject, GraphqlResult
from router.graphql.value_completion import split, tell_apart
from tests.live_gateway import Json, json_response, live_gateway

COMPLETION: ErrorObject = {
    "message": "Cannot return null for non-nullable field Query.strict.",
    "path": ["strict"],
    "extensions": {"code": "RESPONSE_VALIDATION_FAILED"},
}
OF_A_SUBGRAPH: ErrorObject = {
    "message": "broken",
    "extensions": {"code": "RESPONSE_VALIDATION_FAILED", "service": "users"},
}
TIMEOUT: ErrorObject = {"message": "slow", "extensions": {"code": "GATEWAY_TIMEOUT"}}


def test_errors_of_value_completion_become_an_extension() -> None:
    result = tell_apart(GraphqlResult(only_data=with_only(b"null"), errors=(TIMEOUT, COMPLETION), extensions={"a": 1}))
    assert (result.errors, result.extensions) == ((TIMEOUT,), {"a": 1, "valueCompletion": [COMPLETION]})


def test_a_result_without_them_stays_as_it_is() -> None:
    result = GraphqlResult(only_data=with_only(b"{}"), errors=(TIMEOUT,))
    assert tell_apart(result) is result


@pytest.mark.parametrize("error", [OF_A_SUBGRAPH, TIMEOUT, {"message": "m"}, {"message": "m", "extensions": 1}])
def test_other_errors_stay_where_they_are(error: ErrorObject) -> None:
    assert split([error]) == ((error,), ())


STRICT = "{ strict { name } }"


async def test_by_default_they_are_errors(tmp_path: Path) -> None:
    async with live_gateway(tmp_path) as gateway:
        gateway.users.answer = lambda _: json_response({"data": {"strict": None}})
        body = await gateway.ask(STRICT)
    assert body == {"errors": [COMPLETION], "data": None}


async def test_they_may_be_an_extension_instead(tmp_path: Path) -> None:
    async with live_gateway(tmp_path, {"supergraph": {"value_completion": "extensions"}}) as gateway:
        gateway.users.answer = lambda _: json_response({"data": {"strict": None}})
        body = await gateway.ask(STRICT)
    assert body == {"data": None, "extensions": {"valueCompletion": [COMPLETION]}}


async def test_an_alias_keeps_its_name_there(tmp_path: Path) -> None:
    async with live_gateway(tmp_path, {"supergraph": {"value_completion": "extensions"}}) as gateway:
        gateway.users.answer = lambda _: json_response({"data": {}})
        bodies = [await gateway.ask(f"{{ {alias}: strict {{ name }} }}") for alias in ("one", "two")]
    shown = [body["extensions"]["valueCompletion"][0]["path"] for body in bodies]  # type: ignore[index]  # JSON
    assert shown == [["one"], ["two"]]


async def test_extensions_of_subgraphs_are_dropped_by_default(tmp_path: Path) -> None:
    async with live_gateway(tmp_path) as gateway:
        gateway.users.answer = lambda _: json_response({"data": {"me": None}, "extensions": {"warnings": ["old"]}})
        assert await gateway.ask("{ me { name } }") == {"data": {"me": None}}


async def test_extensions_of_subgraphs_are_passed_on_where_the_configuration_says_so(tmp_path: Path) -> None:
    settings: Json = {
        "response_extensions": {"propagate": {"algorithms": {"warnings": "merge"}}},
        "supergraph": {"expose_query_plan": True},
    }
    extensions = {"warnings": ["old"], "queryPlan": "theirs"}
    async with live_gateway(tmp_path, settings) as gateway:
        gateway.users.answer = lambda _: json_response(
            {"data": {"me": {"__typename": "User", "id": "1"}}, "extensions": extensions}
        )
        gateway.reviews.answer = lambda _: json_response(
            {"data": {"_entities": [{"reviews": []}]}, "extensions": {"warnings": ["slow"]}}
        )
        plain = await gateway.ask("{ me { reviews } }")
        with_plan = await gateway.ask("{ me { reviews } }", hive_expose_query_plan="true")
    assert plain == {"data": {"me": {"reviews": []}}, "extensions": {"warnings": ["old", "slow"]}}
    shown = with_plan["extensions"]
    assert isinstance(shown, dict)
    assert (sorted(shown), shown["queryPlan"] != "theirs") == (["queryPlan", "warnings"], True)
