"""Variables of a request, coerced to the types that the operation declares."""

from collections.abc import Mapping

from graphql import GraphQLError, GraphQLSchema, VariableDefinitionNode, get_variable_values, parse

from supergraph.errors import OperationError
from supergraph.operation.model import Operation
from supergraph.operation.select import choose_operation

_MAX_ERRORS = 20


def coerce_variables(
    schema: GraphQLSchema, operation: Operation, given: Mapping[str, object], *, hide_suggestions: bool
) -> Mapping[str, object]:
    """The values that the operation runs with, defaults included; undeclared ones are dropped.

    Raises ``OperationError`` that names each wrong variable.
    https://spec.graphql.org/September2025/#sec-Coercing-Variable-Values
    """
    definitions = operation.definition.variable_definitions or ()
    lifted = operation.lifted.values if operation.lifted is not None else {}
    if not definitions:
        return lifted
    values = get_variable_values(
        schema, definitions, dict(given), max_errors=_MAX_ERRORS, hide_suggestions=hide_suggestions
    )
    if isinstance(values, list):
        raise OperationError("GRAPHQL_VALIDATION_FAILED", [_told(error, operation) for error in values])
    return {**values.coerced, **lifted} if lifted else values.coerced


def _told(error: GraphQLError, operation: Operation) -> GraphQLError:
    """The error without its cause, at the place where the client declares the variable."""
    nodes = error.nodes
    if operation.lifted is not None and nodes:
        written = choose_operation(parse(operation.lifted.document), operation.name)
        own = {definition.variable.name.value: definition for definition in written.variable_definitions or ()}
        nodes = [own[node.variable.name.value] for node in nodes if isinstance(node, VariableDefinitionNode)]
    return GraphQLError(error.message, nodes=nodes)
