"""``@link``: which features a document uses, and what their elements are called in it.

An element of a feature is known in a document by the name it was imported under; else, if it is the feature's default
directive (``@tag`` of ``.../tag/v0.3``), by the feature's alias; else as ``alias__element``. Every look-up of a
federation directive goes through ``Links.local_name``: nothing here may assume that ``@key`` is called ``@key``.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from graphql import ListValueNode, Node, NullValueNode, ObjectValueNode, StringValueNode, ValueNode

from supergraph.sdl.model import Applied

APOLLO = "https://specs.apollo.dev/"
LINK = APOLLO + "link"
FEDERATION = APOLLO + "federation"
JOIN = APOLLO + "join"

_VERSION = re.compile(r"v(0|[1-9]\d*)\.(0|[1-9]\d*)\Z")
_NAME = re.compile(r"[_A-Za-z][_0-9A-Za-z]*\Z")
_LOOSE_NAME = re.compile(r"[_A-Za-z][-._0-9A-Za-z]*\Z")

Version = tuple[int, int]


class LinkError(ValueError):
    """A ``@link`` is wrong; ``node`` is where."""

    def __init__(self, code: str, message: str, node: Node | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.node = node


@dataclass(frozen=True, slots=True)
class FeatureUrl:
    """``https://specs.apollo.dev/federation/v2.3`` taken apart."""

    identity: str
    name: str
    version: Version

    def __str__(self) -> str:
        return f"{self.identity}/v{self.version[0]}.{self.version[1]}"


def parse_feature_url(url: str, node: Node | None = None) -> FeatureUrl:
    """Read a feature URL; raises ``LinkError`` with ``INVALID_LINK_IDENTIFIER``."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        port = parts.port
    except ValueError as error:
        raise LinkError("INVALID_LINK_IDENTIFIER", f'"{url}" is not a URL', node) from error
    if not parts.scheme:
        raise LinkError("INVALID_LINK_IDENTIFIER", f'"{url}" is not a URL: it has no scheme', node)
    segments = [segment for segment in parts.path.split("/") if segment]
    if not segments:
        raise LinkError("INVALID_LINK_IDENTIFIER", f'Missing path in feature url "{url}"', node)
    match = _VERSION.match(segments[-1])
    if match is None:
        message = f'Expected a version as the last segment of feature url "{url}", found "{segments[-1]}"'
        raise LinkError("INVALID_LINK_IDENTIFIER", message, node)
    if len(segments) == 1:
        raise LinkError("INVALID_LINK_IDENTIFIER", f'Missing feature name in feature url "{url}"', node)
    authority = f"{host}:{port}" if port is not None else host
    identity = f"{parts.scheme}://{authority}/" + "/".join(segments[:-1])
    return FeatureUrl(identity, segments[-2], (int(match[1]), int(match[2])))


@dataclass(frozen=True, slots=True)
class Link:
    """One feature that a document uses.

    Attributes:
        alias: What the feature is called in the document: the ``as`` argument or its own name.
        imports: Element to the name it was imported under; directives with their ``@``.
    """

    url: FeatureUrl
    alias: str
    imports: dict[str, str]
    applied: Applied
    purpose: str | None = None

    @property
    def identity(self) -> str:
        """Which feature it is, without the version."""
        return self.url.identity

    @property
    def version(self) -> Version:
        """The version of the feature."""
        return self.url.version

    def local_name(self, element: str) -> str:
        """The name of ``element`` (``@key``, ``FieldSet``) in the document, without ``@``."""
        imported = self.imports.get(element)
        if imported is not None:
            return imported.removeprefix("@")
        if element == "@" + self.url.name:
            return self.alias
        return f"{self.alias}__{element.removeprefix('@')}"


@dataclass(slots=True)
class Links:
    """All features of a document, by identity and in document order."""

    by_identity: dict[str, Link] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Link]:
        return iter(self.by_identity.values())

    def get(self, identity: str) -> Link | None:
        """The link of a feature, if the document has it."""
        return self.by_identity.get(identity)

    def source_of_directive(self, name: str) -> tuple[Link, str] | None:
        """The feature that the directive called ``name`` belongs to, and its name there (with ``@``)."""
        return self._source("@" + name, name)

    def source_of_type(self, name: str) -> tuple[Link, str] | None:
        """The feature that the type called ``name`` belongs to, and its name there."""
        return self._source(name, name)

    def _source(self, imported_as: str, name: str) -> tuple[Link, str] | None:
        sign = imported_as[: len(imported_as) - len(name)]
        for link in self.by_identity.values():
            for element, local in link.imports.items():
                if local == imported_as:
                    return link, element
        for link in self.by_identity.values():
            if sign and name == link.alias:
                return link, "@" + link.url.name
            prefix = link.alias + "__"
            if name.startswith(prefix) and len(name) > len(prefix):
                return link, sign + name[len(prefix) :]
        return None


def read_links(applied: list[Applied]) -> Links:
    """The features that the directives of a schema definition link; raises ``LinkError``."""
    link_name = _name_of_link(applied)
    links = Links()
    for application in applied:
        if application.name != link_name:
            continue
        link = _read_link(application)
        if link.identity in links.by_identity:
            message = f'Duplicate inclusion of feature "{link.identity}"'
            raise LinkError("INVALID_LINK_DIRECTIVE_USAGE", message, application.node)
        links.by_identity[link.identity] = link
    check_claims(links)
    return links


def _name_of_link(applied: list[Applied]) -> str | None:
    """What ``@link`` itself is called: the alias of the application that links the link specification."""
    for application in applied:
        url = application.text("url")
        if url is None or not url.startswith(LINK + "/"):
            continue
        if application.name == (application.text("as") or _import_alias(application) or "link"):
            return application.name
    return "link" if any(application.name == "link" for application in applied) else None


def _import_alias(application: Applied) -> str | None:
    value = application.arguments.get("import")
    if not isinstance(value, ListValueNode):
        return None
    for entry in value.values:
        if isinstance(entry, ObjectValueNode):
            given = {f.name.value: f.value.value for f in entry.fields if isinstance(f.value, StringValueNode)}
            if given.get("name") == "@link" and "as" in given:
                return given["as"].removeprefix("@")
    return None


def _read_link(application: Applied) -> Link:
    url_text = application.text("url")
    if url_text is None:
        raise LinkError("INVALID_LINK_IDENTIFIER", "@link needs a url, which is a string", application.node)
    url = parse_feature_url(url_text, application.node)
    alias = application.text("as")
    if alias is not None:
        _check_alias(alias, application)
    elif not _LOOSE_NAME.match(url.name):
        message = f'"{url.name}" is not a name that elements can be prefixed with; add an "as" argument'
        raise LinkError("INVALID_LINK_DIRECTIVE_USAGE", message, application.node)
    purpose = application.arguments.get("for")
    return Link(
        url,
        alias or url.name,
        _read_imports(application.arguments.get("import"), application),
        application,
        getattr(purpose, "value", None),
    )


def _check_alias(alias: str, application: Applied) -> None:
    if not _LOOSE_NAME.match(alias) or "__" in alias or alias.endswith("_"):
        message = f'"{alias}" cannot be the alias of a feature: it must be a name without "__" that does not end in "_"'
        raise LinkError("INVALID_LINK_DIRECTIVE_USAGE", message, application.node)


def _read_imports(value: ValueNode | None, application: Applied) -> dict[str, str]:
    if value is None or isinstance(value, NullValueNode):
        return {}
    entries = value.values if isinstance(value, ListValueNode) else (value,)
    imports: dict[str, str] = {}
    for entry in entries:
        name, local = _read_import(entry, application)
        imports[name] = local
    return imports


def _read_import(entry: ValueNode, application: Applied) -> tuple[str, str]:
    def wrong(message: str) -> LinkError:
        return LinkError("INVALID_LINK_DIRECTIVE_USAGE", message, entry if entry.loc else application.node)

    if isinstance(entry, StringValueNode):
        if not _NAME.match(entry.value.removeprefix("@")):
            raise wrong(f'"{entry.value}" in the import argument of @link is not the name of an element')
        return entry.value, entry.value
    if not isinstance(entry, ObjectValueNode):
        raise wrong('An entry of the import argument of @link is a name or an object {name: "...", as: "..."}')
    name, local = _read_renaming(entry, wrong)
    if name.startswith("@") != local.startswith("@"):
        raise wrong(f'"{name}" and its alias "{local}" must both be directives (with "@") or both be types')
    if not _NAME.match(local.removeprefix("@")):
        raise wrong(f'"{local}" is not a valid name to import "{name}" as')
    if local != name and "__" in local:
        raise wrong(f'"{local}" cannot be the name of an imported element: "__" belongs to the prefixes of features')
    return name, local


def _read_renaming(entry: ObjectValueNode, wrong: Callable[[str], LinkError]) -> tuple[str, str]:
    given: dict[str, str] = {}
    for item in entry.fields:
        if item.name.value not in ("name", "as"):
            raise wrong(f'Unknown field "{item.name.value}" in an entry of the import argument of @link')
        if not isinstance(item.value, StringValueNode):
            raise wrong(f'"{item.name.value}" in an entry of the import argument of @link must be a string')
        given[item.name.value] = item.value.value
    if "name" not in given:
        raise wrong('An entry of the import argument of @link lacks its "name"')
    return given["name"], given.get("as", given["name"])


def check_claims(links: Links) -> None:
    """Two features must not claim one name, by import, by alias or by their default directive."""
    claims: dict[str, Link] = {}
    for link in links.by_identity.values():
        names = {f"prefix {link.alias}__", *link.imports.values()}
        if "@" + link.url.name not in link.imports:
            names.add("@" + link.alias)
        for name in sorted(names):
            other = claims.setdefault(name, link)
            if other is not link:
                message = f'"{name}" is claimed both by feature "{other.url}" and by feature "{link.url}"'
                raise LinkError("INVALID_LINK_DIRECTIVE_USAGE", message, link.applied.node)
