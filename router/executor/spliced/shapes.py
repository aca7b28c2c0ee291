"""The shapes that answers must have to be cut, as ``cutter.c`` reads them.

layout ──▶ cutting ──▶ shapes ──▶ Cutter
▲ you are here
"""

import enum
from collections.abc import Sequence
from typing import Final, NamedTuple

import orjson
from graphql import GraphQLNamedType, is_enum_type


class Kind(enum.IntEnum):
    """What a value is; as in ``enum kind`` of ``shape.h``."""

    STRING = 0
    INT = 1
    FLOAT = 2
    BOOLEAN = 3
    ANY = 4
    ONE_OF = 5
    LIST = 6
    OBJECT = 7
    TAGGED = 8


class Op(enum.IntEnum):
    """What is done at one point of an object; as in ``enum op`` of ``shape.h``.

    A run is one or more fields that go together into other objects. A solid one is noted as bytes. Of another, which
    has holes, the place where it begins and the place where it ends are noted.
    """

    FIELD = 0
    HIDDEN = 1
    HOLE = 2
    TEXT = 3
    SOLID_BEGIN = 4
    SOLID_END = 5
    RUN_BEGIN = 6
    RUN_END = 7


NOT_NOTED: Final = -1


class Step(NamedTuple):
    """One point of an object.

    Attributes:
        column: Where it is noted: a field's value, a hole's place.
        key: With its quotes.
        before: Added before a hole; of a field, the key that clients see instead, with its colon.
        after: Added after a hole.
    """

    op: Op
    column: int = NOT_NOTED
    key: bytes = b""
    value: "Shape | None" = None
    before: bytes = b""
    after: bytes = b""


class Shape(NamedTuple):
    """What stands in one place.

    Attributes:
        inner: Of a list, its element; of a tagged object, one for each type.
        steps: Of an object: its keys in their order, and what is done between them.
        texts: The JSON strings that may stand there, or the names of the types.
    """

    kind: Kind
    is_nullable: bool = False
    inner: tuple["Shape", ...] = ()
    steps: tuple[Step, ...] = ()
    texts: tuple[bytes, ...] = ()


_SCALARS: Final = {
    "Int": Kind.INT,
    "Float": Kind.FLOAT,
    "String": Kind.STRING,
    "Boolean": Kind.BOOLEAN,
    "ID": Kind.STRING,
}


def one_of(texts: Sequence[str]) -> Shape:
    """One of several strings."""
    return Shape(Kind.ONE_OF, texts=tuple(map(orjson.dumps, texts)))


def leaf(leaf_type: GraphQLNamedType, *, is_visible: bool, is_strict: bool) -> Shape:
    """A value of a leaf's type."""
    if is_visible and not is_strict:
        return Shape(Kind.ANY)
    if is_enum_type(leaf_type):
        return one_of(sorted(leaf_type.values)) if is_visible else Shape(Kind.STRING)
    return Shape(_SCALARS.get(leaf_type.name, Kind.ANY))


def listed(shape: Shape, nullable: Sequence[bool]) -> Shape:
    """``shape`` in lists; for each level, outermost first, and for the value itself: whether it may be null."""
    shape = shape._replace(is_nullable=nullable[-1])
    for level in reversed(nullable[:-1]):
        shape = Shape(Kind.LIST, level, inner=(shape,))
    return shape


def field(key: str, value: Shape, *, shown_as: str | None, column: int = NOT_NOTED) -> Step:
    """A field with the key that clients see, if they see it; its value is noted in ``column``."""
    quoted = orjson.dumps(key)
    if shown_as is None:
        return Step(Op.HIDDEN, column, quoted, value)
    return Step(Op.FIELD, column, quoted, value, b"" if shown_as == key else orjson.dumps(shown_as) + b":")


def is_solid(step: Step) -> bool:
    """Whether clients see the bytes of a field as they are."""
    return step.op == Op.FIELD and not step.before and step.value is not None and _is_solid(step.value)


def _is_solid(shape: Shape) -> bool:
    return all(map(is_solid, shape.steps)) and all(map(_is_solid, shape.inner))
