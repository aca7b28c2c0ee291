"""The order of things in the pipeline, and what it makes of refusals and failures."""

import asyncio

import orjson
import pytest

from router.errors import ClientError, InternalError, NotFoundError
from router.policy.pipeline import Pipeline, Policy, PromptPolicy
from router.policy.request import Request, Response
from tests.requests_in import answer_ok, request_in


class Noting(Policy):
    """Writes down when it is called; may refuse."""

    def __init__(self, name: str, notes: list[str], refusal: Exception | Response | None = None) -> None:
        self.name = name
        self.notes = notes
        self.refusal = refusal

    async def on_request(self, _request: Request, /) -> Response | None:
        self.notes.append(f"{self.name} in")
        if isinstance(self.refusal, Exception):
            raise self.refusal
        return self.refusal

    def on_response(self, _request: Request, response: Response, /) -> None:
        self.notes.append(f"{self.name} out {response.status}")

    async def work(self) -> None:
        self.notes.append(f"{self.name} works")

    async def close(self) -> None:
        self.notes.append(f"{self.name} closes")


class Prompt(PromptPolicy):
    """Refuses without waiting, and is told of nothing."""

    name = "prompt"

    def decide(self, _request: Request, /) -> Response | None:
        raise NotFoundError


class Patient(Prompt):
    """Made to wait."""

    async def on_request(self, _request: Request, /) -> Response | None:
        await asyncio.sleep(0)
        return Response(status=202)


def three(notes: list[str], refusal: Exception | Response | None = None) -> Pipeline:
    return Pipeline((Noting("a", notes), Noting("b", notes, refusal), Noting("c", notes)))


async def test_policies_are_asked_in_order_and_see_the_answer_in_reverse() -> None:
    notes: list[str] = []
    assert (await three(notes).run(request_in(), answer_ok)).status == 200
    assert notes == ["a in", "b in", "c in", "c out 200", "b out 200", "a out 200"]


@pytest.mark.parametrize("refusal", [NotFoundError(), Response(status=404)], ids=["raised", "returned"])
async def test_after_a_refusal_nobody_else_is_asked(refusal: Exception | Response) -> None:
    notes: list[str] = []
    assert (await three(notes, refusal).run(request_in(), answer_ok)).status == 404
    assert notes == ["a in", "b in", "b out 404", "a out 404"]


async def test_a_policy_that_need_not_wait_refuses_like_any_other() -> None:
    notes: list[str] = []
    pipeline = Pipeline((Noting("a", notes), Prompt(), Noting("c", notes)))
    assert (await pipeline.run(request_in(), answer_ok)).status == 404
    assert notes == ["a in", "a out 404"]


async def test_a_policy_that_need_not_wait_can_be_derived_from_by_one_that_does() -> None:
    assert (await Pipeline((Patient(),)).run(request_in(), answer_ok)).status == 202


async def test_a_refusal_of_the_handler_is_rendered_like_any_other() -> None:
    async def handler(_request: Request) -> Response:
        raise NotFoundError("no such thing")

    response = await Pipeline(()).run(request_in("rest"), handler)
    assert (response.status, response.error_codes) == (404, ("NOT_FOUND",))


async def test_a_bug_costs_its_request_only_and_is_logged_not_shown(caplog: pytest.LogCaptureFixture) -> None:
    notes: list[str] = []
    response = await three(notes, ZeroDivisionError("the secret reason")).run(request_in(), answer_ok)
    assert response.status == 500
    assert b"secret" not in response.body
    assert "the secret reason" in caplog.text
    assert notes[-1] == "a out 500"


async def test_what_went_wrong_inside_is_logged_in_full_and_shown_by_code(caplog: pytest.LogCaptureFixture) -> None:
    response = await three([], InternalError("10.0.0.7 refused")).run(request_in(), answer_ok)
    assert orjson.loads(response.body)["errors"][0]["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    assert b"10.0.0.7" not in response.body
    assert [getattr(record, "detail", None) for record in caplog.records] == ["10.0.0.7 refused"]


async def test_a_client_that_goes_away_is_seen_by_the_policies_as_499() -> None:
    notes: list[str] = []
    started = asyncio.Event()

    async def handler(_request: Request) -> Response:
        started.set()
        await asyncio.Event().wait()
        return Response(status=200)

    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(three(notes).run(request_in(), handler))
        await started.wait()
        running.cancel()
    assert running.cancelled()
    assert notes[-3:] == ["c out 499", "b out 499", "a out 499"]


async def test_headers_that_policies_ask_for_are_on_every_answer() -> None:
    for refusal in (None, ClientError(), Response(status=204)):
        request = request_in()
        request.response_headers["X-Wanted"] = "yes"
        response = await three([], refusal).run(request, answer_ok)
        assert response.headers["X-Wanted"] == "yes"


async def test_policies_work_beside_requests_and_are_closed_last_first() -> None:
    notes: list[str] = []
    pipeline = three(notes)
    await pipeline.work()
    await pipeline.close()
    assert sorted(notes[:3]) == ["a works", "b works", "c works"]
    assert notes[3:] == ["c closes", "b closes", "a closes"]
