"""Calls to others: subgraphs over a lean HTTP client of our own, services behind proxy routes over aiohttp's."""

from router.upstream.sender import FetchTelemetry
from router.upstream.subgraphs import Upstreams

__all__ = ["FetchTelemetry", "Upstreams"]
