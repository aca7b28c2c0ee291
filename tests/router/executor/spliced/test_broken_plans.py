"""Plans that are none are errors, and never more than that."""

import pytest

from router.executor.spliced.shapes import Kind, Op, Shape, Step, field
from tests.router.executor.spliced.cutters import INT, Cutter, Splice, Splicer
from tests.router.executor.spliced.splices import UnusualError, hole, holed, listed, noted, secret, shown, solid

HEAD, TEXT = b'"r":[', b""
ROOT = Cutter(Shape(Kind.OBJECT, steps=holed(0, 1, listed("items", noted("id", 2), hole(3)))))
"""Columns of places 0 and 1, of values 2, of holes 3."""
INNER = field("c", Shape(Kind.OBJECT, steps=(shown("d"), hole(5))), shown_as="c")
ENTITY = Shape(Kind.OBJECT, steps=(*solid(0, shown("a")), secret("b", 1), *holed(2, 3, INNER)))
ENTITIES = Cutter(Shape(Kind.OBJECT, steps=(field("r", Shape(Kind.LIST, inner=(ENTITY,)), shown_as=None),)))
"""Columns of values 0 and 1, of places 2 and 3, of nothing 4, of holes 5."""
WHOLE = Cutter(Shape(Kind.OBJECT, steps=(shown("v"),)))
RUN = (0, 1)
RESPONSE = (b'{"data":{', (0, RUN), b"}}")
VALUE = (0, 2, -1, -1, False)
TARGET = (0, (TEXT, TEXT), (VALUE,), ((3, 0),))
CALL = (HEAD, (TARGET,), ((0, -1), (2, 3)), 0)
ROOT_FETCH = (ROOT, TEXT, ())


def fetch(*calls: object, cutter: object = ENTITIES, prefix: object = TEXT) -> object:
    return (cutter, prefix, calls)


def calling(
    *, head: object = HEAD, targets: object = (TARGET,), runs: object = ((0, -1),), counted: object = 0
) -> object:
    """The fetches of a plan with one call."""
    return (ROOT_FETCH, fetch((head, targets, runs, counted)))


def aiming(
    *, creator: object = 0, texts: object = (TEXT, TEXT), values: object = (VALUE,), holes: object = ((3, 0),)
) -> object:
    """The fetches of a plan with one target."""
    return calling(targets=((creator, texts, values, holes),))


def sending(value: object) -> object:
    """The fetches of a plan with one value."""
    return aiming(values=(value,))


def then(value: object) -> object:
    """The fetches of a plan with one value that is brought by a call before."""
    return (ROOT_FETCH, fetch(CALL), fetch((HEAD, ((0, (TEXT, TEXT), (value,), ()),), (), 0)))


def made(
    fetches: object,
    response: object = RESPONSE,
    limit: object = -1,
    most_bytes: object = 1000,
    unusual: object = UnusualError,
) -> object:
    return Splicer(fetches, response, limit, most_bytes, unusual)


class Index:
    """A number, as parts of a plan may be."""

    def __init__(self, number: int) -> None:
        self._number = number

    def __index__(self) -> int:
        return self._number


class FailingIndex:
    def __index__(self) -> int:
        raise LookupError


class FailingTruth:
    def __bool__(self) -> bool:
        raise LookupError


@pytest.mark.parametrize(
    "fetches",
    [
        (ROOT_FETCH,),
        (ROOT_FETCH, None),
        (ROOT_FETCH, fetch()),
        calling(),
        calling(targets=()),
        calling(runs=((2, 3), (0, -1), (0, -7))),
        calling(counted=2),
        calling(counted=1),
        aiming(holes=()),
        aiming(holes=((3, 0), (3, 0))),
        aiming(texts=(TEXT, TEXT, TEXT), values=(VALUE, VALUE)),
        sending((0, 2, -5, -5, 1)),
        sending((Index(0), Index(2), Index(-1), Index(-1), "yes")),
        then((1, 1, 0, 0, False)),
        then((1, 0, 0, 0, True)),
        then((1, 1, -1, -1, False)),
        (ROOT_FETCH, fetch(CALL), None, fetch(CALL, CALL)),
    ],
)
def test_what_is_a_plan_is_taken(fetches: object) -> None:
    assert Splice(made(fetches)).request(0, []) == b"}}"


@pytest.mark.parametrize(
    "fetches",
    [
        None,
        [],
        "fetches",
        [ROOT_FETCH],
        (ROOT,),
        (0,),
        ((),),
        ((ROOT,),),
        ((ROOT, TEXT),),
        ((ROOT, TEXT, (), ()),),
        ([ROOT, TEXT, ()],),
        ((None, TEXT, ()),),
        (((), TEXT, ()),),
        ((Cutter, TEXT, ()),),
        ((ROOT, "", ()),),
        ((ROOT, None, ()),),
        ((ROOT, bytearray(), ()),),
        ((ROOT, TEXT, []),),
        ((ROOT, TEXT, None),),
        (ROOT_FETCH, fetch(None)),
        (ROOT_FETCH, fetch(())),
        (ROOT_FETCH, fetch(CALL[:-1])),
        (ROOT_FETCH, fetch((*CALL, 0))),
        (ROOT_FETCH, fetch(list(CALL))),
        calling(head=""),
        calling(head=None),
        calling(targets=[TARGET]),
        calling(targets=None),
        calling(targets=(None,)),
        calling(targets=(TARGET[:-1],)),
        calling(targets=((*TARGET, ()),)),
        calling(targets=(list(TARGET),)),
        calling(runs=[]),
        calling(runs=None),
        calling(runs=(None,)),
        calling(runs=(0,)),
        calling(runs=((0,),)),
        calling(runs=((0, -1, -1),)),
        calling(runs=([0, -1],)),
        calling(runs=((0, None),)),
        calling(runs=((0.0, -1),)),
        calling(counted=None),
        calling(counted="0"),
        aiming(creator=None),
        aiming(creator=0.0),
        aiming(texts=[TEXT, TEXT]),
        aiming(texts=(TEXT, "")),
        aiming(texts=(None, TEXT)),
        aiming(values=[VALUE]),
        aiming(values=(None,)),
        aiming(holes=[]),
        aiming(holes=(None,)),
        aiming(holes=((3,),)),
        aiming(holes=((3, 0, 0),)),
        aiming(holes=([3, 0],)),
        aiming(holes=((3, None),)),
        sending(()),
        sending(VALUE[:-1]),
        sending((*VALUE, False)),
        sending(list(VALUE)),
        sending((None, *VALUE[1:])),
        sending((0, "2", -1, -1, False)),
        sending((0, 2, 0.5, -1, False)),
        sending((0, 2, -1, None, False)),
    ],
)
def test_what_is_not_built_as_plans_are_is_a_type_error(fetches: object) -> None:
    with pytest.raises(TypeError):
        made(fetches)


@pytest.mark.parametrize(
    ("fetches", "message"),
    [
        (calling(counted=-1), "counted in no answer"),
        (calling(counted=4), "counted in no answer"),
        (calling(counted=6), "counted in no answer"),
        (calling(counted=2**40), "counted in no answer"),
        (calling(counted=-(2**63)), "counted in no answer"),
        (calling(runs=((-1, -1),)), "a run is in no answer"),
        (calling(runs=((2, -1),)), "a run is in no answer"),
        (calling(runs=((4, -1),)), "a run is in no answer"),
        (calling(runs=((5, -1),)), "a run is in no answer"),
        (calling(runs=((6, -1),)), "a run is in no answer"),
        (calling(runs=((2**62, -1),)), "a run is in no answer"),
        (calling(runs=((0, 3),)), "a run is in no answer"),
        (calling(runs=((2, 0),)), "a run is in no answer"),
        (calling(runs=((2, 4),)), "a run is in no answer"),
        (calling(runs=((2, 5),)), "a run is in no answer"),
        (calling(runs=((5, 3),)), "a run is in no answer"),
        (calling(runs=((2, 6),)), "a run is in no answer"),
        (calling(runs=((2, 2**62),)), "a run is in no answer"),
        (calling(runs=((0, -1), (7, 7))), "a run is in no answer"),
        (aiming(creator=-1), "a target is not one"),
        (aiming(creator=1), "a target is not one"),
        (aiming(creator=2), "a target is not one"),
        (aiming(creator=2**62), "a target is not one"),
        (aiming(texts=()), "a target is not one"),
        (aiming(texts=(TEXT,)), "a target is not one"),
        (aiming(texts=(TEXT, TEXT, TEXT)), "a target is not one"),
        (aiming(values=()), "a target is not one"),
        (aiming(values=(), texts=(TEXT,)), "a target is not one"),
        (aiming(values=(VALUE, VALUE)), "a target is not one"),
        (aiming(holes=((-1, 0),)), "a hole is in no earlier answer"),
        (aiming(holes=((0, 0),)), "a hole is in no earlier answer"),
        (aiming(holes=((1, 0),)), "a hole is in no earlier answer"),
        (aiming(holes=((2, 0),)), "a hole is in no earlier answer"),
        (aiming(holes=((4, 0),)), "a hole is in no earlier answer"),
        (aiming(holes=((2**62, 0),)), "a hole is in no earlier answer"),
        (aiming(holes=((3, -1),)), "a hole is in no earlier answer"),
        (aiming(holes=((3, 1),)), "a hole is in no earlier answer"),
        (aiming(holes=((3, 2**62),)), "a hole is in no earlier answer"),
        (calling(runs=()), "a hole is in no earlier answer"),
        (calling(targets=(TARGET, (1, *TARGET[1:]))), "a target is not one"),
        ((None, fetch(CALL)), "a value is in no earlier answer"),
        ((fetch(CALL), ROOT_FETCH), "a target is not one"),
        (sending((-1, 2, -1, -1, False)), "a value is in no earlier answer"),
        (sending((1, 0, -1, -1, False)), "a value is in no earlier answer"),
        (sending((2, 0, -1, -1, False)), "a value is in no earlier answer"),
        (sending((2**62, 0, -1, -1, False)), "a value is in no earlier answer"),
        (sending((0, -1, -1, -1, False)), "a value is in no earlier answer"),
        (sending((0, 0, -1, -1, False)), "a value is in no earlier answer"),
        (sending((0, 3, -1, -1, False)), "a value is in no earlier answer"),
        (sending((0, 4, -1, -1, False)), "a value is in no earlier answer"),
        (sending((0, 2, 0, 0, False)), "a value is of no earlier call"),
        (sending((0, 2, 1, 0, False)), "a value is of no earlier call"),
        (sending((0, 2, 2**62, 0, False)), "a value is of no earlier call"),
        (then((1, 4, 0, 0, False)), "a value is in no earlier answer"),
        (then((1, 2, 0, 0, False)), "a value is in no earlier answer"),
        (then((0, 2, 0, 0, False)), "a value is of no earlier call"),
        (then((1, 1, 1, 0, False)), "a value is of no earlier call"),
        (then((1, 1, 0, 1, False)), "a value is of no earlier call"),
        (then((1, 1, 0, -1, False)), "a value is of no earlier call"),
        (then((1, 1, 0, 2**62, False)), "a value is of no earlier call"),
        (then((2, 1, 0, 0, False)), "a value is in no earlier answer"),
    ],
)
def test_what_says_no_plan_is_a_value_error(fetches: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        made(fetches)


def test_values_of_a_call_are_those_of_its_own_fetch() -> None:
    two = (ROOT_FETCH, fetch(CALL), fetch(CALL))
    last = fetch((HEAD, ((0, (TEXT, TEXT), ((2, 1, 0, 0, False),), ()),), (), 0))

    with pytest.raises(ValueError, match="a value is of no earlier call"):
        made((*two, last))


@pytest.mark.parametrize("number", [2**63, -(2**63) - 1, 2**200])
def test_a_number_that_is_too_large_is_an_error(number: int) -> None:
    for fetches in (
        calling(counted=number),
        calling(runs=((number, -1),)),
        calling(runs=((2, number),)),
        aiming(creator=number),
        aiming(holes=((number, 0),)),
        aiming(holes=((3, number),)),
        *(sending((*VALUE[:at], number, *VALUE[at + 1 :])) for at in range(4)),
    ):
        with pytest.raises(OverflowError):
            made(fetches)
    with pytest.raises(OverflowError):
        made((ROOT_FETCH,), response=((number, RUN),))
    with pytest.raises(OverflowError):
        made((ROOT_FETCH,), response=((0, (number, 1)),))
    with pytest.raises(OverflowError):
        made((ROOT_FETCH,), limit=number)


def test_what_a_part_of_a_plan_raises_goes_through() -> None:
    for fetches in (
        calling(counted=FailingIndex()),
        aiming(creator=FailingIndex()),
        sending((0, 2, FailingIndex(), -1, False)),
        sending((0, 2, -1, -1, FailingTruth())),
    ):
        with pytest.raises(LookupError):
            made(fetches)


# --- sizes --------------------------------------------------------------------------------------------------------


def test_a_plan_may_have_a_thousand_fetches() -> None:
    made((ROOT_FETCH,) * 1000)
    with pytest.raises(ValueError, match="too many fetches"):
        made((ROOT_FETCH,) * 1001)
    with pytest.raises(ValueError, match="too many fetches"):
        made((None,) * 1001, response=(b"",))


def test_a_plan_may_have_many_calls_targets_and_values() -> None:
    target = (0, (TEXT,) * 101, (VALUE,) * 100, ((3, 0),) * 100)
    call = (HEAD, (target,) * 50, ((0, -1),) * 20, 0)
    last = (HEAD, (TARGET,), ((0, -1),), 7)

    made((ROOT_FETCH, fetch(*(call,) * 50)))
    with pytest.raises(ValueError, match="counted in no answer"):
        made((ROOT_FETCH, fetch(*(call,) * 50, last)))


# --- responses ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "response",
    [
        None,
        [],
        b"{}",
        list(RESPONSE),
        (None,),
        ("{}",),
        (0,),
        (bytearray(b"{}"),),
        ((),),
        ((0,),),
        ((0, RUN, RUN),),
        ([0, RUN],),
        (("0", RUN),),
        ((None, RUN),),
        ((0, None),),
        ((0, 0),),
        ((0, list(RUN)),),
        ((0, (0,)),),
        ((0, (0, 1, 2)),),
        ((0, (0, None)),),
        (*RESPONSE, None),
    ],
    ids=repr,
)
def test_what_is_not_built_as_responses_are_is_a_type_error(response: object) -> None:
    with pytest.raises(TypeError):
        made((ROOT_FETCH,), response)


@pytest.mark.parametrize(
    "part",
    [
        (-1, RUN),
        (1, RUN),
        (2, RUN),
        (3, RUN),
        (2**62, RUN),
        (0, (0, -1)),
        (0, (0, 2)),
        (0, (0, 3)),
        (0, (3, 1)),
        (0, (2, 1)),
        (0, (-1, 1)),
        (0, (4, 1)),
        (0, (0, 4)),
    ],
    ids=repr,
)
def test_a_response_of_what_no_answer_has_is_a_value_error(part: object) -> None:
    with pytest.raises(ValueError, match="in no answer"):
        made((ROOT_FETCH, None, (WHOLE, TEXT, ())), response=(b"{", part, b"}"))


def test_a_part_of_a_response_may_be_made_of_values() -> None:
    made((ROOT_FETCH,), response=((0, (2, -1)), (0, (0, 1)), (Index(0), RUN), b""))


@pytest.mark.parametrize(
    "fetches",
    [
        (),
        (None,),
        (ROOT_FETCH,),
        ((WHOLE, TEXT, ()), (WHOLE, TEXT, ())),
        ((WHOLE, TEXT, ()), None),
        (None, (WHOLE, TEXT, ())),
    ],
    ids=["nothing", "not made", "not whole", "two", "one and none", "none and one"],
)
def test_a_plan_without_a_response_is_one_answer_that_is_the_response(fetches: object) -> None:
    with pytest.raises(ValueError, match="whole response"):
        made(fetches, response=())


@pytest.mark.parametrize(
    "step",
    [
        secret("a", -1),
        noted("a", 0),
        field("a", INT, shown_as="b"),
        Step(Op.TEXT, before=b'"t":1'),
        hole(0),
        listed("a", secret("b", -1)),
        listed("a", field("b", INT, shown_as="c")),
        field("a", Shape(Kind.TAGGED, inner=(Shape(Kind.OBJECT, steps=(hole(0),)),), texts=(b'"T"',)), shown_as="a"),
    ],
    ids=repr,
)
def test_an_answer_of_which_clients_see_something_else_is_not_the_response(step: Step) -> None:
    cutter = Cutter(Shape(Kind.OBJECT, steps=(shown("v"), step)))

    with pytest.raises(ValueError, match="whole response"):
        made(((cutter, TEXT, ()),), response=())


@pytest.mark.parametrize("steps", [solid(0, shown("v")), holed(0, 1, shown("v"))], ids=["solid", "holed"])
def test_an_answer_with_runs_is_not_the_response(steps: tuple[Step, ...]) -> None:
    with pytest.raises(ValueError, match="whole response"):
        made(((Cutter(Shape(Kind.OBJECT, steps=steps)), TEXT, ()),), response=())


# --- the other arguments ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [None, "1", 1.0], ids=repr)
def test_a_limit_that_is_no_number_is_a_type_error(limit: object) -> None:
    with pytest.raises(TypeError):
        made((ROOT_FETCH,), limit=limit)
    with pytest.raises(TypeError):
        made((ROOT_FETCH,), most_bytes=limit)


@pytest.mark.parametrize("unusual", [None, int, UnusualError(), "UnusualError", object], ids=repr)
def test_what_is_raised_is_an_exception(unusual: object) -> None:
    with pytest.raises(TypeError, match="told by an exception"):
        made((ROOT_FETCH,), unusual=unusual)


def test_a_plan_has_five_arguments() -> None:
    whole = (ROOT_FETCH,), RESPONSE, -1, 1000, UnusualError
    for args in (*(whole[:count] for count in range(5)), (*whole, 0)):
        with pytest.raises(TypeError):
            Splicer(*args)
    with pytest.raises(TypeError):
        object.__new__(Splicer)
    named = Splicer(fetches=(ROOT_FETCH,), response=RESPONSE, limit=-1, most_bytes=1000, unusual=UnusualError)
    assert named is not None
