"""The checker must see what is wrong: each test breaks a right plan in one way."""

from dataclasses import replace
from typing import Any

import pytest

from supergraph import Operation, QueryPlan, Subgraph, Supergraph, compose, plan, prepare, read_supergraph
from supergraph.plan import InputField, Step
from supergraph.plan.check import check_plan, transitive_needs

LINK = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", '
    'import: ["@key", "@shareable", "@external", "@requires", "@interfaceObject"])\n'
)

SHOP = {
    "orders": """
        type Query { order: Order orders: [Order] things: [Thing] }
        type Mutation { buy: Order pay: Order }
        type Order @key(fields: "id") { id: ID! buyer: User number: Int parcel: Parcel }
        type Parcel @shareable { width: Int height: Int }
        type User @key(fields: "id") { id: ID! }
        type Gift { id: ID! }
        union Thing = Order | Gift
    """,
    "users": """
        type Mutation { wait: Int }
        type User @key(fields: "id") { id: ID! name: String weight: Int }
    """,
    "post": """
        type User @key(fields: "id") { id: ID! weight: Int @external cost: Int @requires(fields: "weight") }
        type Order @key(fields: "id") {
          id: ID!
          sent: Boolean
          parcel: Parcel @external
          postage: Int @requires(fields: "parcel { width height }")
        }
        type Parcel @shareable { width: Int height: Int }
    """,
}

NAMES = "{ order { number buyer { name } } }"
COST = "{ order { buyer { cost } } }"


@pytest.fixture(scope="module")
def shop() -> Supergraph:
    composition = compose([Subgraph(name, f"http://{name}", LINK + sdl) for name, sdl in SHOP.items()])
    assert composition.sdl is not None, composition.errors
    return read_supergraph(composition.sdl)


def planned(shop: Supergraph, text: str) -> tuple[Operation, QueryPlan]:
    operation = prepare(shop, text)
    return operation, plan(shop, operation)


def with_fetch(plan: QueryPlan, index: int, **changes: Any) -> QueryPlan:  # noqa: ANN401 - any attribute of a fetch
    """The plan with one fetch changed."""
    changed = replace(plan.fetches[index], **changes)
    return replace(plan, fetches=(*plan.fetches[:index], changed, *plan.fetches[index + 1 :]))


@pytest.mark.parametrize(
    "text",
    [
        NAMES,
        COST,
        "{ things { ... on Order { sent } ... on Gift { id } } }",
        "query($yes: Boolean!) { order { number @include(if: $yes) buyer @skip(if: $yes) { name cost } } }",
        "mutation { buy { sent } wait pay { number } }",
        "{ order { id: number buyer { name: id id: name } } __typename }",
    ],
)
def test_a_right_plan_has_no_problems(shop: Supergraph, text: str) -> None:
    assert check_plan(shop, *planned(shop, text)) == []


def test_a_field_that_nobody_fetches_is_found(shop: Supergraph) -> None:
    operation, right = planned(shop, NAMES)

    wrong = with_fetch(right, 0, operation="{order{buyer{id}}}")

    assert check_plan(shop, operation, wrong) == ["nobody fetches Order.number at order (as number)"]


def test_an_input_that_nobody_fetches_is_told_with_what_it_costs(shop: Supergraph) -> None:
    operation, right = planned(shop, NAMES)

    wrong = with_fetch(right, 0, operation="{order{number buyer{__typename}}}")

    assert check_plan(shop, operation, wrong) == [
        "nobody fetches User.name at order.buyer (as name); fetch 1 (users) wants User.id at order.buyer"
    ]


def test_a_store_key_with_another_meaning_is_found(shop: Supergraph) -> None:
    operation, right = planned(shop, NAMES)

    wrong = with_fetch(right, 0, operation="{order{number:id buyer{id}}}")

    assert check_plan(shop, operation, wrong) == ["Order.number at order is read from number, which holds id"]


def test_a_fetch_that_does_not_wait_for_its_inputs_is_found(shop: Supergraph) -> None:
    operation, right = planned(shop, COST)

    wrong = with_fetch(right, 2, needs=(0,))

    assert check_plan(shop, operation, wrong) == [
        "fetch 2 (post) sends User.weight at order.buyer, but needs none of [1], which write it"
    ]


def test_a_required_field_that_is_not_sent_is_found(shop: Supergraph) -> None:
    operation, right = planned(shop, COST)
    call = right.fetches[2].entities[0]
    template = call.templates[0]
    without = tuple(each for each in template.fields if each.name != "weight")

    wrong = with_fetch(right, 2, entities=(replace(call, templates=(replace(template, fields=without),)),))

    assert check_plan(shop, operation, wrong) == ["fetch 2 (post) asks User.cost without weight"]


def test_fields_in_a_conditional_fragment_of_an_entity_are_seen(shop: Supergraph) -> None:
    operation, right = planned(shop, "query($yes: Boolean!) { order { sent @include(if: $yes) } }")
    text = "query($representations:[_Any!]!,$yes:Boolean!){_entities(representations:$representations)"
    text += "{...@include(if:$yes){...on Order{sent}}}}"

    same = with_fetch(right, 1, operation=text)

    assert check_plan(shop, operation, same) == []


def test_a_required_field_that_is_not_sent_inside_an_object_is_found(shop: Supergraph) -> None:
    operation, right = planned(shop, "{ order { postage } }")
    call = right.fetches[1].entities[0]
    template = call.templates[0]
    parcel = next(each for each in template.fields if each.name == "parcel")
    narrow = replace(parcel, selection=(replace(parcel.selection[0], fields=parcel.selection[0].fields[:1]),))
    fields = tuple(narrow if each is parcel else each for each in template.fields)

    wrong = with_fetch(right, 1, entities=(replace(call, templates=(replace(template, fields=fields),)),))

    assert check_plan(shop, operation, wrong) == ["fetch 1 (post) asks Order.postage without parcel.height"]


def test_an_incomplete_key_is_found(shop: Supergraph) -> None:
    operation, right = planned(shop, NAMES)
    call = right.fetches[1].entities[0]
    template = replace(call.templates[0], fields=())

    wrong = with_fetch(right, 1, entities=(replace(call, templates=(template,)),))

    assert check_plan(shop, operation, wrong) == ["fetch 1 (users) sends no complete key of User"]


def test_an_input_from_a_store_key_with_another_meaning_is_found(shop: Supergraph) -> None:
    operation, right = planned(shop, "{ order { buyer { id } number sent } }")
    call = right.fetches[1].entities[0]
    template = replace(call.templates[0], fields=(InputField(name="id", store_key="number", nullable=False),))

    wrong = with_fetch(right, 1, entities=(replace(call, templates=(template,)),))

    assert check_plan(shop, operation, wrong) == ["fetch 1 (post) sends Order.id at order, but number holds number"]


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ((Step("nothing"),), "fetch 1 (users) has a path that leads nowhere: nothing"),
        ((Step("order"), Step(None)), "fetch 1 (users) has a path that leads nowhere: order.@"),
    ],
)
def test_a_path_that_does_not_exist_is_found(shop: Supergraph, path: tuple[Step, ...], problem: str) -> None:
    operation, right = planned(shop, NAMES)
    call = right.fetches[1].entities[0]

    wrong = with_fetch(right, 1, entities=(replace(call, paths=(path,)),))

    assert problem in check_plan(shop, operation, wrong)


def test_a_path_that_stops_at_a_list_is_found(shop: Supergraph) -> None:
    operation, right = planned(shop, "{ orders { sent } }")
    call = right.fetches[1].entities[0]

    wrong = with_fetch(right, 1, entities=(replace(call, paths=((Step("orders"),),)),))

    assert "fetch 1 (post) has a path that ends at a list: orders" in check_plan(shop, operation, wrong)


def test_types_that_cannot_be_told_apart_are_found(shop: Supergraph) -> None:
    operation, right = planned(shop, "{ things { ... on Order { number } ... on Gift { id } } }")

    wrong = with_fetch(right, 0, operation="{things{... on Order{number} ... on Gift{id}}}")

    assert check_plan(shop, operation, wrong) == [
        "nobody fetches the type name of Gift at things",
        "nobody fetches the type name of Order at things",
    ]


def test_a_mutation_that_does_not_wait_for_the_one_before_is_found(shop: Supergraph) -> None:
    operation, right = planned(shop, "mutation { buy { sent } wait }")
    last = len(right.fetches) - 1

    wrong = with_fetch(right, last, needs=(0,))

    assert check_plan(shop, operation, wrong) == ["mutation fetch 2 does not wait for fetch 1"]


def test_a_problem_is_told_with_the_condition_that_shows_it(shop: Supergraph) -> None:
    operation, right = planned(shop, "query($yes: Boolean!) { order { number id @include(if: $yes) } }")

    wrong = with_fetch(right, 0, operation="query($yes:Boolean!){order{id number@include(if:$yes)}}")

    assert check_plan(shop, operation, wrong) == ["nobody fetches Order.number at order (as number) when $yes is false"]


def test_needs_are_followed_through_other_fetches(shop: Supergraph) -> None:
    _, right = planned(shop, COST)

    assert transitive_needs(right)[2] == {0, 1}
