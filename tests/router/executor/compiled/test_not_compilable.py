"""What is left to the interpreter from the beginning."""

from dataclasses import replace

import pytest

from router.executor.compiled.compiled_plan import compile_plan
from router.executor.compiled.places import NotCompilableError
from router.executor.program import ExecutionOptions, Program
from supergraph.plan import EntityCall, Fetch, InputField, InputObject, KeyRename
from tests.compiled_programs import program_of
from tests.router.executor.executing import leaf, path, program, supergraph, template

GRAPH = supergraph(
    """
    type Query { item: Item  items: [Item!]  media: Media }
    type Item { id: ID!  name: String  other: Item }
    interface Media { id: ID! }
    type Book implements Media { id: ID!  pages: Int }
    type Film implements Media { id: ID!  minutes: Int }
    """
)


def refuse(compiled: Program, reason: str) -> None:
    with pytest.raises(NotCompilableError, match=reason):
        compile_plan(compiled, 0)


def root(text: str, fetch_id: int = 0) -> Fetch:
    return Fetch(id=fetch_id, subgraph="a", kind="query", operation=text)


def entities(text: str, at: str, chosen: InputObject) -> Fetch:
    call = EntityCall(alias="_entities", variable="r", paths=(path(at),), templates=(chosen,))
    operation = f"query($r:[_Any!]!){{_entities(representations:$r){{{text}}}}}"
    return Fetch(id=1, subgraph="b", kind="query", operation=operation, entities=(call,), needs=(0,))


def test_introspection_is_interpreted() -> None:
    refuse(program_of("{ __schema { queryType { name } } products { id } }"), "introspection")


def test_a_withheld_field_that_may_not_be_null_is_interpreted() -> None:
    program = program_of("{ products { name id } }", without="{ products { id } }", withheld="name")

    refuse(program, "may not be null")


def test_a_field_that_nobody_fetches_is_interpreted() -> None:
    refuse(program_of("{ products { name id } }", without="{ products { id } }"), "nobody fetches name")


def test_types_that_nobody_serves_are_interpreted() -> None:
    compiled = program(
        GRAPH, "{ media { id ... on Book { pages } ... on Film { minutes } } }", root("{media{__typename id}}")
    )

    refuse(compiled, "nobody fetches what is inside media")


def test_a_huge_operation_is_interpreted() -> None:
    fields = " ".join(f"a{number}: id" for number in range(3001))

    refuse(program_of(f"{{ products {{ {fields} }} }}"), "more than 3000")


def test_an_operation_of_many_nested_lists_is_interpreted() -> None:
    subgraphs = {
        "one": 'type Query { t: [T] } type T @key(fields: "id") { id: ID! t: [T] }',
        "two": 'type T @key(fields: "id") { id: ID! left: Int }',
    }
    text = "left"
    for _ in range(22):
        text = f"t {{ {text} }}"

    refuse(program_of(f"{{ {text} }}", subgraphs=subgraphs), "nested too deeply")


@pytest.mark.parametrize(
    ("operation", "fetched", "reason"),
    [
        ("{ item { id } }", "query($v:Boolean!){item{id @include(if:$v)}}", "nothing is known of the condition"),
        ("{ media { id } }", "{media{__typename kind:__typename id}}", "under an alias"),
        ("{ media { id } }", "{media{id ...on Book{__typename}}}", "some types of Media"),
        ("{ media { id } }", "{media{...on Book{id} ...on Film{id}}}", "nothing tells the type"),
        ("{ item { id } }", "{item{id name{x}}}", "is none"),
        ("{ item { id } }", "{item{id nothing}}", "Item.nothing is not known"),
        ("{ item { id __typename: name } }", "{item{id __typename}}", "two things|asked for twice"),
    ],
)
def test_a_fetch_that_says_too_little_is_interpreted(operation: str, fetched: str, reason: str) -> None:
    refuse(program(GRAPH, operation, root(fetched)), reason)


def test_a_value_in_two_pieces_is_interpreted() -> None:
    fetches = root("{item{id other{id}}}"), entities("...on Item{other{name}}", "item", template("Item", leaf("id")))

    refuse(program(GRAPH, "{ item { id other { id name } } }", *fetches), "other is asked for twice")


def test_a_path_that_stops_before_the_elements_of_a_list_is_interpreted() -> None:
    fetches = root("{items{id}}"), entities("...on Item{name}", "items", template("Item", leaf("id")))

    refuse(program(GRAPH, "{ items { id name } }", *fetches), "does not enter the lists")


@pytest.mark.parametrize(
    "sent",
    [leaf("key"), leaf("other"), InputField(name="id", store_key="id", nullable=False, selection=(template("Item"),))],
    ids=["not fetched", "an object", "a leaf"],
)
def test_a_representation_of_something_else_is_interpreted(sent: InputField) -> None:
    fetches = root("{item{id other{id}}}"), entities("...on Item{name}", "item", template("Item", sent))

    refuse(program(GRAPH, "{ item { id name other { id } } }", *fetches), "is not fetched as it is sent")


def test_answers_with_keys_to_rename_are_interpreted() -> None:
    fetch = replace(root("{item{n:name}}"), renames=(KeyRename(path=path("item"), key="n", renamed="name"),))

    refuse(program(GRAPH, "{ item { name } }", fetch), "renamed")


def test_a_plan_of_too_many_requests_is_interpreted() -> None:
    compiled = program_of("{ products { left } }", options=ExecutionOptions(max_requests=1))

    refuse(compiled, "more requests than it is allowed")


def test_types_that_are_told_later_are_interpreted() -> None:
    fetches = root("{media{id}}"), entities("...on Media{__typename id2:id}", "media", template("Book", leaf("id")))

    refuse(program(GRAPH, "{ media { id } }", *fetches), "when the types of Media are known")
