"""Requests list what clients see in the clients' order, whatever was needed before; so answers come in that order."""

import pytest

from tests.supergraph.graphs import plan_of

CATALOGUE = """
    type Query { t: T  media: [Media] }
    type T @key(fields: "id") { id: ID!  x: Int  y: Int  z: Int  o: O }
    type O { p: Int  q: Int  r: Int }
    interface Media { id: ID!  title: String }
    type Book implements Media @key(fields: "id") { id: ID!  title: String  pages: Int  words: Int }
    type Film implements Media @key(fields: "id") { id: ID!  title: String  minutes: Int }
"""
STOCK = """
    type T @key(fields: "id") { id: ID!  x: Int @external  z: Int @external  o: O @external
        by_x: Int @requires(fields: "x")  by_zx: Int @requires(fields: "z x")  by_o: Int @requires(fields: "o { q }")
        left: Int }
    type O { q: Int @external }
    type Book @key(fields: "id") { id: ID!  words: Int @external  left: Int  cost: Int @requires(fields: "words") }
    type Film @key(fields: "id") { id: ID!  left: Int }
"""


def first_request(operation: str) -> str:
    """What is sent first, without the variables' declarations."""
    text = plan_of(operation, catalogue=CATALOGUE, stock=STOCK).fetches[0].operation
    return text.removeprefix("query($a:Boolean!)")


@pytest.mark.parametrize(
    ("asked", "request_"),
    [
        ("left y", "id y"),
        ("left y id x", "y id x"),
        ("y left x id", "y x id"),
        ("id left y", "id y"),
    ],
)
def test_keys_stand_where_clients_asked_for_them_or_first(asked: str, request_: str) -> None:
    assert first_request(f"{{ t {{ {asked} }} }}") == f"{{t{{{request_}}}}}"


@pytest.mark.parametrize(
    ("asked", "request_"),
    [
        ("by_x y", "id x y"),
        ("by_x y x", "id y x"),
        ("y by_x x", "id y x"),
        ("x y by_x", "id x y"),
        ("by_zx y x z", "id y x z"),
        ("by_zx y x", "id z y x"),
        ("y z x by_zx", "id y z x"),
    ],
)
def test_required_fields_stand_where_clients_asked_for_them_or_first(asked: str, request_: str) -> None:
    assert first_request(f"{{ t {{ {asked} }} }}") == f"{{t{{{request_}}}}}"


@pytest.mark.parametrize(
    ("asked", "request_"),
    [
        ("by_o y", "id o{q} y"),
        ("by_o y o { r p }", "id y o{q r p}"),
        ("by_o o { r q p } y", "id o{r q p} y"),
        ("o { p q } by_o y", "id o{p q} y"),
        ("y by_o o { q }", "id y o{q}"),
    ],
)
def test_required_objects_and_what_is_in_them_stand_where_clients_asked_for_them(asked: str, request_: str) -> None:
    assert first_request(f"{{ t {{ {asked} }} }}") == f"{{t{{{request_}}}}}"


@pytest.mark.parametrize(
    ("asked", "request_"),
    [
        ("x @include(if: $a) y by_x z", "id x y z"),
        ("y x @include(if: $a) by_x z", "id y x z"),
        ("y @include(if: $a) x by_x", "id y@include(if:$a) x"),
        ("x @include(if: $a) y by_x @include(if: $a) z", "id@include(if:$a) x@include(if:$a) y z"),
        ("by_x @include(if: $a) y x @include(if: $a)", "id@include(if:$a) y x@include(if:$a)"),
        ("... @include(if: $a) { by_x y } x z", "id@include(if:$a) y@include(if:$a) x z"),
        ("y @include(if: $a) id left", "y@include(if:$a) id"),
    ],
)
def test_conditions_do_not_disturb_the_order(asked: str, request_: str) -> None:
    assert first_request(f"query ($a: Boolean!) {{ t {{ {asked} }} }}") == f"{{t{{{request_}}}}}"


@pytest.mark.parametrize(
    ("asked", "request_"),
    [
        ("... on Book { left pages id } ... on Film { minutes }", "...on Book{pages id} ...on Film{minutes}"),
        ("... on Book { pages left } title", "...on Book{id pages} title"),
        ("... on Book { cost pages words } title", "...on Book{id pages words} title"),
        (
            "title ... on Book { cost pages } ... on Film { minutes }",
            "title ...on Book{id words pages} ...on Film{minutes}",
        ),
        ("... on Film { left } ... on Book { pages } title", "...on Film{id} ...on Book{pages} title"),
        (
            "... on Film { minutes left } title ... on Book { cost }",
            "...on Film{minutes} title ...on Book{words} id",
        ),
    ],
)
def test_casts_stand_where_clients_asked_for_what_is_in_them(asked: str, request_: str) -> None:
    assert first_request(f"{{ media {{ {asked} }} }}") == f"{{media{{__typename {request_}}}}}"


def test_entity_requests_keep_the_clients_order_as_well() -> None:
    plan = plan_of(
        "{ t { by_n m n } }",
        a='type Query { t: T } type T @key(fields: "id") { id: ID! }',
        b='type T @key(fields: "id") { id: ID!  n: Int  m: Int }',
        c='type T @key(fields: "id") { id: ID!  n: Int @external  by_n: Int @requires(fields: "n") }',
    )

    assert plan.fetches[1].operation.endswith("{...on T{m n}}}")
