"""What can go wrong in this package, and how it is told.

Composition never raises for a user's mistake: it returns ``CompositionError`` and ``Hint`` values. Reading a
supergraph, preparing an operation and planning raise one class each, with everything that is wrong inside.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from graphql import GraphQLError


@dataclass(frozen=True, slots=True, order=True)
class SourceLocation:
    """A place in a subgraph's SDL; line and column count from 1."""

    subgraph: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class CompositionError:
    """Why the subgraphs do not compose. ``code`` is one of the federation error codes."""

    code: str
    message: str
    locations: tuple[SourceLocation, ...] = ()
    coordinate: str | None = None


class HintLevel(Enum):
    """How much a hint matters; the values are those of the reference composition."""

    WARN = 60
    INFO = 40
    DEBUG = 20


@dataclass(frozen=True, slots=True)
class Hint:
    """Something that composed but deserves a look."""

    code: str
    message: str
    level: HintLevel
    locations: tuple[SourceLocation, ...] = ()
    coordinate: str | None = None


class FederationError(Exception):
    """Base of what this package raises."""

    code = "INTERNAL_SERVER_ERROR"


class SupergraphError(FederationError):
    """A document is not a supergraph that can be served."""

    code = "INVALID_FEDERATION_SUPERGRAPH"

    def __init__(self, message: str, *, code: str = "INVALID_FEDERATION_SUPERGRAPH") -> None:
        super().__init__(message)
        self.code = code


class OperationError(FederationError):
    """A client's document cannot be prepared.

    Attributes:
        code: ``GRAPHQL_PARSE_FAILED``, ``GRAPHQL_VALIDATION_FAILED``, ``GRAPHQL_UNKNOWN_OPERATION_NAME`` or
            ``QUERY_PLAN_COMPLEXITY_EXCEEDED``.
        errors: Every error, with locations in the client's document.
    """

    def __init__(self, code: str, errors: Sequence[GraphQLError]) -> None:
        super().__init__("; ".join(error.message for error in errors))
        self.code = code
        self.errors = tuple(errors)


class PlanningError(FederationError):
    """No plan answers the operation: ``QUERY_PLANNING_FAILED``, or a limit: ``QUERY_PLAN_COMPLEXITY_EXCEEDED``."""

    def __init__(self, message: str, *, code: str = "QUERY_PLANNING_FAILED", coordinate: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.coordinate = coordinate
