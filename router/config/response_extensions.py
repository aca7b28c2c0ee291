"""The block ``response_extensions``: what clients see of the ``extensions`` in subgraphs' responses."""

from collections.abc import Mapping
from typing import Literal

from router.config.section import Section

Algorithm = Literal["first", "last", "merge", "by_service"]


class ExtensionPropagation(Section):
    """Passing them on. Keys of the gateway's own (query plans, costs, traces) are never taken from a subgraph."""

    algorithm: Algorithm = "last"
    """What becomes of a key that several responses have, in the order of the plan: the ``first`` or the ``last`` value
    counts, ``merge`` joins objects and lists, ``by_service`` makes an object with the value of each subgraph."""

    algorithms: Mapping[str, Algorithm] = {}
    """What holds for single keys instead."""

    allow: tuple[str, ...] | None = None
    """The keys that are passed on; without it, all."""


class ResponseExtensionsSection(Section):
    """Top-level ``extensions`` of subgraphs' responses. Those of errors: see ``include_subgraph_errors``."""

    propagate: ExtensionPropagation | None = None
    """Without it they are dropped."""
