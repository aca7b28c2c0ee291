"""Which answers a cutter takes as a whole, and which it leaves to others."""

import pytest

from router.executor.spliced.shapes import Kind, Op, Shape, Step, field
from tests.router.executor.spliced.cutters import INT, LIST, Cutter, answers, data, passed_on

TOKENS = ["{", '"data"', ":", "{", '"v"', ":", "1", ",", '"w"', ":", "[", "2", ",", "3", "]", "}", "}"]
FORM = data(("v", INT), ("w", LIST))


@pytest.mark.parametrize("space", [" ", "\n", "\r", "\t", " \n\r\t  "])
def test_white_space_may_stand_between_any_tokens(space: str) -> None:
    assert answers(space + space.join(TOKENS) + space, FORM)
    for number in range(len(TOKENS) + 1):
        assert answers("".join([*TOKENS[:number], space, *TOKENS[number:]]), FORM), number


@pytest.mark.parametrize("space", ["\x0b", "\x0c", "\x00", "\xa0", "\u2028", "\ufeff", "//", "/**/"])
def test_nothing_else_is_white_space(space: str) -> None:
    for number in range(len(TOKENS) + 1):
        assert not answers("".join([*TOKENS[:number], space, *TOKENS[number:]]), FORM), number


def test_an_answer_without_any_of_its_bytes_is_left() -> None:
    body = "".join(TOKENS)

    for end in range(len(body)):
        assert not answers(body[:end], FORM), end


@pytest.mark.parametrize("token", range(len(TOKENS)))
def test_an_answer_without_any_of_its_tokens_is_left(token: int) -> None:
    assert not answers(" ".join(TOKENS[:token] + TOKENS[token + 1 :]), FORM)


@pytest.mark.parametrize("token", range(len(TOKENS)))
def test_an_answer_with_any_of_its_tokens_twice_is_left(token: int) -> None:
    assert not answers(" ".join(TOKENS[: token + 1] + TOKENS[token:]), FORM)


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param('"w":[],"v":1', id="in another order"),
        pytest.param('"v":1', id="the last is missing"),
        pytest.param('"w":[]', id="the first is missing"),
        pytest.param("", id="all are missing"),
        pytest.param('"v":1,"w":[],"x":1', id="one more at the end"),
        pytest.param('"x":1,"v":1,"w":[]', id="one more at the beginning"),
        pytest.param('"v":1,"v":1,"w":[]', id="one twice"),
        pytest.param('"v":1,"w":[],"w":[]', id="the last twice"),
        pytest.param('"V":1,"w":[]', id="in capitals"),
        pytest.param('"\\u0076":1,"w":[]', id="with an escape"),
        pytest.param('v:1,"w":[]', id="without quotes"),
        pytest.param("'v':1,\"w\":[]", id="with other quotes"),
        pytest.param('"vv":1,"w":[]', id="longer"),
        pytest.param('"v":1,"w":[],', id="a comma at the end"),
        pytest.param(',"v":1,"w":[]', id="a comma at the beginning"),
        pytest.param('"v":1,,"w":[]', id="two commas"),
        pytest.param('"v":1 "w":[]', id="no comma"),
        pytest.param('"v"1,"w":[]', id="no colon"),
        pytest.param('"v"::1,"w":[]', id="two colons"),
    ],
)
def test_other_keys_than_asked_for_are_left(fields: str) -> None:
    assert not answers(f'{{"data":{{{fields}}}}}', FORM)


@pytest.mark.parametrize("after", ["x", "{}", "]", "}", ",", "\x00", "\x00\x00", "1", '"', "\ufeff"])
def test_anything_after_the_answer_is_left(after: str) -> None:
    assert not answers('{"data":{"v":1}}' + after)
    assert not answers('{"data":{"v":1}} ' + after)


@pytest.mark.parametrize("value", ["{}", "null", '{"took":[3,{"a":"b"}]}', "1", '"x"'])
def test_extensions_may_follow_the_data(value: str) -> None:
    assert answers(f'{{"data":{{"v":1}},"extensions":{value}}}')
    assert answers(f'{{"data":{{"v":1}} , "extensions" : {value} }}')


@pytest.mark.parametrize(
    "body",
    [
        '{"extensions":{},"data":{"v":1}}',
        '{"data":{"v":1},"extensions":{},"extensions":{}}',
        '{"data":{"v":1},"extensions":{}',
        '{"data":{"v":1},"extensions":{},}',
        '{"data":{"v":1},"extensions"}',
        '{"data":{"v":1},"extensions":}',
        '{"data":{"v":1},"extensions":' + "[" * 102 + "]" * 102 + "}",
        '{"data":{"v":1},}',
        '{"data":{"v":1},"hasNext":false}',
        '{"data":{"v":1},"data":{"v":1}}',
        '{"data":{"v":1},"errors":[]}',
        '{"data":{"v":1},"errors":null}',
        '{"data":{"v":1},"errors":[{"message":"no"}]}',
        '{"errors":[{"message":"no"}],"data":{"v":1}}',
        '{"errors":[{"message":"no"}]}',
        '{"data":null}',
        '{"data":[]}',
        '{"data":1}',
        '{"Data":{"v":1}}',
        '{"v":1}',
        "{}",
        "[]",
        "null",
        "",
        " ",
        "<html>",
        '[{"data":{"v":1}}]',
        '"data"',
    ],
)
def test_an_answer_of_another_form_is_left(body: str) -> None:
    assert not answers(body)


def test_an_object_without_fields_is_taken() -> None:
    assert answers('{"data":{ } }', Shape(Kind.OBJECT))
    assert not answers('{"data":{"v":1}}', Shape(Kind.OBJECT))


def test_an_answer_of_nothing_but_data_is_passed_on_as_it_is() -> None:
    body = b'{"data":{"v": 1 }}'

    assert passed_on(body, data(("v", INT))) is body


@pytest.mark.parametrize(
    "body",
    [
        b' { "data" : {"v": 1 } , "extensions": {} } ',
        b' {"data":{"v": 1 }}',
        b'{"data":{"v": 1 }} ',
        b'{"data": {"v": 1 }}',
        b'{"data" :{"v": 1 }}',
        b'{"data":{"v": 1 } }',
        b'{"data":{"v": 1 },"extensions":{}}',
    ],
)
def test_nothing_but_the_data_of_an_answer_is_passed_on(body: bytes) -> None:
    assert passed_on(body, data(("v", INT))) == b'{"data":{"v": 1 }}'


@pytest.mark.parametrize("body", ["{}", bytearray(b"{}"), memoryview(b"{}"), None, 1])
def test_only_bytes_are_read(body: object) -> None:
    cutter = Cutter(data(("v", INT)))

    with pytest.raises(TypeError, match="an answer is bytes"):
        cutter.cut(body)
    with pytest.raises(TypeError, match="and bytes"):
        passed_on(body, data(("v", INT)))


@pytest.mark.parametrize(
    "step",
    [
        field("v", INT, shown_as=None),
        field("v", INT, shown_as="w"),
        field("v", INT, shown_as="v", column=0),
        Step(Op.TEXT, before=b'"t":null'),
        Step(Op.HOLE, 0),
    ],
    ids=["hidden", "renamed", "noted", "text", "hole"],
)
def test_only_answers_of_which_nothing_changes_can_be_passed_on(step: Step) -> None:
    inside = Shape(Kind.OBJECT, steps=(step,))

    with pytest.raises(ValueError, match="no answer is the whole response"):
        passed_on(b"{}", data(("v", Shape(Kind.LIST, inner=(inside,)))))
