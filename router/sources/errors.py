"""Why there is no graph to serve."""

from supergraph.diagnostics import Diagnostic


class SourceError(Exception):
    """A supergraph cannot be had; the message says what to do about it."""


class SourceAwayError(SourceError):
    """Somebody on the network does not answer, and may do so later."""


class DoesNotComposeError(SourceError):
    """The subgraphs were there and do not compose; the message is a report of many lines.

    Attributes:
        errors: What the report is about.
    """

    def __init__(self, report: str, errors: tuple[Diagnostic, ...]) -> None:
        super().__init__(report)
        self.errors = errors
