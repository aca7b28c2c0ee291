"""The block ``plugins``: policies of the user's own."""

from collections.abc import Mapping

from pydantic import Field

from router.config.policies import ModeSection, PolicyMode
from router.config.section import Section


class PluginSection(Section):
    """A class that derives from ``router.plugins.Plugin``."""

    use: str = Field(pattern=r"^[\w.]+:[\w.]+$")
    """Where it is: ``package.module:Class``."""

    name: str | None = Field(default=None, pattern=r"^[A-Za-z0-9_.-]{1,64}$")
    """Its name in logs, in metrics and in ``supergate policies``; that of the class if left out."""

    priority: int | None = None
    """Where it stands among the policies, instead of what the class says; higher is earlier."""

    mode: PolicyMode = ModeSection()
    """As for policies: enforce, measure or off, and where."""

    subgraphs: tuple[str, ...] = ()
    """The subgraphs whose requests and answers it is told of; all of them if left out."""

    config: Mapping[str, object] = {}
    """Its own options."""
