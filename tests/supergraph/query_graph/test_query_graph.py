from supergraph.query_graph import Node, QueryGraph
from supergraph.query_graph.field_sets import can_be_sent_together
from tests.supergraph.graphs import supergraph_of


def graph_of(**sdls: str) -> QueryGraph:
    return supergraph_of(**sdls).query_graphs.under(frozenset())


def node(graph: QueryGraph, subgraph: str, type_name: str) -> Node:
    index = [view.name for view in graph.subgraphs].index(subgraph)
    return graph.node(index, type_name)


def test_equal_nodes_are_one() -> None:
    graph = graph_of(a="type Query { n: Int }")
    assert graph.node(0, "Query") is graph.node(0, "Query")


def test_an_external_field_has_no_edge() -> None:
    graph = graph_of(
        a='type Query { p: P } type P @key(fields: "id") { id: ID! w: Int @external c: Int @requires(fields: "w") }',
        b='type P @key(fields: "id") { id: ID! w: Int }',
    )
    assert graph.edge(node(graph, "a", "P"), "w") is None
    assert graph.edge(node(graph, "b", "P"), "w") is not None


def test_a_provided_field_has_an_edge_below_the_providing_field() -> None:
    graph = graph_of(
        a='type Query { p: P @provides(fields: "w") } type P @key(fields: "id") { id: ID! w: Int @external }',
        b='type P @key(fields: "id") { id: ID! w: Int @shareable }',
    )
    providing = graph.edge(node(graph, "a", "Query"), "p")
    assert providing is not None
    assert providing.tail is not None
    assert graph.edge(providing.tail, "w") is not None


def test_a_provided_field_does_not_need_what_it_requires() -> None:
    graph = graph_of(
        a="""type Query { p: P @provides(fields: "w") }
             type P @key(fields: "id") { id: ID! w: Int @external c: Int @requires(fields: "w") }""",
        b='type P @key(fields: "id") { id: ID! w: Int @shareable }',
    )
    providing = graph.edge(node(graph, "a", "Query"), "p")
    assert providing is not None
    assert providing.tail is not None
    assert graph.edge(providing.tail, "c") is not None


def test_a_requiring_field_has_an_edge_only_where_its_set_was_granted() -> None:
    graph = graph_of(
        a='type Query { p: P } type P @key(fields: "id") { id: ID! w: Int }',
        b='type P @key(fields: "id") { id: ID! w: Int @external c: Int @requires(fields: "w") }',
    )
    plain = node(graph, "b", "P")
    wanted = graph.wanted_requires(plain.graph, "P", "c")
    assert wanted is not None
    assert graph.edge(plain, "c") is None
    assert graph.edge(graph.node(plain.graph, "P", granted=frozenset({wanted.id})), "c") is not None


def test_an_interface_field_has_an_edge_only_if_every_implementation_resolves_it() -> None:
    graph = graph_of(
        a="""type Query { i: I } interface I { id: ID! name: String }
             type X implements I @key(fields: "id") { id: ID! name: String }
             type Y implements I @key(fields: "id") { id: ID! name: String @external }""",
        b='type Y @key(fields: "id") { id: ID! name: String }',
    )
    assert graph.edge(node(graph, "a", "I"), "id") is not None
    assert graph.edge(node(graph, "a", "I"), "name") is None


def test_an_interface_object_does_not_know_its_types() -> None:
    graph = graph_of(
        a="""type Query { i: I } interface I @key(fields: "id") { id: ID! }
             type X implements I @key(fields: "id") { id: ID! }""",
        b='type I @key(fields: "id") @interfaceObject { id: ID! nick: String }',
    )
    stand_in = node(graph, "b", "I")
    assert graph.runtime_types(stand_in) is None
    assert graph.cast(stand_in, "X") is None
    assert [(target.graph, target.type) for target in graph.targets("X")] == [(0, "X"), (1, "I")]


def test_a_key_that_is_not_resolvable_is_no_target() -> None:
    graph = graph_of(
        a='type Query { x: X } type X @key(fields: "id", resolvable: false) { id: ID! }',
        b='type X @key(fields: "id") { id: ID! n: Int }',
    )
    assert [target.graph for target in graph.targets("X")] == [1]


def test_a_labelled_override_moves_the_field_only_while_the_label_is_on() -> None:
    sdls = {
        "a": 'type Query { t: T } type T @key(fields: "id") { id: ID! f: Int }',
        "b": 'type T @key(fields: "id") { id: ID! f: Int @override(from: "a", label: "percent(5)") }',
    }
    graphs = supergraph_of(**sdls).query_graphs
    off, on = graphs.under(frozenset()), graphs.under(frozenset({"percent(5)"}))
    assert off.edge(node(off, "a", "T"), "f") is not None
    assert off.edge(node(off, "b", "T"), "f") is None
    assert on.edge(node(on, "a", "T"), "f") is None
    assert on.edge(node(on, "b", "T"), "f") is not None


def test_labels_that_no_field_has_do_not_make_another_graph() -> None:
    graphs = supergraph_of(a="type Query { n: Int }").query_graphs
    assert graphs.under(frozenset({"other"})) is graphs.under(frozenset())


def test_equal_field_sets_are_one_however_they_are_written() -> None:
    graph = graph_of(a='type Query { p: P } type P @key(fields: "id") { id: ID! b: B } type B { x: Int y: Int }')
    assert graph.field_sets.get("P", "id b { x y }") is graph.field_sets.get("P", "b { y x } id")


def test_sets_that_want_one_field_with_different_arguments_cannot_be_sent_together() -> None:
    graph = graph_of(a='type Query { p: P } type P @key(fields: "id") { id: ID! price(cur: String): Int w: Int }')
    dollars = graph.field_sets.get("P", 'price(cur: "USD")').selection
    euros = graph.field_sets.get("P", 'price(cur: "EUR")').selection
    weight = graph.field_sets.get("P", "w").selection
    assert not can_be_sent_together(dollars, euros)
    assert can_be_sent_together(dollars, weight)
