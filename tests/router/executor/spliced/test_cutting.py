"""Plans that are spliced ask and answer as interpreted ones do, whatever operations look like."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from router.executor.program import ExecutionOptions, Program
from router.executor.schedule import run_sync
from router.executor.ways import spliced
from tests.compiled_programs import program_of, run_compiled, speculate
from tests.router.executor.executing import FakeSubgraphs, answer, data

pytest.importorskip("router.executor.spliced._splicer", reason="the extension is not built", exc_type=ImportError)

REVIEWS = {
    "accounts": """
        type Query { me: User  users: [User!] }
        type User @key(fields: "id") { id: ID!  name: String  born: Int  visits: Float }
    """,
    "reviews": """
        type User @key(fields: "id") { id: ID!  reviews: [Review!]  best: Review }
        type Review { stars: Int  body: String  product: Product  author: User }
        type Product @key(fields: "upc kind") { upc: Int!  kind: Kind  reviews: [Review!] }
        enum Kind { TOY BOOK }
    """,
    "products": """
        type Query { top: [Product]  offer: Product }
        type Product @key(fields: "upc kind") { upc: Int!  kind: Kind  name: String  weight: Float  price: Int }
        enum Kind { TOY BOOK }
    """,
    "shipping": """
        type Product @key(fields: "upc kind") { upc: Int!  kind: Kind  weight: Float @external  price: Int @external
            days: Int @requires(fields: "weight")  cost: Float @requires(fields: "weight price") }
        enum Kind { TOY BOOK }
    """,
    "taxes": """
        type Product @key(fields: "upc kind") { upc: Int!  kind: Kind  cost: Float @external  days: Int @external
            tax: Float @requires(fields: "cost days") }
        enum Kind { TOY BOOK }
    """,
    "ages": """
        type User @key(fields: "id") { id: ID!  born: Int @external  visits: Float @external
            age: Int @requires(fields: "born visits") }
    """,
}


def run(program: Program, *answers: object, variables: Mapping[str, object] | None = None) -> Any:  # noqa: ANN401 - JSON
    return run_compiled(program, *answers, way=spliced, variables=variables)


def entities(*found: object) -> object:
    return data(_entities=list(found))


def toy(upc: int, **more: object) -> dict[str, object]:
    return {"upc": upc, "kind": "TOY", **more}


def in_reviews(operation: str) -> Program:
    return program_of(operation, subgraphs=REVIEWS)


# --- entities in entities -----------------------------------------------------------------------------------------


def test_entities_have_holes_for_other_entities() -> None:
    program = in_reviews("{ users { name reviews { stars product { name price } body } } }")
    reviews = [{"stars": 1, "product": toy(7), "body": "a"}, {"stars": 2, "product": None, "body": "b"}]

    found = run(
        program,
        data(users=[{"id": "1", "name": "u"}, {"id": "2", "name": "v"}]),
        entities({"reviews": reviews}, {"reviews": [{"stars": 3, "product": toy(8), "body": None}]}),
        entities({"name": "x", "price": 1}, {"name": "y", "price": None}),
    )

    x, y = {"name": "x", "price": 1}, {"name": "y", "price": None}
    assert found == {
        "users": [
            {
                "name": "u",
                "reviews": [{"stars": 1, "product": x, "body": "a"}, {"stars": 2, "product": None, "body": "b"}],
            },
            {"name": "v", "reviews": [{"stars": 3, "product": y, "body": None}]},
        ]
    }


def test_an_entity_that_stands_for_many_objects_is_put_together_once_and_shown_in_each() -> None:
    program = in_reviews("{ users { reviews { product { name } } } }")

    found = run(
        program,
        data(users=[{"id": "1"}, {"id": "1"}]),
        entities({"reviews": [{"product": toy(7)}, {"product": toy(7)}]}),
        entities({"name": "x"}),
    )

    user = {"reviews": [{"product": {"name": "x"}}, {"product": {"name": "x"}}]}
    assert found == {"users": [user, user]}


def test_entities_of_entities_of_entities() -> None:
    program = in_reviews("{ me { name best { product { name reviews { author { name born } } } } } }")
    reviews = [{"author": {"id": "1"}}, {"author": {"id": "2"}}]

    found = run(
        program,
        data(me={"id": "1", "name": "u"}),
        entities({"best": {"product": toy(7, reviews=reviews)}}),
        entities({"name": "x"}),
        entities({"name": "u", "born": 1}, {"name": "v", "born": None}),
    )

    authors = [{"author": {"name": "u", "born": 1}}, {"author": {"name": "v", "born": None}}]
    assert found == {"me": {"name": "u", "best": {"product": {"name": "x", "reviews": authors}}}}


def test_several_paths_share_one_call_and_each_keeps_what_is_around_it() -> None:
    program = in_reviews("{ a: top { price name weight days } b: offer { days } }")
    assert len(program.plan.fetches[1].entities[0].paths) == 2

    found = run(
        program,
        data(
            a=[toy(1, price=1, name="x", weight=0.5), None, toy(2, price=2, name="y", weight=None)],
            b=toy(1, weight=0.5),
        ),
        entities({"days": 3}, {"days": 4}),
    )

    assert found == {
        "a": [
            {"price": 1, "name": "x", "weight": 0.5, "days": 3},
            None,
            {"price": 2, "name": "y", "weight": None, "days": 4},
        ],
        "b": {"days": 3},
    }


# --- what representations are made of -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("upcs", "kinds", "count"),
    [
        ((1, 1, 1), ("TOY", "TOY", "TOY"), 1),
        ((1, 1, 2), ("TOY", "BOOK", "TOY"), 3),
        ((1, 2, 1), ("TOY", None, "TOY"), 2),
    ],
)
def test_objects_are_equal_if_all_of_their_values_are(
    upcs: tuple[int, ...], kinds: tuple[str | None, ...], count: int
) -> None:
    program = in_reviews("{ top { reviews { stars } } }")
    subgraphs = FakeSubgraphs(
        {
            0: data(top=[{"upc": upc, "kind": kind} for upc, kind in zip(upcs, kinds, strict=True)]),
            1: entities(*({"reviews": []} for _ in range(count))),
        }
    )

    run_sync(speculate(program, way=spliced), subgraphs)

    (representations,) = subgraphs.variables(1).values()
    assert isinstance(representations, list)
    assert len(representations) == count


def test_required_fields_come_from_the_objects_own_answer_and_from_what_others_brought() -> None:
    program = in_reviews("{ top { name tax } }")

    found = run(
        program,
        data(top=[toy(1, weight=0.5, price=1, name="x"), toy(2, weight=None, price=2, name="y")]),
        data(_e0=[{"cost": 1.5}, {"cost": 0.25}], _e1=[{"days": 3}, {"days": None}]),
        entities({"tax": 0.5}, {"tax": None}),
    )

    assert found == {"top": [{"name": "x", "tax": 0.5}, {"name": "y", "tax": None}]}


def test_required_fields_that_others_brought_are_found_where_objects_share_an_entity() -> None:
    program = in_reviews("{ users { reviews { product { tax } } } }")

    found = run(
        program,
        data(users=[{"id": "1"}]),
        entities({"reviews": [{"product": toy(1)}, {"product": toy(2)}, {"product": toy(1)}]}),
        entities({"weight": 1.0, "price": 1}, {"weight": 2.0, "price": 2}),
        data(_e0=[{"cost": 1.5}, {"cost": 2.5}], _e1=[{"days": 1}, {"days": 2}]),
        entities({"tax": 0.1}, {"tax": 0.2}),
    )

    taxes = [{"product": {"tax": tax}} for tax in (0.1, 0.2, 0.1)]
    assert found == {"users": [{"reviews": taxes}]}


def test_required_fields_that_clients_see_as_well_stand_where_they_asked() -> None:
    program = in_reviews("{ top { days weight tax cost price } }")

    found = run(
        program,
        data(top=[toy(1, weight=0.5, price=1)]),
        entities({"days": 3, "cost": 1.5}),
        entities({"tax": 0.5}),
    )

    assert found == {"top": [{"days": 3, "weight": 0.5, "tax": 0.5, "cost": 1.5, "price": 1}]}


# --- response keys ------------------------------------------------------------------------------------------------


def test_aliases_are_shown_in_all_objects() -> None:
    program = program_of("{ all: products { title: name rest: left again: left } }")

    found = run(
        program,
        data(all=[{"id": "1", "title": "a"}, {"id": "2", "title": "b"}]),
        entities({"rest": 3, "again": 3}, {"rest": 4, "again": 4}),
    )

    assert found == {"all": [{"title": "a", "rest": 3, "again": 3}, {"title": "b", "rest": 4, "again": 4}]}


def test_one_key_for_different_fields_of_different_types() -> None:
    program = program_of("{ media { __typename ... on Book { n: pages } ... on Film { n: minutes } } }")
    film, book = {"__typename": "Film", "n": 90}, {"__typename": "Book", "n": None}

    assert run(program, data(media=[film, book, film])) == {"media": [film, book, film]}


def test_type_names_that_are_known_are_added() -> None:
    program = program_of("{ t: __typename products { t: __typename left u: __typename name __typename } }")

    found = run(program, data(products=[{"id": "1", "name": "a"}]), entities({"left": 3}))

    product = {"t": "Product", "left": 3, "u": "Product", "name": "a", "__typename": "Product"}
    assert found == {"t": "Query", "products": [product]}


def test_type_names_that_are_told_are_shown() -> None:
    program = program_of("{ media { __typename t: __typename title ... on Book { left } } }")
    media = [{"__typename": "Book", "title": "x", "id": "1"}, {"__typename": "Film", "title": "y"}]

    found = run(program, data(media=media), entities({"left": 2}))

    assert found == {
        "media": [
            {"__typename": "Book", "t": "Book", "title": "x", "left": 2},
            {"__typename": "Film", "t": "Film", "title": "y"},
        ]
    }


def test_objects_of_which_clients_see_nothing_of_their_own() -> None:
    program = program_of("{ products { left } }")

    found = run(program, data(products=[{"id": "1"}, {"id": "2"}]), entities({"left": 3}, {"left": 4}))

    assert found == {"products": [{"left": 3}, {"left": 4}]}


def test_entity_calls_of_which_clients_see_nothing() -> None:
    program = program_of("{ stores { town visitor { nick } } }")
    stores = [{"town": "x", "visitor": {"id": "1"}}, {"town": "y", "visitor": None}]

    found = run(program, data(stores=stores), entities({"badge": "7"}), entities({"nick": "z"}))

    assert found == {"stores": [{"town": "x", "visitor": {"nick": "z"}}, {"town": "y", "visitor": None}]}


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        ("{ products { id sizes { width } } }", {"id": "1", "sizes": None}),
        ("{ products { sizes { width } id } }", {"sizes": None, "id": "1"}),
        ("{ products { sizes { width } s: sizes { width } id } }", {"sizes": None, "s": None, "id": "1"}),
        ("{ products { sizes { width } left id } }", {"sizes": None, "left": 3, "id": "1"}),
        ("{ products { left id sizes { width } } }", {"left": 3, "id": "1", "sizes": None}),
    ],
)
def test_withheld_fields_are_null_where_they_stand(operation: str, expected: dict[str, object]) -> None:
    program = program_of(
        operation, without=operation.replace("s: sizes { width }", "").replace("sizes { width }", ""), withheld="sizes"
    )

    found = run(program, data(products=[{"id": "1"}]), entities({"left": 3}))

    assert found == {"products": [expected]}
    assert list(found["products"][0]) == list(expected)


def test_withheld_fields_are_all_that_is_shown() -> None:
    program = program_of("{ products { sizes { width } } }", without="{ products { __typename } }", withheld="sizes")

    assert run(program, data(products=[{"__typename": "Product"}])) == {"products": [{"sizes": None}]}


# --- conditions, roots, mutations ---------------------------------------------------------------------------------

CONDITIONS = """
    query ($a: Boolean!, $b: Boolean!) {
        products { name @include(if: $a) left @skip(if: $b) id @include(if: $b) }
        left @include(if: $a)
    }
"""


@pytest.mark.parametrize(
    ("with_a", "with_b", "product", "expected"),
    [
        (False, False, {"id": "1"}, {"products": [{"left": 3}]}),
        (True, False, {"id": "1", "name": "x"}, {"products": [{"name": "x", "left": 3}], "left": 5}),
        (False, True, {"id": "1"}, {"products": [{"id": "1"}]}),
        (True, True, {"name": "x", "id": "1"}, {"products": [{"name": "x", "id": "1"}], "left": 5}),
    ],
    ids=["neither", "a", "b", "both"],
)
def test_conditions_decide_what_is_cut_out(*, with_a: bool, with_b: bool, product: object, expected: object) -> None:
    program = program_of(CONDITIONS)

    found = run(
        program,
        data(products=[product]),
        data(left=5),
        entities({"left": 3}),
        variables={"a": with_a, "b": with_b},
    )

    assert found == expected


def test_nothing_is_answered_where_nothing_is_asked() -> None:
    program = program_of("query ($a: Boolean!) { products @include(if: $a) { name left } }")

    assert run(program, variables={"a": False}) == {}


def test_several_root_fetches_are_shown_in_the_clients_order() -> None:
    program = program_of("{ x: left products { id } y: left media { title } }")
    media = [{"__typename": "Film", "title": "z"}]

    found = run(program, data(products=[{"id": "1"}], media=media), data(x=1, y=2))

    assert found == {"x": 1, "products": [{"id": "1"}], "y": 2, "media": [{"title": "z"}]}


def test_mutations_are_made_in_their_order() -> None:
    subgraphs = {
        "one": 'type Query { t: T } type Mutation { a: T c: Int } type T @key(fields: "id") { id: ID! }',
        "two": 'type Mutation { b: Int } type T @key(fields: "id") { id: ID! left: Int }',
    }
    program = program_of("mutation { a { left } b c }", subgraphs=subgraphs)
    answers = {0: data(a={"id": "1"}), 1: entities({"left": 1}), 2: data(b=2), 3: data(c=3)}
    asked = FakeSubgraphs(answers)

    result = run_sync(speculate(program, way=spliced), asked)

    assert json.loads(result.data) == {"a": {"left": 1}, "b": 2, "c": 3}
    mutations = [body["query"] for _, body in asked.asked if str(body["query"]).startswith("mutation")]
    assert mutations == ["mutation{a{id}}", "mutation{b}", "mutation{c}"]


def test_variables_are_sent_beside_representations() -> None:
    subgraphs = {
        "one": 'type Query { t: [T] } type T @key(fields: "id") { id: ID! }',
        "two": 'type T @key(fields: "id") { id: ID! near(km: Float, of: [String]): Int }',
    }
    program = program_of("query ($km: Float, $of: [String]) { t { near(km: $km, of: $of) } }", subgraphs=subgraphs)
    answers = data(t=[{"id": "1"}]), entities({"near": 2})

    assert run(program, *answers, variables={"km": 1.5, "of": ['"', None]}) == {"t": [{"near": 2}]}
    assert run(program, *answers, variables={}) == {"t": [{"near": 2}]}


# --- the bytes of responses ---------------------------------------------------------------------------------------


def test_an_answer_that_is_the_whole_response_is_passed_on_as_it_is() -> None:
    program = program_of("{ products { id name } }")
    body = b'{ "data" : {"products": [ {"id":"1","name":"\\u00e9"} ] } , "extensions": {} }'

    result = run_sync(speculate(program, way=spliced), FakeSubgraphs({0: answer(body)}))

    assert result.data == b'{"products": [ {"id":"1","name":"\\u00e9"} ] }'


def test_white_space_in_answers_does_no_harm() -> None:
    program = in_reviews("{ users { name reviews { stars product { name price } body } age } }")
    users = b' { "data" : { "users" : [ { "id" : "1" , "born" : 1 , "visits" : 0.5 , "name" : "u" } ] } } '
    product = b'{ "upc" : 7 , "kind" : "TOY" }'
    texts = (
        users,
        b'{"data":{"_entities":[ { "age" : 9 } ] } }',
        b'{ "data": { "_entities": [ { "reviews": [ { "stars" : 1 , "product" : %b , "body" : "b" } ] } ] } }\n'
        % product,
        b'{"data":\t{"_entities":\r\n[ { "name" : "x" , "price" : 1 } ] } }',
    )

    found = run(program, *map(answer, texts))

    review = {"stars": 1, "product": {"name": "x", "price": 1}, "body": "b"}
    assert found == {"users": [{"name": "u", "reviews": [review], "age": 9}]}


def test_a_request_that_is_always_the_same_is_made_once() -> None:
    start = spliced(program_of("{ products { id } }"), 0)

    first = start({}).ready()
    second = start({}).ready()

    assert first[0] is second[0]


def test_one_plan_is_run_many_times() -> None:
    program = program_of("{ products { name left } }")
    start = spliced(program, 0)
    bodies = []
    for number in range(3):
        run = start({})
        run.receive(run.ready()[0], answer(data(products=[{"id": "1", "name": f"n{number}"}])).body)
        run.receive(run.ready()[0], answer(entities({"left": number})).body)
        bodies.append(run.response().data)

    assert bodies == [b'{"products": [{"name": "n%d","left": %d}]}' % (number, number) for number in range(3)]


# --- limits and nulls ---------------------------------------------------------------------------------------------


def test_as_many_representations_as_allowed_are_sent_at_once() -> None:
    program = program_of("{ products { left } }", options=ExecutionOptions(max_representations=2))
    products = data(products=[{"id": "1"}, {"id": "2"}, {"id": "1"}])

    found = run(program, products, entities({"left": 1}, {"left": 2}))

    assert found == {"products": [{"left": 1}, {"left": 2}, {"left": 1}]}


def test_a_null_entity_is_for_the_interpreter() -> None:
    program = program_of("{ media { ... on Book { left } } }")
    run = speculate(program, way=spliced)

    result = run_sync(run, FakeSubgraphs({0: data(media=[{"__typename": "Book", "id": "1"}]), 1: entities(None)}))

    assert run.is_interpreted
    assert json.loads(result.data) == {"media": [{"left": None}]}


def test_a_required_null_is_sent_and_a_null_key_is_not() -> None:
    program = in_reviews("{ users { age } }")

    def users(user_id: str | None) -> object:
        return data(users=[{"id": user_id, "born": None, "visits": 0.5}])

    assert run(program, users("1"), entities({"age": None})) == {"users": [{"age": None}]}
    fast = speculate(program, way=spliced)
    run_sync(fast, FakeSubgraphs({0: users(None)}))
    assert fast.is_interpreted
