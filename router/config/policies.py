"""The block ``policies``: which policies enforce, and where."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BeforeValidator

from router.config.section import Section


def _word(value: object) -> object:
    return "off" if value is False else value  # YAML 1.1 takes off for a truth value


Mode = Annotated[Literal["enforce", "measure", "off"], BeforeValidator(_word)]


class ModeSection(Section):
    """What one policy does; of several that fit, the one that stands last here decides."""

    mode: Mode = "enforce"
    """``enforce`` refuses, ``measure`` counts and logs what it would refuse, ``off`` does not look."""

    doors: Mapping[Literal["graphql", "rest"], Mode] = {}
    """By door."""

    routes: Mapping[str, Mode] = {}
    """By the name of the route; that of the GraphQL door is ``graphql``."""

    plans: Mapping[str, Mode] = {}
    """By the usage plan of the caller; for policies that come after authentication."""


def _short(value: object) -> object:
    return {"mode": value} if isinstance(value, str | bool) else value


PolicyMode = Annotated[ModeSection, BeforeValidator(_short)]
"""``measure`` alone is short for ``{mode: measure}``."""


class PoliciesSection(Section):
    """Modes by policy; each is ``enforce``, ``measure`` or ``off``, or a block that says where."""

    ip: PolicyMode = ModeSection()
    bots: PolicyMode = ModeSection()
    body_size: PolicyMode = ModeSection()
    csrf: PolicyMode = ModeSection()
    authenticate: PolicyMode = ModeSection()
    authorize: PolicyMode = ModeSection()
    rate_limit: PolicyMode = ModeSection()
    limits: PolicyMode = ModeSection()
    field_authorization: PolicyMode = ModeSection()
    cost: PolicyMode = ModeSection()
