"""Variables of a request, coerced to the types that the operation declares."""

from collections.abc import Mapping

from graphql import GraphQLError, GraphQLSchema, get_variable_values

from supergraph.errors import OperationError
from supergraph.operation.model import Operation

_MAX_ERRORS = 20


def coerce_variables(
    schema: GraphQLSchema, operation: Operation, given: Mapping[str, object], *, hide_suggestions: bool
) -> Mapping[str, object]:
    """The values that the operation runs with, defaults included; undeclared ones are dropped.

    Raises ``OperationError`` that names each wrong variable.
    https://spec.graphql.org/September2025/#sec-Coercing-Variable-Values
    """
    definitions = operation.definition.variable_definitions
    if not definitions:
        return {}
    values = get_variable_values(
        schema, definitions, dict(given), max_errors=_MAX_ERRORS, hide_suggestions=hide_suggestions
    )
    if isinstance(values, list):
        raise OperationError("GRAPHQL_VALIDATION_FAILED", [_without_cause(error) for error in values])
    return values.coerced


def _without_cause(error: GraphQLError) -> GraphQLError:
    return GraphQLError(error.message, nodes=error.nodes)
