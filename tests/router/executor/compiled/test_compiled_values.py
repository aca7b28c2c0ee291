"""What compiled runs ask and answer where spliced ones would give up, or have no plan."""

from dataclasses import replace

import pytest

from tests.compiled_programs import program_of, run_compiled
from tests.router.executor.executing import (
    call,
    data,
    entity_fetch,
    leaf,
    program,
    root_fetch,
    supergraph,
    template,
)


def entities(*found: object) -> object:
    return data(_entities=list(found))


@pytest.mark.parametrize("odd", ['a",', '","', ",", 'a","b', '",\\', "\\", "%", '"%"}', "é😀\x7f\n", ""])
def test_keys_may_be_any_text(odd: str) -> None:
    program = program_of("{ products { left } }")

    found = run_compiled(
        program,
        data(products=[{"id": odd}, {"id": "1"}, {"id": odd}, {"id": odd + "x"}]),
        entities({"left": 1}, {"left": 2}, {"left": 3}),
    )

    assert found == {"products": [{"left": 1}, {"left": 2}, {"left": 1}, {"left": 3}]}


def test_what_is_asked_of_a_null_entity_is_null() -> None:
    program = program_of("{ media { ... on Book { left } ... on Film { left copies { shelf } } } }")
    media = [{"__typename": "Book", "id": "1"}, {"__typename": "Film", "id": "2"}]

    found = run_compiled(program, data(media=media), entities(None, None))

    assert found == {"media": [{"left": None}, {"left": None, "copies": None}]}


def test_objects_of_several_types_get_what_is_asked_of_theirs() -> None:
    program = program_of("{ media { title ... on Book { pages left } ... on Film { left copies { shelf } } } }")

    found = run_compiled(
        program,
        data(
            media=[
                {"__typename": "Film", "id": "1", "title": "x"},
                {"__typename": "Book", "id": "2", "title": "y", "pages": 7},
            ]
        ),
        entities({"left": 1, "copies": [{"shelf": "s"}]}, {"left": 2}),
    )

    assert found == {
        "media": [
            {"title": "x", "left": 1, "copies": [{"shelf": "s"}]},
            {"title": "y", "pages": 7, "left": 2},
        ]
    }


def test_a_key_that_means_different_objects_for_different_types_is_read_for_each() -> None:
    program = program_of("{ media { ... on Book { copies { row } } ... on Film { copies { shelf } left } } }")

    found = run_compiled(
        program,
        data(media=[{"__typename": "Film", "id": "1"}, {"__typename": "Book", "id": "2"}]),
        entities({"copies": [{"shelf": "s"}], "left": 1}, {"copies": [{"row": 3}]}),
    )

    assert found == {"media": [{"copies": [{"shelf": "s"}], "left": 1}, {"copies": [{"row": 3}]}]}


def test_an_interface_objects_name_does_not_replace_the_type_that_is_known() -> None:
    graph = supergraph(
        """
        type Query { media: Media }
        interface Media { id: ID!  title: String }
        type Book implements Media { id: ID!  title: String }
        type Film implements Media { id: ID!  title: String }
        """
    )
    chosen = template("Media", leaf("id"), types=("Book", "Film", "Media"))
    found_first = replace(root_fetch(0, "a"), operation="{media{__typename id}}")
    told_then = replace(
        entity_fetch(1, "b", call("media", templates=[chosen])),
        operation="{_entities{...on Media{__typename title}}}",
    )
    compiled = program(graph, "{ media { title __typename } }", found_first, told_then)

    found = run_compiled(
        compiled, data(media={"__typename": "Film", "id": "1"}), entities({"__typename": "Media", "title": "x"})
    )

    assert found == {"media": {"title": "x", "__typename": "Film"}}


def test_a_type_name_stands_where_the_client_asked_for_it() -> None:
    program = program_of("{ media { title __typename kind: __typename } }")

    found = run_compiled(program, data(media=[{"__typename": "Book", "title": "y"}]))

    assert found == {"media": [{"title": "y", "__typename": "Book", "kind": "Book"}]}


def test_lists_and_objects_are_sent_in_representations() -> None:
    program = program_of("{ products { name box } }")
    sizes = [{"width": 1, "height": 1.0}, None, {"width": None, "height": 2}]

    found = run_compiled(
        program,
        data(products=[{"id": "1", "name": "a", "sizes": sizes}, {"id": "2", "name": "b", "sizes": None}]),
        entities({"box": "small"}, {"box": None}),
    )

    assert found == {"products": [{"name": "a", "box": "small"}, {"name": "b", "box": None}]}


def test_representations_with_equal_numbers_of_other_kinds_are_told_apart() -> None:
    program = program_of("{ products { box } }")

    found = run_compiled(
        program,
        data(
            products=[
                {"id": "1", "sizes": [{"width": 1, "height": 1}]},
                {"id": "1", "sizes": [{"width": 1, "height": 1.0}]},
            ]
        ),
        entities({"box": "a"}, {"box": "b"}),
    )

    assert found == {"products": [{"box": "a"}, {"box": "b"}]}


def test_root_fields_are_fetched_for_the_objects_that_lead_back_to_the_root() -> None:
    program = program_of("{ stores { town query { left } } }")
    stores = [{"town": "x", "query": {"__typename": "Query"}}, {"town": "y", "query": None}]

    found = run_compiled(program, data(stores=stores), data(left=5))

    assert found == {"stores": [{"town": "x", "query": {"left": 5}}, {"town": "y", "query": None}]}


def test_root_fields_are_not_fetched_for_no_object() -> None:
    program = program_of("{ stores { town query { left } } }")

    found = run_compiled(program, data(stores=[{"town": "y", "query": None}]))

    assert found == {"stores": [{"town": "y", "query": None}]}
