"""The ledger of a position by itself: what it costs to look something up, and that names are kept apart."""

import pytest

from supergraph import Supergraph, prepare
from supergraph.operation.model import Field, SelectionSet
from supergraph.planner.positions import Claim, Position, Shapes
from tests.supergraph.graphs import supergraph_of


class CountingShapes(Shapes):
    """Counts how often two claims are compared."""

    compared = 0

    def agree(self, left: Claim, right: Claim) -> bool:
        self.compared += 1
        return super().agree(left, right)

    def overlap(self, left: str, right: str) -> bool:
        self.compared += 1
        return super().overlap(left, right)


def animals(types: int) -> Supergraph:
    """An interface of many types, found inside itself."""
    fields = "id: ID! name: String near: Animal"
    bodies = " ".join(f"type T{index} implements Animal {{ {fields} }}" for index in range(types))
    return supergraph_of(a=f"type Query {{ animal: Animal }} interface Animal {{ {fields} }} {bodies}")


def type_by_type(types: int, inner: str) -> str:
    return " ".join(f"... on T{index} {{ {inner} }}" for index in range(types))


def place_everything(position: Position, selection: SelectionSet) -> int:
    """Claim all that is asked, as a plan does; returns how much that is."""
    placed = 0
    for unit in selection.units:
        if isinstance(unit, Field):
            placed += 1
            key = position.claim_for_client(selection.type, unit)
            if unit.selection is not None:
                placed += place_everything(position.child(key), unit.selection)
        else:
            placed += place_everything(position, unit.selection)
    return placed


def comparisons_for(types: int) -> tuple[int, int]:
    """How often claims are compared where an interface is asked type by type in each of its types, for how many."""
    supergraph = animals(types)
    inner = type_by_type(types, "name")
    operation = type_by_type(types, f"name near {{ {inner} }}")
    selection = prepare(supergraph, f"{{ animal {{ {operation} }} }}").selection
    shapes = CountingShapes(supergraph.query_graphs.under(frozenset()))
    position = Position(shapes)
    position.adopt(selection)
    return shapes.compared, place_everything(position, selection)


@pytest.mark.parametrize("types", [5, 10, 20])
def test_claims_of_types_within_types_are_compared_a_few_times_each(types: int) -> None:
    compared, placed = comparisons_for(types)
    assert placed > types * types
    assert compared < 4 * placed


def test_a_field_that_the_gateway_needs_is_found_among_thousands_of_aliases() -> None:
    supergraph = animals(1)
    aliases = " ".join(f"a{index}: name" for index in range(2_000))
    selection = prepare(supergraph, f"{{ animal {{ {aliases} }} }}").selection
    shapes = CountingShapes(supergraph.query_graphs.under(frozenset()))
    root = Position(shapes)
    root.adopt(selection)
    position = root.child("animal")
    assert position.claim_internal("Animal", "id", ()) == "id"
    assert position.claim_internal("Animal", "name", ()) == "a0"
    assert shapes.compared < 10


def claims_of(operation: str) -> Position:
    supergraph = animals(2)
    root = Position(Shapes(supergraph.query_graphs.under(frozenset())))
    root.adopt(prepare(supergraph, operation).selection)
    return root.child("animal")


def test_what_one_type_hides_is_still_free_for_another() -> None:
    position = claims_of("{ animal { ... on T0 { id: name } } }")
    assert position.claim_internal("T1", "id", ()) == "__1"  # not of one shape: ID! and String
    assert position.claim_internal("T0", "id", ()) == "__2"


def test_what_is_placed_first_under_a_key_is_found_there() -> None:
    position = claims_of("{ animal { b: name a: name } }")
    assert position.claim_internal("Animal", "name", ()) == "b"
    assert position.find("T0", "name", ()) == "b"


def test_a_field_with_other_arguments_does_not_take_a_key_that_stands_for_something() -> None:
    position = claims_of("{ animal { name } }")
    assert position.claim_internal("Animal", "name", (("in", '"de"'),)) == "__1"
    assert position.claim_internal("Animal", "name", (("in", '"de"'),)) == "__1"
    assert position.claim_internal("Animal", "name", (("in", '"fr"'),)) == "__2"
