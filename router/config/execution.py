"""The block ``execution``: how plans are run."""

from pydantic import Field

from router.config.section import Section
from router.config.units import Size


class ExecutionSection(Section):
    """How plans are run; the answers are the same, whatever is said here."""

    strict: bool = False
    """Whether every plan is interpreted step by step. By default operations that come often run in faster ways (answers
    are spliced as bytes, or decoded into typed objects), and what is not as usual is given to the interpreter."""

    max_subgraph_requests: int = Field(default=1000, ge=1)
    """The most requests to subgraphs for one operation; what needs more gets a partial answer."""

    max_representations: int | None = Field(default=None, ge=1)
    """The most entities that one request asks for; more are asked for in several requests."""

    max_response_bytes: Size = 100_000_000
    """The largest data of one response. Small answers can make a large one: what an entity has stands wherever it does.
    An operation whose data is larger gets none, and an error that says so."""
