"""A request that is answered from a template gets what it would get if its document was prepared by itself."""

from collections.abc import AsyncIterator
from random import Random

import pytest

from router.config.security import LimitsConfig
from router.errors import RequestError
from router.policy.pipeline import Policy
from router.policy.request import Request
from supergraph import Operation
from supergraph.plan import QueryPlan
from tests.lifted_stage import Stage, make_stage
from tests.oracle.rewriting import rewrite
from tests.requests_in import request_in


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    made = make_stage()
    yield made
    made.planning.close()


async def directly(document: str, variables: dict[str, object] | None = None) -> tuple[int, object]:
    made = make_stage()
    try:
        return await made.run(document, variables)
    finally:
        made.planning.close()


async def result_or_refusal(stage: Stage, document: str) -> str:
    try:
        return repr(await stage.run(document))
    except RequestError as error:
        return repr(error)


async def teach(stage: Stage, *documents: str, variables: dict[str, object] | None = None) -> None:
    """Ask two documents, and one more that makes the plan."""
    for document in documents:
        await stage.run(document, variables)


@pytest.mark.parametrize(
    ("pattern", "known", "asked"),
    [
        ("{ echo(i: %s) }", ["1", "2"], ["3", "-4", "0"]),
        ("{ echo(s: %s) }", ['"a"', '"b"'], ['""', '"é"', r'"\"\\\n"', '"""\n  a\n  b"""']),
        ("{ echo(x: %s) }", ["1", "2.5"], ["3", "1e3", "-0.1"]),
        ("{ echo(id: %s) }", ["1", "2"], ["3", "99999999999999999999"]),
        ("{ echo(l: %s) }", ["[1]", "[2]"], ["[3]", "[4, 5, 6]"]),
        ("{ echo(n: {n: 1, ids: [%s]}) }", ["2", "3"], ["4", "5, 6"]),
        ("{ echo(d: 1, i: %s) }", ["2", "3"], ["4"]),
        ("{ must(i: %s) }", ["1", "2"], ["4"]),
        ("{ item(id: %s) { id more(x: 1) echo } }", ["2", "3"], ["4", "5"]),
        ("{ items(first: %s) { id a: echo(i: 1) b: echo(i: 2) more } }", ["3", "4"], ["5"]),
        ("{ items { %s: id e: echo } }", ["a", "b"], ["c", "id2", "more"]),
        ("{ items { %s: id x: more } }", ["a", "b"], ["c"]),
        ("{ items { id fail(i: %s) } }", ["1", "2"], ["3"]),
        ("{ items { id %s: fail } }", ["a", "b"], ["c"]),
        ("{ item(id: 1) { id %s: failing } }", ["a", "b"], ["c"]),
        ("{ %s: item(id: 1) { x: failing } }", ["a", "b"], ["c"]),
        ("mutation { rename(id: 1, name: %s) { id more } }", ['"a"', '"b"'], ['"c"']),
        ("{ ...F } fragment F on Query { echo(i: %s) }", ["1", "2"], ["3"]),
        ("{ echo(i: 1) @include(if: true) must(i: %s) @skip(if: false) }", ["7", "8"], ["9"]),
    ],
)
async def test_literals_and_aliases(stage: Stage, pattern: str, known: list[str], asked: list[str]) -> None:
    await teach(stage, *(pattern % each for each in known))
    for each in asked:
        assert stage.answers_from_template(pattern % each)
        assert await stage.run(pattern % each) == await directly(pattern % each)


@pytest.mark.parametrize(
    ("pattern", "known", "asked"),
    [
        (
            "{ echo(i: %s) }",
            ["1", "2"],
            ["1.5", "2147483648", "01", "1a", "-", '"1"', "[1]", "RED", "{a: 1}", "null", "$v"],
        ),
        ("{ echo(s: %s) }", ['"a"', '"b"'], ["1", r'"\q"', '"', '"""', "RED", '["a"]']),
        ("{ echo(x: %s) }", ["1", "2"], ['"1"', "1.", ".5", "true"]),
        ("{ echo(id: %s) }", ["1", "2"], ["1.5", "RED"]),
        ("{ echo(l: %s) }", ["[1]", "[2]"], ["[1.5]", '["a"]', '[1, "a"]', "3", "[[1]]", "[]"]),
        ("{ echo(m: %s) }", ["[[1]]", "[[2]]"], ["[[1.5]]", "[1]", "[[null]]", "1"]),
        ("{ echo(n: {n: %s}) }", ["1", "2"], ["1.5", "{n: 1}", "1, m: 1", "1, n: 1"]),
        ("{ must(i: %s) }", ["1", "2"], ["null", "1.5"]),
        ("{ echo(b: true, i: %s) }", ["1", "2"], ["3, b: false", "3 j: 1"]),
        ("{ echo(i: 1) echo(i: %s) }", ["1", "1 "], ["2", "1.5"]),
        ("{ echo(i: 1) @include(if: true) must(i: %s) }", ["7", "8"], ["9) @include(if: 1", '9) @skip(if: "a"']),
        ("query ($v: Int = %s) { echo(i: $v) }", ["1", "1"], ["2", "1.5", '"a"']),
        ("{ items { %s: id } }", ["a", "b"], ["1", "é", "a b", "on:", "__a", "$a", "id"]),
    ],
)
async def test_what_is_wrong_is_told_as_ever(stage: Stage, pattern: str, known: list[str], asked: list[str]) -> None:
    await teach(stage, *(pattern % each for each in known))
    for each in asked:
        assert await stage.run(pattern % each) == await directly(pattern % each)


async def test_a_wrong_variable_is_told_where_the_client_declares_it(stage: Stage) -> None:
    pattern = "query (\n   $v: Int!) { a%s: echo(i: $v) }"
    await teach(stage, pattern % 1, pattern % 2, variables={"v": 1})
    asked = pattern.replace("\n", "\n\n\n  ") % 3
    assert stage.answers_from_template(asked)
    given: list[dict[str, object]] = [{"v": "x"}, {}, {"v": None}, {"v": 2**40}, {"w": 1}]
    for variables in given:
        assert await stage.run(asked, variables) == await directly(asked, variables)


async def test_a_client_cannot_set_what_is_lifted(stage: Stage) -> None:
    pattern = "query ($v: Int) { echo(i: $v) must(i: %s) }"
    await teach(stage, pattern % 1, pattern % 2)
    operation = stage.planning.known_operation(pattern % 3, None)
    assert operation is not None
    assert operation.lifted is not None
    (ours,) = operation.lifted.values
    assert await stage.run(pattern % 3, {ours: 4, "v": 5}) == await directly(pattern % 3, {"v": 5})


async def test_conditions_of_the_client_decide_as_ever(stage: Stage) -> None:
    pattern = "query ($c: Boolean!) { a%s: echo @include(if: $c) must(i: 1) @skip(if: $c) }"
    await teach(stage, pattern % 1, pattern % 2, variables={"c": True})
    for value in (True, False):
        assert await stage.run(pattern % 3, {"c": value}) == await directly(pattern % 3, {"c": value})


async def test_the_operation_name_must_be_that_of_the_operation(stage: Stage) -> None:
    pattern = "query Q { echo(i: %s) }"
    await teach(stage, pattern % 1, pattern % 2)
    status, _ = await stage.run(pattern % 3, operation_name="Q")
    wrong, _ = await stage.run(pattern % 3, operation_name="R")
    assert (status, wrong) == (200, 400)


async def test_introspection_sees_the_literal(stage: Stage) -> None:
    pattern = '{ __type(name: "%s") { name } }'
    await teach(stage, pattern % "In", pattern % "Item")
    assert await stage.run(pattern % "Query") == (200, {"data": {"__type": {"name": "Query"}}})


async def test_subgraphs_get_the_literals_as_variables(stage: Stage) -> None:
    pattern = "{ echo(i: %s) }"
    await teach(stage, pattern % 1, pattern % 2, pattern % 3, pattern % 4)
    first, second, third, fourth = stage.asked
    assert [first["query"], second["query"]] == ["{echo(i:1)}", "{echo(i:2)}"]
    assert third["query"] == fourth["query"]
    assert [list(body["variables"].values()) for body in (third, fourth) if isinstance(body["variables"], dict)] == [
        [3],
        [4],
    ]


@pytest.mark.parametrize(
    ("limits", "pattern", "known", "asked"),
    [
        (LimitsConfig(parser_max_tokens=14), "{ echo(l: %s) }", ["[1]", "[2]"], "[1 2 3 4 5 6]"),
        (LimitsConfig(max_aliases=1), "{ %s: must }", ["a", "b"], "c: must d"),
        (LimitsConfig(max_root_fields=1), "{ %s: must }", ["a", "b"], "c: must d"),
        (LimitsConfig(parser_max_recursion=3), "{ echo(m: [%s]) }", ["1", "2"], "[1]"),
    ],
)
async def test_limits_hold(limits: LimitsConfig, pattern: str, known: list[str], asked: str) -> None:
    stage, plain = make_stage(limits=limits), make_stage(limits=limits)
    await teach(stage, *(pattern % each for each in known))
    results = [await result_or_refusal(each, pattern % asked) for each in (stage, plain)]
    stage.planning.close()
    plain.planning.close()
    assert results[0] == results[1]
    assert "400" in results[0] or "Limit" in results[0]


async def test_a_plan_is_shown_as_the_document_has_it() -> None:
    stage = make_stage(exposes_plans=True)
    pattern = "{ a%s: echo(i: %s) }"
    await teach(stage, *(pattern % (each, each) for each in (1, 2, 3)))
    request = request_in(headers={"hive-expose-query-plan": "dry-run"})
    result = await stage.stage.run(request, document=pattern % (4, 4), operation_name=None, variables={})
    assert "a4:echo(i:4)" in result.encode().decode().replace(" ", "")
    stage.planning.close()


class Watching(Policy):
    """Remembers the texts of operations and of requests to subgraphs."""

    name = "watching"

    def __init__(self) -> None:
        self.seen: list[str] = []

    async def on_operation(self, _request: Request, operation: Operation, /) -> None:
        self.seen.append(operation.text)

    async def on_plan(self, _request: Request, plan: QueryPlan, /) -> None:
        self.seen.extend(fetch.operation for fetch in plan.fetches)


async def test_policies_see_what_the_client_wrote() -> None:
    watching = Watching()
    stage = make_stage(policies=(watching,))
    pattern = "{ a%s: echo(i: %s) }"
    await teach(stage, *(pattern % (each, each) for each in (1, 2, 3)))
    watching.seen.clear()
    assert await stage.run(pattern % (4, 4)) == await directly(pattern % (4, 4))
    assert [text.replace(" ", "") for text in watching.seen] == ["query{a4:echo(i:4)}", "{a4:echo(i:4)}"]
    stage.planning.close()


async def test_the_log_tells_documents_apart() -> None:
    stage, plain = make_stage(), make_stage()
    pattern = "{ a%s: echo(i: %s) }"
    await teach(stage, *(pattern % (each, each) for each in (1, 2)))
    hashes = []
    for each, number in ((stage, 3), (plain, 3), (stage, 4)):
        request = request_in()
        await each.stage.run(request, document=pattern % (number, number), operation_name=None, variables={})
        hashes.append(request.log_fields["operation_hash"])
    assert hashes[0] == hashes[1] != hashes[2]
    stage.planning.close()
    plain.planning.close()


FIELDS = (
    "echo(i: 1)",
    'echo(s: "a", x: 2.5)',
    "a1: echo(l: [1, 2])",
    "a2: echo(n: {n: 1, ids: [1], d: 4})",
    "a3: must(i: 2)",
    "must",
    "a4: items(first: 1) { a5: id a6: echo(i: 2) more }",
    "a7: items { fail(i: 3) a8: more }",
    "item(id: 5) { id secret }",
    'a9: item(id: "6") { b1: failing }',
    "echo(c: RED)",
    "echo(d: 9)",
)
WRONG = ("1.5", '"x"', "99999999999", "RED", "null", "[1]", "01", "{}", "$v")


@pytest.mark.parametrize("seed", range(40))
async def test_random_documents_get_the_same_answer(seed: int) -> None:
    rng = Random(seed)  # noqa: S311 - seeded, to be reproducible
    stage = make_stage()
    document = "{ " + " ".join(rng.sample(FIELDS, rng.randint(1, 4))) + " }"
    variants = [rewrite(rng, document) for _ in range(4)]
    # One that is most often wrong, in a number that stands somewhere.
    places = [index for index, char in enumerate(document) if char.isdigit()]
    if places:
        place = rng.choice(places)
        variants.append(document[:place] + rng.choice(WRONG) + document[place + 1 :])
    for each in (document, *variants):
        plain = make_stage()
        results = [await result_or_refusal(answering, each) for answering in (stage, plain)]
        plain.planning.close()
        assert results[0] == results[1], each
    stage.planning.close()
