import json

import pytest

from router.config.masking import IncludeSubgraphErrors
from router.executor.outcome import with_only
from router.graphql.masking import MASKED_MESSAGE, mask_errors
from router.graphql.result import GraphqlResult

ERROR = {
    "message": "password of db is hunter2",
    "path": ["a", 0],
    "extensions": {"code": "DOWNSTREAM", "service": "users", "stacktrace": ["x"]},
}


def test_a_result_without_errors_has_data_alone() -> None:
    assert GraphqlResult(only_data=with_only(b'{"a":1}')).encode() == b'{"data":{"a":1}}'


def test_errors_come_before_data() -> None:
    encoded = GraphqlResult(only_data=with_only(b"null"), errors=({"message": "m"},), extensions={"x": 1}).encode()
    assert list(json.loads(encoded)) == ["errors", "data", "extensions"]


def test_a_request_error_has_no_data() -> None:
    assert json.loads(GraphqlResult(only_data=None, errors=({"message": "m"},)).encode()) == {
        "errors": [{"message": "m"}]
    }


def test_every_error_has_a_code_for_the_log() -> None:
    result = GraphqlResult(
        only_data=with_only(b"null"), errors=(ERROR, {"message": "m"}, {"message": "m", "extensions": {"code": 1}})
    )
    assert result.error_codes == ("DOWNSTREAM", "INTERNAL_SERVER_ERROR", "INTERNAL_SERVER_ERROR")


def test_a_masked_error_keeps_its_path_and_code_alone() -> None:
    assert mask_errors([ERROR], IncludeSubgraphErrors(), request_id="r") == (
        {"message": MASKED_MESSAGE, "path": ["a", 0], "extensions": {"code": "DOWNSTREAM"}},
    )


def test_errors_of_a_subgraph_that_is_allowed_are_shown() -> None:
    options = IncludeSubgraphErrors(all=False, subgraphs={"users": True})
    assert mask_errors([ERROR], options, request_id="r") == (ERROR,)


def test_errors_of_a_subgraph_that_is_excepted_are_masked() -> None:
    options = IncludeSubgraphErrors(all=True, subgraphs={"users": False})
    assert mask_errors([ERROR], options, request_id="r")[0]["message"] == MASKED_MESSAGE


def test_the_gateways_own_errors_are_shown() -> None:
    error = {"message": "Cannot return null for non-nullable field Query.a.", "path": ["a"]}
    assert mask_errors([error], IncludeSubgraphErrors(), request_id="r") == (error,)


def test_what_is_masked_is_logged_with_the_request_id(caplog: pytest.LogCaptureFixture) -> None:
    mask_errors([ERROR], IncludeSubgraphErrors(), request_id="r-1")
    [record] = caplog.records
    assert (record.__dict__["request_id"], record.__dict__["error"]) == ("r-1", ERROR)
