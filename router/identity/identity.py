"""Who calls."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A caller who has proved who they are.

    Attributes:
        id: The consumer: the ``sub`` of a token, the owner of a key.
        plan: The usage plan that rate limits look up, if any.
        scopes: What the caller may do.
        claims: Everything else that the credential says.
        method: How it was proved: ``jwt``, later ``api_key`` and others.
    """

    id: str
    method: str
    plan: str | None = None
    scopes: frozenset[str] = frozenset()
    claims: Mapping[str, object] = field(default_factory=dict)
