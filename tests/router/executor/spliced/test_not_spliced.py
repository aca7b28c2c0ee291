"""What is left to the other ways from the beginning."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from router.executor.compiled.places import NotCompilableError
from router.executor.program import Program
from supergraph.plan import EntityCall, Fetch, InputObject
from tests.compiled_programs import program_of
from tests.router.executor.executing import leaf, path, program, supergraph, template

cutting = pytest.importorskip(
    "router.executor.spliced.cutting", reason="the extension module is not built", exc_type=ImportError
)

GRAPH = supergraph(
    """
    type Query { item: Item  items: [Item!]  media: Media }
    type Item { id: ID!  name: String  other: Item  size: Float  tags: [String]  inner: Inner }
    type Inner { a: Int  b: Int }
    interface Media { id: ID! }
    type Book implements Media { id: ID!  pages: Int }
    type Film implements Media { id: ID!  minutes: Int }
    """
)


def refuse(compiled: Program, reason: str) -> None:
    with pytest.raises(NotCompilableError, match=reason):
        cutting.splice_plan(compiled, 0)


def splices(compiled: Program) -> bool:
    return cutting.splice_plan(compiled, 0) is not None


def root(text: str) -> Fetch:
    return Fetch(id=0, subgraph="a", kind="query", operation=text)


def entities(text: str, *chosen: InputObject, at: Sequence[str] = ("item",), needs: tuple[int, ...] = (0,)) -> Fetch:
    call = EntityCall(alias="_entities", variable="r", paths=tuple(map(path, at)), templates=chosen)
    operation = f"query($r:[_Any!]!){{_entities(representations:$r){{{text}}}}}"
    return Fetch(id=1, subgraph="b", kind="query", operation=operation, entities=(call,), needs=needs)


def test_what_no_way_runs_fast_is_not_spliced() -> None:
    refuse(program_of("{ __schema { queryType { name } } products { id } }"), "introspection")


@pytest.mark.parametrize("fetched", ["{item{id name inner{a b}}}", "{item{id inner{b a} name}}"])
def test_an_answer_in_another_order_than_the_responses(fetched: str) -> None:
    operation = "{item{id inner{a b} name}}"

    assert splices(program(GRAPH, operation, root(operation)))
    refuse(program(GRAPH, operation, root(fetched)), "in another order than they are shown in")


def test_a_type_name_that_is_shown_later_than_it_is_told() -> None:
    assert splices(program_of("{ media { __typename title } }"))
    refuse(program_of("{ media { title __typename } }"), "in another order than they are shown in")


def test_a_type_that_is_told_after_other_keys() -> None:
    operation = "{ media { id ... on Book { pages } ... on Film { minutes } } }"
    types = "...on Book{pages} ...on Film{minutes}"

    assert splices(program(GRAPH, operation, root(f"{{media{{__typename id {types}}}}}")))
    refuse(program(GRAPH, operation, root(f"{{media{{id __typename {types}}}}}")), "is not told first")


def test_representations_that_are_made_of_objects() -> None:
    refuse(program_of("{ products { made { rating } } }"), "made of objects or lists, at area")


def test_representations_that_are_made_of_lists() -> None:
    refuse(program_of("{ products { box } }"), "made of objects or lists, at sizes")
    fetches = root("{item{id tags}}"), entities("...on Item{name}", template("Item", leaf("tags")))
    refuse(program(GRAPH, "{ item { id name } }", *fetches), "made of objects or lists, at tags")


def test_representations_that_are_made_of_types_alone() -> None:
    fetches = root("{item{id}}"), entities("...on Item{name}", template("Item"))

    refuse(program(GRAPH, "{ item { id name } }", *fetches), "made of types alone")


def test_objects_of_several_types_that_are_represented_together() -> None:
    refuse(program_of("{ media { ... on Book { left } ... on Film { left } } }"), "in the order of their list")


def test_paths_that_want_other_keys_of_one_answer() -> None:
    chosen = template("Book", leaf("id")), template("Film", leaf("id"))
    text = "...on Book{pages} ...on Film{minutes}"
    fetches = root("{media{__typename id}}"), entities(text, *chosen, at=("media|[Book]", "media|[Film]"))
    operation = "{ media { id ... on Book { pages } ... on Film { minutes } } }"

    refuse(program(GRAPH, operation, *fetches), "one answer is for objects that want different things of it")


def test_paths_that_show_more_or_less_of_an_object_in_one_answer() -> None:
    fetches = (
        root("{a:item{id} b:item{id}}"),
        entities("...on Item{inner{a b}}", template("Item", leaf("id")), at=("a", "b")),
    )

    assert splices(program(GRAPH, "{ a: item { inner { a b } } b: item { inner { a b } } }", *fetches))
    refuse(
        program(GRAPH, "{ a: item { inner { a b } } b: item { inner { a } } }", *fetches), "want different things of it"
    )


def test_paths_of_which_one_shows_what_the_other_only_needs() -> None:
    fetches = (
        root("{a:item{id} b:item{id}}"),
        entities("...on Item{name tags}", template("Item", leaf("id")), at=("a", "b")),
    )

    assert splices(program(GRAPH, "{ a: item { name tags } b: item { name tags } }", *fetches))
    refuse(program(GRAPH, "{ a: item { name tags } b: item { name } }", *fetches), "in one place, and not in another")


def test_root_fields_of_objects_that_lead_back_to_the_root() -> None:
    refuse(program_of("{ stores { town query { left } } }"), "for objects that others bring")


def test_types_that_come_later() -> None:
    chosen = template("Media", leaf("id"), types=("Media",))
    fetches = root("{media{id}}"), entities("...on Media{__typename}", chosen, at=("media",))

    refuse(program(GRAPH, "{ media { id } }", *fetches), "types that come later")


def test_a_fetch_that_does_not_wait_for_what_it_is_made_of() -> None:
    chosen = template("Item", leaf("id"))

    assert splices(program(GRAPH, "{ item { id name } }", root("{item{id}}"), entities("...on Item{name}", chosen)))
    fetches = root("{item{id}}"), entities("...on Item{name}", chosen, needs=())
    refuse(program(GRAPH, "{ item { id name } }", *fetches), "does not wait for what it is made of")


def test_a_fetch_that_is_made_of_what_a_later_one_brings() -> None:
    by_name = replace(entities("...on Item{tags}", template("Item", leaf("name"))), id=1)
    name = replace(entities("...on Item{name}", template("Item", leaf("id"))), id=2)

    refuse(program(GRAPH, "{ item { id name tags } }", root("{item{id}}"), by_name, name), "does not wait")


def test_types_of_which_nobody_fetches_everything() -> None:
    graph = supergraph(
        """
        type Query { media: Media }
        interface Media { id: ID! }
        type Book implements Media { id: ID!  pages: Int }
        type Film implements Media { id: ID!  minutes: Int  box: Box }
        type Box { a: Int  b: Int }
        """
    )
    fetches = (
        root("{media{__typename id ...on Book{pages} ...on Film{box{a}}}}"),
        entities("...on Film{minutes}", template("Film", leaf("id")), at=("media|[Film]",)),
    )
    operation = "{ media { id ... on Book { pages } ... on Film { minutes box { a b } } } }"

    refuse(program(graph, operation, *fetches), "nobody brings all of Film")


def test_a_field_that_nobody_fetches() -> None:
    refuse(program_of("{ products { name id } }", without="{ products { id } }"), "nobody fetches name")


def test_an_answer_of_very_many_places() -> None:
    def of_fields(count: int) -> Program:
        return program_of(f"{{ products {{ {' '.join(f'a{number}: id' for number in range(count))} }} }}")

    assert splices(of_fields(900))
    refuse(of_fields(1000), "more than 1000 different places")


def test_an_answer_that_is_nested_too_deeply() -> None:
    def of_levels(count: int) -> Program:
        subgraphs = {"one": "type Query { t: T } type T { t: [[T]] id: ID }"}
        return program_of("{" + "t {" * count + "id" + "}" * count + "}", subgraphs=subgraphs)

    assert splices(of_levels(60))
    refuse(of_levels(70), "nested too deeply")
