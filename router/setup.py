"""What a gateway is told: its configuration, and where the supergraph comes from.

It is read when the gateway starts, and again for a reload.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from router.config.model import Config
from router.sources.fingerprint import Fingerprint, fingerprint
from router.sources.load import Source

_NEEDS_RESTART: dict[str, Callable[[Config], object]] = {
    "supergraph.listen": lambda config: config.supergraph.listen,
    "server": lambda config: config.server,
    "health_check": lambda config: config.health_check,
    "telemetry.access_log": lambda config: config.telemetry.access_log,
    "telemetry.exporters": lambda config: config.telemetry.exporters,
    "telemetry.resource": lambda config: config.telemetry.resource,
}
"""What lives as long as the process: sockets, processes, files and threads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What a gateway is told.

    Attributes:
        files: Where it says so.
        named: The state of the files that the configuration names.
    """

    config: Config
    source: Source
    files: frozenset[Path] = field(default=frozenset(), compare=False)
    named: Fingerprint = field(default_factory=dict)

    @staticmethod
    def of(config: Config, source: Source, *, files: Sequence[Path] = ()) -> "Setup":
        """Take down the state of the files that ``config`` names, which are read when a snapshot is built."""
        return Setup(config=config, source=source, files=frozenset(files), named=fingerprint(_named_by(config)))

    def means_the_same_as(self, other: "Setup") -> bool:
        """Whether it makes the same gateway, the supergraph left aside."""
        return self.config == other.config and self.named == other.named

    def has_the_policies_of(self, other: "Setup") -> bool:
        """Whether the two differ at most in what the subgraphs are, and where."""
        alike = self.config.model_copy(
            update={
                "subgraphs": other.config.subgraphs,
                "override_subgraph_url": other.config.override_subgraph_url,
            }
        )
        return alike == other.config and self.named == other.named

    @property
    def watched(self) -> frozenset[Path]:
        """All files that a change may come from, those of the source excepted."""
        return self.files | self.named.keys()


def needs_restart(old: Config, new: Config) -> tuple[str, ...]:
    """The keys whose change a running gateway cannot follow."""
    return tuple(key for key, part in _NEEDS_RESTART.items() if part(old) != part(new))


def _named_by(config: Config) -> Iterator[Path]:
    for route in config.rest.routes:
        if route.operation is not None:
            yield Path(route.operation)
    jwt = config.authentication.router.jwt
    for keys in jwt.jwks if jwt is not None else ():
        if keys.file is not None:
            yield Path(keys.file)
