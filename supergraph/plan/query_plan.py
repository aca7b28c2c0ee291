"""The plan as one value, with its two renderings."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from supergraph.operation.model import Cast, Field
from supergraph.plan.encode import encode_plan
from supergraph.plan.nodes import Fetch, PlanMetrics, PlanNode
from supergraph.plan.pretty import print_plan


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryPlan:
    """What to fetch, from where, in which order.

    Attributes:
        kind: ``query``, ``mutation`` or ``subscription``.
        fetches: In an order in which every fetch stands behind its ``needs``.
        node: The same as a tree, ``None`` if nothing has to be fetched.
        store_keys: For (id of a client's field, concrete type of its parent) the store key of its value, where that
            is not the field's response key.
        impossible: The ids of the client's fields below type conditions that ``rules_out`` is about.
    """

    kind: str
    fetches: tuple[Fetch, ...] = ()
    node: PlanNode | None = None
    store_keys: Mapping[tuple[int, str], str] = field(default_factory=dict)
    impossible: frozenset[int] = frozenset()
    metrics: PlanMetrics = field(default_factory=PlanMetrics)

    def rules_out(self, cast: Cast) -> bool:
        """Whether no object meets the type condition, though the plan does not ask for the types of the objects."""
        units = cast.selection.units
        return bool(units) and all(isinstance(unit, Field) and unit.id in self.impossible for unit in units)

    def to_json(self) -> Mapping[str, object]:
        """The plan in the shape that viewers of query plans read; JSON-able."""
        return encode_plan(self.node)

    def pretty(self) -> str:
        """The plan as indented text."""
        return print_plan(self.node)
