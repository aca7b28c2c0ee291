"""Operations for clients that take deferred parts later."""

import pytest

from supergraph import prepare, read_supergraph
from supergraph.errors import OperationError
from supergraph.operation.model import Block, Operation
from supergraph.operation.select import with_deferred_parts
from tests.supergraph_documents import supergraph_sdl

GRAPH = read_supergraph(
    supergraph_sdl(
        "type Query @join__type(graph: A) { x: Int t: T i: I } "
        "interface I @join__type(graph: A) { x: Int } "
        'type T implements I @join__implements(graph: A, interface: "I") @join__type(graph: A) { x: Int y: Int t: T } '
        'type U implements I @join__implements(graph: A, interface: "I") @join__type(graph: A) { x: Int }'
    )
)


def deferred(document: str, *off: str) -> Operation:
    return with_deferred_parts(GRAPH, prepare(GRAPH, document), frozenset(off))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("{ t { x ... @defer { y } } }", "{ t { x ... @defer { y } } }"),
        ('{ t { x ... @defer(label: "l") { y } } }', '{ t { x ... @defer(label: "l") { y } } }'),
        ("{ t { x ...F @defer } } fragment F on T { y }", "{ t { x ... @defer { y } } }"),
        ("{ t { x ... @defer(if: true) { y } } }", "{ t { x ... @defer { y } } }"),
        ("{ t { x ... @defer(if: false) { y } } }", "{ t { x y } }"),
        # what is not deferred does not merge with what is
        ("{ t { x ... @defer { x y } } }", "{ t { x ... @defer { x y } } }"),
        ("{ t { x } ... @defer { t { y } } t { y } }", "{ t { x y } ... @defer { t { y } } }"),
        # the same twice is the same once
        ("{ t { x ...F @defer ...F @defer } } fragment F on T { y }", "{ t { x ... @defer { y } } }"),
        # something has to be asked of the object itself
        ("{ t { ... @defer { y } } }", "{ t { __hidden: __typename ... @defer { y } } }"),
        ("{ ... @defer { x } }", "{ ... @defer { x } }"),
        ("{ t { x ... @defer { y ... @defer { t { x } } } } }", "{ t { x ... @defer { y ... @defer { t { x } } } } }"),
        ("{ i { x ... on T @defer { y } } }", "{ i { x ... on T { __hidden: __typename ... @defer { y } } } }"),
        ("{ i { x ... @defer { ... on T { y } } } }", "{ i { x ... @defer { ... on T { y } } } }"),
        ("{ t { x ... @defer { y @skip(if: true) } } }", "{ t { x } }"),
    ],
)
def test_deferred_fragments_are_kept_apart(written: str, expected: str) -> None:
    assert deferred(written).text == f"query {expected}"


def test_conditions_stand_on_the_fragment_and_on_what_it_selects() -> None:
    operation = deferred("query ($c: Boolean!) { t { x ... @defer @include(if: $c) { y } } }")

    assert operation.text == (
        "query($c: Boolean!) { t { x ... @include(if: $c) { ... @defer { y @include(if: $c) } } } }"
    )


def test_a_variable_decides_what_is_deferred() -> None:
    document = "query ($a: Boolean!, $b: Boolean!) { t { x ... @defer(if: $a) { y } ... @defer(if: $b) { t { x } } } }"

    assert prepare(GRAPH, document).defer_variables == frozenset({"a", "b"})
    assert "x t { x } ... @defer { y }" in deferred(document, "b").text
    assert deferred(document, "a", "b").text == prepare(GRAPH, document).text


def test_blocks_know_the_block_around_them() -> None:
    operation = deferred('{ t { ... @defer(label: "a") { y ... @defer(label: "b") { x } } ... @defer { t { x } } } }')

    assert operation.blocks == (Block(0, "a"), Block(1, "b", parent=0), Block(2))


def test_a_fragment_that_fits_several_types_is_one_block() -> None:
    document = "{ i { ...F @defer } } fragment F on I { ... on T { y } ... on U { x } }"

    assert len(deferred(document).blocks) == 1


def test_equal_texts_mean_equal_deferral() -> None:
    assert deferred("{ t { x ... @defer { y } } }").key != prepare(GRAPH, "{ t { x ... @defer { y } } }").key


def test_an_operation_without_defer_stays_itself() -> None:
    operation = prepare(GRAPH, "{ t { x } }")

    assert with_deferred_parts(GRAPH, operation) is operation
    assert operation.defer_variables is None


def test_copies_of_deferred_fragments_count() -> None:
    levels = "".join(
        f'fragment F{n} on T {{ ...F{n + 1} @defer(label: "a{n}") ...F{n + 1} @defer(label: "b{n}") }} '
        for n in range(12)
    )
    document = f"{{ t {{ ...F0 }} }} {levels} fragment F12 on T {{ x }}"

    with pytest.raises(OperationError) as raised:
        with_deferred_parts(GRAPH, prepare(GRAPH, document), max_nodes=1000)

    assert raised.value.code == "QUERY_PLAN_COMPLEXITY_EXCEEDED"
