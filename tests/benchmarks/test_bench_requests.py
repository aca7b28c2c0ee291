"""The requests of the clients, and what they take for a right answer."""

import orjson

from benchmarks.harness.festival import right_answer
from benchmarks.harness.requests import Requests
from benchmarks.harness.scenarios import MARK, SCENARIOS


def requests_of(name: str) -> Requests:
    return Requests(SCENARIOS[name], 4000)


def right_body(name: str) -> bytes:
    return orjson.dumps(right_answer(SCENARIOS[name].document, SCENARIOS[name].variables))


def document_in(request: bytes) -> str:
    return str(orjson.loads(request.partition(b"\r\n\r\n")[2])["query"])


def test_each_request_has_a_header_of_its_own() -> None:
    requests = requests_of("small")
    assert b"\r\nx-caller: 0000000007\r\n\r\n" in requests.make(7)


def test_a_body_is_as_long_as_its_head_says() -> None:
    head, _, body = requests_of("shapes").make(1).partition(b"\r\n\r\n")
    assert b"\r\ncontent-length: %d\r\n" % len(body) in head


def test_an_alias_has_the_number_of_its_request() -> None:
    assert "alias_00000042: name" in document_in(requests_of("aliases").make(42))


def test_shapes_have_the_same_words_in_another_order() -> None:
    requests = requests_of("shapes")
    first, second = document_in(requests.make(1)), document_in(requests.make(2))
    assert first != second
    assert sorted(first.split()) == sorted(second.split())


def test_the_right_answer_is_taken() -> None:
    assert requests_of("deep").is_right(1, 200, right_body("deep"))


def test_the_right_data_in_another_order_is_taken() -> None:
    answer = orjson.loads(right_body("small"))
    answer["data"]["headliner"] = dict(reversed(answer["data"]["headliner"].items()))
    assert requests_of("small").is_right(1, 200, orjson.dumps(answer))


def test_the_answer_to_an_alias_has_that_alias() -> None:
    requests, body = requests_of("aliases"), right_body("aliases")
    assert requests.is_right(5, 200, body.replace(MARK, b"alias_00000005"))
    assert not requests.is_right(5, 200, body.replace(MARK, b"alias_00000006"))


def test_other_data_is_not_taken() -> None:
    assert not requests_of("small").is_right(1, 200, b'{"data":{"headliner":{"id":"4","name":"The pine kelp"}}}')


def test_errors_beside_the_right_data_are_not_taken() -> None:
    answer = orjson.loads(right_body("small")) | {"errors": [{"message": "almost"}]}
    assert not requests_of("small").is_right(1, 200, orjson.dumps(answer))


def test_another_status_is_not_taken() -> None:
    assert not requests_of("small").is_right(1, 500, right_body("small"))


def test_what_is_no_json_is_not_taken() -> None:
    assert not requests_of("small").is_right(1, 200, b"<html>")
