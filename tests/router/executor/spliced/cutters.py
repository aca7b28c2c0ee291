"""A cutter under test, and what is asked of it; tests that need it are skipped where there is none."""

import pytest

from router.executor.spliced.shapes import Kind, Shape, field, one_of

cutter_module = pytest.importorskip(
    "router.executor.spliced._cutter", reason="the extension module is not built", exc_type=ImportError
)
Cutter, fill, number_values = cutter_module.Cutter, cutter_module.fill, cutter_module.number_values

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
    found = Cutter(data(("v", shape))).locate(body)
    assert found in (None, (8, len(body) - 1))
    return found is not None


def answers(body: str | bytes, shape: Shape = data(("v", INT))) -> bool:  # noqa: B008 - shapes are values
    """Whether the body is an answer of the shape."""
    return Cutter(shape).locate(body.encode() if isinstance(body, str) else body) is not None
