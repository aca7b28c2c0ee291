"""From a client's document to the operation that is planned: parse, choose, validate, normalise.

    document ──▶ guards ──▶ parse ──▶ choose ──▶ validate ──▶ normalise ──▶ Operation
                 ▲ you are here

A document is an attacker's favourite input. Each step here is bounded by the one before: length and nesting before
the parser, tokens in the parser, the size of the expanded fragments before validation, nodes in normalisation.
"""

from collections.abc import Mapping

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    VariableDefinitionNode,
    parse,
    print_ast,
)

from supergraph.errors import OperationError
from supergraph.nesting import nests_deeper_than
from supergraph.operation.defer import defer_variables
from supergraph.operation.expansion import expands_beyond
from supergraph.operation.model import Operation, VariableDefinition
from supergraph.operation.normalise import MAX_NODES, Normaliser
from supergraph.operation.text import operation_key, print_operation
from supergraph.operation.validate import validate_operations
from supergraph.operation.values import print_value
from supergraph.read import Supergraph

MAX_TOKENS = 15_000
MAX_NESTING = 200
MAX_CHARACTERS = 1_000_000
MAX_EXPANDED_FIELDS = 200_000


def prepare(
    supergraph: Supergraph,
    document: str,
    operation_name: str | None = None,
    *,
    max_tokens: int = MAX_TOKENS,
    max_nesting: int = MAX_NESTING,
    max_characters: int = MAX_CHARACTERS,
    max_nodes: int = MAX_NODES,
) -> Operation:
    """Parse, validate and normalise one operation of ``document``.

    Args:
        supergraph: Its API schema decides what is valid.
        document: GraphQL text.
        operation_name: Which operation to take; may be left out if there is only one.
        max_tokens: Limit of the parser.
        max_nesting: How many brackets of any kind may be open at once. Beyond 200 the parser refuses on its own.
        max_characters: Length of the text.
        max_nodes: How many fields the normalised tree may have.

    Raises:
        OperationError: With the code of the step that failed, and all errors that this step found.
    """
    node = parse_operations(document, max_tokens=max_tokens, max_nesting=max_nesting, max_characters=max_characters)
    return prepare_document(supergraph, node, operation_name, max_nodes=max_nodes)


def prepare_document(
    supergraph: Supergraph, node: DocumentNode, operation_name: str | None = None, *, max_nodes: int = MAX_NODES
) -> Operation:
    """``prepare`` for a document that is parsed already."""
    definition = choose_operation(node, operation_name)
    fragments = {d.name.value: d for d in node.definitions if isinstance(d, FragmentDefinitionNode)}
    if expands_beyond(MAX_EXPANDED_FIELDS, node):
        message = f"The operation selects more than {MAX_EXPANDED_FIELDS} fields with its fragments expanded."
        raise OperationError("QUERY_PLAN_COMPLEXITY_EXCEEDED", [GraphQLError(message, definition)])
    validate_operations(supergraph.request_schema, node)
    return _normalise(supergraph.api_schema, definition, fragments, max_nodes)


def with_deferred_parts(
    supergraph: Supergraph, operation: Operation, off: frozenset[str] = frozenset(), *, max_nodes: int = MAX_NODES
) -> Operation:
    """The operation for a client that takes deferred parts later; ``prepare`` gives it for one that does not.

    What ``@defer(if: $variable)`` stands on is deferred unless the variable is in ``off``. So each truth of these
    variables is an operation with a text and a plan of its own. Nothing of a subscription is deferred.

    Returns:
        ``operation`` itself if nothing of it is deferred.

    Raises:
        OperationError: ``QUERY_PLAN_COMPLEXITY_EXCEEDED``.
    """
    if operation.kind == "subscription" or operation.defer_variables is None:
        return operation
    deferred = _normalise(supergraph.api_schema, operation.definition, operation.fragments, max_nodes, defer_off=off)
    return deferred if deferred.blocks else operation


def parse_operations(
    document: str,
    *,
    max_tokens: int = MAX_TOKENS,
    max_nesting: int = MAX_NESTING,
    max_characters: int = MAX_CHARACTERS,
) -> DocumentNode:
    """Parse within limits; raises ``OperationError`` with ``GRAPHQL_PARSE_FAILED``."""
    if len(document) > max_characters:
        raise _parse_failed(f"Syntax Error: Document contains more than {max_characters} characters.")
    if nests_deeper_than(document, max_nesting):
        raise _parse_failed(f"Syntax Error: Document nests more than {max_nesting} brackets.")
    try:
        parsed = parse(document, max_lexical_tokens=max_tokens)
    except GraphQLError as error:
        raise OperationError("GRAPHQL_PARSE_FAILED", [error]) from error
    unlink_tokens(parsed)
    return parsed


def unlink_tokens(document: DocumentNode) -> None:
    """Take the tokens of a document apart, which hold each other and are held by its nodes.

    Nobody walks along them any more. Linked, they are a cycle that only the garbage collector could free, once for each
    operation that is forgotten.
    """
    token = document.loc.start_token if document.loc is not None else None
    while token is not None:
        following, token.prev, token.next = token.next, None, None
        token = following


def choose_operation(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    """The operation of that name, or the only one; raises ``GRAPHQL_UNKNOWN_OPERATION_NAME``.

    https://spec.graphql.org/September2025/#GetOperation()
    """
    operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    if name is None or name == "":
        if len(operations) == 1:
            return operations[0]
        message = (
            "Must provide operation name if query contains multiple operations."
            if operations
            else "Must provide an operation."
        )
        raise OperationError("GRAPHQL_UNKNOWN_OPERATION_NAME", [GraphQLError(message)])
    for operation in operations:
        if operation.name is not None and operation.name.value == name:
            return operation
    raise OperationError("GRAPHQL_UNKNOWN_OPERATION_NAME", [GraphQLError(f"Unknown operation named '{name}'.")])


def _normalise(
    schema: GraphQLSchema,
    definition: OperationDefinitionNode,
    fragments: Mapping[str, FragmentDefinitionNode],
    max_nodes: int,
    *,
    defer_off: frozenset[str] | None = None,
) -> Operation:
    root = schema.get_root_type(definition.operation)
    assert root is not None, "validation knows the root type"
    normaliser = Normaliser(schema, fragments, max_nodes, defer_off)
    selection = normaliser.normalise(root.name, definition.selection_set)
    variables = tuple(map(_variable, definition.variable_definitions or ()))
    text = print_operation(definition, fragments, variables, selection)
    name = definition.name.value if definition.name else None
    return Operation(
        kind=definition.operation.value,
        name=name,
        selection=selection,
        variables=variables,
        definition=definition,
        fragments=fragments,
        defer_variables=defer_variables(definition, fragments),
        text=text,
        key=operation_key(name, text),
        blocks=tuple(block for _, block in sorted(normaliser.blocks.items())),
    )


def _variable(node: VariableDefinitionNode) -> VariableDefinition:
    default = None if node.default_value is None else print_value(node.default_value)
    return VariableDefinition(node.variable.name.value, print_ast(node.type), default)


def _parse_failed(message: str) -> OperationError:
    return OperationError("GRAPHQL_PARSE_FAILED", [GraphQLError(message)])
