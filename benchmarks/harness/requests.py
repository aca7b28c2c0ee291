"""The requests of one scenario, each with a header of its own, and whether an answer to one is right.

scenario ──▶ Requests ──▶ load ──▶ gateway
▲ you are here
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import orjson
from graphql import FieldNode, FragmentDefinitionNode, OperationDefinitionNode, parse, print_ast
from graphql.language import SelectionSetNode

from benchmarks.harness.festival import right_answer
from benchmarks.harness.scenarios import MARK, Scenario

REMEMBERED = 64
"""Answers that were compared with the right one; the same bytes need not be parsed again."""

_HEAD = (
    b"POST /graphql HTTP/1.1\r\nhost: 127.0.0.1:%d\r\naccept: application/json\r\ncontent-type: application/json\r\n"
    b"content-length: %d\r\nx-caller: "
)


@dataclass(frozen=True, slots=True)
class _Selection:
    """A field as it is written, without what is selected in it."""

    text: str
    selections: tuple["_Selection", ...]


class Supply(Protocol):
    """Where clients have their requests from."""

    def make(self, number: int, /) -> bytes:
        """The bytes of a request; each is made once."""

    def is_right(self, number: int, status: int, body: bytes, /) -> bool:
        """Whether that is the answer to request ``number``."""


class Requests:
    """An endless supply of requests of one scenario, numbered."""

    def __init__(self, scenario: Scenario, port: int) -> None:
        self._port = port
        self._varies = scenario.varies
        self._variables = dict(scenario.variables)
        self._expected = right_answer(scenario.document, scenario.variables)
        self._fixed = self._written(scenario.document)
        self._rng = random.Random(1)  # noqa: S311 - the same requests in every run, not a secret
        self._head, self._selections = _read(scenario.document) if scenario.varies == "shape" else ("", ())
        self._right: list[bytes] = []

    def make(self, number: int) -> bytes:
        """The bytes of a request."""
        if self._varies == "nothing":
            head, body = self._fixed
        elif self._varies == "alias":
            head, body = self._fixed[0], self._fixed[1].replace(MARK, _alias(number))
        else:
            head, body = self._written(self._head + _shuffled(self._rng, self._selections))
        return b"%b%010d\r\n\r\n%b" % (head, number, body)

    def is_right(self, number: int, status: int, body: bytes) -> bool:
        """Whether that is the answer to request ``number``: the same data in whatever order, and no errors."""
        if status != 200:
            return False
        if self._varies == "alias":
            body = body.replace(_alias(number), MARK)
        if body in self._right:
            return True
        try:
            answer = orjson.loads(body)
        except orjson.JSONDecodeError:
            return False
        if not isinstance(answer, dict) or answer.get("errors") or answer.get("data") != self._expected["data"]:
            return False
        if self._varies != "shape" and len(self._right) < REMEMBERED:
            self._right.append(body)
        return True

    def _written(self, document: str) -> tuple[bytes, bytes]:
        body = orjson.dumps({"query": document, "variables": self._variables})
        return request_head(self._port, body), body


def request_head(port: int, body: bytes) -> bytes:
    """The head of a request, up to the value of its last header: the number of the request."""
    return _HEAD % (port, len(body))


def _alias(number: int) -> bytes:
    return b"alias_%08d" % number


def _read(document: str) -> tuple[str, Sequence[_Selection]]:
    """An operation without fragments: how it begins, and what it selects."""
    definitions = parse(document, no_location=True).definitions
    assert not any(isinstance(each, FragmentDefinitionNode) for each in definitions)
    operation = definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    text = print_ast(operation)
    return text[: text.index("{")], _selections(operation.selection_set)


def _selections(node: SelectionSetNode | None) -> tuple[_Selection, ...]:
    if node is None:
        return ()
    fields = [each for each in node.selections if isinstance(each, FieldNode)]
    return tuple(_Selection(print_ast(each).partition(" {")[0], _selections(each.selection_set)) for each in fields)


def _shuffled(rng: random.Random, selections: Sequence[_Selection]) -> str:
    parts = [
        f"{each.text} {_shuffled(rng, each.selections)}" if each.selections else each.text
        for each in rng.sample(selections, len(selections))
    ]
    return "{ " + " ".join(parts) + " }"
