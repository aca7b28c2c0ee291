"""Plans that are made by hand, and what is asked of their splices.

    cutters ──▶ splices ──▶ tests of Splicer and Splice
                ▲ you are here

Fetch 0 of most plans answers with items that have an ``id``, and places for what fetches of entities bring.
"""

import json
from collections.abc import Iterable, Sequence

import pytest

from router.executor.spliced.shapes import Kind, Op, Shape, Step, field
from tests.router.executor.spliced.cutters import ANY

# isort: split
# What needs the extension comes after the module that skips tests where it is missing.
from router.executor.spliced._splicer import Cutter, Splice, Splicer
from router.executor.spliced.spliced_plan import NO_LIMIT, OWN, AnsweredFetch, Call, Response, Run, Target, Value

VALUE = ANY._replace(is_nullable=True)
PREFIX = b'{"query":"q","variables":{'
SOLID_RUN, HOLED_RUN = Run(0), Run(0, 1)
ROOT_RESPONSE: Response = (b'{"data":{', (0, HOLED_RUN), b"}}")


class UnusualError(Exception):
    """What splices of these tests raise."""


# --- shapes -------------------------------------------------------------------------------------------------------


def listed(key: str, *steps: Step) -> Step:
    """A field that clients see: a list of objects."""
    return field(key, Shape(Kind.LIST, inner=(Shape(Kind.OBJECT, steps=steps),)), shown_as=key)


def shown(key: str) -> Step:
    """A field that clients see, whatever its value is."""
    return field(key, VALUE, shown_as=key)


def noted(key: str, column: int) -> Step:
    """A field that clients see, whose values are noted."""
    return field(key, VALUE, shown_as=key, column=column)


def secret(key: str, column: int) -> Step:
    """A field that clients do not see, whose values are noted."""
    return field(key, VALUE, shown_as=None, column=column)


def hole(column: int) -> Step:
    """Where something goes after the fields of an object."""
    return Step(Op.HOLE, column, before=b",")


def solid(column: int, *fields: Step) -> tuple[Step, ...]:
    """A run whose bytes are noted."""
    return (Step(Op.SOLID_BEGIN), *fields, Step(Op.SOLID_END, column))


def holed(begin: int, end: int, *steps: Step) -> tuple[Step, ...]:
    """A run with holes in it."""
    return (Step(Op.RUN_BEGIN, begin), *steps, Step(Op.RUN_END, end))


# --- parts of plans -----------------------------------------------------------------------------------------------


def root(*fields: Step) -> AnsweredFetch:
    """A root fetch, all of which clients see."""
    return AnsweredFetch(Cutter(Shape(Kind.OBJECT, steps=holed(*HOLED_RUN, *fields))), PREFIX)


def entity_fetch(*calls: tuple[Sequence[Step], Call]) -> AnsweredFetch:
    """A fetch of entities; each call has the steps of its entities, and its alias in its head."""
    steps = []
    for inside, call in calls:
        entities = Shape(Kind.LIST, inner=(Shape(Kind.OBJECT, steps=tuple(inside)),))
        steps.append(field(alias_of(call), entities, shown_as=None))
    data = Shape(Kind.OBJECT, steps=tuple(steps))
    return AnsweredFetch(Cutter(data), PREFIX, tuple(call for _, call in calls))


def alias_of(call: Call) -> str:
    """The name of a call: of its variable, and of its entities in the answer."""
    alias: str = json.loads(call.head.removesuffix(b":["))
    return alias


def a_call(alias: str, targets: Iterable[Target], *, runs: Sequence[Run], counted: int | None = None) -> Call:
    """A call whose entities are counted by their first run, if nothing else is said."""
    return Call(f'"{alias}":['.encode(), tuple(targets), tuple(runs), runs[0].column if counted is None else counted)


def target(*values: Value, creator: int = 0, type_name: str = "T", holes: Iterable[tuple[int, int]] = ()) -> Target:
    """Objects that are told by fields ``k0``, ``k1`` and so on."""
    keys = [f',"k{number}":'.encode() for number in range(len(values))]
    first, *others = keys
    begin = f'{{"__typename":"{type_name}"'.encode() + first
    return Target(creator, (begin, *others, b"}"), values, tuple(holes))


def own(column: int, *, fetch: int = 0, refuses_null: bool = False) -> Value:
    """Values that objects have themselves."""
    return Value(fetch, column, OWN, OWN, refuses_null)


def brought(fetch: int, column: int, *, call: int, target: int = 0) -> Value:
    """Values of the entities that a call has brought for the same objects."""
    return Value(fetch, column, call, target, refuses_null=False)


# --- runs ---------------------------------------------------------------------------------------------------------


MEGABYTE = 1_000_000


def a_splice(
    *fetches: AnsweredFetch | None,
    response: Response = ROOT_RESPONSE,
    limit: int = NO_LIMIT,
    most_bytes: int = MEGABYTE,
) -> Splice:
    """A run of a plan that is made of these fetches."""
    return Splice(Splicer(fetches, response, limit, most_bytes, UnusualError))


def answer(**data: object) -> bytes:
    """The body of an answer."""
    return json.dumps({"data": data}, separators=(",", ":"), ensure_ascii=False).encode()


def variables_of(body: bytes | None) -> dict[str, object]:
    """The variables of a request; that there is one is part of the test."""
    assert body is not None
    request = json.loads(body)
    assert list(request) == ["query", "variables"]
    variables: dict[str, object] = request["variables"]
    return variables


def representation(*values: object, type_name: str = "T") -> dict[str, object]:
    """What a request has for one object of a ``target``."""
    return {"__typename": type_name} | {f"k{number}": value for number, value in enumerate(values)}


def unusual() -> pytest.RaisesExc[UnusualError]:
    """What a splice does where a run is not as the plan expects."""
    return pytest.raises(UnusualError)


def named(*targets: Target) -> AnsweredFetch:
    """A fetch of entities that have names."""
    return entity_fetch((solid(0, shown("name")), a_call("r", targets, runs=[SOLID_RUN])))


def coded(*targets: Target) -> AnsweredFetch:
    """A fetch of entities that have names, and codes that clients do not see."""
    steps = (*solid(0, shown("name")), secret("code", 1))
    return entity_fetch((steps, a_call("r", targets, runs=[SOLID_RUN])))


# --- plans that several tests run ---------------------------------------------------------------------------------

ITEMS = root(listed("items", noted("id", 2), hole(3)))
LISTS = root(listed("items", noted("id", 2), hole(3)), listed("others", noted("id", 4), hole(5)))
PAIRS = root(listed("items", noted("a", 2), noted("b", 3), hole(4)))
IN_ITEMS = target(own(2), holes=[(3, 0)])
IN_OTHERS = target(own(4), holes=[(5, 0)])
WHOLE = AnsweredFetch(Cutter(Shape(Kind.OBJECT, steps=(shown("v"),))), PREFIX)
NAMES, CODES = named(IN_ITEMS), coded(IN_ITEMS)
BY_CODE = entity_fetch(
    (solid(0, shown("price")), a_call("s", [target(brought(1, 1, call=0), holes=[(3, 0)])], runs=[SOLID_RUN])),
)


def items(*ids: object) -> bytes:
    return answer(items=[{"id": each} for each in ids])


def names(*texts: object, alias: str = "r") -> bytes:
    return answer(**{alias: [{"name": each} for each in texts]})


def two_lists(*targets: Target) -> Splice:
    return a_splice(LISTS, named(*targets))


def two_calls(*, limit: int = -1) -> Splice:
    both = entity_fetch(
        (solid(0, shown("name")), a_call("r", [IN_ITEMS], runs=[SOLID_RUN])),
        (solid(1, shown("size")), a_call("s", [IN_OTHERS], runs=[SOLID_RUN._replace(column=1)])),
    )
    return a_splice(LISTS, both, limit=limit)


def both_lists(ids: Iterable[object], others: Iterable[object]) -> bytes:
    return answer(items=[{"id": each} for each in ids], others=[{"id": each} for each in others])
