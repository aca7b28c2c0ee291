"""Query plans: values, and how they are shown."""

from supergraph.plan.nodes import (
    ConditionNode,
    ContextInput,
    ContextValue,
    DeferNode,
    DeferredPart,
    EntityCall,
    Fetch,
    FetchNode,
    InputField,
    InputObject,
    ParallelNode,
    Path,
    PlanMetrics,
    PlanNode,
    SequenceNode,
    Step,
    SubscriptionNode,
)
from supergraph.plan.query_plan import QueryPlan

__all__ = [
    "ConditionNode",
    "ContextInput",
    "ContextValue",
    "DeferNode",
    "DeferredPart",
    "EntityCall",
    "Fetch",
    "FetchNode",
    "InputField",
    "InputObject",
    "ParallelNode",
    "Path",
    "PlanMetrics",
    "PlanNode",
    "QueryPlan",
    "SequenceNode",
    "Step",
    "SubscriptionNode",
]
