"""Composition, reading and planning of supergraphs: text in, values out, no I/O."""

from supergraph.compose import Composition, Subgraph, compose
from supergraph.operation.model import Operation
from supergraph.operation.select import prepare
from supergraph.plan import QueryPlan
from supergraph.planner import plan
from supergraph.read import Supergraph, read_supergraph

__all__ = [
    "Composition",
    "Operation",
    "QueryPlan",
    "Subgraph",
    "Supergraph",
    "compose",
    "plan",
    "prepare",
    "read_supergraph",
]
