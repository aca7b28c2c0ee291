"""Shapes that are none are errors, and never more than that."""

import pytest

from router.executor.spliced.shapes import NOT_NOTED, Kind, Op, Shape, Step
from tests.router.executor.spliced.cutters import INT, OBJECT, TAGGED, Cutter, data

PLAIN = (Kind.INT, False, (), (), ())
FIELD = (Op.FIELD, NOT_NOTED, b'"v"', PLAIN, b"", b"")
BEGIN, END = (Op.RUN_BEGIN, 0, b"", None, b"", b""), (Op.RUN_END, 1, b"", None, b"", b"")
SOLID, SOLID_END = (Op.SOLID_BEGIN, -1, b"", None, b"", b""), (Op.SOLID_END, 2, b"", None, b"", b"")
HIDDEN, HOLE = (Op.HIDDEN, *FIELD[1:]), (Op.HOLE, 0, b"", None, b",", b"")


def an_object(*steps: object) -> object:
    return (Kind.OBJECT, False, (), steps, ())


@pytest.mark.parametrize(
    "shape",
    [
        None,
        [],
        "shape",
        (),
        (Kind.INT,),
        (*PLAIN, ()),
        (Kind.INT, False, [], (), ()),
        (Kind.INT, False, (), [], ()),
        (Kind.INT, False, (), (), []),
        (Kind.INT, False, None, (), ()),
        ("1", False, (), (), ()),
        (1.0, False, (), (), ()),
        (Kind.INT, None, (), (), ()),
        (Kind.LIST, False, (None,), (), ()),
        (Kind.LIST, False, ([],), (), ()),
        (Kind.ONE_OF, False, (), (), ("text",)),
        (Kind.ONE_OF, False, (), (), (None,)),
        (Kind.TAGGED, False, (PLAIN,), (), ("text",)),
        an_object(None),
        an_object([]),
        an_object(()),
        an_object(FIELD[:-1]),
        an_object((*FIELD, b"")),
        an_object(("0", *FIELD[1:])),
        an_object((Op.FIELD, None, *FIELD[2:])),
        an_object((Op.FIELD, -1, '"v"', PLAIN, b"", b"")),
        an_object((Op.FIELD, -1, b'"v"', None, b"", b"")),
        an_object((Op.FIELD, -1, b'"v"', PLAIN, "", b"")),
        an_object((Op.FIELD, -1, b'"v"', PLAIN, b"", None)),
    ],
    ids=repr,
)
def test_what_is_not_built_as_shapes_are_is_a_type_error(shape: object) -> None:
    with pytest.raises(TypeError):
        Cutter(shape)


@pytest.mark.parametrize(
    "shape",
    [
        (-1, False, (), (), ()),
        (len(Kind), False, (), (), ()),
        (Kind.INT, False, (PLAIN,), (), ()),
        (Kind.INT, False, (), (FIELD,), ()),
        (Kind.INT, False, (), (), (b'"A"',)),
        (Kind.LIST, False, (), (), ()),
        (Kind.LIST, False, (PLAIN, PLAIN), (), ()),
        (Kind.OBJECT, False, (PLAIN,), (), ()),
        (Kind.OBJECT, False, (), (), (b'"A"',)),
        (Kind.TAGGED, False, (), (), (b'"A"',)),
        (Kind.TAGGED, False, (an_object(),), (), ()),
        (Kind.TAGGED, False, (PLAIN,), (), (b'"A"',)),
        an_object((-1, *FIELD[1:])),
        an_object((len(Op), *FIELD[1:])),
        an_object((Op.FIELD, -2, *FIELD[2:])),
        an_object((Op.HOLE, -1, *HOLE[2:])),
        an_object(BEGIN),
        an_object(END),
        an_object(BEGIN, END),
        an_object(BEGIN, FIELD),
        an_object(FIELD, END),
        an_object(BEGIN, HIDDEN, END),
        an_object(BEGIN, FIELD, HIDDEN, END),
        an_object(BEGIN, FIELD, (Op.HOLE, 2, *HOLE[2:]), END),
        an_object(BEGIN, FIELD, SOLID_END),
        an_object(SOLID, FIELD, END),
        an_object(BEGIN, BEGIN, FIELD, END, END),
        an_object(BEGIN, FIELD, BEGIN, FIELD, END, END),
        an_object(BEGIN, FIELD, SOLID, FIELD, SOLID_END, END),
        an_object((Op.RUN_BEGIN, -1, *BEGIN[2:]), FIELD, END),
        an_object(BEGIN, FIELD, (Op.RUN_END, -1, *END[2:])),
        an_object(SOLID, FIELD, (Op.SOLID_END, -1, *SOLID_END[2:])),
    ],
    ids=repr,
)
def test_what_says_no_shape_is_a_value_error(shape: object) -> None:
    with pytest.raises(ValueError, match=r"is not one|only objects are tagged"):
        Cutter(shape)


@pytest.mark.parametrize("number", [2**31, -(2**31) - 1, 2**70])
def test_a_number_that_is_too_large_is_an_error(number: int) -> None:
    with pytest.raises(OverflowError):
        Cutter((number, False, (), (), ()))
    with pytest.raises(OverflowError):
        Cutter(an_object((Op.FIELD, number, *FIELD[2:])))


@pytest.mark.parametrize("column", [2**31 - 1, 2**31 - 2, 10_000])
def test_a_shape_of_too_many_columns_is_a_value_error(column: int) -> None:
    with pytest.raises(ValueError, match="too many columns"):
        Cutter(an_object((Op.FIELD, column, *FIELD[2:])))


@pytest.mark.parametrize("step", [(Op.HIDDEN, 0, *FIELD[2:]), (Op.FIELD, 0, *FIELD[2:])], ids=["hidden", "seen"])
def test_a_column_is_for_values_or_for_places(step: tuple[object, ...]) -> None:
    with pytest.raises(ValueError, match="two kinds of things"):
        Cutter(an_object(step, HOLE))
    with pytest.raises(ValueError, match="two kinds of things"):
        Cutter(an_object(HOLE, step))


def test_a_column_is_for_holes_or_for_where_runs_begin_and_end() -> None:
    with pytest.raises(ValueError, match="two kinds of things"):
        Cutter(an_object(HOLE, BEGIN, FIELD, END))
    with pytest.raises(ValueError, match="two kinds of things"):
        Cutter(an_object(BEGIN, FIELD, END, (Op.HOLE, 1, *HOLE[2:])))


def test_a_shape_may_be_nested_up_to_a_limit() -> None:
    shape = data(("v", INT))
    for _ in range(199):
        shape = Shape(Kind.LIST, inner=(shape,))
    assert Cutter(shape).cut(b'{"data":' + b"[" * 199 + b'{"v":1}' + b"]" * 199 + b"}") is not None

    with pytest.raises(ValueError, match="nested too deeply"):
        Cutter(Shape(Kind.LIST, inner=(shape,)))


def test_what_was_made_of_a_broken_shape_goes_away_with_it() -> None:
    good = data(("v", TAGGED), ("w", Shape(Kind.LIST, inner=(OBJECT,))))
    step = Step(Op.FIELD, key=b'"broken"', value=Shape(Kind.LIST))

    with pytest.raises(ValueError, match="is not one"):
        Cutter(good._replace(steps=(*good.steps, step)))


def test_a_cutter_is_made_of_one_shape() -> None:
    with pytest.raises(TypeError):
        Cutter()
    with pytest.raises(TypeError):
        Cutter(PLAIN, PLAIN)
    assert Cutter(shape=data(("v", INT))).cut(b'{"data":{"v":1}}') == ([], ())
