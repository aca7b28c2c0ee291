"""What operations cost: expected, and when the data is there."""

import pytest

from supergraph import Subgraph, compose, prepare, read_supergraph
from supergraph.operation.cost import CostModel

SDL = """
extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@cost", "@listSize"])
type Query {
  one: Item
  many: [Item!]!
  matrix: [[Item]]
  first(n: Int = 4): [Item] @listSize(slicingArguments: ["n"])
  five: [Item] @listSize(assumedSize: 5)
  both(n: Int): [Item] @listSize(assumedSize: 5, slicingArguments: ["n"])
  page(n: Int): ItemPage @listSize(slicingArguments: ["n"], sizedFields: ["items"])
  dear: Item @cost(weight: 7)
  search(text: String @cost(weight: 3), filter: Filter): Item
  thing: Thing
  named: Named
  node: Either
}
type Mutation { change: Item leaf: Int }
input Filter { name: String deep: Int @cost(weight: 4) list: [Inner!] }
input Inner { big: Big }
type ItemPage { items: [Item] total: Int }
type Item implements Named { id: ID name: String big: Big level: Level other: Item }
type Thing implements Named @cost(weight: 6) { id: ID name: String size: Big }
interface Named { name: String }
union Either = Item | Thing
scalar Big @cost(weight: 5)
enum Level @cost(weight: 2) { LOW HIGH }
"""
COMPOSED = compose([Subgraph("shop", "http://shop", SDL)])
assert COMPOSED.sdl is not None, COMPOSED.errors
GRAPH = read_supergraph(COMPOSED.sdl)
MODEL = CostModel(GRAPH.schema, GRAPH.features, list_size=10)


def estimated(text: str, **variables: object) -> float:
    return MODEL.estimate(prepare(GRAPH, text), variables).total


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{ one { id } }", 1),
        ("{ one { id name } again: one { id } }", 2),
        ("{ one { other { other { id } } } }", 3),
        ("{ one { __typename } }", 1),
        ("{ many { id } }", 10),
        ("{ many { other { id } } }", 20),
        ("{ matrix { id } }", 10),
        ("{ first(n: 3) { id } }", 3),
        ("{ first { id } }", 4),
        ("{ first(n: 0) { id } }", 0),
        ("{ five { id } }", 5),
        ("{ both(n: 8) { id } }", 8),
        ("{ both { id } }", 5),
        ("{ page(n: 3) { items { id } total } }", 4),
        ("{ page { items { id } } }", 11),
        ("{ dear { id } }", 7),
        ("{ one { big level } }", 8),
        ('{ search(text: "a") { id } }', 4),
        ("{ search { id } }", 1),
        ("{ search(filter: {deep: 1}) { id } }", 5),
        ('{ search(filter: {list: [{big: "1"}, {big: "2"}]}) { id } }', 11),
        ("{ thing { id } }", 6),
        ("{ named { name } }", 6),
        ("{ node { ... on Item { other { id } } ... on Thing { size } } }", 11),
        ("mutation { change { id } }", 11),
        ("mutation { leaf }", 10),
        ("query($n: Int) { first(n: $n) { id } }", 4),
        ("{ __schema { types { name } } one { id } }", 1),
    ],
)
def test_an_operation_is_expected_to_cost(text: str, expected: float) -> None:
    assert estimated(text) == expected


def test_a_variable_says_how_long_a_list_will_be() -> None:
    assert estimated("query($n: Int) { first(n: $n) { id } }", n=25) == 25


def test_what_is_skipped_costs_nothing() -> None:
    text = "query($v: Boolean!) { one @include(if: $v) { id } dear @skip(if: $v) { id } }"
    assert estimated(text, v=True) == 1
    assert estimated(text, v=False) == 7


def test_objects_are_counted_where_they_are_expected() -> None:
    found = MODEL.estimate(prepare(GRAPH, "{ many { other { id } } }"), {})
    assert found.objects == {(): 1.0, ("many",): 10.0, ("many", "other"): 10.0}


@pytest.mark.parametrize(
    ("text", "data", "expected"),
    [
        ("{ many { id } }", {"many": [{"id": "1"}, {"id": "2"}]}, 2),
        ("{ many { id } }", {"many": []}, 0),
        ("{ one { id } }", {"one": None}, 0),
        ("{ matrix { id } }", {"matrix": [[{"id": "1"}, None], None, [{"id": "2"}]]}, 2),
        ("{ one { big } }", {"one": {"big": "x"}}, 6),
        ('{ search(text: "a") { id } }', {"search": None}, 3),
        ("mutation { change { id } }", {"change": {"id": "1"}}, 11),
        ("{ node { ... on Item { id } ... on Thing { id size } } }", {"node": {"id": "1", "size": "x"}}, 11),
        ("{ one { id } }", None, 0),
    ],
)
def test_what_came_back_did_cost(text: str, data: object, expected: float) -> None:
    assert MODEL.actual(prepare(GRAPH, text), data, {}) == expected


def test_a_graph_without_the_directives_costs_its_objects() -> None:
    composed = compose([Subgraph("a", "http://a", "type Query { a: [A] n: Int } type A { x: Int }")])
    assert composed.sdl is not None
    graph = read_supergraph(composed.sdl)
    model = CostModel(graph.schema, graph.features, list_size=3)
    assert model.estimate(prepare(graph, "{ a { x } n }"), {}).total == 3
