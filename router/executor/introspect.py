"""``__schema`` and ``__type``: answered here, by graphql-core, on the API schema.

Only these root fields are taken from the client's operation, with the fragments and variables that they use. A root
field means the same in every fragment, so that each spread at the root is replaced by what it spreads.
"""

from collections.abc import Mapping

from graphql import (
    REMOVE,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
    Visitor,
    execute_sync,
    visit,
)
from graphql.language.visitor import VisitorActionEnum

from router.executor.codec import encode_json
from supergraph.operation.model import Operation
from supergraph.operation.normalise import LOCAL_FIELDS, is_partly_local
from supergraph.operation.visiting import visit_once

CACHED_ANSWERS = 16
"""How many answers an operation keeps; they differ only where ``__type(name:)`` is given a variable."""


class Introspection:
    """The local part of one operation; answers are kept, for tools ask the same thing again and again."""

    __slots__ = ("_answers", "_document", "_schema", "_variables")

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, variables: tuple[str, ...]) -> None:
        self._schema = schema
        self._document = document
        self._variables = variables
        self._answers: dict[bytes, dict[str, object]] = {}

    def answer(self, variables: Mapping[str, object]) -> dict[str, object]:
        """The values of the local root fields under their response keys."""
        given = {name: variables[name] for name in self._variables if name in variables}
        key = encode_json(given)
        answer = self._answers.get(key)
        if answer is None:
            result = execute_sync(self._schema, self._document, variable_values=given)
            answer = result.data or {}
            if len(self._answers) == CACHED_ANSWERS:
                self._answers.clear()
            self._answers[key] = answer
        return answer


def compile_introspection(schema: GraphQLSchema, operation: Operation) -> Introspection | None:
    """The local part of ``operation``, or ``None`` if it has none; ``schema`` is the API schema."""
    if not is_partly_local(operation.selection):
        return None
    selections = _local_selections(operation.definition.selection_set, operation.fragments)
    selection_set = SelectionSetNode(selections=selections)
    used = _Uses(operation.fragments)
    visit_once(selection_set, used)
    definition = OperationDefinitionNode(
        operation=operation.definition.operation,
        variable_definitions=tuple(
            definition
            for definition in operation.definition.variable_definitions or ()
            if definition.variable.name.value in used.variables
        ),
        directives=(),
        selection_set=selection_set,
    )
    document = DocumentNode(definitions=(definition, *used.fragments.values()))
    return Introspection(schema, visit_once(document, _WithoutDefer()), tuple(sorted(used.variables)))


def _local_selections(
    selection_set: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> tuple[SelectionNode, ...]:
    kept: list[SelectionNode] = []
    for node in selection_set.selections:
        if isinstance(node, FieldNode):
            if node.name.value in LOCAL_FIELDS:
                kept.append(node)
            continue
        fragment = fragments[node.name.value] if isinstance(node, FragmentSpreadNode) else node
        assert isinstance(fragment, FragmentDefinitionNode | InlineFragmentNode)
        inner = _local_selections(fragment.selection_set, fragments)
        if inner:
            kept.append(
                InlineFragmentNode(
                    type_condition=fragment.type_condition,
                    directives=node.directives,
                    selection_set=SelectionSetNode(selections=inner),
                )
            )
    return tuple(kept)


class _WithoutDefer(Visitor):
    """The answer is there at once: what is deferred is a question of delivery, and not of this document."""

    def enter_directive(self, node: DirectiveNode, *_: object) -> VisitorActionEnum | None:
        return REMOVE if node.name.value == "defer" else None


class _Uses(Visitor):
    """Collects the variables and, transitively, the fragments that a node uses."""

    def __init__(self, fragments: Mapping[str, FragmentDefinitionNode]) -> None:
        super().__init__()
        self._known = fragments
        self.variables: set[str] = set()
        self.fragments: dict[str, FragmentDefinitionNode] = {}

    def enter_variable(self, node: VariableNode, *_: object) -> None:
        self.variables.add(node.name.value)

    def enter_fragment_spread(self, node: FragmentSpreadNode, *_: object) -> None:
        name = node.name.value
        if name not in self.fragments:
            self.fragments[name] = self._known[name]
            visit(self._known[name], self)
