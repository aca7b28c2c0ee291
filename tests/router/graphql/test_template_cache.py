"""When a template is made, who waits for it, and how many are kept."""

import asyncio
import threading
import time

import pytest

from router.config.security import LimitsConfig
from router.graphql.planning import Planning
from router.graphql.templates import LIMIT_CHARACTERS, Templates
from supergraph import Supergraph
from supergraph.errors import OperationError
from supergraph.operation.skeleton import read_skeleton
from supergraph.operation.template import Template, make_template
from tests.lifted_stage import example


def make_planning(*, limits: LimitsConfig | None = None, cache_limit: int = 10) -> Planning:
    return Planning(example(), limits=limits or LimitsConfig(), cache_limit=cache_limit, clock=time.monotonic)


async def is_lifted(planning: Planning, document: str) -> bool:
    operation = planning.known_operation(document, None) or await planning.operation(document, None)
    return operation.lifted is not None


async def lifted(planning: Planning, *documents: str) -> list[bool]:
    """Which of the documents, in this order, are answered from a template."""
    found = [await is_lifted(planning, document) for document in documents]
    planning.close()
    return found


async def test_the_third_document_of_a_skeleton_is_answered_from_a_template() -> None:
    documents = [f"{{ echo(i: {number}) }}" for number in range(4)]
    assert await lifted(make_planning(), *documents) == [False, False, True, True]


async def test_a_document_that_is_repeated_is_never_changed() -> None:
    assert await lifted(make_planning(), *["{ echo(i: 1) }"] * 4) == [False] * 4


async def test_a_document_that_was_prepared_stays_as_it_is() -> None:
    documents = ["{ echo(i: 1) }", "{ echo(i: 2) }", "{ echo(i: 3) }", "{ echo(i: 1) }"]
    assert await lifted(make_planning(), *documents) == [False, False, True, False]


async def test_documents_with_kept_literals_need_two_of_their_own() -> None:
    documents = [f"{{ echo(d: {kept}, i: {number}) }}" for kept in (100, 200) for number in range(3)]
    assert await lifted(make_planning(), *documents) == [False, False, True, False, False, True]


async def test_other_layout_is_another_document_of_the_same_skeleton() -> None:
    assert await lifted(make_planning(), "{ must }", "{must}", "{ must } # 3") == [False, False, True]


async def test_long_documents_have_no_template() -> None:
    documents = [f"{{ echo(i: {number}) }} #{'x' * LIMIT_CHARACTERS}" for number in range(3)]
    assert await lifted(make_planning(), *documents) == [False] * 3


async def test_long_lists_are_lifted() -> None:
    documents = [f"{{ echo(l: {[number] * 6000}) }}" for number in range(3)]
    assert await lifted(make_planning(), *documents) == [False, False, True]


async def test_long_skeletons_are_not_kept() -> None:
    fields = " ".join(f"a{number}: must" for number in range(1000))
    documents = [f"{{ must(i: {number}) {fields} }}" for number in range(3)]
    limits = LimitsConfig(max_aliases=None, max_root_fields=None, max_height=None)
    assert await lifted(make_planning(limits=limits), *documents) == [False] * 3


async def test_documents_without_a_template_are_asked_once() -> None:
    documents = [f'{{ __type(name: "{name}") {{ name }} }}' for name in ("A", "B", "C", "D")]
    assert await lifted(make_planning(), *documents) == [False] * 4


async def test_what_exceeds_a_limit_is_known_to_do_so_each_time() -> None:
    planning = make_planning(limits=LimitsConfig(max_aliases=0))
    found = [await planning.prepared(f"{{ a{number}: must }}", None) for number in range(4)]
    assert [len(prepared.exceeded) for prepared in found] == [1, 1, 1, 1]
    planning.close()


async def test_a_refused_document_teaches_nothing() -> None:
    planning = make_planning()
    for number in range(3):
        with pytest.raises(OperationError):
            await planning.operation(f"{{ nope(i: {number}) }}", None)
    planning.close()


async def test_documents_that_come_together_make_one_template() -> None:
    planning = make_planning()
    async with asyncio.TaskGroup() as tasks:
        for number in range(6):
            tasks.create_task(planning.operation(f"{{ echo(i: {number}) }}", None))
    operations = [planning.known_operation(f"{{ echo(i: {number}) }}", None) for number in (10, 11)]
    assert len({id(operation.selection) for operation in operations if operation is not None}) == 1
    planning.close()


async def test_a_template_is_made_though_the_client_went_away() -> None:
    planning = make_planning()
    await planning.operation("{ echo(i: 1) }", None)
    waiting = asyncio.ensure_future(planning._learn("{ echo(i: 2) }", None))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await asyncio.to_thread(planning._executor.shutdown)
    await asyncio.sleep(0)
    assert planning.known_operation("{ echo(i: 3) }", None) is not None


async def test_a_document_answered_from_a_template_counts_for_the_one_that_it_was_made_of() -> None:
    planning = make_planning()
    for number in range(1, 3):
        await planning.operation(f"{{ echo(i: {number}) }}", None)
    for number in range(9):
        planning.known_operation(f"{{ echo(i: {number + 10}) }}", None)
    assert planning.most_used(1) == [("{ echo(i: 2) }", None)]
    planning.close()


async def test_an_operation_as_it_was_written() -> None:
    planning = make_planning()
    await lifted(planning, "{ echo(i: 1) }", "{ echo(i: 2) }")
    planning = make_planning()
    for number in range(2):
        await planning.operation(f"{{ echo(i: {number}) }}", None)
    operation = planning.known_operation("{ echo(i: 7) }", None)
    assert operation is not None
    assert "7" not in operation.text
    assert "7" in (await planning.as_written(operation)).text
    planning.close()


def learn(templates: Templates, supergraph: Supergraph, document: str) -> None:
    skeleton = read_skeleton(document)
    template = make_template(supergraph, skeleton)
    assert template is not None
    templates.add(skeleton, template, (document, None))


def test_no_more_templates_are_kept_than_allowed() -> None:
    templates = Templates(limit=2, max_tokens=100)
    for field in ("must(i: 1)", "echo(i: 1)", "echo(l: [1])"):
        learn(templates, example(), f"{{ {field} }}")
    assert templates.find("{ must(i: 2) }", None) is None
    assert templates.find("{ echo(i: 2) }", None) is not None


def test_the_template_that_was_used_last_stays() -> None:
    templates = Templates(limit=2, max_tokens=100)
    learn(templates, example(), "{ must(i: 1) }")
    learn(templates, example(), "{ echo(i: 1) }")
    templates.find("{ must(i: 2) }", None)
    learn(templates, example(), "{ echo(l: [1]) }")
    assert templates.find("{ must(i: 3) }", None) is not None


def test_a_document_is_filled_in_once() -> None:
    templates = Templates(limit=2, max_tokens=100)
    learn(templates, example(), "{ must(i: 1) }")
    assert templates.find("{ must(i: 2) }", None) is templates.find("{ must(i: 2) }", None)


def test_a_template_is_wanted_once() -> None:
    templates = Templates(limit=2, max_tokens=100)
    wanted = [templates.wanted(f"{{ must(i: {number}) }}") is not None for number in range(4)]
    assert wanted == [False, True, False, False]


async def test_a_template_that_fails_is_told_to_the_log_alone(caplog: pytest.LogCaptureFixture) -> None:
    planning = make_planning()
    made: asyncio.Future[Template | None] = asyncio.get_running_loop().create_future()
    made.set_exception(ValueError("broken"))
    planning._learned(read_skeleton("{ must }"), ("{ must }", None), made)
    assert [record.message for record in caplog.records] == ["no template can be made"]
    planning.close()


async def test_a_gateway_that_ends_makes_no_more_templates() -> None:
    planning = make_planning()
    await planning.operation("{ echo(i: 1) }", None)
    busy = threading.Event()
    for _ in range(2):
        planning._executor.submit(busy.wait)
    learning = asyncio.ensure_future(planning._learn("{ echo(i: 2) }", None))
    await asyncio.sleep(0)
    planning.close()
    busy.set()
    await learning
    assert planning.known_operation("{ echo(i: 3) }", None) is None
