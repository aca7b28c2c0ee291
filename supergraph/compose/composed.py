"""Which directives reach the supergraph, under which names, and the links and definitions that this takes.

Three kinds do: those built into GraphQL, those of federation's own features (``@tag``, ``@inaccessible``, ...), and the
user's, asked for with ``@composeDirective``. A fourth is carried as ``@join__directive`` for the router to read.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from graphql import ValueNode, parse, parse_value

from supergraph.compose.custom_directives import CustomDirective, find_custom_directives
from supergraph.compose.problems import Problems
from supergraph.compose.subgraph import LoadedSubgraph
from supergraph.compose.wording import quoted
from supergraph.sdl.model import SCALAR, Applied, DirectiveDef, Element, Schema, TypeDef
from supergraph.sdl.parse import schema_from_document
from supergraph.sdl.types import TypeRef
from supergraph.sdl.values import Plain, to_node
from supergraph.spec.features import (
    CACHE_TAG_FEATURE,
    COMPOSED_FEATURES,
    CONNECT,
    TAG_FEATURE,
    DirectiveSpec,
    FeatureSpec,
    feature_of_directive,
)
from supergraph.spec.link import FEDERATION, Version
from supergraph.spec.merge_strategies import Strategy

_BUILT_IN = """
directive @deprecated(reason: String = "No longer supported") on
  FIELD_DEFINITION | ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION | ENUM_VALUE
directive @specifiedBy(url: String!) on SCALAR
directive @oneOf on INPUT_OBJECT
"""
_BUILT_IN_NAMES = ("deprecated", "specifiedBy", "oneOf")


@dataclass(frozen=True, slots=True, eq=False)
class MergedDirective:
    """A directive as it appears in the supergraph.

    Attributes:
        name: Its name there.
        element: Its name in its specification.
        feature: Identity of the feature it belongs to; ``None`` for a built-in one.
        types: Of its arguments.
        defaults: Of its arguments that have one.
        strategies: How its arguments are merged, if they can be.
    """

    name: str
    element: str
    feature: str | None
    repeatable: bool
    types: dict[str, TypeRef] = field(default_factory=dict)
    defaults: dict[str, ValueNode] = field(default_factory=dict)
    strategies: dict[str, Strategy] = field(default_factory=dict)


@dataclass(slots=True)
class ComposedDirectives:
    """All directives that reach the supergraph.

    Attributes:
        by_name: By their name in the supergraph.
        links: The ``@link`` applications that they take.
        definitions: Their definitions, and the types of those.
    """

    by_name: dict[str, MergedDirective] = field(default_factory=dict)
    links: list[Applied] = field(default_factory=list)
    definitions: Schema = field(default_factory=Schema)
    custom_identities: set[str] = field(default_factory=set)
    _names: dict[tuple[str, str], str] = field(default_factory=dict)

    def merged(self, subgraph: LoadedSubgraph, local_name: str) -> MergedDirective | None:
        """What the directive that a subgraph calls ``local_name`` is in the supergraph, if it gets there."""
        if local_name in _BUILT_IN_NAMES:
            return self.by_name[local_name]
        name = self._names.get((subgraph.name, local_name))
        return self.by_name.get(name) if name is not None else None

    def carried(self, subgraph: LoadedSubgraph, applied: Applied) -> str | None:
        """The name under which an application is carried as ``@join__directive``, if it is."""
        local_name = applied.name
        link = subgraph.links.get(CONNECT)
        if link is not None and applied.node is link.applied.node:
            return "link"
        if subgraph.canonical.get(local_name) == "cacheTag":
            return "federation__cacheTag" if FEDERATION in subgraph.links.by_identity else local_name
        source = subgraph.links.source_of_directive(local_name)
        return local_name if source is not None and source[0].identity == CONNECT else None

    def is_composed_type(self, subgraph: LoadedSubgraph, name: str) -> bool:
        """Does a type that belongs to a feature reach the supergraph nevertheless?"""
        source = subgraph.links.source_of_type(name)
        return source is not None and source[0].identity in self.custom_identities

    def register(self, subgraph: str, local_name: str, name: str) -> None:
        """Say that ``local_name`` of a subgraph is ``name`` in the supergraph."""
        self._names[subgraph, local_name] = name


def compose_directives(subgraphs: Sequence[LoadedSubgraph], version: Version, problems: Problems) -> ComposedDirectives:
    """Decide which directives are merged; reports names that do not agree."""
    composed = ComposedDirectives()
    for definition in schema_from_document(parse(_BUILT_IN, no_location=True)).directive_defs.values():
        composed.by_name[definition.name] = _from_definition(definition, definition.name, None)
    used = _used_names(subgraphs, composed)
    for feature in COMPOSED_FEATURES:
        names = {
            spec.name: _agreed_name(spec, used[spec.name], subgraphs, problems)
            for spec in feature.directives
            if spec.name in used
        }
        if names:
            _add_feature(composed, feature, names, version)
    taken = {"link", "join"}
    taken |= {url.rsplit("/", 2)[-2] for link in composed.links if (url := link.text("url"))}
    customs = find_custom_directives(subgraphs, set(composed.by_name), taken, problems)
    for custom in customs:
        _add_custom(composed, custom)
    _add_carried(composed, subgraphs)
    return composed


def all_applied(subgraph: LoadedSubgraph) -> Iterator[tuple[Element, Applied]]:
    """Every application in a subgraph, with what it is applied to."""
    for element in (subgraph.schema, *subgraph.schema.elements()):
        for applied in element.applied:
            yield element, applied


def _used_names(subgraphs: Sequence[LoadedSubgraph], composed: ComposedDirectives) -> dict[str, dict[str, list[str]]]:
    """For each merged federation directive in use: its names for the supergraph, and who uses them."""
    used: dict[str, dict[str, list[str]]] = {}
    for subgraph in subgraphs:
        for local in dict.fromkeys(applied.name for _, applied in all_applied(subgraph)):
            element = subgraph.canonical.get(local)
            if element is None or feature_of_directive(element) is None:
                continue
            # Its applications do not reach the supergraph, so neither does what it is called.
            name = (
                "context__fromContext" if element == "fromContext" else _name_for_supergraph(subgraph, local, element)
            )
            used.setdefault(element, {}).setdefault(name, []).append(subgraph.name)
            composed.register(subgraph.name, local, name)
    return used


def _name_for_supergraph(subgraph: LoadedSubgraph, local: str, element: str) -> str:
    """The local name, or the specified one if the directive is only called by its prefix."""
    source = subgraph.links.source_of_directive(local)
    if source is None:
        return local
    link, _ = source
    return element if local == f"{link.alias}__{element}" else local


def _agreed_name(
    spec: DirectiveSpec,
    names: dict[str, list[str]],
    subgraphs: Sequence[LoadedSubgraph],
    problems: Problems,
) -> str:
    if len(names) > 1:
        described = ", ".join(f'"@{name}" in {quoted(users)}' for name, users in names.items())
        message = (
            f'The "@{spec.name}" directive is imported with mismatched names between subgraphs: it is {described}. '
            "Use one name in all of them"
        )
        involved = [subgraph.place(subgraph.schema) for subgraph in subgraphs]
        problems.error("LINK_IMPORT_NAME_MISMATCH", message, involved, coordinate=f"@{spec.name}")
    return next(iter(names))


def _add_feature(composed: ComposedDirectives, feature: FeatureSpec, names: dict[str, str], version: Version) -> None:
    imports: list[Plain] = []
    is_old_tag = feature is TAG_FEATURE and version < (2, 3)
    for spec in feature.directives:
        natural = spec.name if spec.name == feature.name else f"{feature.name}__{spec.name}"
        name = names.get(spec.name, natural)
        if name == spec.name and name != natural:
            imports.append(f"@{name}")
        elif name != natural:
            imports.append({"name": f"@{spec.name}", "as": f"@{name}"})
        definition = _specified(spec, name, feature)
        if is_old_tag:
            definition.locations = tuple(location for location in definition.locations if location != "SCHEMA")
        composed.definitions.directive_defs[name] = definition
        if spec.name in names and spec.name != "fromContext":
            strategies = {argument.name: argument.strategy for argument in spec.arguments if argument.strategy}
            composed.by_name[name] = _from_definition(definition, spec.name, feature.identity, strategies)
    for type_name in feature.types:
        scalar = TypeDef(f"{feature.name}__{type_name}", SCALAR)
        composed.definitions.types[scalar.name] = scalar
    minor = 2 if is_old_tag else feature.version[1]
    url = f"{feature.identity}/v{feature.version[0]}.{minor}"
    composed.links.append(link_application(url, purpose=feature.purpose, imports=imports))


def _specified(spec: DirectiveSpec, name: str, feature: FeatureSpec) -> DirectiveDef:
    arguments = ", ".join(
        f"{argument.name}: {argument.type.replace('<', feature.name + '__').replace('>', '')}"
        + (f" = {argument.default}" if argument.default else "")
        for argument in spec.arguments
    )
    head = f"directive @{name}({arguments})" if arguments else f"directive @{name}"
    text = f"{head}{' repeatable' if spec.repeatable else ''} on {' | '.join(spec.locations)}"
    return schema_from_document(parse(text, no_location=True)).directive_defs[name]


def _from_definition(
    definition: DirectiveDef, element: str, feature: str | None, strategies: dict[str, Strategy] | None = None
) -> MergedDirective:
    return MergedDirective(
        definition.name,
        element,
        feature,
        definition.repeatable,
        {argument.name: argument.type for argument in definition.arguments.values()},
        {argument.name: argument.default for argument in definition.arguments.values() if argument.default is not None},
        strategies or {},
    )


def _add_custom(composed: ComposedDirectives, custom: CustomDirective) -> None:
    composed.custom_identities.add(custom.identity)
    composed.links.append(
        link_application(custom.url, alias=custom.alias, purpose=custom.purpose, imports=custom.imports)
    )
    for definition, element, users in custom.directives:
        composed.definitions.directive_defs[definition.name] = definition
        composed.by_name[definition.name] = _from_definition(definition, element, custom.identity)
        for user in users:
            composed.register(user, definition.name, definition.name)


def _add_carried(composed: ComposedDirectives, subgraphs: Sequence[LoadedSubgraph]) -> None:
    """Link the features whose applications are carried, so that a router that cannot honour them knows."""
    connect: list[Version] = []
    cache_tag = False
    for subgraph in subgraphs:
        link = subgraph.links.get(CONNECT)
        if link is not None:
            connect.append(link.version)
        cache_tag = cache_tag or any(
            subgraph.canonical.get(applied.name) == "cacheTag" for _, applied in all_applied(subgraph)
        )
    if cache_tag:
        feature = CACHE_TAG_FEATURE
        url = f"{feature.identity}/v{feature.version[0]}.{feature.version[1]}"
        composed.links.append(link_application(url, purpose=feature.purpose))
    if connect:
        major, minor = max(*connect, (0, 3))
        composed.links.append(link_application(f"{CONNECT}/v{major}.{minor}", purpose="EXECUTION"))


def link_application(
    url: str, *, alias: str | None = None, purpose: str | None = None, imports: Sequence[Plain] = ()
) -> Applied:
    """One ``@link`` of the supergraph."""
    arguments: dict[str, ValueNode] = {"url": to_node(url)}
    if alias is not None:
        arguments["as"] = to_node(alias)
    if purpose is not None:
        arguments["for"] = parse_value(purpose, no_location=True)
    if imports:
        arguments["import"] = to_node(list(imports))
    return Applied("link", arguments)
