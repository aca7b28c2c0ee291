"""Stage 1: one subgraph's text becomes a schema whose federation elements are known.

text ──▶ parse ──▶ links ──▶ definitions added and checked ──▶ GraphQL rules ──▶ model, root types renamed
"""

from dataclasses import replace

from graphql import (
    DefinitionNode,
    DirectiveDefinitionNode,
    DocumentNode,
    ExecutableDefinitionNode,
    FieldDefinitionNode,
    GraphQLError,
    NamedTypeNode,
    NameNode,
    ObjectTypeDefinitionNode,
    ObjectTypeExtensionNode,
    TypeDefinitionNode,
    TypeExtensionNode,
    parse,
)

from supergraph.compose.definitions import Expected, check_definitions, expected_definitions, missing_definitions
from supergraph.compose.graphql_rules import check_document
from supergraph.compose.problems import Problems
from supergraph.compose.result import Subgraph
from supergraph.compose.subgraph import LoadedSubgraph
from supergraph.nesting import nests_deeper_than
from supergraph.sdl.model import OBJECT, Schema, TypeDef
from supergraph.sdl.parse import DEFAULT_ROOTS, schema_from_document
from supergraph.sdl.types import ListOf, Named, NonNull, TypeRef
from supergraph.spec.features import CONNECT, KNOWN_FEATURES
from supergraph.spec.federation import (
    LATEST,
    OPERATION_FIELDS,
    OPERATION_TYPES,
    directives_of,
    is_known_version,
    types_of,
)
from supergraph.spec.link import FEDERATION, LINK, Link, LinkError, Links, Version, read_links

_DEEPEST_NESTING = 60
_STAND_IN = (FieldDefinitionNode(name=NameNode(value="_service"), type=NamedTypeNode(name=NameNode(value="String"))),)
_HIGHEST_VERSIONS = {identity: feature.version for identity, feature in KNOWN_FEATURES.items()} | {CONNECT: (0, 4)}


def load_subgraph(subgraph: Subgraph, problems: Problems) -> LoadedSubgraph | None:
    """Read a subgraph; ``None`` if it has errors, which are then in ``problems``."""
    before = len(problems.errors)
    if subgraph.name == "_" or not subgraph.name:
        message = f'"{subgraph.name}" cannot be the name of a subgraph: it is reserved'
        problems.document_error(subgraph.name, "INVALID_SUBGRAPH_NAME", message)
        return None
    document = _parse(subgraph, problems)
    if document is None:
        return None
    raw = schema_from_document(document)
    try:
        links = read_links(raw.applied)
        version = _federation_version(links)
        _check_versions(links)
        _check_imports(links)
    except LinkError as error:
        problems.error_in(subgraph.name, error.code, error.message, error.node, coordinate="schema")
        return None
    document = _without_operations(document, raw)
    expected = expected_definitions(links, version)
    document = _complete(document, raw, expected, problems, subgraph.name, lenient=version is None)
    if len(problems.errors) > before:
        return None
    loaded = LoadedSubgraph(subgraph.name, subgraph.url, schema_from_document(document), links, version)
    check_document(document, loaded, problems)
    if len(problems.errors) > before:
        return None
    _drop_stand_in(loaded.schema)
    _rename_roots(loaded, problems)
    return loaded if len(problems.errors) == before else None


def _parse(subgraph: Subgraph, problems: Problems) -> DocumentNode | None:
    if nests_deeper_than(subgraph.sdl, _DEEPEST_NESTING):
        problems.document_error(subgraph.name, "INVALID_GRAPHQL", "The schema nests brackets too deeply")
        return None
    try:
        document = parse(subgraph.sdl)
    except GraphQLError as error:
        problems.syntax_error(subgraph.name, error)
        return None
    for node in document.definitions:
        if isinstance(node, ExecutableDefinitionNode):
            message = "A schema cannot contain operations or fragments"
            problems.error_in(subgraph.name, "INVALID_GRAPHQL", message, node)
            return None
    return document


def _federation_version(links: Links) -> Version | None:
    link = links.get(LINK)
    if link is not None and link.version != (1, 0):
        message = f'Schema uses unknown version {_text(link.version)} of the link specification "{link.url}"'
        raise LinkError("UNKNOWN_LINK_VERSION", message, link.applied.node)
    federation = links.get(FEDERATION)
    if federation is None:
        return None
    if not is_known_version(federation.version):
        message = (
            f"Invalid version {_text(federation.version)} for the federation feature: known are v2.0 to {_text(LATEST)}"
        )
        raise LinkError("UNKNOWN_FEDERATION_LINK_VERSION", message, federation.applied.node)
    return federation.version


def _check_versions(links: Links) -> None:
    """Refuse versions of known features that may mean what nobody here knows."""
    for link in links.by_identity.values():
        known = _HIGHEST_VERSIONS.get(link.identity)
        if known is not None and link.version > known:
            message = (
                f'Version {_text(link.version)} of "{link.identity}" is not supported: known is up to {_text(known)}'
            )
            raise LinkError("UNSUPPORTED_FEATURE", message, link.applied.node)


def _text(version: Version) -> str:
    return f"v{version[0]}.{version[1]}"


def _check_imports(links: Links) -> None:
    for link in links.by_identity.values():
        known = _importable(link)
        for element in link.imports if known else ():
            if element not in known:
                hint = f'; did you mean "@{element}"?' if "@" + element in known else ""
                message = f'Cannot import unknown element "{element}" of "{link.url}"{hint}'
                raise LinkError("INVALID_LINK_DIRECTIVE_USAGE", message, link.applied.node)


def _importable(link: Link) -> set[str]:
    if link.identity == FEDERATION:
        return {"@" + name for name in directives_of(link.version)} | set(types_of(link.version))
    if link.identity == LINK:
        return {"@link", "Purpose", "Import"}
    feature = KNOWN_FEATURES.get(link.identity)
    if feature is None:
        return set()
    return {"@" + spec.name for spec in feature.directives} | set(feature.types)


def _without_operations(document: DocumentNode, raw: Schema) -> DocumentNode:
    """Drop ``_entities``, ``_service`` and their types, whatever their shape: every subgraph has them anyway.

    A root that has nothing else keeps a stand-in, so that references to it stay valid; see ``_drop_stand_in``.
    """
    query = raw.roots.get("query", "Query")
    has_own = query in raw.types and any(name not in OPERATION_FIELDS for name in raw.types[query].fields)
    stand_in = () if has_own else _STAND_IN
    kept: list[DefinitionNode] = []
    for node in document.definitions:
        if isinstance(node, (TypeDefinitionNode, TypeExtensionNode)) and node.name.value in OPERATION_TYPES:
            continue
        if isinstance(node, (ObjectTypeDefinitionNode, ObjectTypeExtensionNode)) and node.name.value == query:
            fields = tuple(field for field in node.fields or () if field.name.value not in OPERATION_FIELDS)
            if len(fields) != len(node.fields or ()):
                kept.append(replace(node, fields=fields or stand_in))
                stand_in = ()
                continue
        kept.append(node)
    return DocumentNode(definitions=tuple(kept), loc=document.loc)


def _drop_stand_in(schema: Schema) -> None:
    for type_def in schema.types.values():
        for name in OPERATION_FIELDS & type_def.fields.keys():
            if type_def.fields[name].node is _STAND_IN[0]:
                del type_def.fields[name]


def _complete(
    document: DocumentNode, schema: Schema, expected: Expected, problems: Problems, name: str, *, lenient: bool
) -> DocumentNode:
    replaced = check_definitions(expected, schema, problems, name, lenient=lenient)
    kept = [
        node
        for node in document.definitions
        if not (isinstance(node, DirectiveDefinitionNode) and node.name.value in replaced)
    ]
    for directive in replaced:
        del schema.directive_defs[directive]
    return DocumentNode(definitions=(*kept, *missing_definitions(expected, schema)), loc=document.loc)


def _rename_roots(subgraph: LoadedSubgraph, problems: Problems) -> None:
    """Give the root types their default names, and every subgraph a query root."""
    schema = subgraph.schema
    renames: dict[str, str] = {}
    for operation, default in DEFAULT_ROOTS.items():
        current = schema.roots.get(operation)
        if current in (None, default):
            if current is None and default in schema.types:
                _report_used_root(subgraph, operation, default, problems)
            continue
        assert current is not None
        if default in schema.types:
            _report_used_root(subgraph, operation, default, problems)
        else:
            renames[current] = default
            schema.roots[operation] = default
    if renames:
        rename_types(schema, renames)
    if "Query" not in schema.types:
        schema.types["Query"] = TypeDef("Query", OBJECT)
        schema.roots.setdefault("query", "Query")


def _report_used_root(subgraph: LoadedSubgraph, operation: str, default: str, problems: Problems) -> None:
    message = (
        f'The schema has a type named "{default}" but it is not set as the {operation} root type: '
        f'federation names that root "{default}", so no other type can have the name'
    )
    node = subgraph.schema.types[default].node
    problems.error_in(subgraph.name, f"ROOT_{operation.upper()}_USED", message, node, coordinate=default)


def rename_types(schema: Schema, renames: dict[str, str]) -> None:
    """Rename types, and every reference to them."""
    schema.types = {renames.get(name, name): type_def for name, type_def in schema.types.items()}
    for name, type_def in schema.types.items():
        type_def.name = name
        type_def.interfaces = {renames.get(i, i): number for i, number in type_def.interfaces.items()}
        type_def.members = {renames.get(m, m): number for m, number in type_def.members.items()}
        for value in type_def.values.values():
            value.parent = name
        for field in type_def.fields.values():
            field.parent = name
            field.type = _renamed(field.type, renames)
            for argument in field.arguments.values():
                argument.parent = field.coordinate
                argument.type = _renamed(argument.type, renames)


def _renamed(type_ref: TypeRef, renames: dict[str, str]) -> TypeRef:
    match type_ref:
        case Named(name):
            return Named(renames[name]) if name in renames else type_ref
        case ListOf(of):
            return ListOf(_renamed(of, renames))
        case NonNull(of):
            inner = _renamed(of, renames)
            assert not isinstance(inner, NonNull)
            return NonNull(inner)
