"""Composition: subgraph SDLs become one supergraph."""

from supergraph.compose.composer import compose
from supergraph.compose.result import Composition, Subgraph

__all__ = ["Composition", "Subgraph", "compose"]
