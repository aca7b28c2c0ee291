"""A subgraph that has been read: its schema, and what federation's elements are called in it."""

from graphql import Node

from supergraph.sdl.model import Applied, Element, Schema
from supergraph.spec.features import KNOWN_FEATURES
from supergraph.spec.federation import FEDERATION_1, directives_of
from supergraph.spec.link import FEDERATION, Links, Version


class LoadedSubgraph:
    """One subgraph on its way through composition.

    Attributes:
        version: The federation version it links; ``None`` for federation 1.
        canonical: Local name of a directive to the name that federation gives it.
        fed1_interface_keys: Interfaces whose ``@key`` the federation 1 upgrade took away.
    """

    __slots__ = ("canonical", "fed1_interface_keys", "links", "name", "schema", "upgraded", "url", "version")

    def __init__(self, name: str, url: str, schema: Schema, links: Links, version: Version | None) -> None:
        self.name = name
        self.url = url
        self.schema = schema
        self.links = links
        self.version = version
        self.upgraded = False
        self.fed1_interface_keys: set[str] = set()
        self.canonical = canonical_names(links, version)

    def applications(self, element: Element, name: str) -> list[Applied]:
        """The applications of federation's directive ``name`` on ``element``, whatever it is called here."""
        canonical = self.canonical
        return [applied for applied in element.applied if canonical.get(applied.name) == name]

    def has(self, element: Element, name: str) -> bool:
        """Does ``element`` carry federation's directive ``name``?"""
        canonical = self.canonical
        return any(canonical.get(applied.name) == name for applied in element.applied)

    def local_name(self, name: str) -> str:
        """What federation's directive ``name`` is called here, for messages."""
        return next((local for local, canonical in self.canonical.items() if canonical == name), name)

    def place(self, element: Element | Applied | None) -> tuple[str, Node | None]:
        """Where ``element`` stands, for error messages."""
        return self.name, element.node if element is not None else None


def canonical_names(links: Links, version: Version | None) -> dict[str, str]:
    """Local name of each known directive, to the name that federation gives it."""
    names: dict[str, str] = {}
    if version is None:
        names = {spec.name: spec.name for spec in FEDERATION_1}
    federation = links.get(FEDERATION)
    if version is not None and federation is not None:
        for name in directives_of(version):
            names[federation.local_name("@" + name)] = name
    for identity, feature in KNOWN_FEATURES.items():
        link = links.get(identity)
        if link is not None:
            for spec in feature.directives:
                names[link.local_name("@" + spec.name)] = spec.name
    return names
