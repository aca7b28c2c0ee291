"""The plan as a tree: stages in sequence, the fetches of a stage in parallel, conditions around them.

What is executed is the dependency graph; the tree is its rendering for people and viewers.
"""

from collections.abc import Sequence

from supergraph.operation.model import Conditions
from supergraph.plan.nodes import ConditionNode, Fetch, FetchNode, ParallelNode, PlanNode, SequenceNode


def build_tree(fetches: Sequence[Fetch], awaited: frozenset[int] = frozenset()) -> PlanNode | None:
    """The tree of fetches; ``None`` if there is none. ``awaited`` are those that deferred parts depend on."""
    stages: list[list[Fetch]] = []
    stage_of: dict[int, int] = {}
    for fetch in fetches:
        stage = 1 + max((stage_of.get(need, -1) for need in fetch.needs), default=-1)
        stage_of[fetch.id] = stage
        while len(stages) <= stage:
            stages.append([])
        stages[stage].append(fetch)
    return in_sequence([_parallel(stage, awaited) for stage in stages if stage])


def in_sequence(nodes: Sequence[PlanNode]) -> PlanNode | None:
    """One node that runs ``nodes`` one after the other."""
    if len(nodes) < 2:
        return nodes[0] if nodes else None
    return SequenceNode(tuple(nodes))


def _parallel(stage: list[Fetch], awaited: frozenset[int]) -> PlanNode:
    by_conditions: dict[Conditions, list[PlanNode]] = {}
    for fetch in stage:
        by_conditions.setdefault(fetch.conditions, []).append(FetchNode(fetch, is_awaited=fetch.id in awaited))
    nodes: list[PlanNode] = []
    for conditions, members in by_conditions.items():
        if conditions:
            nodes.append(_under(conditions, _together(members)))
        else:
            nodes.extend(members)
    return _together(nodes)


def _together(nodes: list[PlanNode]) -> PlanNode:
    return nodes[0] if len(nodes) == 1 else ParallelNode(tuple(nodes))


def _under(conditions: Conditions, node: PlanNode) -> PlanNode:
    for condition in reversed(conditions):
        if condition.wanted:
            node = ConditionNode(condition.variable, then=node)
        else:
            node = ConditionNode(condition.variable, otherwise=node)
    return node
