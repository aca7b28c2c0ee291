"""Plugins: loading, options, order, hooks, refusing and answering."""

from collections.abc import Sequence
from typing import Literal

import pytest

from router.config.model import Config
from router.executor.outcome import FetchAnswer, FetchFailure, FetchOutcome
from router.plugins import ForbiddenError, Plugin, PluginOptions, Request, Response, SubgraphCall
from router.plugins.load import PluginProblemError
from router.policy.hooks import Hooks
from router.policy.pipeline import Pipeline
from router.policy.policies import PolicyTools, build_pipeline
from router.telemetry import Telemetry
from router.telemetry.metrics import Metrics
from tests.requests_in import answer_ok, request_in

SEEN: list[str] = []


@pytest.fixture(autouse=True)
def nothing_seen() -> None:
    SEEN.clear()


class Audit(Plugin):
    """Notes what it sees, and does what its options say."""

    class Options(PluginOptions):
        does: Literal["pass", "answer", "refuse", "fail"] = "pass"
        note: str = "audit"

    options: Options

    async def on_request(self, _request: Request) -> Response | None:
        SEEN.append(self.options.note)
        match self.options.does:
            case "answer":
                return Response(status=202, body=b"early")
            case "refuse":
                raise ForbiddenError("Not today")
            case "fail":
                raise ZeroDivisionError
            case "pass":
                return None

    def on_response(self, _request: Request, response: Response) -> None:
        SEEN.append(f"{self.options.note}:{response.status}")


class Subgraphs(Plugin):
    """Answers instead of the subgraph ``stock``, and counts the others' answers."""

    async def on_subgraph_request(self, _request: Request, call: SubgraphCall) -> FetchOutcome | None:
        call.headers["x-tenant"] = "acme"
        return FetchFailure("CLOSED", "stock is closed") if call.subgraph == "stock" else None

    async def on_subgraph_response(
        self, _request: Request, call: SubgraphCall, outcome: FetchOutcome
    ) -> FetchOutcome | None:
        SEEN.append(f"{call.subgraph}:{type(outcome).__name__}")
        return None


class NoPlugin:
    """Derives from nothing."""


def pipeline(*plugins: dict[str, object]) -> Pipeline:
    entries = [{"use": f"{__name__}:Audit", **plugin} for plugin in plugins]
    config = Config.model_validate({"plugins": entries})
    return build_pipeline(config, PolicyTools(telemetry=Telemetry(metrics=Metrics())))


def names(found: Pipeline) -> Sequence[str]:
    return [policy.name for policy in found.policies]


async def test_a_plugin_is_asked_and_sees_the_answer() -> None:
    await pipeline({}).run(request_in(), answer_ok)
    assert SEEN == ["audit", "audit:200"]


async def test_both_doors_meet_the_same_plugin() -> None:
    for door in ("graphql", "rest"):
        response = await pipeline({"config": {"does": "refuse"}}).run(request_in(door), answer_ok)
        assert (response.status, response.error_codes) == (403, ("FORBIDDEN",))


async def test_an_answer_of_a_plugin_ends_the_request() -> None:
    found = pipeline({"config": {"does": "answer"}}, {"name": "late", "config": {"note": "late"}})
    response = await found.run(request_in(), answer_ok)
    assert (response.status, response.body) == (202, b"early")
    assert SEEN == ["audit", "audit:202"]


async def test_the_failure_of_a_plugin_costs_its_request_only() -> None:
    response = await pipeline({"config": {"does": "fail"}}).run(request_in(), answer_ok)
    assert response.status == 500
    assert b"ZeroDivision" not in response.body


async def test_a_plugin_may_only_measure() -> None:
    response = await pipeline({"mode": "measure", "config": {"does": "refuse"}}).run(request_in(), answer_ok)
    assert response.status == 200


def test_plugins_stand_where_their_priority_says() -> None:
    found = names(pipeline({"name": "first", "priority": 5000}, {"name": "middle", "priority": 1950}, {"name": "last"}))
    assert found[0] == "first"
    assert found.index("middle") == found.index("authorize") - 1
    assert found[-1] == "last"


@pytest.mark.parametrize(
    ("plugin", "says"),
    [
        ({"use": "no.such:Plugin"}, r"plugins\[0\]\.use: .*cannot be imported"),
        ({"use": f"{__name__}:NoPlugin"}, "does not derive from"),
        ({"config": {"does": "sing"}}, r"plugins\[0\]\.config\.does: Input should be"),
        ({"config": {"notes": "x"}}, r"plugins\[0\]\.config\.notes: Extra"),
        ({"name": "csrf"}, "the name csrf is taken"),
    ],
)
def test_a_plugin_that_cannot_be_used_is_told_with_its_place(plugin: dict[str, object], says: str) -> None:
    with pytest.raises(PluginProblemError, match=says):
        pipeline(plugin)


def test_two_plugins_need_two_names() -> None:
    with pytest.raises(PluginProblemError, match=r"plugins\[1\]: the name Audit is taken"):
        pipeline({}, {})


async def test_a_plugin_may_answer_instead_of_a_subgraph() -> None:
    hooks = Hooks(pipeline({"use": f"{__name__}:Subgraphs"}))
    call = SubgraphCall(subgraph="stock", kind="query", operation="{ a }", body=b"{}")
    assert hooks.see_subgraphs
    assert await hooks.before_call(request_in(), call) == FetchFailure("CLOSED", "stock is closed")
    assert call.headers["x-tenant"] == "acme"


async def test_a_plugin_sees_what_subgraphs_answer() -> None:
    hooks = Hooks(pipeline({"use": f"{__name__}:Subgraphs"}))
    call = SubgraphCall(subgraph="users", kind="query", operation="{ a }", body=b"{}")
    outcome = FetchAnswer(200, "application/json", b"{}")
    assert await hooks.after_call(request_in(), call, outcome) is outcome
    assert SEEN == ["users:FetchAnswer"]


async def test_a_plugin_that_is_off_sees_nothing() -> None:
    hooks = Hooks(pipeline({"use": f"{__name__}:Subgraphs", "mode": {"routes": {"graphql": "off"}}}))
    call = SubgraphCall(subgraph="stock", kind="query", operation="{ a }", body=b"{}")
    assert await hooks.before_call(request_in(), call) is None


def test_without_such_hooks_nothing_is_told_of_subgraphs() -> None:
    assert not Hooks(pipeline({})).see_subgraphs
