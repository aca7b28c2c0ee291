"""From a supergraph document to graphql-core schemas.

supergraph document ──▶ full schema     all types, for planning
                    └─▶ API schema      no hidden elements, no linked features: what clients see
                    └─▶ request schema  the API schema and ``@defer``: what requests are validated on
"""

from collections.abc import Callable
from dataclasses import replace

from graphql import (
    DirectiveNode,
    GraphQLDeferDirective,
    GraphQLError,
    GraphQLSchema,
    Node,
    build_ast_schema,
    validate_schema,
)
from graphql.validation.validate import validate_sdl

from supergraph.api.inaccessible import check_inaccessible, remove_inaccessible
from supergraph.errors import SupergraphError
from supergraph.reader.document import AnyNode, SupergraphDocument, with_parts
from supergraph.reader.features import Features

NEVER_IN_AN_API = frozenset({"defer", "stream"})
"""Directives of incremental delivery: whether they can be used is the gateway's to say, not the supergraph's."""


def build_schemas(document: SupergraphDocument, features: Features) -> tuple[GraphQLSchema, GraphQLSchema]:
    """The full schema and the API schema; raises ``SupergraphError``."""
    return build_full_schema(document, features), build_api_schema(document, features)


def build_full_schema(document: SupergraphDocument, features: Features) -> GraphQLSchema:
    """All types, and the applications of all features but link and join; raises ``SupergraphError``."""
    machinery = Features(all=tuple(f for f in features.all if f.name in ("link", "core", "join")))
    return _build(_without_features(document, machinery), check_sdl=True)


def build_api_schema(document: SupergraphDocument, features: Features) -> GraphQLSchema:
    """What clients see.

    Raises:
        SupergraphError: With the code of the first misuse of ``@inaccessible``, if that is the reason.
    """
    errors = check_inaccessible(document, features)
    if errors:
        text = "\n".join(error.message for error in errors)
        raise SupergraphError(text, code=errors[0].code)
    visible = remove_inaccessible(document, features)
    shown = _without_features(visible, features)
    directives = {name: node for name, node in shown.directives.items() if name not in NEVER_IN_AN_API}
    return _build(replace(shown, directives=directives), check_sdl=False)


def build_request_schema(schema: GraphQLSchema, api_schema: GraphQLSchema) -> GraphQLSchema:
    """``api_schema`` with the directives that it does not show.

    That is ``@defer``, and a ``@stream`` that the subgraphs declare: to the gateway it is a directive like any other,
    passed on to them.
    """
    stream = schema.get_directive("stream")
    options = api_schema.to_kwargs()
    options["directives"] = (*api_schema.directives, GraphQLDeferDirective, *((stream,) if stream else ()))
    options["assume_valid"] = True
    return GraphQLSchema(**options)


def _without_features(document: SupergraphDocument, features: Features) -> SupergraphDocument:
    """``document`` without the definitions of ``features`` and without the applications of their directives."""
    memo: dict[str, bool] = {}

    def owned(name: str) -> bool:
        if name not in memo:
            memo[name] = features.owner_of_directive(name) is not None
        return memo[name]

    directives = {name: _strip(node, owned) for name, node in document.directives.items() if not owned(name)}
    types = {name: _strip(node, owned) for name, node in document.types.items() if features.owner_of_type(name) is None}
    return SupergraphDocument(schema=_strip(document.schema, owned), types=types, directives=directives)


def _strip(node: AnyNode, owned: Callable[[str], bool]) -> AnyNode:
    """``node`` without the applications of ``owned`` directives, on itself and on its parts."""
    changes: dict[str, tuple[Node, ...]] = {}
    directives: tuple[DirectiveNode, ...] = getattr(node, "directives", None) or ()
    kept = tuple(directive for directive in directives if not owned(directive.name.value))
    if len(kept) != len(directives):
        changes["directives"] = kept
    for part in ("fields", "arguments", "values"):
        children: tuple[Node, ...] = getattr(node, part, None) or ()
        stripped = tuple(_strip(child, owned) for child in children)
        if any(new is not old for new, old in zip(stripped, children, strict=True)):
            changes[part] = stripped
    return with_parts(node, changes) if changes else node


def _build(document: SupergraphDocument, *, check_sdl: bool) -> GraphQLSchema:
    node = document.to_node()
    try:
        errors = validate_sdl(node) if check_sdl else []
        schema = build_ast_schema(node, assume_valid_sdl=True)
        errors = errors or validate_schema(schema)
    except (GraphQLError, TypeError, RecursionError) as error:
        # graphql-core raises TypeError for a reference to an unknown type.
        raise SupergraphError(f"The supergraph is not a valid schema: {error}", code="INVALID_GRAPHQL") from error
    if errors:
        text = "\n".join(error.message for error in errors)
        raise SupergraphError(f"The supergraph is not a valid schema: {text}", code="INVALID_GRAPHQL")
    return schema
