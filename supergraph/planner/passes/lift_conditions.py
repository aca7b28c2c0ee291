"""A request whose whole selection shares conditions carries them itself, and is not made when they fail.

A request that can never be made, because its conditions contradict each other, is dropped.
"""

from supergraph.operation.conditions import ALWAYS, conjoin, shared, without
from supergraph.operation.model import Conditions
from supergraph.planner.drafts import Draft, DraftCast, DraftSelection


def lift_conditions(drafts: list[Draft]) -> list[Draft]:
    """Lift what every item of a request has in common."""
    kept = []
    for draft in drafts:
        draft.conditions = common_conditions(draft.selection) or ()
        if conjoin(draft.conditions, ALWAYS) is None:
            continue
        if draft.conditions:
            _strip(draft.selection, draft.conditions)
        kept.append(draft)
    dropped = set(drafts).difference(kept)
    for draft in kept:
        draft.needs = {need: None for need in draft.needs if need not in dropped}
    return kept


def common_conditions(selection: DraftSelection) -> Conditions | None:
    """The conditions under which anything at all is selected; ``None`` for nothing."""
    common = selection.typename_asked
    for item in selection.items.values():
        own = item.conditions
        if isinstance(item, DraftCast):
            below = common_conditions(item.below)
            if below is not None:
                own = tuple(sorted({*own, *below}))
        common = own if common is None else shared((common, own))
    return common


def _strip(selection: DraftSelection, lifted: Conditions) -> None:
    """Take the lifted conditions off the items that carry them, and find new places for these."""
    items = list(selection.items.values())
    selection.items = {}
    if selection.typename_asked is not None:
        selection.typename_asked = without(selection.typename_asked, lifted)
    for item in items:
        if isinstance(item, DraftCast):
            _strip(item.below, lifted)
            left = without(item.conditions, lifted)
            place = selection.cast(item.type, left, is_shown=item.is_shown) if item.type or left else selection
            place.merge(item.below)
        else:
            item.conditions = without(item.conditions, lifted)
            mine = selection.field(item)
            if mine is not item and mine.below is not None and item.below is not None:
                mine.below.merge(item.below)
