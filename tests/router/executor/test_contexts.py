"""Values that an entity fetch takes from objects further up (``@fromContext``)."""

import json

from router.executor import (
    ExecutionOptions,
    ExecutionResult,
    FetchAnswer,
    FetchRequest,
    PlanRun,
    compile_program,
    run_sync,
)
from supergraph import QueryPlan, Subgraph, Supergraph, compose, plan, prepare, read_supergraph
from tests.router.executor.executing import codes_of

LINK = """extend schema @link(url: "https://specs.apollo.dev/federation/v2.8",
  import: ["@key", "@context", "@fromContext", "@external", "@shareable"])
"""
SHOP = """
type Query { shops: [Shop] shop: Shop }
type Shop @key(fields: "id") @context(name: "shop") { id: ID! currency: TYPE items: [Item] best: Item }
type Item @key(fields: "id") { id: ID! price(in: TYPE @fromContext(field: "$shop { currency }")): String }
"""
SHOPS = [
    {"id": "1", "currency": "EUR", "items": [{"id": "a"}, {"id": "b"}]},
    {"id": "2", "currency": "USD", "items": [{"id": "a"}]},
    {"id": "3", "currency": None, "items": [{"id": "c"}]},
]


def supergraph_of(argument_type: str) -> Supergraph:
    composition = compose([Subgraph("shops", "http://shops", LINK + SHOP.replace("TYPE", argument_type))])
    assert composition.sdl is not None, composition.errors
    return read_supergraph(composition.sdl)


def plan_of(operation: str) -> QueryPlan:
    supergraph = supergraph_of("String")
    return plan(supergraph, prepare(supergraph, operation))


def run(operation: str, argument_type: str) -> tuple[object, list[dict[str, object]]]:
    """The data, and the variables of every entity request."""
    supergraph = supergraph_of(argument_type)
    prepared = prepare(supergraph, operation)
    program = compile_program(supergraph, prepared, plan(supergraph, prepared))
    sent: list[dict[str, object]] = []

    def send(request: FetchRequest) -> FetchAnswer:
        variables = json.loads(request.body)["variables"]
        if not request.fetch.entities:
            data: dict[str, object] = {"shops": SHOPS, "shop": {"id": "1", "currency": "EUR", "best": {"id": "a"}}}
        else:
            sent.append(variables)
            currency = next(value for name, value in variables.items() if name.startswith("contextual"))
            data = {"_entities": [{"price": f"{item['id']} in {currency}"} for item in variables["representations"]]}
        return FetchAnswer(200, "application/json", json.dumps({"data": data}).encode())

    return json.loads(run_sync(PlanRun(program, {}), send).data), sent


def test_an_argument_is_filled_from_the_nearest_object_that_sets_the_context() -> None:
    data, sent = run("{ shop { best { price } } }", "String")
    assert data == {"shop": {"best": {"price": "a in EUR"}}}
    assert sent == [{"representations": [{"__typename": "Item", "id": "a"}], "contextualArgument_1_0": "EUR"}]


def test_entities_below_different_values_are_asked_in_requests_of_their_own() -> None:
    data, sent = run("{ shops { items { price } } }", "String")
    assert data == {
        "shops": [
            {"items": [{"price": "a in EUR"}, {"price": "b in EUR"}]},
            {"items": [{"price": "a in USD"}]},
            {"items": [{"price": "c in None"}]},
        ]
    }
    assert [variables["contextualArgument_1_0"] for variables in sent] == ["EUR", "USD", None]


def test_an_entity_is_not_asked_when_its_value_is_missing_and_may_not_be() -> None:
    data, sent = run("{ shops { items { price } } }", "String!")
    assert [variables["contextualArgument_1_0"] for variables in sent] == ["EUR", "USD"]
    assert isinstance(data, dict)
    assert data["shops"][2] == {"items": [{"price": None}]}


def test_the_value_is_found_under_the_clients_own_alias() -> None:
    plan = plan_of("{ shop { currency: id money: currency best { price } } }")
    (context,) = plan.fetches[1].entities[0].contexts
    assert (context.depth, [value.keys for value in context.values]) == (1, [("money",)])


def test_an_entity_is_not_asked_when_its_value_was_not_fetched() -> None:
    supergraph = supergraph_of("String")
    prepared = prepare(supergraph, "{ shop { best { price } } }")
    run = PlanRun(compile_program(supergraph, prepared, plan(supergraph, prepared)), {})
    (first,) = run.ready()
    answer = {"data": {"shop": {"id": "1", "best": {"id": "a"}}}}
    run.receive(first, FetchAnswer(200, "application/json", json.dumps(answer).encode()))
    assert run.ready() == []


SHARED_A = """
type Query { shops: [Shop] }
type Shop @key(fields: "id") { id: ID! currency: String room: Room }
type Room @key(fields: "id") { id: ID! }
"""
SHARED_B = """
type Room @key(fields: "id") { id: ID! item: Item }
type Item @key(fields: "id") { id: ID! }
"""
SHARED_C = """
type Shop @key(fields: "id") @context(name: "shop") { id: ID! currency: String @external }
type Item @key(fields: "id") { id: ID! price(in: String @fromContext(field: "$shop { currency }")): String }
"""


def run_shared(*, options: ExecutionOptions | None = None) -> ExecutionResult:
    """Two shops have one room, which another subgraph puts an item into."""
    sdls = {"a": SHARED_A, "b": SHARED_B, "c": SHARED_C}
    composition = compose([Subgraph(name, f"http://{name}", LINK + sdl) for name, sdl in sdls.items()])
    assert composition.sdl is not None, composition.errors
    supergraph = read_supergraph(composition.sdl)
    operation = prepare(supergraph, "{ shops { room { item { price } } } }")

    def send(request: FetchRequest) -> FetchAnswer:
        variables = json.loads(request.body)["variables"]
        if not request.fetch.entities:
            shops = [{"id": str(n), "currency": money, "room": {"id": "r"}} for n, money in ((1, "EUR"), (2, "USD"))]
            data: dict[str, object] = {"shops": shops}
        else:
            money = [value for name, value in variables.items() if name.startswith("contextual")]
            found = {"price": money[0]} if money else {"item": {"id": "i", "note": "x" * 1000}}
            data = {"_entities": [found for _ in variables["representations"]]}
        return FetchAnswer(200, "application/json", json.dumps({"data": data}).encode())

    program = compile_program(supergraph, operation, plan(supergraph, operation), options=options or ExecutionOptions())
    return run_sync(PlanRun(program, {}), send)


def test_objects_that_two_parents_share_keep_the_values_of_each() -> None:
    assert json.loads(run_shared().data) == {
        "shops": [{"room": {"item": {"price": "EUR"}}}, {"room": {"item": {"price": "USD"}}}]
    }


def test_objects_that_are_too_large_are_not_copied_for_each_parent() -> None:
    result = run_shared(options=ExecutionOptions(max_response_bytes=900))
    assert codes_of(result) == ["RESPONSE_TOO_LARGE"]
    assert json.loads(result.data) == {"shops": [{"room": {"item": {"price": "EUR"}}}, {"room": {"item": None}}]}
