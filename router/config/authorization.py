"""The block ``authorization``: what callers may do, on both doors."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from router.config.section import Section

Scopes = tuple[Annotated[tuple[str, ...], Field(min_length=1)], ...]
"""Alternatives, each of which must be held completely: ``[["orders:read", "orders:list"], ["admin"]]``."""


class Rule(Section):
    """A condition on the caller; all that is said must hold, and an anonymous caller meets none but ``not``."""

    authenticated: bool | None = None
    """Whether the caller must have proved who they are; every caller who meets another condition has."""

    claim: str | None = None
    """A claim of the credential, by its name or a path with dots; with one of the next four."""

    equals: str | int | float | bool | None = None
    """The claim is this."""

    contains: str | int | None = None
    """The claim is a list that has this, or a text of words with spaces between that has it."""

    one_of: tuple[str | int, ...] | None = None
    """The claim is one of these."""

    exists: bool | None = None
    """Whether the claim is there."""

    scopes: Scopes | None = None
    """One of these lists of scopes is held completely."""

    plans: tuple[str, ...] | None = None
    """The caller's usage plan is one of these."""

    methods: tuple[str, ...] | None = None
    """The caller proved who they are in one of these ways: jwt, api_key, …"""

    all: tuple["Rule", ...] | None = None
    """Each of these rules holds."""

    any: tuple["Rule", ...] | None = None
    """One of these rules holds."""

    not_: "Rule | None" = Field(default=None, alias="not")
    """This rule does not hold. Its name in Python is ``not_``."""

    python: str | None = Field(default=None, pattern=r"^[\w.]+:[\w.]+$")
    """A function, ``package.module:name``, of the identity (or None) and the request; it returns a bool."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        tests = [each for each in (self.equals, self.contains, self.one_of, self.exists) if each is not None]
        if (self.claim is None) != (not tests) or len(tests) > 1:
            raise ValueError("a claim is tested with exactly one of equals, contains, one_of and exists")
        if not self.model_fields_set:
            raise ValueError("a rule needs a condition")
        return self


class AuthorizationErrors(Section):
    """Where clients are told of fields that were left out."""

    response: Literal["errors", "extensions", "disabled"] = "errors"
    """In ``errors``, in ``extensions.authorizationErrors``, or nowhere."""


class DirectivesSection(Section):
    """``@authenticated``, ``@requiresScopes`` and ``@policy`` of the supergraph."""

    enabled: bool = True
    """Whether they are heeded at all; without them everybody sees everything."""

    dry_run: bool = False
    """Whether nothing is left out, and what would be is counted and logged."""

    reject_unauthorized: bool = False
    """Whether an operation with a field that the caller may not see is refused as a whole."""

    errors: AuthorizationErrors = AuthorizationErrors()


class AuthorizationSection(Section):
    """What callers may do."""

    require_authentication: bool = False
    """Whether anonymous GraphQL requests are refused, and REST requests to routes that say nothing else."""

    directives: DirectivesSection = DirectivesSection()
    policies: Mapping[str, Rule] = {}
    """Rules by name, for ``@policy`` in the supergraph and ``require`` of REST routes."""
