"""The federation version of a composition: the highest that a subgraph links, or that a feature it links implies."""

from collections.abc import Sequence

from supergraph.compose.problems import Problems
from supergraph.compose.subgraph import LoadedSubgraph
from supergraph.spec.features import CONNECT, JOIN_IMPLIES, KNOWN_FEATURES
from supergraph.spec.link import JOIN, Link, Version

_CONNECT_IMPLIES: dict[Version, Version] = {(0, 1): (2, 10), (0, 2): (2, 11), (0, 3): (2, 12), (0, 4): (2, 13)}


def composition_version(subgraphs: Sequence[LoadedSubgraph], problems: Problems) -> Version:
    """The highest version; hints at the subgraphs that get a higher one than they ask for."""
    highest: Version = (2, 0)
    upgraded = []
    for subgraph in subgraphs:
        declared = subgraph.version or (2, 0)
        implied, link = max(
            ((_implied(link), link) for link in subgraph.links.by_identity.values()),
            key=lambda found: found[0],
            default=((0, 0), None),
        )
        if link is not None and implied > declared and not subgraph.upgraded:
            upgraded.append((subgraph, implied, link))
        highest = max(highest, declared, implied)
    for subgraph, implied, link in upgraded:
        asked = _text(subgraph.version or (2, 0))
        message = (
            f"Subgraph {subgraph.name} was implicitly upgraded from federation {asked} to {_text(highest)}: "
            f"it links {link.url}, which needs {_text(implied)}"
        )
        code = "IMPLICITLY_UPGRADED_FEDERATION_VERSION"
        problems.hint(code, message, [subgraph.place(link.applied)])
    return highest


def _implied(link: Link) -> Version:
    if link.identity == JOIN:
        return JOIN_IMPLIES.get(link.version, (2, 0))
    if link.identity == CONNECT:
        return _CONNECT_IMPLIES.get(link.version, (2, 10))
    feature = KNOWN_FEATURES.get(link.identity)
    return feature.implies if feature is not None else (2, 0)


def _text(version: Version) -> str:
    return f"v{version[0]}.{version[1]}"
