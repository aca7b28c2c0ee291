"""Names of our own never reach a client."""

import pytest

from router.executor.outcome import with_only
from router.graphql.own_aliases import with_own_aliases
from router.graphql.result import GraphqlResult
from supergraph import Operation, prepare
from supergraph.operation.skeleton import read_skeleton
from supergraph.operation.template import make_template
from tests.lifted_stage import example

DOCUMENT = "{ mine: must other: must }"


@pytest.fixture(scope="module")
def lifted() -> Operation:
    skeleton = read_skeleton(DOCUMENT)
    template = make_template(example(), skeleton)
    assert template is not None
    operation = template.fill(skeleton, DOCUMENT)
    assert operation is not None
    return operation


def ours(operation: Operation) -> tuple[str, str]:
    assert operation.lifted is not None
    (first, _), (second, _) = operation.lifted.aliases
    return first, second


def test_keys_of_data_are_the_clients(lifted: Operation) -> None:
    first, second = ours(lifted)
    data = f'{{"{first}":"{first} is text","{second}" : {{"{first}":1}}}}'.encode()
    renamed = with_own_aliases(GraphqlResult(only_data=with_only(data)), lifted).data
    assert renamed == f'{{"mine":"{first} is text","other" : {{"mine":1}}}}'.encode()


def test_paths_of_errors_are_the_clients(lifted: Operation) -> None:
    first, second = ours(lifted)
    errors = ({"message": "no", "path": [first, 0, second, "x"], "extensions": {"code": "A", "at": [[first]]}},)
    (error,) = with_own_aliases(GraphqlResult(only_data=None, errors=errors), lifted).errors
    assert error == {"message": "no", "path": ["mine", 0, "other", "x"], "extensions": {"code": "A", "at": [["mine"]]}}


def test_extensions_are_the_clients(lifted: Operation) -> None:
    first, _ = ours(lifted)
    extensions = {"authorizationErrors": ({"path": [first]},), "traces": {first: 1.5, "on": None}}
    renamed = with_own_aliases(GraphqlResult(only_data=None, extensions=extensions), lifted).extensions
    assert renamed == {"authorizationErrors": [{"path": ["mine"]}], "traces": {"mine": 1.5, "on": None}}


def test_nothing_is_touched_where_nothing_was_renamed(lifted: Operation) -> None:
    first, _ = ours(lifted)
    result = GraphqlResult(only_data=with_only(f'{{"{first}":1}}'.encode()))
    assert with_own_aliases(result, prepare(example(), DOCUMENT)) is result
