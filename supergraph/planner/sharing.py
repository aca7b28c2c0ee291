"""Types that can stand at one place share requests: what was decided for each alone is brought into line.

At an abstract position every object type has its own decision. Requests that two of them make to one subgraph at one
stage are one request. Alone, a type takes any of several equally good subgraphs; here each is asked again what it would
do if what the others fetch costs nothing, and all users of a fetch what they would do without it, until nobody gains.
"""

from collections.abc import Callable, Iterable, Sequence

from supergraph.operation.model import Cast, SelectionSet
from supergraph.planner.decisions import NO_LOCAL, Entries, Local, Solution
from supergraph.planner.scope import Scope
from supergraph.query_graph import Node

_ROUNDS = 3

Solve = Callable[[SelectionSet, Entries, Scope], Solution]


class Part:
    """The decision for one object type at an abstract position.

    Attributes:
        tails: For each entry the node of the position that it is a cast of.
        index: The unit's place in the selection; ``None`` for one type of an exploded interface field.
    """

    __slots__ = ("child", "entries", "index", "scope", "tails", "unit")

    def __init__(
        self,
        unit: Cast,
        tails: dict[Node, Node],
        entries: Entries,
        scope: Scope,
        child: Solution,
        index: int | None = None,
    ) -> None:
        self.unit = unit
        self.tails = tails
        self.entries = entries
        self.scope = scope
        self.child = child
        self.index = index


def share(parts: Sequence[Part], solve: Solve) -> None:
    """Let each part use what the others fetch, as long as that makes all of them together cheaper."""
    if sum(1 for part in parts if part.child.cost[1]) < 2:
        return
    for _ in range(_ROUNDS):
        before = price_together([part.child for part in parts])
        for part in parts:
            if part.child.requests or part.child.local:
                _try(parts, [part], _fetched(other for other in parts if other is not part), solve)
        for fetch in sorted(_fetched(parts)):
            users = [part for part in parts if fetch in part.child.local]
            if len(users) > 1:
                _try(parts, users, _fetched(parts) - {fetch}, solve)
        if price_together([part.child for part in parts]) == before:
            return


def price_together(children: Sequence[Solution]) -> tuple[int, int, int]:
    """As ``Solution.cost`` for several at one place: fetches that they share count once."""
    local = NO_LOCAL.union(*(child.local for child in children))
    return (
        sum(child.stages for child in children) + sum(stage for _, stage in local),
        sum(child.requests for child in children) + len(local),
        sum(child.weight for child in children),
    )


def _fetched(parts: Iterable[Part]) -> Local:
    return NO_LOCAL.union(*(part.child.local for part in parts))


def _try(parts: Sequence[Part], some: Sequence[Part], paid: Local, solve: Solve) -> None:
    """Decide some parts again as if ``paid`` cost nothing; keep it if all parts together get cheaper."""
    if not paid:
        return
    new = {part: solve(part.unit.selection, part.entries, part.scope._replace(paid=paid)) for part in some}
    if any(child.solved < part.child.solved for part, child in new.items()):
        return
    if price_together([new.get(part, part.child) for part in parts]) < price_together([part.child for part in parts]):
        for part, child in new.items():
            part.child = child
