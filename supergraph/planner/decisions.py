"""What the search decides: for each position which nodes are opened, and which open node serves each unit.

    operation ──▶ search ──▶ decisions ──▶ materialise ──▶ fetch graph ──▶ passes ──▶ plan
                             ▲ you are here

A *position* is one object, or list of objects, in the response. Decisions form a tree along the positions; a
``Solution`` is shared between all places that ask the same question, so nothing in it names a path.

These are plain slotted classes, not frozen dataclasses: the search makes tens of thousands of them.
"""

from supergraph.operation.model import Cast, Field
from supergraph.query_graph import FieldSet, Node

Entries = tuple[tuple[Node, int], ...]
"""Nodes in which a position's object is available, each with the stage at which it is, sorted by (stage, node id)."""

Local = frozenset[tuple[int, int]]
"""Fetches opened at one response path, as (subgraph, stage): types that share both share the request."""

NO_LOCAL: Local = frozenset()


class LeavesChoice:
    """``units`` are selected at ``node``; ``None`` where the value is known without asking (a static type name)."""

    __slots__ = ("node", "units")

    def __init__(self, units: tuple[Field, ...], node: Node | None) -> None:
        self.units = units
        self.node = node


class FieldChoice:
    """A composite ``unit``: ``parents`` maps each entry of the child position to the node it is reached from."""

    __slots__ = ("child", "parents", "unit")

    def __init__(self, unit: Field, parents: dict[Node, Node], child: "Solution") -> None:
        self.unit = unit
        self.parents = parents
        self.child = child


class CastChoice:
    """A type condition, or one type of an exploded interface selection (then ``unit`` is synthetic)."""

    __slots__ = ("child", "parents", "unit")

    def __init__(self, unit: Cast, parents: dict[Node, Node], child: "Solution") -> None:
        self.unit = unit
        self.parents = parents
        self.child = child


Choice = LeavesChoice | FieldChoice | CastChoice


class Served:
    """How the units of one selection are answered by nodes that are open already.

    Attributes:
        stages, requests: Cost of the fetches below, without those in ``local``.
        weight: Fields selected beyond what the client asked: a tie-breaker.
        solved: How many leaves are answered.
        ready: The stage at which the last of them is.
        uses: Open nodes that something is taken from.
        unserved: Index of each unit that is not answered completely.
        missing: Coordinate of the first leaf that is not answered.
    """

    __slots__ = (
        "choices",
        "local",
        "missing",
        "ready",
        "requests",
        "solved",
        "stages",
        "unserved",
        "uses",
        "weight",
    )

    def __init__(self) -> None:
        self.stages = 0
        self.requests = 0
        self.weight = 0
        self.solved = 0
        self.ready = 0
        self.local: Local = NO_LOCAL
        self.uses: set[Node] = set()
        self.choices: list[Choice] = []
        self.unserved: list[int] = []
        self.missing: str | None = None


class Opening:
    """One fetch that makes the object available in ``node``.

    Attributes:
        stage: When its answer is there.
        type: The type that the target subgraph knows the object by.
        conditions: The key (first, if there is one) and the granted sets, each with how it is read.
        contexts: What this very object says to fields below that are granted it, each with how it is read. It goes
            along in variables, not in the representation.
    """

    __slots__ = ("conditions", "contexts", "node", "requests", "stage", "stages", "type", "uses", "weight")

    def __init__(self, node: Node, type_name: str, stage: int) -> None:
        self.node = node
        self.type = type_name
        self.stage = stage
        self.conditions: list[tuple[FieldSet, Served]] = []
        self.contexts: list[tuple[FieldSet, Served]] = []
        self.stages = 0
        self.requests = 0
        self.weight = 0
        self.uses: set[Node] = set()


class Solution:
    """The decision for one position with given entries.

    ``cost`` orders solutions that answer equally much: sum of the stages of all fetches below (each later stage weighs
    more), their number, extra fields; without what is made for other types at the same place anyway. It is additive,
    which is what makes the search exact for it.
    """

    __slots__ = (
        "choices",
        "cost",
        "local",
        "missing",
        "openings",
        "ready",
        "requests",
        "solved",
        "stages",
        "unserved",
        "uses",
        "weight",
    )

    def __init__(self, served: Served, openings: list[Opening], paid: Local = NO_LOCAL) -> None:
        self.choices = served.choices
        self.openings = openings
        self.solved = served.solved
        self.missing = served.missing
        self.unserved = served.unserved
        self.ready = served.ready
        own = {(opening.node.graph, opening.stage) for opening in openings}
        self.local: Local = served.local | own if own else served.local
        self.stages = served.stages
        self.requests = served.requests
        self.weight = served.weight
        self.uses = served.uses
        for opening in openings:
            self.stages += opening.stages
            self.requests += opening.requests
            self.weight += opening.weight
        unpaid = self.local - paid
        self.cost = (
            self.stages + sum(stage for _, stage in unpaid),
            self.requests + len(unpaid),
            self.weight,
        )

    @property
    def is_free(self) -> bool:
        """Whether no fetch is made for it."""
        return not self.local and not self.requests
