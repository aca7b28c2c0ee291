"""Definitions that a subgraph may leave out: they are added, and those it has are held against the specification."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from graphql import DefinitionNode, parse

from supergraph.compose.problems import Problems
from supergraph.sdl.model import BUILT_IN_SCALARS, ENUM, SCALAR, Argument, DirectiveDef, Schema
from supergraph.sdl.types import ListOf, Named, NonNull, TypeRef, type_from_text
from supergraph.sdl.values import normal_text
from supergraph.spec.connect import CONNECT_DIRECTIVES, CONNECT_TYPES
from supergraph.spec.features import CONNECT, KNOWN_FEATURES, ArgumentSpec, DirectiveSpec
from supergraph.spec.federation import FEDERATION_1, directives_of, types_of
from supergraph.spec.link import FEDERATION, LINK, Link, Links, Version

LINK_DIRECTIVE = DirectiveSpec(
    "link",
    ("SCHEMA",),
    (
        ArgumentSpec("url", "String"),
        ArgumentSpec("as", "String"),
        ArgumentSpec("for", "<Purpose>"),
        ArgumentSpec("import", "[<Import>]"),
    ),
    repeatable=True,
)
PURPOSES = ("SECURITY", "EXECUTION")


@dataclass(frozen=True, slots=True)
class Expected:
    """What the features of a document define: local name to specification."""

    directives: Mapping[str, tuple[DirectiveSpec, Link | None]]
    types: Mapping[str, str]


def expected_definitions(links: Links, version: Version | None) -> Expected:
    """All definitions that belong to the known features of a document."""
    directives: dict[str, tuple[DirectiveSpec, Link | None]] = {}
    types: dict[str, str] = {}
    if version is None:
        directives.update({spec.name: (spec, None) for spec in FEDERATION_1})
        types["_FieldSet"] = SCALAR
    for link in links.by_identity.values():
        for spec in _directives_of_feature(link):
            directives[link.local_name("@" + spec.name)] = (spec, link)
        for name, kind in _types_of_feature(link):
            types[link.local_name(name)] = kind
    if links.by_identity and LINK not in links.by_identity:
        directives["link"] = (LINK_DIRECTIVE, None)
        types |= {"link__Purpose": ENUM, "link__Import": SCALAR}
    return Expected(directives, types)


def _directives_of_feature(link: Link) -> Iterator[DirectiveSpec]:
    if link.identity == FEDERATION:
        yield from directives_of(link.version).values()
    elif link.identity in KNOWN_FEATURES:
        yield from KNOWN_FEATURES[link.identity].directives
    elif link.identity == LINK:
        yield LINK_DIRECTIVE
    elif link.identity == CONNECT:
        yield from CONNECT_DIRECTIVES


def _types_of_feature(link: Link) -> Iterator[tuple[str, str]]:
    if link.identity == FEDERATION:
        yield from ((name, SCALAR) for name in types_of(link.version))
    elif link.identity in KNOWN_FEATURES:
        yield from ((name, SCALAR) for name in KNOWN_FEATURES[link.identity].types)
    elif link.identity == LINK:
        yield from (("Purpose", ENUM), ("Import", SCALAR))
    elif link.identity == CONNECT:
        yield from ((name, kind) for name, (kind, _) in CONNECT_TYPES.items())


def local_type(text: str, link: Link | None) -> TypeRef:
    """The type of an argument, with ``<X>`` replaced by what ``X`` is called in the document."""
    start, end = text.find("<"), text.find(">")
    if start >= 0:
        name = text[start + 1 : end]
        text = text[:start] + local_type_name(name, link) + text[end + 1 :]
    return type_from_text(text)


def local_type_name(name: str, link: Link | None) -> str:
    """What a feature's type is called in the document."""
    if link is not None:
        return link.local_name(name)
    return "_FieldSet" if name == "FieldSet" else f"link__{name}"


def missing_definitions(expected: Expected, schema: Schema) -> list[DefinitionNode]:
    """The definitions to add to a document that has ``schema``."""
    lines = []
    for name, kind in expected.types.items():
        if name not in schema.types:
            lines.append(_type_text(name, kind, expected))
    for name, (spec, link) in expected.directives.items():
        if name not in schema.directive_defs:
            lines.append(directive_text(name, spec, link))
    return list(_parse_definitions("\n".join(lines))) if lines else []


@lru_cache(maxsize=64)  # nearly all subgraphs lack the same definitions
def _parse_definitions(text: str) -> tuple[DefinitionNode, ...]:
    return tuple(parse(text, no_location=True).definitions)


def _type_text(name: str, kind: str, expected: Expected) -> str:
    if kind == SCALAR:
        return f"scalar {name}"
    if kind == ENUM:
        return f"enum {name} {{ {' '.join(PURPOSES)} }}"
    link = next(link for spec, link in expected.directives.values() if spec in CONNECT_DIRECTIVES)
    assert link is not None
    short = next(short for short in CONNECT_TYPES if link.local_name(short) == name)
    fields = CONNECT_TYPES[short][1]
    body = " ".join(f"{field}: {local_type(type_text, link)}" for field, type_text in fields.items())
    return f"input {name} {{ {body} }}"


def directive_text(name: str, spec: DirectiveSpec, link: Link | None) -> str:
    """The definition of a specified directive under its local name."""
    arguments = ", ".join(
        f"{argument.name}: {local_type(argument.type, link)}" + (f" = {argument.default}" if argument.default else "")
        for argument in spec.arguments
    )
    head = f"directive @{name}({arguments})" if arguments else f"directive @{name}"
    return f"{head}{' repeatable' if spec.repeatable else ''} on {' | '.join(spec.locations)}"


def check_definitions(
    expected: Expected, schema: Schema, problems: Problems, subgraph: str, *, lenient: bool
) -> set[str]:
    """Hold the document's own definitions against the specification.

    Returns the names of definitions that are wrong in ways that federation 1 (``lenient``) forgives; the specified
    definition replaces those.
    """
    replaced: set[str] = set()
    for name, (spec, link) in expected.directives.items():
        definition = schema.directive_defs.get(name)
        if definition is None:
            continue
        reasons = list(_differences(definition, spec, link))
        fatal = [reason for reason, forgivable in reasons if not (forgivable and lenient)]
        if fatal:
            message = f"Invalid definition for directive @{name}: {'; '.join(fatal)}"
            problems.error_in(subgraph, "DIRECTIVE_DEFINITION_INVALID", message, definition.node, coordinate=f"@{name}")
        elif reasons:
            replaced.add(name)
    for name, kind in expected.types.items():
        _check_type(name, kind, schema, problems, subgraph)
    return replaced


def _check_type(name: str, kind: str, schema: Schema, problems: Problems, subgraph: str) -> None:
    type_def = schema.types.get(name)
    if type_def is None:
        return
    message = None
    if type_def.kind != kind:
        message = f"{name} should be a {kind} but is a {type_def.kind}"
    elif kind == ENUM and set(type_def.values) != set(PURPOSES):
        message = f"{name} should have the values {', '.join(PURPOSES)} but has {', '.join(type_def.values)}"
    if message:
        text = f"Invalid definition for type {name}: {message}"
        problems.error_in(subgraph, "TYPE_DEFINITION_INVALID", text, type_def.node, coordinate=name)


def _differences(definition: DirectiveDef, spec: DirectiveSpec, link: Link | None) -> Iterator[tuple[str, bool]]:
    """Why a definition is not acceptable, and whether federation 1 forgives it."""
    known = {argument.name: argument for argument in spec.arguments}
    for argument in definition.arguments.values():
        if argument.name not in known:
            yield f"unknown argument {argument.name}", False
        else:
            reason = _argument_difference(argument, known[argument.name], link)
            if reason:
                yield reason, True
    for name, wanted in known.items():
        if name not in definition.arguments and wanted.type.endswith("!") and wanted.default is None:
            yield f"missing required argument {name}", True
    if definition.repeatable and not spec.repeatable:
        yield "it should not be repeatable", True
    extra = [location for location in definition.locations if location not in spec.locations]
    if extra:
        yield f"it should have locations {', '.join(spec.locations)} but has {', '.join(extra)} too", True


def _argument_difference(argument: Argument, wanted: ArgumentSpec, link: Link | None) -> str | None:
    official = local_type(wanted.type, link)
    if not _acceptable(argument.type, official):
        return f"argument {argument.name} should have type {official} but has {argument.type}"
    if isinstance(argument.type, NonNull) and not isinstance(official, NonNull):
        return None
    given = normal_text(argument.default)
    if given != (wanted.default or ""):
        return f"argument {argument.name} should have default {wanted.default} but has {given or 'none'}"
    return None


def _acceptable(given: TypeRef, official: TypeRef) -> bool:
    """The official type, its non-null form, or a built-in scalar in the place of a custom one."""
    if isinstance(given, NonNull):
        return _acceptable(given.of, official.of if isinstance(official, NonNull) else official)
    if isinstance(official, NonNull):
        return False
    if isinstance(given, ListOf) and isinstance(official, ListOf):
        return _acceptable(given.of, official.of)
    if isinstance(given, Named) and isinstance(official, Named):
        return given == official or (given.name in BUILT_IN_SCALARS and official.name not in BUILT_IN_SCALARS)
    return False
