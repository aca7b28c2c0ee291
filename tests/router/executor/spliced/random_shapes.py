"""Shapes at random, answers that are of them, and answers that are nearly.

Random ──▶ random_shape ──▶ random_answer ──▶ mutate
"""

import json
from collections.abc import Iterable, Sequence
from random import Random

from router.executor.spliced.shapes import NOT_NOTED, Kind, Op, Shape, Step

KEYS = ("id", "a", "b", "name", "é", "long_key_of_a_field", 'odd " \\ key', "x%b")
ENUM = (b'"A"', b'"AB"', b'"B"')
TYPES = ("T", "Type", "U")
INTS = ("0", "7", "-1", "42", "2147483647", "-2147483648")
FLOATS = (*INTS, "0.5", "-0.0", "1.25", "0.0001", "12345678901234567")
ODD_FLOATS = ("-0", "1.0", "1.50", "1e5", "1E-7", "12.25e+99", "0.00001", "1" * 18, "1" * 40)
STRINGS = ("", "x", "abcdefgh", "a longer text", "é", "€uro", "😀", "\x7f", "a" * 7 + "é", "\U0010ffff", "\ud7ff")
ESCAPED = ('"\\""', '"\\\\"', '"\\u0041"', '"\\ud83d\\ude00"', '"abcdefg\\n\\/"', '"\\u0000"', '"\\b\\f\\r\\t"')
SPACES = ("", "", "", " ", "\n\t", "\r\n  ")
PIECES = (
    b'"',
    b"\\",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"null",
    b"0",
    b"1",
    b"-",
    b".",
    b"e9",
    b" ",
    b"\x00",
    b"\x1f",
)
WIDE = (
    b"\xc3\xa9",
    b"\xc0\xaf",
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
    b"\x80",
    b"\xff",
    b"\\ud800",
    b"\\udc00",
    b"true",
)


def random_shape(rng: Random) -> Shape:
    """The shape of an answer's data: of a root fetch, or of entity fetches."""
    return _Shapes(rng).data()


class _Shapes:
    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._columns = 0

    def data(self) -> Shape:
        if self._rng.random() < 0.4:
            return self._entity()
        calls = []
        for number in range(self._rng.randint(1, 2)):
            entities = Shape(Kind.LIST, inner=(self._entity(),))
            calls.append(Step(Op.HIDDEN, NOT_NOTED, b'"_e%d"' % number, entities))
        return Shape(Kind.OBJECT, steps=tuple(calls))

    def _column(self) -> int:
        self._columns += 1
        return self._columns - 1

    def _noted(self, shape: Shape) -> int:
        """A column for values that are mostly written in one way only; seldom for others."""
        is_usual = shape.kind in (Kind.STRING, Kind.INT, Kind.FLOAT, Kind.BOOLEAN, Kind.ONE_OF)
        return self._column() if self._rng.random() < (0.3 if is_usual else 0.02) else NOT_NOTED

    def _keys(self) -> list[str]:
        return self._rng.sample(KEYS, self._rng.randint(1, 4))

    def _leaf(self) -> Shape:
        kind = self._rng.choice((Kind.STRING, Kind.STRING, Kind.INT, Kind.FLOAT, Kind.BOOLEAN, Kind.ANY, Kind.ONE_OF))
        return Shape(kind, self._rng.random() < 0.3, texts=ENUM if kind == Kind.ONE_OF else ())

    def _entity(self) -> Shape:
        """An object of which runs are cut out."""
        steps: list[Step] = []
        keys = self._keys()
        while keys:
            what = self._rng.choice(("hidden", "solid", "run", "run"))
            count = 1 if what == "hidden" else self._rng.randint(1, len(keys))
            run, keys = keys[:count], keys[count:]
            if what == "hidden":
                steps.append(self._field(Op.HIDDEN, run[0], self._value(2, is_cut=False)))
            elif what == "solid":
                fields = [self._field(Op.FIELD, key, self._value(2, is_cut=False)) for key in run]
                steps += [Step(Op.SOLID_BEGIN), *fields, Step(Op.SOLID_END, self._column())]
            else:
                fields = [self._shown(key, 2) for key in run]
                steps += [Step(Op.RUN_BEGIN, self._column()), *fields, Step(Op.RUN_END, self._column())]
        return Shape(Kind.OBJECT, steps=tuple(steps))

    def _field(self, op: Op, key: str, value: Shape) -> Step:
        return Step(op, self._noted(value), json.dumps(key, ensure_ascii=False).encode(), value)

    def _shown(self, key: str, depth: int) -> Step:
        step = self._field(Op.FIELD, key, self._value(depth, is_cut=True))
        renamed = b'"shown as":' if self._rng.random() < 0.3 else b""
        return step._replace(before=renamed)

    def _value(self, depth: int, *, is_cut: bool) -> Shape:
        what = self._rng.random()
        if depth == 0 or what < 0.4:
            return self._leaf()
        is_nullable = self._rng.random() < 0.3
        if what < 0.6:
            return Shape(Kind.LIST, is_nullable, inner=(self._value(depth - 1, is_cut=is_cut),))
        if what < 0.8:
            return self._object(depth - 1, is_cut=is_cut)._replace(is_nullable=is_nullable)
        names = self._rng.sample(TYPES, self._rng.randint(1, len(TYPES)))
        objects = tuple(self._object(depth - 1, is_cut=is_cut, type_name=name) for name in names)
        return Shape(Kind.TAGGED, is_nullable, inner=objects, texts=tuple(json.dumps(name).encode() for name in names))

    def _object(self, depth: int, *, is_cut: bool, type_name: str | None = None) -> Shape:
        fields = []
        if type_name is not None:
            name = Shape(Kind.ONE_OF, texts=(json.dumps(type_name).encode(),))
            fields.append(self._field(self._rng.choice((Op.FIELD, Op.HIDDEN)), "__typename", name))
        for key in self._keys():
            if self._rng.random() < 0.3:
                fields.append(self._field(Op.HIDDEN, key, self._value(depth, is_cut=False)))
            else:
                fields.append(
                    self._shown(key, depth) if is_cut else self._field(Op.FIELD, key, self._value(depth, is_cut=False))
                )
        return Shape(Kind.OBJECT, steps=tuple(self._with_holes(fields) if is_cut else fields))

    def _with_holes(self, fields: Sequence[Step]) -> Iterable[Step]:
        """Holes and texts between fields, with the commas that make it JSON."""
        shown = sum(step.op == Op.FIELD for step in fields)
        has_any = has_own = False
        for step in (*fields, None):
            while self._rng.random() < 0.25:
                before, after = (b"", b",") if shown and not has_own else (b"," if has_any else b"", b"")
                has_any = True
                if self._rng.random() < 0.5:
                    yield Step(Op.HOLE, self._column(), before=before, after=after)
                else:
                    yield Step(Op.TEXT, before=before + b'"t":null' + after)
            if step is not None:
                yield step
                has_own |= step.op == Op.FIELD
                has_any |= has_own


def random_answer(rng: Random, shape: Shape) -> bytes:
    """JSON of this shape, with white space at random."""
    text = _Writer(rng, rng.choice((0.0, 0.0, 0.2))).answer(shape)
    return text.encode("utf-8")


class _Writer:
    def __init__(self, rng: Random, odd: float) -> None:
        self._rng = rng
        self._odd = odd
        self._spaces = SPACES if rng.random() < 0.5 else ("",)

    def answer(self, shape: Shape) -> str:
        members = [self._member('"data"', self._value(shape))]
        if self._rng.random() < 0.2:
            members.append(self._member('"extensions"', self._free(3)))
        return self._spaced("{", *members, "}")

    def _spaced(self, opened: str, *inner: str) -> str:
        *members, closed = inner
        texts = (f"{self._space()}{member}{self._space()}" for member in members)
        return f"{self._space()}{opened}{self._space()}{','.join(texts)}{closed}{self._space()}"

    def _space(self) -> str:
        return self._rng.choice(self._spaces)

    def _member(self, key: str, value: str) -> str:
        return f"{key}{self._space()}:{self._space()}{value}"

    def _value(self, shape: Shape) -> str:
        if shape.is_nullable and self._rng.random() < 0.3:
            return "null"
        match shape.kind:
            case Kind.STRING:
                return self._string()
            case Kind.INT:
                return self._rng.choice(INTS)
            case Kind.FLOAT:
                return self._number()
            case Kind.BOOLEAN:
                return self._rng.choice(("true", "false"))
            case Kind.ANY:
                return self._free(3, is_null_allowed=False)
            case Kind.ONE_OF:
                return self._rng.choice(shape.texts).decode()
            case Kind.LIST:
                return self._spaced(
                    "[", *(self._value(shape.inner[0]) for _ in range(self._rng.choice((0, 1, 3)))), "]"
                )
            case Kind.TAGGED:
                return self._value(self._rng.choice(shape.inner))
            case Kind.OBJECT:
                return self._object(shape)

    def _object(self, shape: Shape) -> str:
        fields = ((step.key.decode(), step.value) for step in shape.steps if step.value is not None)
        return self._spaced("{", *(self._member(key, self._value(value)) for key, value in fields), "}")

    def _string(self) -> str:
        if self._rng.random() < self._odd:
            return self._rng.choice(ESCAPED)
        return json.dumps(self._rng.choice(STRINGS), ensure_ascii=False)

    def _free(self, depth: int, *, is_null_allowed: bool = True) -> str:
        what = self._rng.choice(("string", "number", "literal", "list", "object") if depth else ("string", "number"))
        if what == "list":
            return self._spaced("[", *(self._free(depth - 1) for _ in range(self._rng.randint(0, 3))), "]")
        if what == "object":
            return self._spaced(
                "{", *(self._member(self._string(), self._free(depth - 1)) for _ in range(self._rng.randint(0, 3))), "}"
            )
        if what == "literal":
            return self._rng.choice(("true", "false", "null") if is_null_allowed else ("true", "false"))
        return self._string() if what == "string" else self._number()

    def _number(self) -> str:
        return self._rng.choice(ODD_FLOATS if self._rng.random() < self._odd else FLOATS)


def mutate(rng: Random, body: bytes) -> bytes:
    """The bytes changed in one place or two."""
    for _ in range(rng.choice((1, 1, 2))):
        at, end = sorted((rng.randrange(len(body) + 1), rng.randrange(len(body) + 1)))
        what = rng.randrange(7)
        if what == 0:
            body = body[:at]
        elif what == 1:
            body = body[:at] + body[min(end, at + rng.randint(1, 12)) :]
        elif what == 2:
            body = body[:at] + rng.choice(PIECES + WIDE) + body[at:]
        elif what == 3:
            body = body[:at] + body[at : at + 8] + body[at:]
        elif what == 4:
            body = body[:at] + bytes([rng.randrange(256)]) + body[at + 1 :]
        elif what == 5:
            body = body[:at] + body[at : at + 1].swapcase() + body[at + 1 :]
        else:
            body = body[:at] + rng.choice(PIECES + WIDE) + body[at + 1 :]
    return body
