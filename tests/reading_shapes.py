"""What a ``Cutter`` has to find in an answer, said a second time: slowly, simply, and without looking at ``cutter.c``.

    body ──▶ parse ──▶ a tree of spans ──▶ Reading(shape) ──▶ what is noted, and the texts of runs

The two share no code and no idea: here all of the JSON is read first, and then compared with the shape. Texts of runs
are compared as JSON with its holes filled, for what white space stays in them is nobody's business.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import orjson

from router.executor.spliced.shapes import Kind, Op, Shape, Step

MAX_FREE_NESTING = 100
_STRING = re.compile(rb'"(?:[^"\\\x00-\x1f]|\\.)*"', re.DOTALL)
_NUMBER = re.compile(rb"(-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?)(?:[eE][+-]?([0-9]+))?")
_INTEGER = re.compile(rb"0|-?[1-9][0-9]{0,9}")
_SPACE = re.compile(rb"[ \t\r\n]*")


class UnusualError(Exception):
    """The answer is not of the shape."""


@dataclass(frozen=True, slots=True)
class Node:
    """A JSON value with its place in the body; ``key_start`` is where its key begins if it is a member."""

    text: bytes
    start: int
    end: int
    members: tuple[tuple[bytes, "Node"], ...] = ()
    elements: tuple["Node", ...] = ()
    key_start: int = 0

    @property
    def kind(self) -> str:
        """The first character, which tells the kinds of JSON values apart."""
        return chr(self.text[0])


@dataclass(slots=True)
class Found:
    """What is to be found in an answer.

    Attributes:
        values: By column: the bytes of values and of solid runs.
        runs: By the columns of their begin and end: the texts, with the filling of the holes in them.
        holes: By column: how many there are.
        span: Of the data.
    """

    values: dict[int, list[bytes]] = field(default_factory=dict)
    runs: dict[tuple[int, int], list[bytes]] = field(default_factory=dict)
    holes: dict[int, int] = field(default_factory=dict)
    span: tuple[int, int] = (0, 0)


def filling(column: int, number: int) -> bytes:
    """What stands for the hole of this number in a column, so that it can be recognised: a member of an object."""
    return b'"hole %d %d":0' % (column, number)


def read(shape: Shape, body: bytes) -> Found | None:
    """What is found in an answer; ``None`` if it is not of the shape."""
    try:
        body.decode()
        answer = _whole(body)
        return _Reading().read(shape, answer)
    except (UnusualError, UnicodeDecodeError):
        return None


# --- any JSON -----------------------------------------------------------------------------------------------------


def _whole(body: bytes) -> Node:
    node = _parse(body, _skip(body, 0))
    if _skip(body, node.end) != len(body):
        raise UnusualError
    return node


def _skip(body: bytes, at: int) -> int:
    found = _SPACE.match(body, at)
    assert found is not None
    return found.end()


def _parse(body: bytes, at: int) -> Node:
    first = body[at : at + 1]
    if first == b"{":
        return _parse_object(body, at)
    if first == b"[":
        return _parse_list(body, at)
    if first == b'"':
        end = _string_end(body, at)
        return Node(body[at:end], at, end)
    for literal in (b"true", b"false", b"null"):
        if body.startswith(literal, at):
            return Node(literal, at, at + len(literal))
    number = _NUMBER.match(body, at)
    if number is None:
        raise UnusualError
    return Node(number[0], at, number.end())


def _string_end(body: bytes, at: int) -> int:
    found = _STRING.match(body, at)
    if found is None:
        raise UnusualError
    try:
        json.loads(found[0]).encode()  # a lone surrogate cannot be encoded
    except ValueError as error:
        raise UnusualError from error
    return found.end()


def _parse_list(body: bytes, start: int) -> Node:
    elements: list[Node] = []
    at = _skip(body, start + 1)
    while body[at : at + 1] != b"]" or elements:
        elements.append(_parse(body, at))
        at = _skip(body, elements[-1].end)
        if body[at : at + 1] == b"]":
            break
        at = _after(body, at, b",")
    return Node(body[start : at + 1], start, at + 1, elements=tuple(elements))


def _parse_object(body: bytes, start: int) -> Node:
    members: list[tuple[bytes, Node]] = []
    at = _skip(body, start + 1)
    while body[at : at + 1] != b"}" or members:
        if body[at : at + 1] != b'"':
            raise UnusualError
        end = _string_end(body, at)
        value = _parse(body, _after(body, _skip(body, end), b":"))
        members.append(
            (body[at:end], Node(value.text, value.start, value.end, value.members, value.elements, key_start=at))
        )
        at = _skip(body, value.end)
        if body[at : at + 1] == b"}":
            break
        at = _after(body, at, b",")
    return Node(body[start : at + 1], start, at + 1, members=tuple(members))


def _after(body: bytes, at: int, sign: bytes) -> int:
    if body[at : at + 1] != sign:
        raise UnusualError
    return _skip(body, at + 1)


# --- against a shape ----------------------------------------------------------------------------------------------


class _Reading:
    def __init__(self) -> None:
        self._found = Found()

    def read(self, shape: Shape, answer: Node) -> Found:
        keys = [key for key, _ in answer.members]
        if keys not in ([b'"data"'], [b'"data"', b'"extensions"']):
            raise UnusualError
        for _, extensions in answer.members[1:]:
            _check_free(extensions, 0)
        data = answer.members[0][1]
        self._found.span = (data.start, data.end)
        self._text(data, shape)
        return self._found

    def _text(self, node: Node, shape: Shape) -> bytes:
        """What clients see of a value."""
        if shape.is_nullable and node.kind == "n":
            return node.text
        match shape.kind:
            case Kind.OBJECT:
                return self._object(node, shape.steps)
            case Kind.TAGGED:
                return self._object(node, _of_type(node, shape).steps)
            case Kind.LIST:
                _check(node.kind == "[")
                return b"[" + b",".join([self._text(each, shape.inner[0]) for each in node.elements]) + b"]"
            case Kind.ONE_OF:
                _check(node.text in shape.texts)
            case _:
                _CHECKS[shape.kind](node)
        return node.text

    def _object(self, node: Node, steps: Sequence[Step]) -> bytes:
        _check(node.kind == "{" and [key for key, _ in node.members] == [step.key for step in steps if _is_field(step)])
        members = iter([value for _, value in node.members])
        shown: list[bytes] = []
        fields: list[Node] = []  # of the run that is open, with their texts
        texts: list[bytes] = []
        begin = -1
        is_first = True
        for step in steps:
            match step.op:
                case Op.FIELD | Op.HIDDEN:
                    fields.append(next(members))
                    text = self._field(fields[-1], step)
                    if step.op == Op.FIELD:
                        shown += [text] if is_first else [b",", text]
                        texts.append(text)
                        is_first = False
                case Op.HOLE:
                    shown.append(step.before + self._hole(step.column) + step.after)
                case Op.TEXT:
                    shown.append(step.before)
                case Op.SOLID_BEGIN | Op.RUN_BEGIN:
                    fields, texts, begin = [], [], step.column
                case Op.SOLID_END:
                    self._note(step.column, node.text[fields[0].key_start - node.start : fields[-1].end - node.start])
                case Op.RUN_END:
                    self._found.runs.setdefault((begin, step.column), []).append(b",".join(texts))
        return b"{" + b"".join(shown) + b"}"

    def _field(self, node: Node, step: Step) -> bytes:
        """A field as clients see it; its value is noted if it has to be."""
        shape = step.value
        assert shape is not None
        text = self._text(node, shape)
        if step.column >= 0:
            _check(shape.kind == Kind.ONE_OF or _is_plain(node))
            self._note(step.column, node.text)
        return (step.before or step.key + b":") + text

    def _note(self, column: int, text: bytes) -> None:
        self._found.values.setdefault(column, []).append(text)

    def _hole(self, column: int) -> bytes:
        number = self._found.holes.get(column, 0)
        self._found.holes[column] = number + 1
        return filling(column, number)


def _is_field(step: Step) -> bool:
    return step.op in (Op.FIELD, Op.HIDDEN)


def _of_type(node: Node, shape: Shape) -> Shape:
    _check(bool(node.members) and node.members[0][0] == b'"__typename"' and node.members[0][1].text in shape.texts)
    return shape.inner[shape.texts.index(node.members[0][1].text)]


def _is_plain(node: Node) -> bool:
    """Whether a value is written as it would be written again, as far as that is seen without effort."""
    if node.kind == '"':
        return b"\\" not in node.text
    if node.kind in "-0123456789":
        return _is_plain_number(node.text.removeprefix(b"-"), node.text)
    return node.kind in "tfn"


def _is_plain_number(digits: bytes, text: bytes) -> bool:
    if len(digits.replace(b".", b"")) > 17 or b"e" in text.lower() or re.match(rb"0\.0000[0-9]", digits):
        return False
    if len(digits) < 16:
        return orjson.dumps(orjson.loads(text)) == text
    return b"." not in digits or digits.endswith(b".0") or not digits.endswith(b"0")


def _check(is_usual: bool) -> None:  # noqa: FBT001 - it is what is checked
    if not is_usual:
        raise UnusualError


def _check_int(node: Node) -> None:
    _check(_INTEGER.fullmatch(node.text) is not None and -(2**31) <= int(node.text) < 2**31)


def _check_float(node: Node) -> None:
    number = _NUMBER.fullmatch(node.text)
    _check(number is not None and len(number[1]) <= 40 and len(number[2] or b"") <= 2)


def _check_free(node: Node, nesting: int) -> None:
    _check(nesting <= MAX_FREE_NESTING)
    if node.kind in "-0123456789":
        _check_float(node)
    for _, value in node.members:
        _check_free(value, nesting + 1)
    for element in node.elements:
        _check_free(element, nesting + 1)


def _check_any(node: Node) -> None:
    _check(node.kind != "n")
    _check_free(node, 0)


_CHECKS: Mapping[Kind, Callable[[Node], None]] = {
    Kind.STRING: lambda node: _check(node.kind == '"'),
    Kind.INT: _check_int,
    Kind.FLOAT: _check_float,
    Kind.BOOLEAN: lambda node: _check(node.kind in "tf"),
    Kind.ANY: _check_any,
}
