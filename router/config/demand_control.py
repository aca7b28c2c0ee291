"""The block ``demand_control``: what operations may cost."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from router.config.section import Section


class SubgraphCost(Section):
    """What may be asked of one subgraph by one operation."""

    max: float | None = Field(default=None, ge=0)
    """The dearest estimate; requests beyond it are not sent, and the rest is answered."""


class SubgraphCosts(Section):
    """What may be asked of subgraphs."""

    all: SubgraphCost = SubgraphCost()
    subgraphs: Mapping[str, SubgraphCost] = {}
    """By subgraph, instead."""


class StaticEstimated(Section):
    """Estimates from the operation, its variables, ``@cost`` and ``@listSize``."""

    list_size: int = Field(default=10, ge=0)
    """How many elements a list is expected to have that ``@listSize`` says nothing of."""

    max: float = Field(default=1000, ge=0)
    """The dearest estimate that is run."""

    subgraph: SubgraphCosts = SubgraphCosts()


class CostStrategy(Section):
    """How costs are found."""

    static_estimated: StaticEstimated = StaticEstimated()


class DemandControlSection(Section):
    """Costs of operations: estimated before they run, and counted when the answer is there."""

    enabled: bool = False
    """Whether costs are looked at."""

    mode: Literal["measure", "enforce"] = "measure"
    """``measure`` tells what it would refuse; ``enforce`` refuses."""

    expose_headers: bool = False
    """Whether clients are told, in ``X-Cost-Estimated``, ``X-Cost-Actual`` and ``X-Cost-Max``."""

    strategy: CostStrategy = CostStrategy()
