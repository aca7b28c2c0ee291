"""What can be reached from where in a supergraph; shared by satisfiability and planning."""

from supergraph.query_graph.context_grants import ContextGrant, ContextGrants
from supergraph.query_graph.field_sets import FieldSet, FieldSets, can_be_sent_together, count_leaves, with_type_names
from supergraph.query_graph.graph import ROOT_TYPES, Edge, Node, QueryGraph, QueryGraphs, Target
from supergraph.query_graph.provided import NOTHING_PROVIDED, Provided

__all__ = [
    "NOTHING_PROVIDED",
    "ROOT_TYPES",
    "ContextGrant",
    "ContextGrants",
    "Edge",
    "FieldSet",
    "FieldSets",
    "Node",
    "Provided",
    "QueryGraph",
    "QueryGraphs",
    "Target",
    "can_be_sent_together",
    "count_leaves",
    "with_type_names",
]
