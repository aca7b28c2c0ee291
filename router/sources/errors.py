"""Why there is no graph to serve."""


class SourceError(Exception):
    """A supergraph cannot be had; the message says what to do about it."""


class DoesNotComposeError(SourceError):
    """The subgraphs were there and do not compose; the message is a report of many lines."""
