"""What is cut out of an answer, and put together again."""

from typing import Any

import pytest

from router.executor.spliced.shapes import Kind, Op, Shape, Step, field, one_of
from tests.router.executor.spliced.cutters import ANY, BOOLEAN, ENUM, FLOAT, INT, STRING, Cutter

BEGIN, END = Step(Op.RUN_BEGIN, 0), Step(Op.RUN_END, 1)


def shown(key: str, value: Shape = INT, *, column: int = -1, shown_as: str | None = None) -> Step:
    return field(key, value, shown_as=shown_as or key, column=column)


def hidden(key: str, value: Shape = INT, *, column: int = -1) -> Step:
    return field(key, value, shown_as=None, column=column)


def hole(column: int = 2, *, before: bytes = b"", after: bytes = b"") -> Step:
    return Step(Op.HOLE, column, before=before, after=after)


def text(shown: bytes) -> Step:
    return Step(Op.TEXT, before=shown)


def objects(*steps: Step) -> Shape:
    return Shape(Kind.OBJECT, steps=steps)


def listed(shape: Shape, *, is_nullable: bool = False) -> Shape:
    return Shape(Kind.LIST, is_nullable, inner=(shape,))


def cut(shape: Shape, text: str) -> tuple[list[bytes | None], tuple[list[Any], ...]] | None:
    found: tuple[list[bytes | None], tuple[list[Any], ...]] | None = Cutter(shape).cut(
        b'{"data":' + text.encode() + b"}"
    )
    return found


def seen(text: str, *steps: Step) -> str:
    """What clients see of an object of these steps: the value of the one field of a run, with ``@`` in its holes."""
    found = cut(objects(BEGIN, shown("o", objects(*steps)), END), f'{{"o":{text}}}')
    assert found is not None
    pieces, columns = found
    assert columns[:2] == ([0], [len(pieces)])
    assert all(pieces[place] is None for column in columns[2:] for place in column if isinstance(place, int))
    joined = b"".join(b"@" if piece is None else piece for piece in pieces).decode()
    assert joined.startswith('"o":')
    return joined.removeprefix('"o":')


# --- fields that are not for clients ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("names", "visible"),
    [
        ("Hab", '{"a":1,"b":2}'),
        ("aHb", '{"a":1,"b":2}'),
        ("abH", '{"a":1,"b":2}'),
        ("HHab", '{"a":1,"b":2}'),
        ("aHHb", '{"a":1,"b":2}'),
        ("abHH", '{"a":1,"b":2}'),
        ("HaHbH", '{"a":1,"b":2}'),
        ("HaH", '{"a":1}'),
        ("H", "{}"),
        ("HH", "{}"),
        ("", "{}"),
    ],
)
def test_hidden_fields_go_wherever_they_stand(names: str, visible: str) -> None:
    values = {"a": "1", "b": "2"}
    keys = [name if name != "H" else f"h{number}" for number, name in enumerate(names)]
    body = ",".join(f'"{key}":{values.get(key, "0")}' for key in keys)

    assert seen(f"{{{body}}}", *(shown(key) if key in values else hidden(key) for key in keys)) == visible


def test_hidden_objects_go_as_a_whole() -> None:
    inner = objects(shown("x"), hidden("y"), shown("z", listed(STRING)))

    assert seen('{"a":1,"h":{"x":1,"y":2,"z":["}"]},"b":2}', shown("a"), hidden("h", inner), shown("b")) == (
        '{"a":1,"b":2}'
    )


def test_white_space_around_hidden_fields_does_no_harm() -> None:
    text = ' { "h" : 0 , "a" : 1 , "i" : 0 , "b" : 2 , "j" : 0 } '

    found = seen(text, hidden("h"), shown("a"), hidden("i"), shown("b"), hidden("j"))

    assert "".join(found.split()) == '{"a":1,"b":2}'


def test_fields_in_lists_of_objects_are_hidden_in_each() -> None:
    inner = objects(hidden("h"), shown("a"))

    assert seen('{"l":[{"h":1,"a":2},null,{"h":3,"a":4}]}', shown("l", listed(inner._replace(is_nullable=True)))) == (
        '{"l":[{"a":2},null,{"a":4}]}'
    )


# --- keys that clients see under another name ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("steps", "visible"),
    [
        ((shown("a", shown_as="x"), shown("b")), '{"x":1,"b":2}'),
        ((shown("a"), shown("b", shown_as="x")), '{"a":1,"x":2}'),
        ((shown("a", shown_as="x"), shown("b", shown_as="y")), '{"x":1,"y":2}'),
        ((shown("a", shown_as="b"), shown("b", shown_as="a")), '{"b":1,"a":2}'),
        ((hidden("a"), shown("b", shown_as="x")), '{"x":2}'),
        ((shown("a", shown_as="x"), hidden("b")), '{"x":1}'),
        ((shown("a", shown_as='"\\é'), shown("b")), '{"\\"\\\\é":1,"b":2}'),
    ],
    ids=["first", "last", "all", "exchanged", "after a hidden one", "before a hidden one", "odd"],
)
def test_keys_are_renamed(steps: tuple[Step, ...], visible: str) -> None:
    assert seen('{"a":1,"b":2}', *steps) == visible


def test_what_is_inside_a_renamed_field_is_cut_as_well() -> None:
    inner = objects(hidden("h"), shown("b", shown_as="y"))

    assert seen('{"a":[{"h":1,"b":2}]}', shown("a", listed(inner), shown_as="x")) == '{"x":[{"y":2}]}'


# --- holes and texts ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("steps", "visible"),
    [
        ((hole(after=b","), shown("a"), shown("b")), '{@,"a":1,"b":2}'),
        ((shown("a"), hole(before=b","), shown("b")), '{"a":1,@,"b":2}'),
        ((shown("a"), shown("b"), hole(before=b",")), '{"a":1,"b":2,@}'),
        ((hole(after=b","), hole(3, after=b","), shown("a"), shown("b")), '{@,@,"a":1,"b":2}'),
        ((text(b'"t":null,'), hole(after=b","), shown("a"), shown("b")), '{"t":null,@,"a":1,"b":2}'),
        ((shown("a"), text(b',"t":null'), hole(before=b","), shown("b")), '{"a":1,"t":null,@,"b":2}'),
        ((shown("a"), hidden("b"), hole(before=b",")), '{"a":1,@}'),
        ((shown("a"), hole(before=b","), hidden("b")), '{"a":1,@}'),
        ((hidden("a"), hole(after=b","), shown("b")), '{@,"b":2}'),
        ((hole(after=b","), hidden("a"), shown("b")), '{@,"b":2}'),
        ((hidden("a"), shown("b"), hole(before=b",")), '{"b":2,@}'),
        ((hole(), hidden("a"), hidden("b")), "{@}"),
        ((hidden("a"), hole(), text(b',"t":0'), hidden("b")), '{@,"t":0}'),
        ((hidden("a"), hidden("b"), text(b'"t":0')), '{"t":0}'),
        ((hole(after=b","), shown("a", shown_as="x"), hole(3, before=b","), shown("b")), '{@,"x":1,@,"b":2}'),
    ],
    ids=lambda steps: (
        None if isinstance(steps, str) else " ".join(f"{step.op.name}{step.key.decode()}" for step in steps)
    ),
)
def test_holes_and_texts_stand_between_the_fields(steps: tuple[Step, ...], visible: str) -> None:
    assert seen('{"a":1,"b":2}', *steps) == visible


def test_an_object_of_nothing_of_its_own_has_holes() -> None:
    assert seen("{}", hole()) == "{@}"


def test_every_object_has_a_hole_of_its_own() -> None:
    inner = objects(hidden("id", STRING), hole())

    found = cut(objects(BEGIN, shown("l", listed(inner)), END), '{"l":[{"id":"1"},{"id":"2"},{"id":"3"}]}')

    assert found == (
        [b'"l":[{', None, b"},{", None, b"},{", None, b"}]"],
        ([0], [7], [1, 3, 5]),
    )


def test_what_is_between_two_holes_is_one_piece() -> None:
    item = objects(shown("a"), shown("b", listed(INT)), hole(before=b","))

    found = cut(objects(BEGIN, shown("l", listed(item)), END), '{"l":[{"a":1,"b":[1,2]},{"a":2,"b":[]}]}')

    assert found is not None
    assert found[0] == [b'"l":[{"a":1,"b":[1,2]', b",", None, b'},{"a":2,"b":[]', b",", None, b"}]"]


# --- runs ---------------------------------------------------------------------------------------------------------


def test_a_solid_run_is_noted_as_it_stands_in_the_answer() -> None:
    shape = objects(Step(Op.SOLID_BEGIN), shown("a"), shown("b", ANY), Step(Op.SOLID_END, 0))

    assert cut(shape, '{ "a" : 1 , "b" : [ 2 ] }') == ([], ([b'"a" : 1 , "b" : [ 2 ]'],))


def test_fields_around_solid_runs_are_not_in_them() -> None:
    first = (Step(Op.SOLID_BEGIN), shown("a"), Step(Op.SOLID_END, 0))
    second = (Step(Op.SOLID_BEGIN), shown("b"), shown("c"), Step(Op.SOLID_END, 1))

    found = cut(
        objects(hidden("g"), *first, hidden("h"), *second, hidden("i")), '{"g":0,"a":1,"h":0,"b":2,"c":3,"i":0}'
    )

    assert found == ([], ([b'"a":1'], [b'"b":2,"c":3']))


def test_runs_that_follow_one_another_are_told_apart() -> None:
    second = (Step(Op.RUN_BEGIN, 2), shown("b", shown_as="x"), shown("c"), Step(Op.RUN_END, 3))

    found = cut(objects(BEGIN, shown("a"), END, *second), '{"a":1,"b":2,"c":3}')

    assert found == ([b'"a":1', b'"x":', b'2,"c":3'], ([0], [1], [1], [3]))


def test_each_entity_has_its_run() -> None:
    entity = objects(BEGIN, shown("o", objects(shown("a"), hole(before=b","))), END)

    found = cut(objects(hidden("_entities", listed(entity))), '{"_entities":[{"o":{"a":1}},{"o":{"a":2}}]}')

    pieces = [b'"o":{"a":1', b",", None, b"}", b'"o":{"a":2', b",", None, b"}"]
    assert found == (pieces, ([0, 4], [4, 8], [2, 6]))


def test_what_is_in_no_run_is_not_cut_out() -> None:
    assert cut(objects(shown("a"), hidden("b"), shown("c", shown_as="x")), '{"a":1,"b":2,"c":3}') == ([], ())


# --- what is noted ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shape", "text"),
    [
        (STRING, '"é 😀"'),
        (STRING, '""'),
        (INT, "-7"),
        (INT, "0"),
        (FLOAT, "1"),
        (FLOAT, "1.5"),
        (FLOAT, "-0.0"),
        (FLOAT, "0.0001"),
        (FLOAT, "100.0"),
        (FLOAT, "12345678901234567"),
        (BOOLEAN, "true"),
        (ANY, '"x"'),
        (ANY, "1.5"),
        (ANY, "false"),
        (ENUM, '"TOY"'),
    ],
)
def test_values_are_noted_as_they_are_written(shape: Shape, text: str) -> None:
    assert cut(objects(hidden("v", shape, column=0)), f'{{ "v" : {text} }}') == ([], ([text.encode()],))
    assert cut(objects(shown("v", shape, column=0)), f'{{ "v" : {text} }}') == ([], ([text.encode()],))


@pytest.mark.parametrize(
    ("shape", "text"),
    [
        (ANY, "{}"),
        (ANY, "[1]"),
        *(
            (kind, text)
            for kind in (FLOAT, ANY)
            for text in (
                "-0",
                "1.50",
                "1.00",
                "-0.00",
                "1e2",
                "1E2",
                "1.5e-7",
                "0.00001",
                "0.000010",
                "123456789012345678",
                "0.12345678901234567",
            )
        ),
    ],
)
def test_a_value_that_could_be_written_in_another_way_is_not_noted(shape: Shape, text: str) -> None:
    assert cut(objects(hidden("v", shape, column=0)), f'{{"v":{text}}}') is None
    assert cut(objects(hidden("v", shape)), f'{{"v":{text}}}') is not None


def test_null_is_noted_where_it_may_be() -> None:
    assert cut(objects(hidden("v", INT._replace(is_nullable=True), column=0)), '{"v":null}') == ([], ([b"null"],))


@pytest.mark.parametrize("text", ['"\\n"', '"a\\u0062"', '"abcdefgh\\/"', '"\\""'])
@pytest.mark.parametrize("shape", [STRING, ANY], ids=["string", "any"])
def test_a_string_that_could_be_written_in_another_way_is_not_noted(shape: Shape, text: str) -> None:
    assert cut(objects(hidden("v", shape, column=0)), f'{{"v":{text}}}') is None
    assert cut(objects(hidden("v", shape)), f'{{"v":{text}}}') is not None


def test_an_escape_before_a_value_does_not_count_for_it() -> None:
    assert cut(objects(shown("s", STRING), hidden("v", STRING, column=0)), '{"s":"\\n","v":"x"}') == ([], ([b'"x"'],))
    assert cut(objects(shown("s", STRING), hidden("v", one_of(["x"]), column=0)), '{"s":"\\n","v":"x"}') is not None


def test_values_are_noted_in_the_order_of_the_objects() -> None:
    inner = objects(hidden("id", INT, column=0), hidden("code", STRING._replace(is_nullable=True), column=1))
    text = '{"l":[[{"id":1,"code":"a"}],[],[{"id":2,"code":null},{"id":1,"code":"a"}]]}'

    found = cut(objects(hidden("l", listed(listed(inner)))), text)

    assert found == ([], ([b"1", b"2", b"1"], [b'"a"', b"null", b'"a"']))


def test_a_column_that_nothing_is_noted_in_is_empty() -> None:
    assert cut(objects(hidden("l", listed(objects(hidden("v", column=2))))), '{"l":[]}') == ([], ([], [], []))


# --- objects of several types -------------------------------------------------------------------------------------

BOOK = objects(hidden("__typename", one_of(["Book"])), hidden("id", INT, column=2), hole(3))
FILM = objects(shown("__typename", one_of(["Film"])), hole(5, before=b","), hidden("id", INT, column=4))
MEDIA = Shape(Kind.TAGGED, is_nullable=True, inner=(BOOK, FILM), texts=(b'"Book"', b'"Film"'))


def test_each_type_has_columns_and_holes_of_its_own() -> None:
    film, book = '{"__typename":"Film","id":7}', '{"__typename":"Book","id":8}'

    found = cut(objects(BEGIN, shown("m", listed(MEDIA)), END), f'{{"m":[{film},{book},null,{film}]}}')

    assert found is not None
    pieces, columns = found
    assert b"".join(b"@" if piece is None else piece for piece in pieces) == (
        b'"m":[{"__typename":"Film",@},{@},null,{"__typename":"Film",@}]'
    )
    assert columns[2] == [b"8"]
    assert columns[4] == [b"7", b"7"]
    assert (len(columns[3]), len(columns[5])) == (1, 2)


def test_what_was_read_of_an_answer_that_is_left_is_forgotten() -> None:
    cutter = Cutter(objects(BEGIN, shown("m", listed(MEDIA)), END))
    good = b'{"data":{"m":[{"__typename":"Book","id":8}]}}'
    first = cutter.cut(good)

    assert cutter.cut(good.replace(b"8}]", b"8},1]")) is None

    assert cutter.cut(good) == first
