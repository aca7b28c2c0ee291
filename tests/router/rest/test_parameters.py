"""Variables of operations from path, query string and body."""

import pytest
from graphql import GraphQLInputType, VariableDefinitionNode, is_input_type, parse, type_from_ast
from graphql.language import OperationDefinitionNode

from router.errors import UnsupportedMediaTypeError
from router.rest.errors import BadParameterError
from router.rest.parameters import Source, Variable, read_variables
from tests.rest_requests import SCHEMA, rest_request


def variable(declaration: str, source: Source = "query") -> Variable:
    """``first: Int = 10`` as a variable of an operation."""
    operation = parse(f"query (${declaration}) {{ a }}").definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    (definition,) = operation.variable_definitions or ()
    return Variable(definition.variable.name.value, _type(definition), source, definition.default_value is not None)


def _type(definition: VariableDefinitionNode) -> GraphQLInputType:
    type_ = type_from_ast(SCHEMA, definition.type)
    assert is_input_type(type_)
    return type_


def refusal(declaration: str, query_string: str) -> str:
    """What a client is told."""
    with pytest.raises(BadParameterError) as refused:
        read_variables([variable(declaration)], rest_request(target=f"/?{query_string}"), {})
    return str(refused.value)


@pytest.mark.parametrize(
    ("declaration", "query_string", "value"),
    [
        ("a: Int", "a=10", 10),
        ("a: Int!", "a=-3", -3),
        ("a: Float", "a=1.5e3", 1500.0),
        ("a: Float", "a=2", 2.0),
        ("a: Boolean", "a=true", True),
        ("a: Boolean", "a=false", False),
        ("a: String", "a=10", "10"),
        ("a: String", "a=", ""),
        ("a: String", "a=b+c%26d", "b c&d"),
        ("a: ID!", "a=10", "10"),
        ("a: Status", "a=OPEN", "OPEN"),
        ("a: Date", "a=2026-01-01", "2026-01-01"),
        ("a: [Int!]", "a=1&a=2", [1, 2]),
        ("a: [Int!]!", "a=1", [1]),
        ("a: Line", "a=%7B%22upc%22:%221%22%7D", {"upc": "1"}),
    ],
)
def test_text_becomes_what_the_type_takes(declaration: str, query_string: str, value: object) -> None:
    assert read_variables([variable(declaration)], rest_request(target=f"/?{query_string}"), {}) == {"a": value}


@pytest.mark.parametrize(
    ("declaration", "query_string", "message"),
    [
        ("a: Int!", "a=ten", "The query parameter \"a\" must be Int!: Int cannot represent non-integer value: 'ten'."),
        ("a: Int", "a=1_0", "non-integer"),
        ("a: Int", "a=1.0", "non-integer"),
        ("a: Int", "a=", "non-integer"),
        ("a: Int", "a=99999999999", "32-bit"),
        ("a: Float", "a=nan", "non numeric"),
        ("a: Float", "a=1e999", "non numeric"),
        ("a: Float", "a=1_0", "non numeric"),
        ("a: Boolean", "a=yes", "non boolean"),
        ("a: Boolean", "a=1", "non boolean"),
        (
            "a: Status",
            "a=OPE",
            "The query parameter \"a\" must be Status: Value 'OPE' does not exist in 'Status' enum.",
        ),
        ("a: Int!", "b=1", 'The query parameter "a" must be Int!: it is missing.'),
        ("a: String", "a=1&a=2", 'The query parameter "a" must be String: it is given more than once.'),
        ("a: [Int!]", "a=1&a=b", 'The query parameter "a[1]" must be [Int!]: Int cannot'),
        ("a: Line", "a=upc", 'The query parameter "a" must be Line: it is not JSON.'),
        ("a: Line", "a=%7B%7D", "required field 'upc'"),
    ],
)
def test_a_wrong_value_is_refused_by_name_and_expectation(declaration: str, query_string: str, message: str) -> None:
    assert message in refusal(declaration, query_string)


def test_a_message_does_not_repeat_a_long_value() -> None:
    assert len(refusal("a: Int", "a=" + "9" * 100_000)) < 500


def test_every_wrong_parameter_is_named() -> None:
    with pytest.raises(BadParameterError, match=r'"a".*"b"'):
        read_variables([variable("a: Int"), variable("b: Int!")], rest_request(target="/?a=x"), {})


def test_what_is_not_given_is_left_out() -> None:
    assert read_variables([variable("a: Int"), variable("b: Int! = 3")], rest_request(), {}) == {}


def test_parameters_that_no_variable_has_are_ignored() -> None:
    assert read_variables([variable("a: Int")], rest_request(target="/?utm_source=x&a=1"), {}) == {"a": 1}


def test_a_path_parameter_is_read_by_its_type() -> None:
    assert read_variables([variable("a: Int!", "path")], rest_request(), {"a": "7"}) == {"a": 7}


def test_a_wrong_path_parameter_is_named_as_one() -> None:
    with pytest.raises(BadParameterError, match='The path parameter "a" must be Int!'):
        read_variables([variable("a: Int!", "path")], rest_request(), {"a": "x"})


def test_the_query_string_does_not_replace_a_path_parameter() -> None:
    assert read_variables([variable("a: ID!", "path")], rest_request(target="/?a=2"), {"a": "1"}) == {"a": "1"}


def test_too_many_parameters_are_refused() -> None:
    assert "too many" in refusal("a: Int", "&".join(["b=1"] * 1001))


def test_a_query_string_that_is_not_utf8_is_refused() -> None:
    assert "UTF-8" in refusal("a: String", "a=%ff")


def test_the_body_becomes_one_variable() -> None:
    order = {"lines": [{"upc": "1"}]}
    body = variable("input: NewOrder!", "body")
    assert read_variables([body], rest_request("POST", json=order), {}) == {"input": order}


def test_a_body_may_have_a_content_type_derived_from_json() -> None:
    request = rest_request(
        "POST", "/", ("content-type", "application/vnd.orders+json; charset=utf-8"), body=b'{"upc":"1"}'
    )
    assert read_variables([variable("input: Line!", "body")], request, {}) == {"input": {"upc": "1"}}


def test_a_wrong_member_of_the_body_is_named() -> None:
    request = rest_request("POST", json={"lines": [{"upc": "1"}, {"upc": "2", "count": "x"}]})
    with pytest.raises(BadParameterError, match=r"The body\.lines\[1\]\.count must be NewOrder!: Int cannot"):
        read_variables([variable("input: NewOrder!", "body")], request, {})


def test_an_unknown_member_is_refused_without_a_suggestion() -> None:
    request = rest_request("POST", json={"lines": [], "notes": "x"})
    with pytest.raises(BadParameterError, match="unknown field 'notes'") as refused:
        read_variables([variable("input: NewOrder!", "body")], request, {})
    assert "Did you mean" not in str(refused.value)


@pytest.mark.parametrize("body", [b"{", b"upc=1", b"\xff", b"[" * 100_000], ids=["cut", "form", "binary", "deep"])
def test_a_body_that_is_not_json_is_refused(body: bytes) -> None:
    request = rest_request("POST", "/", ("content-type", "application/json"), body=body)
    with pytest.raises(BadParameterError, match="The body must be Line!: it is not JSON"):
        read_variables([variable("input: Line!", "body")], request, {})


def test_a_body_of_another_type_is_refused() -> None:
    request = rest_request("POST", "/", ("content-type", "application/x-www-form-urlencoded"), body=b"upc=1")
    with pytest.raises(UnsupportedMediaTypeError):
        read_variables([variable("input: Line!", "body")], request, {})


def test_a_missing_body_is_refused_where_one_is_needed() -> None:
    with pytest.raises(BadParameterError, match="The body must be Line!: it is missing"):
        read_variables([variable("input: Line!", "body")], rest_request("POST"), {})
