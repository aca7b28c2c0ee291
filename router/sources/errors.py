"""Why there is no graph to serve."""


class SourceError(Exception):
    """A supergraph cannot be had; the message says what to do about it."""
