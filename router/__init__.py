"""Supergate: a GraphQL federation gateway, as a command and as a library."""

from router.gateway import Router

__all__ = ["Router"]
