import json

import pytest

from router.graphql.errors import (
    BadGraphqlRequestError,
    BatchingNotEnabledError,
    InvalidJsonError,
    PersistedQueryNotSupportedError,
)
from router.graphql.parameters import (
    GraphqlParameters,
    _parameters_from_any_body,
    parameters_from_body,
    parameters_from_query_string,
)


def test_a_body_names_all_parameters() -> None:
    body = json.dumps({"query": "{a}", "operationName": "A", "variables": {"x": 1}, "extensions": {"y": 2}}).encode()
    assert parameters_from_body(body) == GraphqlParameters(
        query="{a}", operation_name="A", variables={"x": 1}, extensions={"y": 2}
    )


@pytest.mark.parametrize("name", ["operationName", "variables", "extensions"])
def test_null_means_not_given(name: str) -> None:
    assert parameters_from_body(json.dumps({"query": "{a}", name: None}).encode()) == GraphqlParameters(query="{a}")


@pytest.mark.parametrize("body", ["", "{", "{a}", "{'query': 1}", '{"query": "{a}"} x', "\xff", "[" * 5000])
def test_what_is_not_json_is_refused(body: str) -> None:
    with pytest.raises(InvalidJsonError):
        parameters_from_body(body.encode("latin-1"))


@pytest.mark.parametrize("body", ["1", '"{a}"', "null", "true"])
def test_a_body_that_is_not_an_object_is_refused(body: str) -> None:
    with pytest.raises(BadGraphqlRequestError, match="must be a JSON object"):
        parameters_from_body(body.encode())


@pytest.mark.parametrize("value", ["[" * 200 + "]" * 200, '{"a":' * 300 + "1" + "}" * 300])
def test_json_that_nests_too_deeply_is_refused(value: str) -> None:
    with pytest.raises(BadGraphqlRequestError, match="nests more than 200"):
        parameters_from_body(f'{{"query": "{{a}}", "variables": {{"x": {value}}}}}'.encode())


def test_wide_json_is_not_deep() -> None:
    body = json.dumps({"query": "{a}", "variables": {"x": [[1]] * 1000}}).encode()
    assert parameters_from_body(body).variables == {"x": [[1]] * 1000}


def test_integers_keep_all_their_digits() -> None:
    variables = parameters_from_body(b'{"query": "{a}", "variables": {"x": 123456789012345678901234567890}}').variables
    assert variables == {"x": 123456789012345678901234567890}


def test_a_batch_is_refused_with_its_own_code() -> None:
    with pytest.raises(BatchingNotEnabledError):
        parameters_from_body(b'[{"query": "{a}"}]')


def test_a_persisted_query_without_its_document_is_refused_with_the_code_that_clients_know() -> None:
    with pytest.raises(PersistedQueryNotSupportedError):
        parameters_from_body(b'{"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "00"}}}')


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ("{}", "query"),
        ('{"query": 1}', "query"),
        ('{"query": ""}', "query"),
        ('{"query": ["{a}"]}', "query"),
        ('{"query": "{a}", "operationName": 1}', "operationName"),
        ('{"query": "{a}", "variables": []}', "variables"),
        ('{"query": "{a}", "variables": "{}"}', "variables"),
        ('{"query": "{a}", "extensions": 1}', "extensions"),
    ],
)
def test_a_parameter_of_the_wrong_type_is_refused_by_name(body: str, name: str) -> None:
    with pytest.raises(BadGraphqlRequestError, match=f'"{name}"'):
        parameters_from_body(body.encode())


def test_a_query_string_names_all_parameters() -> None:
    text = "query=query+A%7Ba%7D&operationName=A&variables=%7B%22x%22%3A1%7D&extensions=%7B%7D&other=1"
    assert parameters_from_query_string(text) == GraphqlParameters(
        query="query A{a}", operation_name="A", variables={"x": 1}
    )


def test_empty_parameters_of_a_query_string_are_not_given() -> None:
    assert parameters_from_query_string("query=%7Ba%7D&variables=&operationName=") == GraphqlParameters(query="{a}")


def test_a_parameter_that_is_given_twice_is_refused() -> None:
    with pytest.raises(BadGraphqlRequestError, match="given twice"):
        parameters_from_query_string("query=%7Ba%7D&query=%7Bb%7D")


def test_variables_of_a_query_string_must_be_json() -> None:
    with pytest.raises(InvalidJsonError, match='"variables"'):
        parameters_from_query_string("query=%7Ba%7D&variables=x")


def test_a_query_string_that_is_not_utf8_is_refused() -> None:
    with pytest.raises(BadGraphqlRequestError, match="UTF-8"):
        parameters_from_query_string("query=%ff")


@pytest.mark.parametrize(
    "body",
    [
        b'{"query":"{a}"}',
        b'{"query":"{a}","query":"{b}"}',
        b'{"query":"{a}","operationName":null,"variables":null,"extensions":null}',
        b'{"query":"{a}","operationName":""}',
        b'{"query":"{a}","operation_name":"A"}',
        b'{"query":"{a}","id":7,"variables":{"a":1,"a":[2.5,null,"\\u00e4"]}}',
        b'{"query":"{a}","variables":{"id":123456789012345678901234567890}}',
        b'{"query":"{a}","extensions":{"persistedQuery":{"version":1}}}',
    ],
)
def test_the_short_way_reads_a_body_as_the_careful_one(body: bytes) -> None:
    assert parameters_from_body(body) == _parameters_from_any_body(body)
