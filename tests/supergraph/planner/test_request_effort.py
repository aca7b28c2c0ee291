"""How much is looked at where an operation makes hundreds of requests, or one that selects thousands of fields."""

from collections.abc import Iterator

from supergraph.operation.model import Condition
from supergraph.plan.nodes import InputObject
from supergraph.planner.drafts import Draft, DraftCast, DraftField, DraftSelection
from supergraph.planner.passes import optimise
from supergraph.planner.passes.merge_same_target import MAX_PAIRS, merge_same_target
from supergraph.planner.passes.prune_needs import prune_needs
from supergraph.query_graph import Node
from tests.supergraph.graphs import plan_of, supergraph_of

KEYED = 'type T @key(fields: "id") { id: ID!'


def field(key: str, *conditions: Condition) -> DraftField:
    return DraftField(
        key, "name", arguments=(), conditions=conditions, directives="", variables=frozenset(), below=None
    )


class NeverWalked(dict[tuple[str, ...], DraftField | DraftCast]):
    """A dict in which keys are looked up, but never all of them."""

    def __iter__(self) -> Iterator[tuple[str, ...]]:
        raise AssertionError("all items were walked")


def test_a_field_is_selected_without_a_look_at_all_others() -> None:
    selection = DraftSelection()
    selection.items = NeverWalked()
    selection.field(field("a", Condition("v", wanted=True)))
    selection.field(field("b", Condition("v", wanted=True)))
    selection.field(field("a"))
    assert {key: item.conditions for key, item in selection.items.items()} == {
        ("field", "a"): (),
        ("field", "b", "v=True"): (Condition("v", wanted=True),),
    }


class CountedConditions(tuple[Condition, ...]):
    """Conditions that count how often they are compared."""

    compared = 0
    __slots__ = ()

    def __contains__(self, condition: object) -> bool:
        CountedConditions.compared += 1
        return super().__contains__(condition)


def entity_draft(node: Node, available: tuple[Condition, ...]) -> Draft:
    draft = Draft(0, "query", (), 1)
    draft.inputs["T"] = InputObject(types=("T",), typename="T", fields=())
    draft.available["T"] = available
    draft.nodes["T"] = node
    draft.selection.cast("T").field(field("x", *available))
    return draft


def test_hundreds_of_requests_under_conditions_of_their_own_are_not_all_compared() -> None:
    graph = supergraph_of(a=f"type Query {{ t: T }} {KEYED} x: Int }}").query_graphs.under(frozenset())
    node = graph.node(0, "T")
    drafts = [entity_draft(node, CountedConditions([Condition(f"v{index}", wanted=True)])) for index in range(300)]
    CountedConditions.compared = 0
    assert merge_same_target(drafts) == drafts
    assert 0 < CountedConditions.compared <= MAX_PAIRS < 300 * 299 / 2


class CountedNeeds(dict[Draft, None]):
    """Needs that count how often they are walked."""

    walked = 0

    def __iter__(self) -> Iterator[Draft]:
        CountedNeeds.walked += 1
        return super().__iter__()


def test_needs_are_pruned_with_a_look_at_those_nearby() -> None:
    """A chain in which each request waits for the two before it, as each root field of a mutation does."""
    chain: list[Draft] = []
    for _ in range(200):
        draft = Draft(0, "mutation", (), 0)
        draft.needs = CountedNeeds.fromkeys(chain[-2:])
        chain.append(draft)
    CountedNeeds.walked = 0
    prune_needs(chain)
    assert all(len(draft.needs) <= 1 for draft in chain)
    assert CountedNeeds.walked < 10 * len(chain)


def test_a_pass_over_nothing_gives_nothing() -> None:
    assert optimise([]) == []


def test_aliases_of_one_place_are_paths_of_one_request() -> None:
    aliases = " ".join(f"t{index}: t {{ x }}" for index in range(300))
    found = plan_of(f"{{ {aliases} }}", a=f"type Query {{ t: T }} {KEYED} }}", b=f"{KEYED} x: Int }}")
    (call,) = found.fetches[1].entities
    assert [path[0].key for path in call.paths] == [f"t{index}" for index in range(300)]
