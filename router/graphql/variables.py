"""Variables of a request, coerced to the types that the operation declares.

    document ──▶ variables ──▶ authorization ──▶ plan ──▶ execute
                 ▲ you are here

graphql-core coerces; where every value is of a built-in scalar type and needs no coercion, they are taken as they are.
"""

from collections.abc import Mapping

from graphql import GraphQLError, GraphQLSchema, VariableDefinitionNode, get_variable_values, parse

from supergraph.errors import OperationError
from supergraph.operation.model import Operation
from supergraph.operation.select import choose_operation

_MAX_ERRORS = 20
_INT_LIMIT = 2**31
# A variable of these types keeps a value of this type: https://spec.graphql.org/September2025/#sec-Scalars.Input-Coercion
# Not those that are to be made another one, such as the integer that an ID may be written as.
_KEPT = {
    f"{name}{mark}": kind
    for name, kind in {"ID": str, "String": str, "Boolean": bool, "Int": int}.items()
    for mark in ("", "!")
}


def usual_values(operation: Operation, given: Mapping[str, object]) -> Mapping[str, object] | None:
    """As ``coerce_variables`` if each variable has a value that is kept as it is, else ``None``."""
    lifted: Mapping[str, object] = {} if operation.lifted is None else operation.lifted.values
    declared = operation.variables
    if len(declared) == len(lifted):
        return lifted
    values: dict[str, object] = {}
    for variable in declared:
        name = variable.name
        value = given.get(name)
        if type(value) is _KEPT.get(variable.type) and (type(value) is not int or -_INT_LIMIT <= value < _INT_LIMIT):
            values[name] = value
        elif name not in lifted:
            return None
    values.update(lifted)
    return values


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
