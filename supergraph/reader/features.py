"""What a supergraph links, and under which names.

A feature is a specification that the document uses: ``https://specs.apollo.dev/join/v0.3`` is the feature with the
identity ``https://specs.apollo.dev/join``, the name ``join`` and the version 0.3. ``@link`` (or ``@core``, before it)
lists them on the schema and may rename them and their elements.
https://specs.apollo.dev/link/v1.0/
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from graphql import DirectiveNode, EnumValueNode, ListValueNode, ObjectValueNode, StringValueNode, ValueNode

from supergraph.errors import SupergraphError
from supergraph.reader.document import SupergraphDocument, string_argument

SPECS = "https://specs.apollo.dev/"

SUPPORTED_VERSIONS: Mapping[str, frozenset[tuple[int, int]]] = {
    "link": frozenset({(1, 0)}),
    "core": frozenset({(0, 1), (0, 2)}),
    "join": frozenset({(0, 1), (0, 2), (0, 3), (0, 4), (0, 5)}),
    "tag": frozenset({(0, 1), (0, 2), (0, 3)}),
    "inaccessible": frozenset({(0, 1), (0, 2)}),
    "authenticated": frozenset({(0, 1)}),
    "requiresScopes": frozenset({(0, 1)}),
    "policy": frozenset({(0, 1)}),
    "context": frozenset({(0, 1)}),
    "cost": frozenset({(0, 1)}),
    "cacheTag": frozenset({(0, 1)}),
}
"""What this gateway honours, by the name under ``specs.apollo.dev``."""

READABLE_ONLY = frozenset({"connect"})
"""Features whose documents can be read (for tools) but not served: nothing here calls a connector."""

_VERSION = re.compile(r"v(\d+)\.(\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """One linked specification.

    Attributes:
        identity: The URL without its version.
        local_name: The name of its default directive, and the prefix of its other elements before ``__``.
        imports: Local names by the names in the specification; directives with ``@`` on both sides.
        purpose: ``SECURITY``, ``EXECUTION`` or ``None``.
    """

    identity: str
    name: str
    version: tuple[int, int]
    local_name: str
    imports: Mapping[str, str] = field(default_factory=dict)
    purpose: str | None = None

    def directive(self, name: str) -> str:
        """The name in the document, without ``@``, of the directive that the specification calls ``name``."""
        imported = self.imports.get(f"@{name}")
        if imported is not None:
            return imported.removeprefix("@")
        return self.local_name if name == self.name else f"{self.local_name}__{name}"

    def type(self, name: str) -> str:
        """The name in the document of the type that the specification calls ``name``."""
        return self.imports.get(name, f"{self.local_name}__{name}")

    def owns_directive(self, name: str) -> bool:
        """Whether the directive ``name`` of the document is an element of this feature."""
        return name == self.local_name or name.startswith(f"{self.local_name}__") or f"@{name}" in self.imports.values()

    def owns_type(self, name: str) -> bool:
        """Whether the type ``name`` of the document is an element of this feature."""
        return name.startswith(f"{self.local_name}__") or name in self.imports.values()


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """Everything that a document links, the link specification itself included."""

    all: tuple[Feature, ...] = ()

    def find(self, name: str) -> Feature | None:
        """The feature of that name under ``specs.apollo.dev``."""
        return next((feature for feature in self.all if feature.identity == SPECS + name), None)

    def directive(self, feature: str, name: str | None = None) -> str | None:
        """The local name of a feature's directive (its default one if ``name`` is left out), if it is linked."""
        found = self.find(feature)
        return found.directive(name or feature) if found else None

    def owner_of_directive(self, name: str) -> Feature | None:
        """The feature that a directive of the document belongs to."""
        return next((feature for feature in self.all if feature.owns_directive(name)), None)

    def owner_of_type(self, name: str) -> Feature | None:
        """The feature that a type of the document belongs to."""
        return next((feature for feature in self.all if feature.owns_type(name)), None)


def read_features(document: SupergraphDocument) -> Features:
    """What ``document`` links; raises ``SupergraphError`` for a broken link."""
    linker = _find_linker(document.schema.directives or ())
    if linker is None:
        return Features()
    argument = "feature" if linker.name == "core" else "url"
    features: dict[str, Feature] = {}
    for directive in document.schema.directives or ():
        if directive.name.value != linker.directive(linker.name):
            continue
        feature = _read_link(directive, argument)
        if feature.identity in features:
            raise SupergraphError(f"{feature.identity} is linked twice.", code="INVALID_LINK_DIRECTIVE_USAGE")
        features[feature.identity] = feature
    return Features(all=tuple(features.values()))


def check_supported(features: Features) -> None:
    """Refuse what this gateway cannot honour: ignoring it would be unsafe (SECURITY) or wrong (EXECUTION)."""
    linker = features.find("link") or features.find("core")
    join = features.find("join")
    if linker is None or join is None:
        raise SupergraphError("The document is not a supergraph: it links no join specification.")
    if linker.version not in SUPPORTED_VERSIONS[linker.name]:
        raise SupergraphError(f"{_title(linker)} is not a known version.", code="UNKNOWN_LINK_VERSION")
    if join.version not in SUPPORTED_VERSIONS["join"]:
        raise SupergraphError(f"{_title(join)} is not a known version of the join specification.")
    for feature in features.all:
        if feature.purpose is not None and not _is_supported(feature):
            raise SupergraphError(
                f"{_title(feature)} is needed for {feature.purpose} and is not supported.",
                code="UNSUPPORTED_LINKED_FEATURE",
            )


def parse_feature_url(url: str) -> tuple[str, str, tuple[int, int]] | None:
    """Identity, name and version of a feature URL; ``None`` if it is malformed."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return None
    path, _, last = parts.path.rstrip("/").rpartition("/")
    version = _VERSION.fullmatch(last)
    name = path.rpartition("/")[2]
    if not parts.scheme or not name or version is None or len(last) > 20:
        return None
    return f"{parts.scheme}://{host}{port}{path}", name, (int(version[1]), int(version[2]))


def _find_linker(directives: Iterable[DirectiveNode]) -> Feature | None:
    """The link specification's own entry: the one application that names its own directive."""
    for directive in directives:
        for argument in ("url", "feature"):
            url = parse_feature_url(string_argument(directive, argument) or "")
            if url is None or url[0] not in (f"{SPECS}link", f"{SPECS}core"):
                continue
            feature = _read_link(directive, argument)
            if feature.directive(feature.name) == directive.name.value:
                return feature
    return None


def _read_link(directive: DirectiveNode, argument: str) -> Feature:
    url = string_argument(directive, argument)
    parsed = parse_feature_url(url or "")
    if parsed is None:
        raise SupergraphError(f"{url!r} is not the URL of a feature.", code="INVALID_LINK_IDENTIFIER")
    identity, name, version = parsed
    arguments = {node.name.value: node.value for node in directive.arguments or ()}
    purpose = arguments.get("for")
    return Feature(
        identity=identity,
        name=name,
        version=version,
        local_name=string_argument(directive, "as") or name,
        imports=_read_imports(arguments.get("import"), identity),
        purpose=purpose.value if isinstance(purpose, EnumValueNode) else None,
    )


def _read_imports(value: ValueNode | None, identity: str) -> Mapping[str, str]:
    imports: dict[str, str] = {}
    entries = value.values if isinstance(value, ListValueNode) else ()
    for entry in entries:
        match entry:
            case StringValueNode(value=name):
                imports[name] = name
            case ObjectValueNode(fields=fields):
                texts = {f.name.value: f.value.value for f in fields if isinstance(f.value, StringValueNode)}
                name = texts.get("name", "")
                imports[name] = texts.get("as", name)
            case _:
                name = ""
        if not name:
            raise SupergraphError(f"An import of {identity} has no name.", code="INVALID_LINK_DIRECTIVE_USAGE")
    return imports


def _is_supported(feature: Feature) -> bool:
    if feature.identity != SPECS + feature.name:
        return False
    return feature.name in READABLE_ONLY or feature.version in SUPPORTED_VERSIONS.get(feature.name, ())


def _title(feature: Feature) -> str:
    return f"{feature.identity}/v{feature.version[0]}.{feature.version[1]}"
