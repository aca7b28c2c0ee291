"""Where the stages of composition leave their errors and hints."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from graphql import GraphQLError, Node

from supergraph.errors import CompositionError, Hint, HintLevel, SourceLocation

Place = tuple[str, Node | None]

_DEBUG = frozenset(
    {
        "INCONSISTENT_OBJECT_VALUE_TYPE_FIELD",
        "INCONSISTENT_INTERFACE_VALUE_TYPE_FIELD",
        "INCONSISTENT_UNION_MEMBER",
        "INCONSISTENT_ENUM_VALUE_FOR_OUTPUT_ENUM",
        "UNUSED_ENUM_TYPE",
        "INCONSISTENT_TYPE_SYSTEM_DIRECTIVE_REPEATABLE",
        "INCONSISTENT_TYPE_SYSTEM_DIRECTIVE_LOCATIONS",
    }
)
_INFO = frozenset(
    {
        "INCONSISTENT_BUT_COMPATIBLE_FIELD_TYPE",
        "INCONSISTENT_BUT_COMPATIBLE_ARGUMENT_TYPE",
        "INCONSISTENT_ENTITY",
        "OVERRIDDEN_FIELD_CAN_BE_REMOVED",
        "OVERRIDE_DIRECTIVE_CAN_BE_REMOVED",
        "OVERRIDE_MIGRATION_IN_PROGRESS",
        "MERGED_NON_REPEATABLE_DIRECTIVE_ARGUMENTS",
        "DIRECTIVE_COMPOSITION_INFO",
        "IMPLICITLY_UPGRADED_FEDERATION_VERSION",
        "CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS",
    }
)


class Problems:
    """Collects what is wrong; a stage that leaves errors is the last one."""

    def __init__(self) -> None:
        self.errors: list[CompositionError] = []
        self.hints: list[Hint] = []

    def error(self, code: str, message: str, places: Iterable[Place] = (), *, coordinate: str | None = None) -> None:
        """Report an error that concerns several subgraphs."""
        self.errors.append(CompositionError(code, message, locations(places), coordinate))

    def error_in(
        self, subgraph: str, code: str, message: str, node: Node | None = None, *, coordinate: str | None = None
    ) -> None:
        """Report an error of one subgraph; its name is put before the message."""
        self.error(code, f"[{subgraph}] {message}", [(subgraph, node)], coordinate=coordinate)

    def syntax_error(self, subgraph: str, error: GraphQLError) -> None:
        """Report a text that does not parse, which has places but no nodes."""
        where = tuple(SourceLocation(subgraph, place.line, place.column) for place in error.locations or ())
        self.errors.append(CompositionError("INVALID_GRAPHQL", f"[{subgraph}] {error.message}", where))

    def hint(self, code: str, message: str, places: Iterable[Place] = (), *, coordinate: str | None = None) -> None:
        """Report a hint; its level follows from its code."""
        level = HintLevel.DEBUG if code in _DEBUG else HintLevel.INFO if code in _INFO else HintLevel.WARN
        self.hints.append(Hint(code, message, level, locations(places), coordinate))

    def document_error(self, subgraph: str, code: str, message: str) -> None:
        """Report an error of a subgraph's document as a whole: it is where the document begins."""
        begin = (SourceLocation(subgraph, 1, 1),)
        self.errors.append(CompositionError(code, f"[{subgraph}] {message}", begin))

    def has_unlocated(self) -> bool:
        """Is there an error or hint that has only a coordinate?"""
        return any(error.coordinate and not error.locations for error in self.errors) or any(
            hint.coordinate and not hint.locations for hint in self.hints
        )

    def locate(self, places: Mapping[str, Iterable[Place]]) -> None:
        """Give errors and hints that have only a coordinate the places of that coordinate."""
        for index, error in enumerate(self.errors):
            if not error.locations and error.coordinate:
                self.errors[index] = replace(error, locations=locations(places.get(error.coordinate, ())))
        for index, hint in enumerate(self.hints):
            if not hint.locations and hint.coordinate:
                self.hints[index] = replace(hint, locations=locations(places.get(hint.coordinate, ())))


def locations(places: Iterable[Place]) -> tuple[SourceLocation, ...]:
    """Line and column of each node that came from a subgraph's text."""
    found = []
    for subgraph, node in places:
        if node is not None and node.loc is not None:
            token = node.loc.start_token
            found.append(SourceLocation(subgraph, token.line, token.column))
    return tuple(found)
