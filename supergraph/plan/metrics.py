"""What a plan costs, read off its tree."""

from supergraph.plan.nodes import (
    ConditionNode,
    DeferNode,
    FetchNode,
    ParallelNode,
    PlanMetrics,
    PlanNode,
    SequenceNode,
    SubscriptionNode,
)


def measure(node: PlanNode | None, *, evaluations: int = 0) -> PlanMetrics:
    """The metrics of a plan; ``evaluations`` is what the search needed."""
    requests, stages = _count(node)
    return PlanMetrics(requests=requests, stages=stages, evaluations=evaluations)


def _count(node: PlanNode | None) -> tuple[int, int]:
    """Requests and stages of a node, conditions taken as met."""
    match node:
        case None:
            return 0, 0
        case FetchNode():
            return 1, 1
        case SequenceNode(nodes):
            parts = [_count(inner) for inner in nodes]
            return sum(requests for requests, _ in parts), sum(stages for _, stages in parts)
        case ParallelNode(nodes):
            parts = [_count(inner) for inner in nodes]
            return sum(requests for requests, _ in parts), max(stages for _, stages in parts)
        case ConditionNode(then=then, otherwise=otherwise):
            parts = [_count(then), _count(otherwise)]
            return sum(requests for requests, _ in parts), max(stages for _, stages in parts)
        case DeferNode(primary=primary, deferred=deferred):
            first = _count(primary)
            parts = [_count(part.node) for part in deferred]
            later = max((stages for _, stages in parts), default=0)
            return first[0] + sum(requests for requests, _ in parts), first[1] + later
        case SubscriptionNode(primary=primary, rest=rest):
            parts = [_count(primary), _count(rest)]
            return sum(requests for requests, _ in parts), sum(stages for _, stages in parts)
