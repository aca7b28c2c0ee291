"""GraphQL's own rules for the document of a subgraph; every break of one is ``INVALID_GRAPHQL``."""

from difflib import get_close_matches

from graphql import (
    DirectiveDefinitionNode,
    DirectiveNode,
    DocumentNode,
    GraphQLError,
    Node,
    build_ast_schema,
    parse,
    validate_schema,
)
from graphql.validation.validate import validate_sdl

from supergraph.compose.problems import Problems
from supergraph.compose.subgraph import LoadedSubgraph
from supergraph.sdl.model import Applied, Argument, Element, Field
from supergraph.sdl.values import normal_text, why_invalid
from supergraph.spec.federation import LATEST, directives_of
from supergraph.spec.link import FEDERATION

_NO_QUERY = "Query root type must be provided."
# Their values have errors of their own.
_FIELD_SET_DIRECTIVES = frozenset({"key", "requires", "provides", "fromContext", "composeDirective"})


def check_document(document: DocumentNode, subgraph: LoadedSubgraph, problems: Problems) -> None:
    """Report what graphql-core finds wrong in a document to which missing definitions were added."""
    complete = _with_bases(document, subgraph)
    errors = validate_sdl(complete)
    if not errors:
        before = len(problems.errors)
        check_values(subgraph, problems)
        errors = _schema_errors(complete) if len(problems.errors) == before else []
    for error in errors:
        message = error.message
        node = error.nodes[0] if error.nodes else None
        if isinstance(node, DirectiveNode) and message.startswith("Unknown directive"):
            message += _advice(node.name.value, subgraph)
        coordinate = _enclosing(document, node)
        problems.error_in(subgraph.name, "INVALID_GRAPHQL", message, node, coordinate=coordinate)


def _enclosing(document: DocumentNode, node: Node | None) -> str | None:
    """The coordinate of the type, field or directive definition around ``node``."""
    if node is None or node.loc is None:
        return None
    for definition in document.definitions:
        if not _contains(definition, node):
            continue
        name = getattr(getattr(definition, "name", None), "value", "schema")
        if isinstance(definition, DirectiveDefinitionNode):
            return f"@{name}"
        for member in (*(getattr(definition, "fields", None) or ()), *(getattr(definition, "values", None) or ())):
            if _contains(member, node):
                return f"{name}.{member.name.value}"
        return str(name)
    return None


def _contains(outer: Node, inner: Node) -> bool:
    if outer.loc is None or inner.loc is None:
        return False
    return outer.loc.start <= inner.loc.start and inner.loc.end <= outer.loc.end


def _schema_errors(document: DocumentNode) -> list[GraphQLError]:
    try:
        schema = build_ast_schema(document, assume_valid_sdl=True)
        return [error for error in validate_schema(schema) if error.message != _NO_QUERY]
    except GraphQLError as error:
        return [error]
    except (TypeError, ValueError) as error:
        return [GraphQLError(str(error))]


def _with_bases(document: DocumentNode, subgraph: LoadedSubgraph) -> DocumentNode:
    """Add an empty definition for each extension without one: another subgraph may have it."""
    keywords = {"object": "type"}
    lines = [
        f"{keywords.get(type_def.kind, type_def.kind)} {type_def.name}"
        for type_def in subgraph.schema.types.values()
        if not type_def.defined
    ]
    if not lines:
        return document
    bases = parse("\n".join(lines), no_location=True).definitions
    return DocumentNode(definitions=(*document.definitions, *bases), loc=document.loc)


def _advice(name: str, subgraph: LoadedSubgraph) -> str:
    """What the user probably meant by a directive that the document does not know."""
    latest = directives_of(LATEST)
    federation = subgraph.links.get(FEDERATION)
    if federation is None:
        if name in latest:
            return (
                f' If you meant the federation 2 directive "@{name}", link federation: @link(url: '
                f'"{FEDERATION}/v2.0", import: ["@{name}"]).'
            )
    elif name in directives_of(federation.version):
        local = federation.local_name("@" + name)
        if "@" + name in federation.imports:
            return f' "@{name}" is imported as "@{local}" here.'
        return f' If you meant the federation directive, use "@{local}" or add "@{name}" to the import of @link.'
    elif name in latest:
        return f' "@{name}" does not exist in federation v{federation.version[0]}.{federation.version[1]}.'
    close = get_close_matches(name, subgraph.canonical, n=3)
    return f" Did you mean {' or '.join(f'@{other}' for other in close)}?" if close else ""


def check_values(subgraph: LoadedSubgraph, problems: Problems) -> None:
    """Report default values and directive arguments that are not of their type."""
    schema = subgraph.schema
    for directive in schema.directive_defs.values():
        for argument in directive.arguments.values():
            _check_default(argument, subgraph, problems)
    for element in (schema, *schema.elements()):
        if isinstance(element, (Argument, Field)):
            _check_default(element, subgraph, problems)
        for applied in element.applied:
            _check_applied(applied, element, subgraph, problems)


def _check_default(element: Argument | Field, subgraph: LoadedSubgraph, problems: Problems) -> None:
    if element.default is None:
        return
    reason = why_invalid(element.default, element.type, subgraph.schema)
    if reason:
        message = (
            f'Invalid default value {normal_text(element.default)} for "{element.coordinate}" '
            f'of type "{element.type}": {reason}'
        )
        problems.error_in(subgraph.name, "INVALID_GRAPHQL", message, element.node, coordinate=element.coordinate)


def _check_applied(applied: Applied, element: Element, subgraph: LoadedSubgraph, problems: Problems) -> None:
    definition = subgraph.schema.directive_defs.get(applied.name)
    if definition is None or subgraph.canonical.get(applied.name) in _FIELD_SET_DIRECTIVES:
        return
    for name, value in applied.arguments.items():
        argument = definition.arguments.get(name)
        reason = why_invalid(value, argument.type, subgraph.schema) if argument else None
        if reason:
            message = f'Invalid value for "@{applied.name}({name}:)" on {element.coordinate}: {reason}'
            problems.error_in(subgraph.name, "INVALID_GRAPHQL", message, applied.node, coordinate=element.coordinate)
