"""A cutter finds in any answer what a slow reader finds, and refuses what that refuses."""

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from router.executor.spliced.shapes import Kind, Op, Shape, Step
from tests.oracle.both_ways import exactly
from tests.reading_shapes import Found, filling, read
from tests.router.executor.spliced.cutters import Cutter, passed_on
from tests.router.executor.spliced.random_shapes import mutate, random_answer, random_shape

ANSWERS = 4
MUTANTS = 12

randoms = st.randoms(use_true_random=True)
deterministic = settings(derandomize=True, deadline=None, max_examples=400)


def cut(shape: Shape, body: bytes) -> Found | None:
    """What the cutter finds, with every hole filled so that it can be recognised."""
    found = Cutter(shape).cut(body)
    if found is None:
        return None
    pieces, columns = found
    holes = {column: columns[column] for column in _columns_of(shape, Op.HOLE)}
    for column, places in holes.items():
        for number, place in enumerate(places):
            pieces[place] = filling(column, number)
    begins, ends = _columns_of(shape, Op.RUN_BEGIN), _columns_of(shape, Op.RUN_END)
    runs = {
        (begin, end): [b"".join(pieces[one:other]) for one, other in zip(columns[begin], columns[end], strict=True)]
        for begin, end in zip(begins, ends, strict=True)
    }
    values = {
        number: column for number, column in enumerate(columns) if not {number} & {*holes, *begins, *ends} and column
    }
    return Found(values, runs, {column: len(places) for column, places in holes.items() if places})


def _columns_of(shape: Shape, op: Op) -> list[int]:
    inner = [step.column for step in shape.steps if step.op == op]
    for step in shape.steps:
        inner += _columns_of(step.value, op) if step.value is not None else []
    for each in shape.inner:
        inner += _columns_of(each, op)
    return inner


def comparable(found: Found | None) -> object:
    """Without the white space that runs have between their tokens."""
    if found is None:
        return None
    runs = {columns: [exactly(b"{" + text + b"}") for text in texts] for columns, texts in found.runs.items() if texts}
    return sorted(found.values.items()), sorted(runs.items()), sorted(found.holes.items())


@deterministic
@given(rng=randoms)
def test_what_is_of_the_shape_is_cut_as_the_shape_says(rng: Random) -> None:
    shape = random_shape(rng)

    for _ in range(ANSWERS):
        body = random_answer(rng, shape)
        assert comparable(cut(shape, body)) == comparable(read(shape, body))


@deterministic
@given(rng=randoms)
def test_what_is_nearly_of_the_shape_is_cut_or_refused_rightly(rng: Random) -> None:
    shape = random_shape(rng)
    good = random_answer(rng, shape)

    for _ in range(MUTANTS):
        body = mutate(rng, good)
        assert comparable(cut(shape, body)) == comparable(read(shape, body))


@deterministic
@given(rng=randoms)
def test_data_is_passed_on_as_it_is(rng: Random) -> None:
    value = Shape(rng.choice((Kind.STRING, Kind.INT, Kind.FLOAT, Kind.BOOLEAN, Kind.ANY)), rng.random() < 0.3)
    shape = Shape(Kind.OBJECT, steps=(Step(Op.FIELD, key=b'"v"', value=Shape(Kind.LIST, inner=(value,))),))
    good = random_answer(rng, shape)

    for body in (good, *(mutate(rng, good) for _ in range(MUTANTS))):
        found = read(shape, body)
        assert passed_on(body, shape) == (None if found is None else b'{"data":%b}' % body[slice(*found.span)])


def test_most_random_answers_are_cut_and_many_mutants_are_not() -> None:
    rng = Random(1)  # noqa: S311 - seeded, to be reproducible
    cutters = [(shape, Cutter(shape)) for shape in (random_shape(rng) for _ in range(200))]
    answers = [(cutter, random_answer(rng, shape)) for shape, cutter in cutters]

    cut_answers = sum(cutter.cut(body) is not None for cutter, body in answers)
    cut_mutants = sum(cutter.cut(mutate(rng, body)) is not None for cutter, body in answers)

    assert cut_answers > 150
    assert 10 < cut_mutants < 150
