"""Which values a cutter takes, and which it leaves to others."""

import pytest

from router.executor.spliced.shapes import Kind, Shape, one_of
from tests.router.executor.spliced.cutters import (
    ANY,
    BOOLEAN,
    ENUM,
    EVERY_KIND,
    FLOAT,
    INT,
    LIST,
    STRING,
    TAGGED,
    takes,
)


def names_of(shape: Shape) -> str:
    return shape.kind.name.lower()


# --- numbers ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["0", "1", "-1", "10", "2147483647", "-2147483648", "1000000000"])
def test_an_int_of_32_bits_is_taken(text: str) -> None:
    assert takes(INT, text)


@pytest.mark.parametrize(
    "text",
    ["2147483648", "-2147483649", "4294967296", "9999999999", "-9999999999", "10000000000", "-99999999999", "1" * 60],
)
def test_an_int_of_more_bits_is_left(text: str) -> None:
    assert not takes(INT, text)


@pytest.mark.parametrize("text", ["-0", "1.0", "1.5", "1e2", "1E2", "0.0", "0e0", "1.", "1e"])
def test_an_int_that_would_be_written_in_another_way_is_left(text: str) -> None:
    assert not takes(INT, text)


@pytest.mark.parametrize("text", ["", "-", "+1", "01", "00", "-01", "--1", "1 2", "1a", "0x1", "1_0", "٣", "²"])
def test_an_int_that_is_no_json_is_left(text: str) -> None:
    assert not takes(INT, text)


@pytest.mark.parametrize(
    "text",
    [
        "0",
        "-0",
        "7",
        "-7",
        "0.5",
        "-0.0",
        "1.50",
        "10.01",
        "1e5",
        "1E5",
        "1e+5",
        "1e-5",
        "1.5e05",
        "0e0",
        "1e99",
        "1e-99",
        "1" * 40,
        "0." + "1" * 38,
        "-" + "1" * 39 + "e99",
    ],
)
def test_a_float_is_taken(text: str) -> None:
    assert takes(FLOAT, text)


@pytest.mark.parametrize("text", ["1" * 41, "0." + "1" * 39, "-" + "1" * 40, "1e100", "1e-100", "1e400", "1e001"])
def test_a_float_that_may_be_too_large_or_too_exact_is_left(text: str) -> None:
    assert not takes(FLOAT, text)


@pytest.mark.parametrize(
    "text",
    ["", "-", "+1", "01", "-01.5", ".5", "1.", "-.5", "1.e5", "1e", "1e+", "1e-", "1ee5", "1.5.5", "1e5.0", "--1"],
)
def test_a_float_that_is_no_json_is_left(text: str) -> None:
    assert not takes(FLOAT, text)


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "inf", "nan"])
def test_what_only_looks_like_a_number_is_left(text: str) -> None:
    assert not any(takes(shape, text) for shape in EVERY_KIND)


# --- strings ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("length", range(25))
@pytest.mark.parametrize("end", ["", "é", "€", "😀", '\\"', "\\u00e9", "\x7f"])
def test_a_string_of_any_length_is_taken(length: int, end: str) -> None:
    assert takes(STRING, f'"{"a" * length}{end}"')
    assert takes(STRING, f'"{"a" * length}{end}bcdefghij"')


@pytest.mark.parametrize("code", range(0x20))
@pytest.mark.parametrize("before", [0, 3, 7, 8, 13])
def test_a_control_character_is_left(code: int, before: int) -> None:
    assert not takes(STRING, b'"' + b"a" * before + bytes([code]) + b'bcdefghij"')


@pytest.mark.parametrize("code", [0x20, 0x21, 0x23, 0x5B, 0x5D, 0x7E, 0x7F])
def test_any_other_ascii_character_is_taken(code: int) -> None:
    assert takes(STRING, b'"abcdefgh' + bytes([code]) + b'"')


@pytest.mark.parametrize("escape", ['\\"', "\\\\", "\\/", "\\b", "\\f", "\\n", "\\r", "\\t", "\\u0000", "\\uFFff"])
def test_every_escape_is_taken(escape: str) -> None:
    assert takes(STRING, f'"{escape}"')
    assert takes(STRING, f'"abcdefg{escape}{escape}hijklmno"')


@pytest.mark.parametrize(
    "escape",
    [
        "\\",
        "\\a",
        "\\v",
        "\\0",
        "\\x41",
        "\\'",
        "\\U00000041",
        "\\u",
        "\\u1",
        "\\u12",
        "\\u123",
        "\\u123g",
        "\\u00AG",
        "\\u00/0",
        "\\u00:0",
        "\\u00@0",
        "\\u00`0",
        "\\u 123",
        "\\u-123",
        "\\\n",
        "\\é",
        "\\N",
        "\\u00e",
        "\\uDé00",
    ],
)
def test_what_is_no_escape_is_left(escape: str) -> None:
    assert not takes(STRING, f'"{escape}"')
    assert not takes(STRING, f'"{escape}')


@pytest.mark.parametrize("pair", ["\\ud800\\udc00", "\\uD83D\\uDE00", "\\udbff\\udfff", "\\ud83d\\ude00\\ud83d\\ude00"])
def test_a_pair_of_surrogates_is_taken(pair: str) -> None:
    assert takes(STRING, f'"{pair}"')


@pytest.mark.parametrize("unit", ["\\ud7ff", "\\ue000", "\\uE000\\uD7FF"])
def test_the_neighbours_of_surrogates_are_taken(unit: str) -> None:
    assert takes(STRING, f'"{unit}"')


@pytest.mark.parametrize(
    "lone",
    [
        "\\ud800",
        "\\udbff",
        "\\udc00",
        "\\udfff",
        "\\ude00\\ud83d",
        "\\ud83d\\ud83d",
        "\\ud83dx",
        "\\ud83d\\n",
        "\\ud83d\\u0041",
        "\\ud83d\\ue000",
        "\\ud83d\\udbff",
        "\\ud83d\\u",
        "\\ud83d\\",
        "\\ud83d\\ude0",
        "\\ud83d😀",
    ],
)
def test_a_lone_surrogate_is_left(lone: str) -> None:
    assert not takes(STRING, f'"{lone}"')
    assert not takes(ANY, f'["{lone}"]')


# https://www.unicode.org/versions/Unicode16.0.0/core-spec/chapter-3/#G27506, table 3-7: first byte, second, the others
WELL_FORMED = (
    ((0xC2, 0xDF), (0x80, 0xBF), 0),
    ((0xE0, 0xE0), (0xA0, 0xBF), 1),
    ((0xE1, 0xEC), (0x80, 0xBF), 1),
    ((0xED, 0xED), (0x80, 0x9F), 1),
    ((0xEE, 0xEF), (0x80, 0xBF), 1),
    ((0xF0, 0xF0), (0x90, 0xBF), 2),
    ((0xF1, 0xF3), (0x80, 0xBF), 2),
    ((0xF4, 0xF4), (0x80, 0x8F), 2),
)
BORDERS = [
    (first, second, others)
    for firsts, seconds, others in WELL_FORMED
    for first in sorted(set(firsts))
    for second in seconds
]


@pytest.mark.parametrize(("first", "second", "others"), BORDERS)
@pytest.mark.parametrize("other", [b"\x80", b"\xbf"])
def test_the_first_and_last_characters_of_every_length_are_taken(
    first: int, second: int, others: int, other: bytes
) -> None:
    assert takes(STRING, b'"' + bytes([first, second]) + other * others + b'"')


def test_a_second_byte_decides_as_in_the_table_of_well_formed_text() -> None:
    def is_well_formed(first: int, second: int) -> bool:
        return any(low <= first <= high and least <= second <= most for (low, high), (least, most), _ in WELL_FORMED)

    lengths = {first: others for (low, high), _, others in WELL_FORMED for first in range(low, high + 1)}
    for first in range(0x80, 0x100):
        for second in range(0x100):
            character = bytes([first, second]) + b"\x80" * lengths.get(first, 0)
            assert takes(STRING, b'"' + character + b'"') is is_well_formed(first, second), character


@pytest.mark.parametrize(
    "malformed",
    [
        pytest.param(b"\x80", id="a byte that continues nothing"),
        pytest.param(b"\xc0\xaf", id="overlong of two bytes"),
        pytest.param(b"\xc1\xbf", id="last overlong of two bytes"),
        pytest.param(b"\xe0\x80\xaf", id="overlong of three bytes"),
        pytest.param(b"\xe0\x9f\xbf", id="last overlong of three bytes"),
        pytest.param(b"\xf0\x80\x80\xaf", id="overlong of four bytes"),
        pytest.param(b"\xf0\x8f\xbf\xbf", id="last overlong of four bytes"),
        pytest.param(b"\xed\xa0\x80", id="first surrogate"),
        pytest.param(b"\xed\xbf\xbf", id="last surrogate"),
        pytest.param(b"\xf4\x90\x80\x80", id="beyond Unicode"),
        pytest.param(b"\xf5\x80\x80\x80", id="far beyond Unicode"),
        pytest.param(b"\xf8\x88\x80\x80\x80", id="five bytes"),
        pytest.param(b"\xfe", id="no first byte"),
        pytest.param(b"\xc3\xa9\xa9", id="one byte too many"),
        pytest.param(b"\xe2\x82a", id="a letter for the third byte"),
        pytest.param(b"\xe2\x82\xc0", id="a first byte for the third"),
        pytest.param(b"\xf0\x9fa\x80", id="a letter for the third of four bytes"),
        pytest.param(b"\xf0\x9f\x98a", id="a letter for the fourth byte"),
    ],
)
@pytest.mark.parametrize("before", [b"", b"abcdefg", b"abcdefgh"])
def test_malformed_text_is_left(malformed: bytes, before: bytes) -> None:
    assert not takes(STRING, b'"' + before + malformed + b'"')
    assert not takes(STRING, b'"' + before + malformed + b'abcdefgh"')


@pytest.mark.parametrize("character", ["é", "€", "😀"])
def test_a_character_that_misses_a_byte_is_left(character: str) -> None:
    whole = character.encode()

    for missing in range(len(whole)):
        assert not takes(STRING, b'"' + whole[:missing] + whole[missing + 1 :] + b'"')


def test_malformed_text_in_a_key_of_a_free_value_is_left() -> None:
    assert not takes(ANY, b'{"\xc3":1}')


# --- enums, booleans, null, composites ----------------------------------------------------------------------------


@pytest.mark.parametrize("text", ['"BOOK"', '"BOOKS"', '"TOY"'])
def test_one_of_the_texts_is_taken(text: str) -> None:
    assert takes(ENUM, text)


@pytest.mark.parametrize(
    "text", ['"BOO"', '"BOOKSS"', '"book"', '""', '"SECRET"', "BOOK", '"\\u0042OOK"', '"BOOK', "0"]
)
def test_another_text_is_left(text: str) -> None:
    assert not takes(ENUM, text)


def test_of_no_texts_none_is_taken() -> None:
    assert not takes(one_of([]), '""')


@pytest.mark.parametrize("text", ["true", "false"])
def test_a_boolean_is_taken(text: str) -> None:
    assert takes(BOOLEAN, text)


@pytest.mark.parametrize("text", ["True", "tru", "truee", "t", "f", "fals", "TRUE", "0", "1", '"true"', ""])
def test_another_word_is_left(text: str) -> None:
    assert not takes(BOOLEAN, text)


@pytest.mark.parametrize("shape", EVERY_KIND, ids=names_of)
def test_null_is_taken_where_it_may_be_only(shape: Shape) -> None:
    assert takes(shape._replace(is_nullable=True), "null")
    assert not takes(shape, "null")


@pytest.mark.parametrize("shape", EVERY_KIND, ids=names_of)
@pytest.mark.parametrize("text", ["nul", "nulll", "n", "Null", "none", ""])
def test_what_is_nearly_null_is_left(shape: Shape, text: str) -> None:
    assert not takes(shape._replace(is_nullable=True), text)


VALUES = {
    '"x"': {"STRING", "ANY"},
    "1": {"INT", "FLOAT", "ANY"},
    "1.5": {"FLOAT", "ANY"},
    "true": {"BOOLEAN", "ANY"},
    '"TOY"': {"STRING", "ONE_OF", "ANY"},
    "[1]": {"LIST", "ANY"},
    '{"i":1}': {"OBJECT", "ANY"},
    '{"__typename":"Film","minutes":1}': {"TAGGED", "ANY"},
}


@pytest.mark.parametrize("text", VALUES)
def test_a_value_of_another_kind_is_left(text: str) -> None:
    assert {shape.kind.name for shape in EVERY_KIND if takes(shape, text)} == VALUES[text]


@pytest.mark.parametrize("text", ["[]", "[1]", "[1,2,3]", "[ ]", "[ 1 , 2 ]"])
def test_a_list_is_taken(text: str) -> None:
    assert takes(LIST, text)


@pytest.mark.parametrize(
    "text", ["[", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "[1;2]", "[null]", '["1"]', "[[1]]", "[1}"]
)
def test_what_is_no_such_list_is_left(text: str) -> None:
    assert not takes(LIST, text)


def test_lists_in_lists_may_have_nulls_where_their_types_say_so() -> None:
    inner = Shape(Kind.LIST, is_nullable=True, inner=(INT._replace(is_nullable=True),))

    assert takes(Shape(Kind.LIST, inner=(inner,)), "[[1,null],null,[],[null]]")
    assert not takes(Shape(Kind.LIST, inner=(inner,)), "null")


@pytest.mark.parametrize("text", ['{"__typename":"Book","pages":1}', '{ "__typename" : "Film" , "minutes" : 1 }'])
def test_an_object_of_a_known_type_is_taken(text: str) -> None:
    assert takes(TAGGED, text)


@pytest.mark.parametrize(
    "text",
    [
        '{"__typename":"Book","minutes":1}',
        '{"__typename":"Song","pages":1}',
        '{"__typename":"Books","pages":1}',
        '{"pages":1,"__typename":"Book"}',
        '{"pages":1}',
        '{"__typename":null,"pages":1}',
        '{"__typename":"Book"}',
        '{"__typename" "Book","pages":1}',
        '{"__typename":"Book","pages":1,"__typename":"Film"}',
        '{"__typename":"Boo\\u006b","pages":1}',
        "{}",
        "[]",
    ],
)
def test_an_object_of_another_type_is_left(text: str) -> None:
    assert not takes(TAGGED, text)


# --- values of custom scalars -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["{}", "[]", '{"a":null}', "[null]", '[{"a":[{}]},"b",-1.5,true,false]', '{"a":1,"a":2}', '{"":""}', "[ ]", "{ }"],
)
def test_any_value_is_taken_for_a_custom_scalar(text: str) -> None:
    assert takes(ANY, text)


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[",
        "[1",
        '{"a"',
        '{"a":',
        '{"a":1',
        '{"a":1,',
        '{"a":1,}',
        "{a:1}",
        "{1:1}",
        "[1,]",
        "[,]",
        '{"a" 1}',
        '{"a":1 "b":2}',
        "[1}",
        '{"a":1]',
        "[1:2]",
        '{"a","b"}',
        "tru",
        "[nul]",
        "01",
        "[01]",
        "'a'",
        "{null:1}",
        "[1e]",
    ],
)
def test_what_is_no_json_is_left_for_a_custom_scalar(text: str) -> None:
    assert not takes(ANY, text)


@pytest.mark.parametrize("number", ["1" * 41, "1e100", "NaN"])
def test_an_extreme_number_is_left_at_any_depth_of_a_custom_scalar(number: str) -> None:
    assert not takes(ANY, number)
    assert not takes(ANY, f'{{"a":[{number}]}}')


@pytest.mark.parametrize(("open_", "close"), [("[", "]"), ('{"a":', "}"), ('[{"a":', "}]")])
def test_a_custom_scalar_may_be_nested_up_to_a_limit(open_: str, close: str) -> None:
    levels = 100 // (len(close))

    assert takes(ANY, open_ * levels + "1" + close * levels)
    assert not takes(ANY, "[" + open_ * levels + "1" + close * levels + "]")


@pytest.mark.parametrize("opened", [b"[", b'{"a":', b'[{"a":'])
def test_endless_nesting_is_left(opened: bytes) -> None:
    assert not takes(ANY, opened * 300_000)
