"""Composition, reading and planning of supergraphs: text in, values out, no I/O."""

from supergraph.read import Supergraph, read_supergraph

__all__ = ["Supergraph", "read_supergraph"]
