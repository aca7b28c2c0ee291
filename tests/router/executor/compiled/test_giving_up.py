"""Where compiled runs give up that go further than spliced ones."""

from dataclasses import replace

from router.executor.ways import compiled
from tests.compiled_programs import OneByOne, program_of, speculate
from tests.router.executor.executing import (
    call,
    data,
    data_of,
    entity_fetch,
    leaf,
    program,
    root_fetch,
    supergraph,
    template,
)


def start(operation: str) -> OneByOne:
    return OneByOne(speculate(program_of(operation), way=compiled))


def test_an_entity_of_another_type_is_for_the_interpreter() -> None:
    running = start("{ media { ... on Book { left } ... on Film { copies { shelf } } } }")

    running.answer(0, data(media=[{"__typename": "Book", "id": "1"}]))
    running.answer(1, data(_entities=[{"copies": []}]))

    assert running.run.is_interpreted
    assert data_of(running.run.response()) == {"media": [{"left": None}]}


def test_a_key_that_may_not_be_null_and_is_null_is_for_the_interpreter() -> None:
    running = start("{ products { made { rating } } }")

    running.answer(0, data(products=[{"made": {"code": None, "area": None}}]))

    assert running.run.is_interpreted
    assert running.asked == [0]


def test_a_value_that_cannot_be_sent_is_for_the_interpreter() -> None:
    running = start("{ products { box } }")

    running.answer(0, data(products=[{"id": "1", "sizes": [{"width": 2**70, "height": 1}]}]))

    assert running.run.is_interpreted
    assert running.out == [1]


def test_a_value_that_no_earlier_fetch_brings_is_for_the_interpreter() -> None:
    graph = supergraph("type Query { item: Item } type Item { id: ID! name: String other: Item }")
    known = template("Item", leaf("id"))
    fetches = [
        root_fetch(0, "a"),
        entity_fetch(1, "b", call("item", templates=[known])),
        entity_fetch(2, "c", call("item.other", templates=[known])),  # it does not wait for the one before
    ]
    texts = ["{item{id}}", "{_entities{...on Item{other{id}}}}", "{_entities{...on Item{name}}}"]
    asking = [replace(fetch, operation=text) for fetch, text in zip(fetches, texts, strict=True)]
    running = OneByOne(speculate(program(graph, "{ item { id other { id name } } }", *asking)))

    running.answer(0, data(item={"id": "1"}))
    running.answer(1, data(_entities=[{"other": {"id": "2"}}]))

    assert running.asked == [0, 1]
    assert data_of(running.run.response()) == {"item": {"id": "1", "other": {"id": "2", "name": None}}}
