"""The blocks ``supergraph`` and ``subgraphs``: the GraphQL door, and where the graph comes from."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field, SecretStr, model_validator

from router.config.listen import ListenAddress
from router.config.section import Section
from router.config.units import Duration, Interval

ValueCompletion = Literal["errors", "extensions"]


class InMemoryCache(Section):
    """A cache in the memory of one process."""

    limit: int = Field(default=512, ge=1)
    """Entries; the least recently used one makes room."""


class CacheOptions(Section):
    """Where results are kept."""

    in_memory: InMemoryCache = InMemoryCache()


class QueryPlanning(Section):
    """What planning may cost, and how many plans are kept."""

    timeout: Duration = 10.0
    """An operation that takes longer to plan is refused."""

    warmed_up_queries: int = Field(default=100, ge=0)
    """How many of the most used operations are planned for a new supergraph before it answers requests."""

    cache: CacheOptions = CacheOptions()
    """Plans, and the documents they were made from."""


class SupergraphSource(Section):
    """A supergraph that was composed before: exactly one of ``file`` and ``url``."""

    file: str | None = None
    """Path of the supergraph SDL, relative to this file."""

    url: str | None = Field(default=None, pattern=r"^https?://")
    """URL of the supergraph SDL."""

    poll_interval: Interval = 10.0
    """How often ``url`` is asked whether there is a new one. A file is looked at all the time."""

    @model_validator(mode="after")
    def _one_source(self) -> "SupergraphSource":
        if (self.file is None) == (self.url is None):
            raise ValueError("a source has exactly one of file and url")
        return self


class IntrospectionSection(Section):
    """Who may ask for the schema."""

    authenticated: bool = True
    """Whether only callers who have proved who they are may."""


class SupergraphSection(Section):
    """The GraphQL door."""

    listen: ListenAddress = "127.0.0.1:4000"
    """Address of GraphQL and REST."""

    path: str = Field(default="/graphql", pattern=r"^/[^?#\s]*$")
    """Path of GraphQL."""

    introspection: bool | IntrospectionSection = False
    """Whether clients may ask for the schema, or ``{authenticated: true}``: those who have proved who they are. Others
    are not told names of the schema in error messages either."""

    expose_query_plan: bool = False
    """Whether the header ``Apollo-Expose-Query-Plan: true`` (or ``dry-run``) shows a client the plan."""

    defer_support: bool = True
    """Whether clients that accept ``multipart/mixed;deferSpec=20220824`` get what is under ``@defer`` later. Others get
    it with the rest."""

    source: Literal["subgraphs"] | SupergraphSource = "subgraphs"
    """``subgraphs`` composes what the block ``subgraphs`` names; ``{file: …}`` and ``{url: …}`` read a composed
    supergraph."""

    on_composition_error: Literal["keep_last"] = "keep_last"
    """What happens when a new supergraph is broken: a working one is never replaced by it."""

    value_completion: ValueCompletion = "errors"
    """Where clients are told why a value was made null that no subgraph has told an error for: among the ``errors``, as
    the specification has it, or under ``extensions.valueCompletion``."""

    federation_version: str = "2"
    """Accepted for rover's sake; one composer serves all versions."""

    query_planning: QueryPlanning = QueryPlanning()


class SubgraphSchema(Section):
    """Where the SDL of one subgraph comes from: exactly one of ``file``, ``subgraph_url``, ``python`` and ``sdl``."""

    file: str | None = None
    """Path of an SDL file, relative to this file."""

    subgraph_url: str | None = None
    """URL of the running subgraph, which is asked for ``{ _service { sdl } }``."""

    python: str | None = Field(default=None, pattern=r"^\w+(\.\w+)*:\w+(\.\w+)*$")
    """``package.module:attribute``: a Strawberry or graphql-core schema, SDL text, or a function that gives one."""

    sdl: str | None = None
    """The SDL itself."""

    headers: Mapping[str, SecretStr] = {}
    """Sent with the question to ``subgraph_url``."""

    python_path: str | None = None
    """Folder in which ``python`` is looked for first, relative to this file; the folder of this file by default."""

    timeout: Interval = 10.0
    """How long ``subgraph_url`` or ``python`` may take."""

    poll_interval: Interval = 10.0
    """How often ``subgraph_url`` is asked again while the gateway serves."""

    @model_validator(mode="after")
    def _one_source(self) -> "SubgraphSchema":
        sources = (self.file, self.subgraph_url, self.python, self.sdl)
        if sum(source is not None for source in sources) != 1:
            raise ValueError("a schema has exactly one of file, subgraph_url, python and sdl")
        if self.headers and self.subgraph_url is None:
            raise ValueError("headers are sent to a subgraph_url, and there is none")
        if self.python_path is not None and self.python is None:
            raise ValueError("python_path is where python is looked for, and there is none")
        return self


class SubgraphSection(Section):
    """One subgraph, as in rover's ``supergraph.yaml``. The name of ``schema`` in Python is ``schema_source``."""

    routing_url: str | None = None
    """Where requests are sent; with ``subgraph_url`` it may be left out."""

    schema_source: SubgraphSchema = Field(alias="schema")

    @model_validator(mode="after")
    def _has_url(self) -> "SubgraphSection":
        if self.routing_url is None and self.schema_source.subgraph_url is None:
            raise ValueError("routing_url is missing")
        return self

    @property
    def url(self) -> str:
        """Where requests are sent."""
        return self.routing_url or self.schema_source.subgraph_url or ""
