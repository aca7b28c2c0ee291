"""What was sent of a mutation finishes, whoever goes away."""

import asyncio

import pytest

from router.executor.outcome import FetchFailure, FetchOutcome, FetchRequest
from router.graphql.mutations import Mutations
from supergraph.plan import Fetch

OUTCOME = FetchFailure("CODE", "done")


def request(kind: str) -> FetchRequest:
    return FetchRequest(Fetch(id=0, subgraph="a", kind=kind, operation="{a}"), b"{}")


class OneAnswer:
    """Gives the same future to whoever sends."""

    def __init__(self) -> None:
        self.future: asyncio.Future[FetchOutcome] = asyncio.get_running_loop().create_future()

    def send(self, _: FetchRequest) -> asyncio.Future[FetchOutcome]:
        return self.future


async def test_an_answer_comes_through() -> None:
    answers = OneAnswer()
    waiting = Mutations().sending(answers.send)(request("mutation"))
    answers.future.set_result(OUTCOME)
    assert await waiting == OUTCOME


@pytest.mark.parametrize(("kind", "cancelled"), [("query", True), ("mutation", False)])
async def test_only_a_mutation_goes_on_without_whoever_waits_for_it(kind: str, *, cancelled: bool) -> None:
    answers = OneAnswer()
    Mutations().sending(answers.send)(request(kind)).cancel()
    assert answers.future.cancelled() is cancelled


async def test_the_end_waits_for_mutations_that_go_on() -> None:
    answers, mutations = OneAnswer(), Mutations()
    mutations.sending(answers.send)(request("mutation")).cancel()
    finishing = asyncio.ensure_future(mutations.finish())
    await asyncio.sleep(0)
    was_done = finishing.done()
    answers.future.set_result(OUTCOME)
    await finishing
    assert not was_done


async def test_nothing_is_waited_for_when_all_is_answered() -> None:
    answers, mutations = OneAnswer(), Mutations()
    waiting = mutations.sending(answers.send)(request("mutation"))
    answers.future.set_result(OUTCOME)
    await waiting
    await mutations.finish()
    assert mutations._running == set()
