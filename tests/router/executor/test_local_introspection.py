"""Introspection and root type names are answered without any subgraph."""

import pytest
from graphql import get_introspection_query, graphql_sync

from router.executor.run import PlanRun
from tests.router.executor.executing import (
    data,
    data_of,
    program,
    root_fetch,
    run,
    supergraph,
)

GRAPH = supergraph(
    "type Query { a: Int secret: Int } type Mutation { m: Int } type Hidden { a: Int }",
    api_sdl="type Query { a: Int } type Mutation { m: Int }",
)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("{ __typename }", {"__typename": "Query"}),
        ("mutation { t: __typename }", {"t": "Mutation"}),
        ('{ __type(name: "Query") { name } }', {"__type": {"name": "Query"}}),
        ('{ __type(name: "Hidden") { name } }', {"__type": None}),
    ],
)
def test_a_local_operation_sends_nothing(text: str, wanted: object) -> None:
    run_of = PlanRun(program(GRAPH, text), {})
    assert (run_of.ready(), data_of(run_of.response())) == ([], wanted)


def test_the_usual_introspection_query_is_answered_as_by_the_api_schema() -> None:
    text = get_introspection_query(input_value_deprecation=True, directive_is_repeatable=True)
    assert data_of(run(program(GRAPH, text), {})) == graphql_sync(GRAPH.api_schema, text).data


def test_local_values_stand_between_remote_ones_in_the_clients_order() -> None:
    compiled = program(GRAPH, '{ x: a t: __type(name: "Query") { kind } a n: __typename }', root_fetch(0, "a"))
    assert run(compiled, {0: data(x=1, a=2)}).data == b'{"x":1,"t":{"kind":"OBJECT"},"a":2,"n":"Query"}'


def test_fragments_and_variables_are_followed() -> None:
    text = """
    query ($name: String!, $deep: Boolean!, $unused: Int) {
      a @include(if: $deep)
      ...Root
    }
    fragment Root on Query { ... { __type(name: $name) { ...Type } } a ... { a } }
    fragment Type on __Type { name fields @include(if: $deep) { ...Field } }
    fragment Field on __Field { name }
    """
    compiled = program(GRAPH, text, root_fetch(0, "a"))
    result = run(compiled, {0: data(a=1)}, {"name": "Query", "deep": True, "unused": 3})
    assert data_of(result) == {"a": 1, "__type": {"name": "Query", "fields": [{"name": "a"}]}}


def test_answers_follow_the_variables() -> None:
    compiled = program(GRAPH, "query ($name: String!) { __type(name: $name) { name } }")
    names = ["Query", "Mutation", "Query", *(f"T{number}" for number in range(20)), "Mutation"]
    seen = [data_of(run(compiled, {}, {"name": name})) for name in names]
    assert seen == [{"__type": {"name": name} if name in ("Query", "Mutation") else None} for name in names]


def test_a_local_field_that_is_left_out_is_not_answered() -> None:
    compiled = program(GRAPH, "query ($s: Boolean!) { a __schema @skip(if: $s) { description } }", root_fetch(0, "a"))
    assert data_of(run(compiled, {0: data(a=1)}, {"s": True})) == {"a": 1}


def test_a_local_field_in_a_fragment_that_is_left_out_is_not_answered() -> None:
    text = "query ($s: Boolean!) { a ...F @skip(if: $s) } fragment F on Query { __schema { description } }"
    compiled = program(GRAPH, text, root_fetch(0, "a"))
    assert data_of(run(compiled, {0: data(a=1)}, {"s": True})) == {"a": 1}


def test_a_failed_fetch_leaves_local_values_in_place() -> None:
    compiled = program(GRAPH, "{ a __typename }", root_fetch(0, "a"))
    result = run(compiled, {0: {"errors": [{"message": "broken"}]}})
    assert data_of(result) == {"a": None, "__typename": "Query"}
