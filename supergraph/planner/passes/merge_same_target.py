"""Two requests to one subgraph for the same objects become one, where nothing has to wait longer for it.

The types behind one position decide for themselves, so two of them may open the same subgraph at different stages. The
earlier request moves into the later one if all that needs its answer comes after the later one anyway.
"""

from itertools import combinations, islice

from supergraph.operation.conditions import implies
from supergraph.planner.drafts import Draft
from supergraph.planner.fragments import selection_key
from supergraph.planner.levels import Order
from supergraph.planner.passes.lift_conditions import common_conditions

MAX_PAIRS = 5_000
"""How many pairs for the same objects are looked at in one go: hundreds of requests at one place differ in their
conditions, and comparing all of them would take the square of that."""


def merge_same_target(drafts: list[Draft]) -> list[Draft]:
    """Merge until no pair is left that can be."""
    groups: dict[tuple[object, ...], list[Draft]] = {}
    for draft in drafts:
        if draft.is_entity and not draft.contexts:
            groups.setdefault((draft.graph, draft.path, draft.block), []).append(draft)
    order = Order(drafts)
    remaining = [group for group in groups.values() if len(group) > 1]
    while any([_merge_pairs(group, order) for group in remaining]):  # noqa: C419 - every group has its turn
        pass
    return [draft for draft in drafts if draft not in order.moved]


def _merge_pairs(group: list[Draft], order: Order) -> bool:
    """Look at the pairs of one group once; returns whether there was any to merge."""
    for first, second in islice(combinations(group, 2), MAX_PAIRS):
        if first in order.moved or second in order.moved:
            continue
        early, late = (first, second) if order.levels[first] <= order.levels[second] else (second, first)
        if _can_be_sent_together(early, late) and order.can_wait(early, late):
            _move(early, late)
            order.move(early, late)
    left = [draft for draft in group if draft not in order.moved]
    merged = len(left) < len(group)
    group[:] = left
    return merged


def _can_be_sent_together(early: Draft, late: Draft) -> bool:
    for type_name in early.inputs.keys() & late.inputs.keys():
        ours, theirs = late.nodes[type_name], early.nodes[type_name]
        if not implies(early.available[type_name], late.available[type_name]):
            return False
        if ours is theirs:
            continue
        if ours.type != theirs.type or not theirs.granted <= ours.granted:
            return False
        # The granted inputs are fetched only when the fields that want them are asked.
        if common_conditions(early.selection) != common_conditions(late.selection):
            return False
    return _ask_alike(early, late) or not (_sends_another_name(early) or _sends_another_name(late))


def _sends_another_name(draft: Draft) -> bool:
    """Whether objects are sent under an interface's name: then all of them are asked the same."""
    return any(type_name != template.typename for type_name, template in draft.inputs.items())


def _ask_alike(early: Draft, late: Draft) -> bool:
    granted = {node.granted for draft in (early, late) for node in draft.nodes.values()}
    return len(granted) == 1 and selection_key(early.selection) == selection_key(late.selection)


def _move(early: Draft, late: Draft) -> None:
    late.selection.merge(early.selection)
    for type_name, template in early.inputs.items():
        late.inputs.setdefault(type_name, template)
        late.available.setdefault(type_name, early.available[type_name])
        late.nodes.setdefault(type_name, early.nodes[type_name])
