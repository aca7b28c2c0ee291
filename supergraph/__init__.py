"""Composition, reading and planning of supergraphs: text in, values out, no I/O."""

from supergraph.operation.model import Operation
from supergraph.operation.select import prepare
from supergraph.read import Supergraph, read_supergraph

__all__ = ["Operation", "Supergraph", "prepare", "read_supergraph"]
