"""What is read from an outcome; one test for each way in which a subgraph can fail."""

import json

import pytest

from router.executor.answer import SubgraphError, read_outcome
from router.executor.outcome import FetchFailure
from tests.router.executor.executing import answer

MALFORMED = "SUBREQUEST_MALFORMED_RESPONSE"


def codes(errors: list[SubgraphError]) -> list[object]:
    return [error.extensions.get("code") for error in errors]


@pytest.mark.parametrize("code", ["SUBREQUEST_HTTP_ERROR", "GATEWAY_TIMEOUT"])
def test_no_response_is_one_error_with_its_code(code: str) -> None:
    read = read_outcome(FetchFailure(code, "no luck"))
    assert (read.data, read.errors) == (None, [SubgraphError("no luck", None, {"code": code})])


def test_a_response_gives_data_and_errors() -> None:
    read = read_outcome(answer({"data": {"a": 1}, "errors": [{"message": "m", "path": ["a"], "extensions": {"x": 1}}]}))
    assert (read.data, read.errors) == ({"a": 1}, [SubgraphError("m", ("a",), {"x": 1})])


def test_extensions_and_unknown_entries_of_a_response_are_left_out() -> None:
    read = read_outcome(answer({"data": {}, "extensions": {"a": 1}, "more": 2}))
    assert (read.data, read.errors) == ({}, [])


@pytest.mark.parametrize("status", [301, 400, 404, 500, 503])
@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b'"data"'])
def test_an_error_status_without_a_graphql_body_is_an_error_with_the_status(status: int, body: bytes) -> None:
    read = read_outcome(answer(body, status=status))
    (error,) = read.errors
    assert (read.data, error.path) == (None, None)
    assert error.extensions == {"code": "SUBREQUEST_HTTP_ERROR", "http": {"status": status}}


def test_an_error_status_with_another_content_type_is_an_error_with_the_status() -> None:
    read = read_outcome(answer({"data": {"a": 1}}, status=502, content_type="text/html"))
    assert (read.data, codes(read.errors)) == (None, ["SUBREQUEST_HTTP_ERROR"])


def test_an_error_status_with_data_keeps_the_data_and_adds_the_status() -> None:
    read = read_outcome(answer({"data": {"a": 1}}, status=500))
    assert (read.data, codes(read.errors)) == ({"a": 1}, ["SUBREQUEST_HTTP_ERROR"])


def test_an_error_status_with_errors_of_its_own_adds_none() -> None:
    read = read_outcome(answer({"errors": [{"message": "no"}]}, status=400))
    assert [error.message for error in read.errors] == ["no"]


@pytest.mark.parametrize("status", [200, 201, 299])
def test_every_success_status_is_read_alike(status: int) -> None:
    assert read_outcome(answer({"data": {"a": 1}}, status=status)).data == {"a": 1}


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "application/json; charset=utf-8",
        "APPLICATION/JSON",
        "application/graphql-response+json",
        "application/problem+json",
        "",
    ],
)
def test_json_content_types_are_read(content_type: str) -> None:
    assert read_outcome(answer({"data": {}}, content_type=content_type)).errors == []


@pytest.mark.parametrize("content_type", ["text/html", "text/plain; charset=utf-8", "multipart/mixed", "json"])
def test_other_content_types_are_malformed(content_type: str) -> None:
    read = read_outcome(answer({"data": {"a": 1}}, content_type=content_type))
    assert (read.data, codes(read.errors)) == (None, [MALFORMED])


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b'{"data": {}} trailing',
        b'{"data": {"a": NaN}}',
        b'{"data": {"a": Infinity}}',
        b'{"data": {"a": 1e999}}',
        b'{"data": {"a": "\\ud800"}}',
        b'{"data": {"a": "\xff"}}',
        b"[" * 100_000,
        b"null",
        b"[]",
        b"3",
        b'"text"',
        b"{}",
        b'{"extensions": {}}',
        b'{"data": null}',
        b'{"data": null, "errors": []}',
        b'{"data": null, "errors": null}',
        b'{"errors": []}',
        b'{"data": []}',
        b'{"data": 3}',
    ],
)
def test_what_is_no_graphql_response_is_malformed(body: bytes) -> None:
    read = read_outcome(answer(body))
    assert (read.data, codes(read.errors)) == (None, [MALFORMED])


def test_null_data_with_errors_gives_the_errors() -> None:
    read = read_outcome(answer({"data": None, "errors": [{"message": "no", "path": ["a"]}]}))
    assert (read.data, [error.message for error in read.errors]) == (None, ["no"])


@pytest.mark.parametrize("errors", [{}, "oops", 3, {"message": "no"}])
def test_errors_that_are_no_list_are_malformed_and_the_data_is_kept(errors: object) -> None:
    read = read_outcome(answer({"data": {"a": 1}, "errors": errors}))
    assert (read.data, codes(read.errors)) == ({"a": 1}, [MALFORMED])


@pytest.mark.parametrize("error", [None, 3, "oops", ["oops"]])
def test_an_error_that_is_no_object_is_malformed(error: object) -> None:
    assert codes(read_outcome(answer({"data": {}, "errors": [error]})).errors) == [MALFORMED]


@pytest.mark.parametrize("error", [{}, {"message": None}, {"message": 3}, {"message": {"a": 1}}])
def test_an_error_without_a_message_gets_one(error: object) -> None:
    (read,) = read_outcome(answer({"data": {}, "errors": [error]})).errors
    assert read.message == "The subgraph did not say what went wrong."


@pytest.mark.parametrize(
    ("path", "read_path"),
    [
        (None, None),
        ("a.b", None),
        ({"a": 1}, None),
        ([], ()),
        (["a", 0, "b"], ("a", 0, "b")),
        (["a", None, "b"], ("a",)),
        (["a", 1.5], ("a",)),
        (["a", True], ("a",)),
        (["a", -1], ("a",)),
        (["a", ["b"]], ("a",)),
    ],
)
def test_a_path_is_read_up_to_what_is_no_segment(path: object, read_path: object) -> None:
    (error,) = read_outcome(answer({"data": {}, "errors": [{"message": "m", "path": path}]})).errors
    assert error.path == read_path


def test_a_path_that_no_place_can_have_is_cut() -> None:
    (error,) = read_outcome(answer({"data": {}, "errors": [{"message": "m", "path": [0] * 100_000}]})).errors
    assert error.path == (0,) * 500


def test_locations_are_left_out() -> None:
    (error,) = read_outcome(answer({"data": {}, "errors": [{"message": "m", "locations": [{"line": 1}]}]})).errors
    assert error == SubgraphError("m", None, {})


@pytest.mark.parametrize("extensions", [None, [], "x", 3])
def test_extensions_that_are_no_object_are_left_out(extensions: object) -> None:
    (error,) = read_outcome(answer({"data": {}, "errors": [{"message": "m", "extensions": extensions}]})).errors
    assert error.extensions == {}


@pytest.mark.parametrize("value", ["[" * 300 + "]" * 300, str(10**30)])
def test_extensions_that_no_encoder_writes_are_left_out(value: str) -> None:
    body = b'{"data": {}, "errors": [{"message": "m", "extensions": {"a": %s}}]}' % value.encode()
    (error,) = read_outcome(answer(body)).errors
    assert error.extensions == {}


def test_integers_of_any_size_survive() -> None:
    assert read_outcome(answer(b'{"data": {"a": 123456789012345678901234567890}}')).data == {
        "a": 123456789012345678901234567890
    }


def test_of_a_repeated_key_the_last_one_counts() -> None:
    assert read_outcome(answer(b'{"data": {"a": 1, "a": 2}}')).data == json.loads('{"a": 2}')
