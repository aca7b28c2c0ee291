"""The block ``coprocessor``: a service that is told of requests, and may change or end them."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from router.config.section import Section
from router.config.units import Interval


def _context(value: object) -> object:
    return {True: "all", False: "none"}.get(value, value) if isinstance(value, bool) else value


Context = Annotated[Literal["none", "all"], BeforeValidator(_context)]


class RouterRequestStage(Section):
    """A client's request, before it is looked at: the parts that are sent."""

    headers: bool = False
    body: bool = False
    context: Context = "none"
    path: bool = False
    method: bool = False


class RouterResponseStage(Section):
    """The answer to a client: the parts that are sent."""

    headers: bool = False
    body: bool = False
    context: Context = "none"
    status_code: bool = False


class SubgraphRequestStage(Section):
    """A request to a subgraph: the parts that are sent."""

    headers: bool = False
    body: bool = False
    context: Context = "none"
    service_name: bool = False


class SubgraphResponseStage(Section):
    """The answer of a subgraph: the parts that are sent."""

    body: bool = False
    context: Context = "none"
    service_name: bool = False
    status_code: bool = False


class RouterStages(Section):
    """Stages of clients' requests; one that is left out is not told of."""

    request: RouterRequestStage | None = None
    response: RouterResponseStage | None = None


class SubgraphStages(Section):
    """Stages of requests to subgraphs."""

    request: SubgraphRequestStage | None = None
    response: SubgraphResponseStage | None = None


class AllSubgraphStages(Section):
    """Stages of requests to subgraphs, for all of them."""

    all: SubgraphStages = SubgraphStages()


class CoprocessorSection(Section):
    """It is asked by POST with JSON, version 1 of the protocol that coprocessors of other routers speak."""

    url: str = Field(pattern=r"^https?://")
    """What is asked."""

    timeout: Interval = 1.0
    """How long it may take; a request that it does not answer in time is refused."""

    router: RouterStages = RouterStages()
    subgraph: AllSubgraphStages = AllSubgraphStages()
