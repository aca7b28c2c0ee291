"""Whatever a subgraph writes for a value: spliced runs ask and answer as interpreted ones do."""

import json

import pytest

from router.executor.outcome import FetchAnswer, FetchOutcome, FetchRequest
from router.executor.program import ExecutionOptions, Program
from router.executor.ways import spliced
from tests.compiled_programs import program_of
from tests.oracle.both_ways import run_both_ways
from tests.router.executor.executing import answer, data

pytest.importorskip("router.executor.spliced._splicer", reason="the extension is not built", exc_type=ImportError)

SUBGRAPHS = {
    "one": """
        scalar Any
        enum E { A B SECRET @inaccessible }
        type Query { items: [Item] }
        type Item @key(fields: "id i b e s") { id: ID i: Int b: Boolean e: E s: String f: Float a: Any n: Int! }
    """,
    "two": """
        enum E { A B SECRET @inaccessible }
        type Item @key(fields: "id i b e s") { id: ID i: Int b: Boolean e: E s: String left: Int }
    """,
}
USUAL = {"id": '"1"', "i": "1", "b": "true", "e": '"A"', "s": '"x"', "f": "1.5", "a": "1", "n": "1"}
ODD = [
    *[
        r"null",
        r"true",
        r"false",
        r"nul",
        r"01",
        r"NaN",
        r"0",
        r"1",
        r"-1",
        r"-0",
        r"1.0",
        r"-0.0",
        r"1.50",
        r"1e2",
        r"1E2",
        r"0.1e1",
        r"1e-99",
        r"1e99",
        r"1e400",
        r"2147483647",
        r"2147483648",
        r"-2147483648",
        r"-2147483649",
        r"9007199254740993",
        r"18446744073709551616",
        r"123456789012345678901234567890",
        r"1.00000000000000000001",
        r"0.1000000000000000055511151231257827",
        r'"1"',
        r'"A"',
        r'"SECRET"',
        r'"C"',
        r'""',
        r'"\u0041"',
        r'"\n"',
        r'"é"',
        r'"\ud83d\ude00"',
        r'"\ud83d"',
        r'"null"',
        r'"%b"',
        r"[]",
        r"{}",
        r"[null]",
        r'{"a":[{"b":1}]}',
        r'["\u0041"]',
    ],
    "",
    "[ 1 ]",
    '{"b": 1, "a": 2}',
]
SHOWN = "{ items { n id i b e s f a left } }"
PARTLY = "{ items { n f left a } }"


class Answers:
    """A subgraph with two items, of which the first has a value that is odd."""

    def __init__(self, program: Program, field: str, value: str, other: str) -> None:
        text = program.plan.fetches[0].operation
        fields = [name for name in text.strip("{}").removeprefix("items{").split() if name in USUAL]
        items = [{**USUAL, field: value}, {**USUAL, field: other}]
        written = ("{" + ",".join(f'"{name}":{item[name]}' for name in fields) + "}" for item in items)
        self._first = answer(('{"data":{"items":[' + ",".join(written) + "]}}").encode())

    def __call__(self, request: FetchRequest) -> FetchOutcome:
        if request.fetch.id == 0:
            return self._first
        (representations,) = json.loads(request.body)["variables"].values()
        return answer(data(_entities=[{"left": number} for number in range(len(representations))]))


PROGRAMS = {
    (operation, is_strict): program_of(
        operation, subgraphs=SUBGRAPHS, options=ExecutionOptions(strict_leaves=is_strict)
    )
    for operation in (SHOWN, PARTLY)
    for is_strict in (True, False)
}


@pytest.mark.parametrize("is_strict", [True, False], ids=["strict", "trusting"])
@pytest.mark.parametrize("operation", [SHOWN, PARTLY], ids=["shown", "partly hidden"])
@pytest.mark.parametrize("field", USUAL)
def test_odd_values_of_leaves(field: str, operation: str, is_strict: bool) -> None:  # noqa: FBT001 - a parameter
    program = PROGRAMS[operation, is_strict]

    for value in ODD:
        for other in (USUAL[field], value):
            found = run_both_ways(program, {}, Answers(program, field, value, other), way=spliced)
            assert found.why_not is None
            assert found.problem is None, f"{value} and {other}: {found.problem}"


@pytest.mark.parametrize("operation", [SHOWN, PARTLY], ids=["shown", "partly hidden"])
def test_usual_values_of_leaves_do_not_give_up(operation: str) -> None:
    program = PROGRAMS[operation, True]

    found = run_both_ways(program, {}, Answers(program, "i", "2", "3"), way=spliced)

    assert not found.gave_up


def test_a_key_that_comes_twice_in_a_custom_scalar_is_passed_on_as_it_is() -> None:
    program = PROGRAMS[SHOWN, True]
    run = spliced(program, 0)({})
    (request,) = run.ready()
    found = Answers(program, "a", '{"k":1,"k":2}', "1")(request)
    assert isinstance(found, FetchAnswer)
    run.receive(request, found.body)
    (request,) = run.ready()
    run.receive(request, answer(data(_entities=[{"left": 1}])).body)

    assert run.response().data.count(b'"a":{"k":1,"k":2}') == 1
