from supergraph import prepare
from supergraph.planner.explain import Candidate, Explanation, Saving, explain
from tests.supergraph.graphs import supergraph_of

ENTITY = 'type T @key(fields: "id") { id: ID!'
GRAPH = {
    "a": f"type Query {{ t: T }} type Mutation {{ m: T }} {ENTITY} }}",
    "b": f'{ENTITY} x: Int @external y: Int @requires(fields: "x") }}',
    "c": f"{ENTITY} x: Int @shareable }}",
    "d": f"{ENTITY} x: Int @shareable }}",
}


def explained(operation: str, **sdls: str) -> Explanation:
    supergraph = supergraph_of(**sdls)
    return explain(supergraph, prepare(supergraph, operation))


def test_every_fetch_has_a_reason() -> None:
    explanation = explained("{ t { y } }", **GRAPH)
    assert [(reason.subgraph, reason.path, reason.stage) for reason in explanation.reasons] == [
        ("a", (), 0),
        ("c", ("t",), 1),
        ("b", ("t",), 2),
    ]


def test_a_reason_names_the_field_that_forced_the_hop() -> None:
    explanation = explained("{ t { id x } }", **GRAPH)
    assert explanation.reasons[1].forced_by == ("T.x",)


def test_a_reason_names_the_key_and_what_is_required() -> None:
    (_, _, last) = explained("{ t { y } }", **GRAPH).reasons
    assert (last.key, last.requires) == ("id", ("x",))


def test_the_root_has_no_key() -> None:
    assert explained("{ t { id } }", **GRAPH).reasons[0].key is None


def test_candidates_are_told_with_what_they_would_cost() -> None:
    (_, hop) = explained("{ t { x } }", **GRAPH).reasons
    assert hop.candidates == (
        Candidate(subgraphs=("c",), requests=1, stages=1, complete=True, chosen=True),
        Candidate(subgraphs=("d",), requests=1, stages=1, complete=True, chosen=False),
    )


def test_a_field_that_would_save_a_request_is_told() -> None:
    assert explained("{ t { x } }", **GRAPH).savings[0] == Saving(
        directive="@shareable", subgraph="a", coordinates=("T.x",), requests=1, stages=1
    )


def test_fields_that_need_one_hop_save_it_together() -> None:
    explanation = explained("{ t { x y } }", a=f"type Query {{ t: T }} {ENTITY} }}", b=f"{ENTITY} x: Int y: Int }}")
    assert ("T.x", "T.y") in [saving.coordinates for saving in explanation.savings]


def test_a_mutation_is_explained_from_its_entry_on() -> None:
    explanation = explained("mutation { m { x } }", **GRAPH)
    assert [(reason.subgraph, reason.path) for reason in explanation.reasons] == [("c", ("m",))]


def test_the_plan_is_the_one_that_would_be_run() -> None:
    explanation = explained("{ t { y } }", **GRAPH)
    assert explanation.plan.metrics.requests == len(explanation.reasons)
