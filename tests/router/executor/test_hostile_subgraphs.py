"""Whatever subgraphs send, the client gets a response that fits the API schema, and nothing raises."""

import json

import pytest
from graphql import GraphQLError, build_schema, execute_sync, parse
from hypothesis import given, settings
from hypothesis import strategies as st

from router.executor.outcome import ExecutionResult, FetchAnswer, FetchFailure, FetchOutcome, with_only
from router.executor.program import Program
from tests.router.executor.executing import (
    answer,
    call,
    data,
    data_of,
    entity_fetch,
    leaf,
    program,
    root_fetch,
    run,
    supergraph,
    template,
)

SDL = """
type Query { products: [Product!] node: Node me: User! }
interface Node { id: ID! }
type Product implements Node {
  id: ID! name: String! price: Float stock: Int seller: User tags: [[String!]] color: Color
}
type User implements Node { id: ID! name: String friends: [User!]! any: JSON }
enum Color { RED BLUE }
scalar JSON
"""
GRAPH = supergraph(SDL + "type Secret implements Node { id: ID! }", api_sdl=SDL)
TEXT = """
{
  products { name stock seller { name friends { name } } tags color }
  node { __typename id ... on User { any } ... on Product { price } }
  me { name any }
}
"""
HIDDEN = "leaked"


def shop() -> Program:
    product, user = template("Product", leaf("id"), leaf("__1", nullable=True)), template("User", leaf("id"))
    return program(
        GRAPH,
        TEXT,
        root_fetch(0, "products"),
        root_fetch(1, "users"),
        entity_fetch(
            2,
            "stocks",
            call("products.@", "node|[Product]", templates=[product], number=0),
            call("products.@.seller", "me", templates=[user], number=1),
            needs=[0, 1],
        ),
        entity_fetch(3, "friends", call("products.@.seller.friends.@", templates=[user]), needs=[2]),
    )


GOOD = {
    0: data(
        products=[
            {"id": "1", "__1": HIDDEN, "name": "a", "seller": {"id": "u"}, "tags": [["x"], None], "color": "RED"},
            {"id": "2", "__1": HIDDEN, "name": "b", "seller": None, "tags": None, "color": None},
        ],
        node={"__typename": "Product", "id": "1", "__1": HIDDEN, "price": 1.5},
    ),
    1: data(me={"id": "m", "name": "Me", "any": {"a": [1]}}),
    2: data(_e0=[{"stock": 1}, {"stock": 2}], _e1=[{"friends": [{"id": "f"}]}, {"friends": []}]),
    3: data(_entities=[{"name": "Fay"}]),
}

_keys = st.sampled_from(
    [
        "id",
        "name",
        "stock",
        "seller",
        "friends",
        "tags",
        "any",
        "products",
        "node",
        "me",
        "__typename",
        "__1",
        "_e0",
        "x",
    ]
)
_scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(),
    _keys,
    st.sampled_from(["Product", "User", "Node", "Secret", "RED", HIDDEN]),
)
_values = st.recursive(
    _scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_keys, inner, max_size=5), max_leaves=15
)
_errors = st.one_of(
    _values,
    st.lists(
        st.fixed_dictionaries(
            {"message": _values},
            optional={
                "path": st.lists(_keys | st.integers(-1, 3) | _values, max_size=5) | _values,
                "extensions": _values,
                "locations": _values,
            },
        ),
        max_size=3,
    ),
)
_entity_lists = st.lists(st.dictionaries(_keys, _values, max_size=5) | _values, max_size=3)
_responses = st.one_of(
    st.fixed_dictionaries(
        {}, optional={"data": st.dictionaries(_keys | st.just("_entities"), _values | _entity_lists), "errors": _errors}
    ),
    _values,
)


def _mutated(response: object, path: list[int], value: object) -> object:
    """``response`` with ``value`` at a place that ``path`` chooses."""
    if not path or not isinstance(response, dict | list) or not response:
        return value
    if isinstance(response, list):
        index = path[0] % len(response)
        return [_mutated(each, path[1:], value) if number == index else each for number, each in enumerate(response)]
    chosen = list(response)[path[0] % len(response)]
    return {key: _mutated(each, path[1:], value) if key == chosen else each for key, each in response.items()}


def check(result: ExecutionResult) -> None:
    """The response must be one that the API schema allows, with errors that can be written."""
    content = json.loads(result.data)
    errors = json.loads(json.dumps(result.errors))
    assert all(isinstance(error["message"], str) and error["extensions"]["code"] for error in errors)
    if content is None:
        assert errors
        return
    replayed = execute_sync(_REPLAY, _DOCUMENT, root_value=content, type_resolver=_type_of)
    assert (replayed.data, replayed.errors) == (content, None)


def _type_of(value: object, *_: object) -> str:
    assert isinstance(value, dict)
    return str(value["__typename"])


_REPLAY = build_schema(SDL)
_DOCUMENT = parse(TEXT)


@settings(max_examples=100, deadline=None)
@given(
    st.fixed_dictionaries(dict.fromkeys(GOOD, st.one_of(_responses.map(answer), st.binary(max_size=30).map(answer))))
)
def test_any_answers_give_a_valid_response(answers: dict[int, FetchAnswer]) -> None:
    check(run(shop(), answers))


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(sorted(GOOD)), st.lists(st.integers(0, 7), min_size=1, max_size=7), _values),
        min_size=1,
        max_size=4,
    )
)
def test_good_answers_with_wrong_pieces_give_a_valid_response(changes: list[tuple[int, list[int], object]]) -> None:
    answers: dict[int, object] = dict(GOOD)
    for fetch_id, path, value in changes:
        answers[fetch_id] = _mutated(answers[fetch_id], path, value)
    check(run(shop(), {fetch_id: answer(response) for fetch_id, response in answers.items()}))


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(sorted(GOOD)), _errors)
def test_any_errors_give_a_valid_response(fetch_id: int, errors: object) -> None:
    answers = {each: answer(response) for each, response in GOOD.items()}
    response = GOOD[fetch_id]
    check(run(shop(), {**answers, fetch_id: answer({**response, "errors": errors})}))


FAULTS: dict[str, object] = {
    "timeout": FetchFailure("GATEWAY_TIMEOUT", "slow"),
    "500": answer(b"Internal Server Error", status=500, content_type="text/plain"),
    "malformed": answer(b'{"data": {'),
    "data null": {"data": None, "errors": [{"message": "broken"}]},
    "error with path": {"data": {"products": None, "me": None}, "errors": [{"message": "m", "path": ["products"]}]},
    "short list": {"data": {"_e0": [], "_entities": []}},
    "wrong kinds": {"data": {"products": 3, "me": "x", "node": [], "_e0": "x", "_e1": [3, 4], "_entities": [[]]}},
}


@pytest.mark.parametrize("fault", FAULTS, ids=str)
@pytest.mark.parametrize("fetch_id", GOOD, ids=str)
def test_a_fault_leaves_a_valid_response(fetch_id: int, fault: str) -> None:
    check(run(shop(), {**GOOD, fetch_id: FAULTS[fault]}))


@pytest.mark.parametrize("fault", FAULTS, ids=str)
@pytest.mark.parametrize(("fetch_id", "untouched"), [(0, "me"), (2, "node"), (3, "node")], ids=str)
def test_a_fault_leaves_other_branches_as_they_were(fetch_id: int, untouched: str, fault: str) -> None:
    good, bad = data_of(run(shop(), GOOD)), data_of(run(shop(), {**GOOD, fetch_id: FAULTS[fault]}))
    assert isinstance(good, dict)
    assert isinstance(bad, dict)
    assert bad[untouched] == good[untouched]


@pytest.mark.parametrize("fault", FAULTS, ids=str)
@pytest.mark.parametrize("fetch_id", GOOD, ids=str)
def test_a_fault_is_told(fetch_id: int, fault: str) -> None:
    assert run(shop(), {**GOOD, fetch_id: FAULTS[fault]}).errors


@pytest.mark.parametrize("fault", FAULTS, ids=str)
@pytest.mark.parametrize("fetch_id", GOOD, ids=str)
def test_a_fault_shows_no_hidden_value(fetch_id: int, fault: str) -> None:
    result = run(shop(), {**GOOD, fetch_id: FAULTS[fault]})
    assert HIDDEN not in result.data.decode() + json.dumps(result.errors)


def test_without_faults_everything_is_there() -> None:
    result = run(shop(), GOOD)
    assert result.errors == ()
    check(result)


@pytest.mark.parametrize("depth", [300, 5000])
@pytest.mark.parametrize("fetch_id", GOOD, ids=str)
def test_deep_answers_are_survived(fetch_id: int, depth: int) -> None:
    deep = b'{"any":' * depth + b"1" + b"}" * depth
    body = b'{"data":{"me":%s,"products":%s,"_e0":[%s,%s],"_e1":[%s,%s],"_entities":[%s]}}' % ((deep,) * 7)
    outcome: FetchOutcome = answer(body)
    check(run(shop(), {**GOOD, fetch_id: outcome}))


def test_the_check_sees_a_wrong_response() -> None:
    with pytest.raises((AssertionError, GraphQLError, KeyError)):
        check(ExecutionResult(with_only(b'{"products": [{"name": null}], "node": null, "me": {"name": 1}}')))
