"""Policies that refuse, that only measure, that are off."""

import pytest

from router.config.policies import ModeSection, PoliciesSection
from router.errors import ForbiddenError
from router.identity.identity import Identity
from router.policy.hooks import Hooks
from router.policy.modes import Modes
from router.policy.pipeline import Pipeline, Policy
from router.policy.request import Request, Response
from supergraph import Operation, plan, prepare
from supergraph.plan import QueryPlan
from tests.lifted_stage import example
from tests.requests_in import answer_ok, request_in


class Guard(Policy):
    """Refuses all."""

    name = "ip"

    def __init__(self) -> None:
        self.asked = 0

    async def on_request(self, _request: Request) -> Response | None:
        self.asked += 1
        raise ForbiddenError


Counted = list[tuple[str, str, str]]


def pipeline(guard: Guard, counted: Counted, **section: object) -> Pipeline:
    modes = Modes({"ip": ModeSection.model_validate(section)}, on_would_reject=lambda *labels: counted.append(labels))
    return Pipeline((guard,), modes)


async def status(guard: Guard, request: Request, **section: object) -> int:
    return (await pipeline(guard, [], **section).run(request, answer_ok)).status


async def test_a_policy_refuses_unless_told_otherwise() -> None:
    assert await status(Guard(), request_in()) == 403


async def test_what_measure_would_refuse_passes_and_is_counted() -> None:
    counted: Counted = []
    request = request_in("rest", identity=Identity(id="acme", method="jwt"))
    response = await pipeline(Guard(), counted, mode="measure").run(request, answer_ok)
    assert response.status == 200
    assert counted == [("ip", "things", "acme")]


async def test_a_policy_that_is_off_is_not_asked() -> None:
    guard = Guard()
    assert await status(guard, request_in(), mode="off") == 200
    assert guard.asked == 0


@pytest.mark.parametrize(
    ("section", "graphql", "rest"),
    [
        ({"doors": {"rest": "off"}}, 403, 200),
        ({"mode": "off", "doors": {"rest": "enforce"}}, 200, 403),
        ({"mode": "off", "routes": {"things": "enforce"}}, 200, 403),
        ({"doors": {"rest": "enforce"}, "routes": {"things": "measure"}}, 403, 200),
    ],
)
async def test_a_mode_may_differ_by_door_and_route(section: dict[str, object], graphql: int, rest: int) -> None:
    assert await status(Guard(), request_in("graphql"), **section) == graphql
    assert await status(Guard(), request_in("rest"), **section) == rest


async def test_a_mode_may_differ_by_plan() -> None:
    pro = request_in(identity=Identity(id="a", method="jwt", plan="pro"))
    assert await status(Guard(), pro, plans={"pro": "measure"}) == 200
    assert await status(Guard(), request_in(), plans={"pro": "measure"}) == 403


def test_a_check_deeper_inside_follows_the_mode_of_its_policy() -> None:
    counted: Counted = []
    modes = Modes({"limits": ModeSection(mode="measure")}, on_would_reject=lambda *labels: counted.append(labels))

    def refuse() -> None:
        raise ForbiddenError

    modes.decide("limits", request_in(), refuse)
    assert counted == [("limits", "graphql", "")]
    with pytest.raises(ForbiddenError):
        modes.decide("cost", request_in(), refuse)


def test_a_word_alone_is_the_mode() -> None:
    section = PoliciesSection.model_validate({"csrf": "measure", "rate_limit": {"plans": {"pro": "off"}}})
    assert section.csrf == ModeSection(mode="measure")
    assert section.rate_limit.plans == {"pro": "off"}


class OperationGuard(Policy):
    """Refuses all operations and plans."""

    name = "guard"

    async def on_operation(self, _request: Request, _operation: Operation, /) -> None:
        raise ForbiddenError

    async def on_plan(self, _request: Request, _plan: QueryPlan, /) -> None:
        raise ForbiddenError


def hooks_of_a_guard(mode: ModeSection, counted: Counted) -> Hooks:
    modes = Modes({"guard": mode}, on_would_reject=lambda *labels: counted.append(labels))
    return Hooks(Pipeline((OperationGuard(),), modes))


async def test_what_measure_would_refuse_of_operations_and_plans_passes_and_is_counted() -> None:
    counted: Counted = []
    hooks = hooks_of_a_guard(ModeSection(mode="measure"), counted)
    operation = prepare(example(), "{ must }")
    await hooks.operation(request_in(), operation)
    await hooks.plan(request_in(), plan(example(), operation))
    assert counted == [("guard", "graphql", ""), ("guard", "graphql", "")]


async def test_an_operation_is_refused_by_a_policy_that_enforces() -> None:
    hooks = hooks_of_a_guard(ModeSection(), [])
    with pytest.raises(ForbiddenError):
        await hooks.operation(request_in(), prepare(example(), "{ must }"))
