"""A cutter under test, and what is asked of it; tests that need it are skipped where there is none."""

import pytest

from router.executor.spliced.shapes import Kind, Shape, field, one_of

cutter_module = pytest.importorskip(
    "router.executor.spliced._splicer", reason="the extension is not built", exc_type=ImportError
)
Cutter, Splicer, Splice = cutter_module.Cutter, cutter_module.Splicer, cutter_module.Splice

STRING, INT, FLOAT = Shape(Kind.STRING), Shape(Kind.INT), Shape(Kind.FLOAT)
BOOLEAN, ANY, ENUM = Shape(Kind.BOOLEAN), Shape(Kind.ANY), one_of(["BOOK", "BOOKS", "TOY"])
LIST, OBJECT = Shape(Kind.LIST, inner=(INT,)), Shape(Kind.OBJECT, steps=(field("i", INT, shown_as="i"),))
TAGGED = Shape(
    Kind.TAGGED,
    inner=tuple(
        Shape(
            Kind.OBJECT,
            steps=(field("__typename", one_of([name]), shown_as="__typename"), field(key, INT, shown_as=key)),
        )
        for name, key in (("Book", "pages"), ("Film", "minutes"))
    ),
    texts=(b'"Book"', b'"Film"'),
)
EVERY_KIND = (STRING, INT, FLOAT, BOOLEAN, ANY, ENUM, LIST, OBJECT, TAGGED)


def data(*fields: tuple[str, Shape]) -> Shape:
    """The shape of data with these fields, which are passed on as they are."""
    return Shape(Kind.OBJECT, steps=tuple(field(key, shape, shown_as=key) for key, shape in fields))


def takes(shape: Shape, value: str | bytes) -> bool:
    """Whether ``value`` may stand where ``shape`` says what may; what is taken must be taken whole."""
    text = value.encode() if isinstance(value, str) else value
    body = b'{"data":{"v":' + text + b"}}"
    found = passed_on(body, data(("v", shape)))
    assert found in (None, body)
    return found is not None


def answers(body: str | bytes, shape: Shape = data(("v", INT))) -> bool:  # noqa: B008 - shapes are values
    """Whether the body is an answer of the shape."""
    return passed_on(body.encode() if isinstance(body, str) else body, shape) is not None


def passed_on(body: object, shape: Shape) -> bytes | None:
    """The response if the body is the only answer, and nothing has to be done to it."""
    splice = Splice(Splicer(((Cutter(shape), b"", ()),), (), -1, 1 << 30, NotOfTheShapeError))
    try:
        splice.take(0, body)
    except NotOfTheShapeError:
        return None
    found: bytes = splice.response()
    return found


class NotOfTheShapeError(Exception):
    """What splices of these tests raise."""
