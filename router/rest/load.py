"""Reading the operations of routes, and checking them against the supergraph, when a snapshot is built."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLInputType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableDefinitionNode,
    is_input_type,
    parse,
    type_from_ast,
    validate,
)

from router.config.problems import ConfigError, ConfigProblem
from router.config.rest import RouteSection
from router.rest.parameters import Source, Variable
from router.rest.path import Template


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class LoadedOperation:
    """The operation of a route."""

    document: str
    operation_name: str | None
    variables: tuple[Variable, ...]


def load_operation(route: RouteSection, template: Template, schema: GraphQLSchema) -> LoadedOperation:
    """Read and check the operation of a route.

    Args:
        route: One with ``operation``.
        template: The route's whole path.
        schema: The API schema.

    Raises:
        ConfigError: With every problem that was found.
    """
    assert route.operation is not None
    text = _read(route, Path(route.operation))
    document = _parse(route, text)
    operation = _only_operation(route, document)
    errors = validate(schema, document)
    if errors:
        raise ConfigError([_problem_at(route, error) for error in errors])
    problems = [
        *_kind_problems(route, operation),
        *_binding_problems(route, template, operation),
        *_member_problems(route, document, operation),
    ]
    if problems:
        raise ConfigError([_problem(route, problem) for problem in problems])
    definitions = operation.variable_definitions or ()
    return LoadedOperation(
        document=text,
        operation_name=operation.name.value if operation.name else None,
        variables=tuple(_variable(route, template, schema, definition) for definition in definitions),
    )


def _read(route: RouteSection, path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise ConfigError([_problem(route, f"cannot be read: {reason}")]) from error


def _parse(route: RouteSection, text: str) -> DocumentNode:
    try:
        return parse(text)
    except GraphQLError as error:
        raise ConfigError([_problem_at(route, error)]) from error


def _only_operation(route: RouteSection, document: DocumentNode) -> OperationDefinitionNode:
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    if len(operations) != 1:
        raise ConfigError([_problem(route, f"must hold one operation, not {len(operations)}")])
    return operations[0]


def _kind_problems(route: RouteSection, operation: OperationDefinitionNode) -> Iterator[str]:
    kind = operation.operation.value
    if kind == "subscription":
        yield "a subscription cannot answer a REST request"
    # Anyone on the way may repeat or prefetch these. https://www.rfc-editor.org/rfc/rfc9110#section-9.2.1
    safe = [method for method in route.allowed_methods if method in ("GET", "HEAD", "OPTIONS")]
    if kind == "mutation" and safe:
        yield f"a mutation must not be run by {' or '.join(safe)}; use POST, PUT, PATCH or DELETE"


def _binding_problems(route: RouteSection, template: Template, operation: OperationDefinitionNode) -> Iterator[str]:
    declared = {definition.variable.name.value for definition in operation.variable_definitions or ()}
    for name in template.names:
        if name not in declared:
            yield f"the path has {{{name}}}, but the operation has no variable ${name}"
    if route.body is not None and route.body not in declared:
        yield f"body is {route.body}, but the operation has no variable ${route.body}"
    if route.body is not None and route.body in template.names:
        yield f"${route.body} is in the path and is the body too"


def _member_problems(route: RouteSection, document: DocumentNode, operation: OperationDefinitionNode) -> Iterator[str]:
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    roots = _members([operation.selection_set], fragments)
    if "errors" in roots:
        yield 'the answer has a place for failures called "errors"; give the field of that name another alias'
    if route.not_found_when is None:
        return
    level = roots
    for name in route.not_found_when.split("."):
        if name not in level:
            yield f"not_found_when is {route.not_found_when}, but the operation does not ask for {name}"
            return
        level = _members(level[name], fragments)


def _members(
    selections: list[SelectionSetNode], fragments: dict[str, FragmentDefinitionNode]
) -> dict[str, list[SelectionSetNode]]:
    """The response keys of selection sets on one position, each with what is selected below it."""
    members: dict[str, list[SelectionSetNode]] = {}
    for selection in selections:
        for node in selection.selections:
            if isinstance(node, FieldNode):
                below = members.setdefault((node.alias or node.name).value, [])
                below += [node.selection_set] if node.selection_set else []
                continue
            inner = fragments[node.name.value] if isinstance(node, FragmentSpreadNode) else node
            assert isinstance(inner, InlineFragmentNode | FragmentDefinitionNode)
            for key, sets in _members([inner.selection_set], fragments).items():
                members.setdefault(key, []).extend(sets)
    return members


def _variable(
    route: RouteSection, template: Template, schema: GraphQLSchema, definition: VariableDefinitionNode
) -> Variable:
    name = definition.variable.name.value
    source: Source = "path" if name in template.names else "body" if name == route.body else "query"
    return Variable(name, _input_type(schema, definition), source, definition.default_value is not None)


def _input_type(schema: GraphQLSchema, definition: VariableDefinitionNode) -> GraphQLInputType:
    type_ = type_from_ast(schema, definition.type)
    assert is_input_type(type_), "validated"
    return type_


def _problem(route: RouteSection, text: str) -> ConfigProblem:
    return ConfigProblem(route.operation or "", 0, 0, f"route {route.name}: {text}")


def _problem_at(route: RouteSection, error: GraphQLError) -> ConfigProblem:
    line, column = error.locations[0] if error.locations else (0, 0)
    return ConfigProblem(route.operation or "", line, column, f"route {route.name}: {error.message}")
