"""The graph that is measured: what it answers, and that its pieces make the whole."""

import orjson
import pytest

from benchmarks.harness.festival import SUBGRAPHS, answer, right_answer, supergraph_sdl
from benchmarks.harness.scenarios import SCENARIOS
from supergraph import plan, prepare, read_supergraph

FEES = "query ($r: [_Any!]!) { _entities(representations: $r) { ... on Gig { fee } } }"


def size_of(name: str) -> int:
    return len(orjson.dumps(right_answer(SCENARIOS[name].document, SCENARIOS[name].variables)))


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_right_answer_to_a_scenario_has_no_errors(name: str) -> None:
    scenario = SCENARIOS[name]
    assert "errors" not in right_answer(scenario.document, scenario.variables)


def test_the_wide_answer_is_large() -> None:
    assert 75_000 < size_of("wide") < 85_000


def test_the_list_is_larger() -> None:
    assert 250_000 < size_of("list") < 310_000


def test_the_deep_scenario_asks_five_subgraphs_in_a_row() -> None:
    graph = read_supergraph(supergraph_sdl("http://subgraphs"))
    pretty = plan(graph, prepare(graph, SCENARIOS["deep"].document)).pretty()
    assert (pretty.count("Fetch("), pretty.count("Parallel")) == (5, 0)


def test_each_subgraph_has_its_own_url() -> None:
    sdl = supergraph_sdl("http://subgraphs/same")
    assert all(f'"http://subgraphs/same/{name}"' in sdl for name in SUBGRAPHS)


def test_an_entity_is_found_by_its_key() -> None:
    query = "query ($r: [_Any!]!) { _entities(representations: $r) { ... on Branch { city } } }"
    answered = answer("branches", query, {"r": [{"__typename": "Branch", "id": "7"}]})
    assert answered == {"data": {"_entities": [{"city": "City 7"}]}}


def test_an_unknown_entity_is_null() -> None:
    answered = answer("tickets", FEES, {"r": [{"__typename": "Gig", "id": "no such gig"}]})
    assert answered == {"data": {"_entities": [None]}}


def test_a_required_field_counts_as_it_was_sent() -> None:
    answered = answer("tickets", FEES, {"r": [{"__typename": "Gig", "id": "1", "price": 50.0}]})
    assert answered == {"data": {"_entities": [{"fee": 6.0}]}}


def test_a_required_field_that_was_not_sent_shows_in_the_answer() -> None:
    answered = answer("tickets", FEES, {"r": [{"__typename": "Gig", "id": "1"}]})
    assert answered["data"] == {"_entities": [{"fee": None}]}
