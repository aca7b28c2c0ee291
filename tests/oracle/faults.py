"""Subgraphs that fail: the ways in which an answer can be bad."""

import json
from collections.abc import Callable, Mapping

from router.executor.outcome import FetchAnswer, FetchFailure, FetchOutcome
from tests.oracle.data import Json

Answer = Mapping[str, Json]
Fault = Callable[[Answer], FetchOutcome]


def _answer(body: object, status: int = 200) -> FetchAnswer:
    return FetchAnswer(status, "application/json", json.dumps(body).encode())


def _short_list(answer: Answer) -> FetchOutcome:
    data = answer.get("data")
    if isinstance(data, dict):
        entities = {key: value for key, value in data.items() if key.startswith("_e") and isinstance(value, list)}
        if entities:
            return _answer({**answer, "data": {**data, **{key: value[:-1] for key, value in entities.items()}}})
    return _answer({"data": None})


def _wrong_kinds(answer: Answer) -> FetchOutcome:
    data = answer.get("data")
    return _answer({"data": dict.fromkeys(data, 7)} if isinstance(data, dict) else {"data": 7})


FAULTS: Mapping[str, Fault] = {
    "no response": lambda _: FetchFailure("SUBREQUEST_HTTP_ERROR", "the subgraph is down"),
    "timeout": lambda _: FetchFailure("GATEWAY_TIMEOUT", "the subgraph is slow"),
    "status 500": lambda _: FetchAnswer(500, "text/html", b"<html>sorry</html>"),
    "not JSON": lambda _: FetchAnswer(200, "application/json", b'{"data": {'),
    "no object": lambda _: _answer([1, 2]),
    "neither data nor errors": lambda _: _answer({}),
    "data null": lambda _: _answer({"data": None, "errors": [{"message": "no"}]}),
    "malformed errors": lambda _: _answer({"data": None, "errors": [7, {"path": "x"}, {"message": 1}]}),
    "short list": _short_list,
    "wrong kinds": _wrong_kinds,
}
