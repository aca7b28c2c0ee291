"""What a fetch asks for, read back from its operation text.

fetch.operation ──▶ selections ──▶ layout
                    ▲ you are here

A plan says what it fetches as GraphQL text; the structs that its answers are decoded into are made from that text, so
they cannot ask for anything else.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from graphql import (
    BooleanValueNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
    is_abstract_type,
    is_object_type,
)

from router.executor.compiled.places import NotCompilableError
from supergraph.operation.model import Condition
from supergraph.operation.request_text import read_request_text, response_key

Holds = Callable[[Condition], bool]


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """One response key of a subgraph's answer, with the selection sets that are merged below it."""

    name: str
    inner: tuple[SelectionSetNode, ...]


class FetchText:
    """The parsed text of one fetch under one truth of its conditions.

    Args:
        schema: The supergraph's types, which decide where a type condition applies.
        holds: Whether a ``@skip`` or ``@include`` lets its field through.
    """

    def __init__(self, text: str, schema: GraphQLSchema, holds: Holds) -> None:
        self._schema = schema
        self._holds = holds
        self.root, self._fragments = read_request_text(text)

    def entities(self, alias: str) -> tuple[SelectionSetNode, ...]:
        """The selection of an ``_entities`` field."""
        return tuple(
            node.selection_set
            for node in self.root.selections
            if isinstance(node, FieldNode) and response_key(node) == alias and node.selection_set is not None
        )

    def asked(self, type_name: str, selections: Iterable[SelectionSetNode]) -> dict[str, Asked]:
        """What is asked of an object of ``type_name``, by response key.

        ``type_name`` is an abstract type's where that makes no difference.
        """
        found: dict[str, Asked] = {}
        for field in self._fields(type_name, selections):
            key = response_key(field)
            inner = () if field.selection_set is None else (field.selection_set,)
            known = found.get(key)
            found[key] = Asked(field.name.value, inner if known is None else (*known.inner, *inner))
        return found

    def _fields(self, type_name: str, selections: Iterable[SelectionSetNode]) -> Iterator[FieldNode]:
        for selection in selections:
            for node in selection.selections:
                if not self._is_included(node):
                    continue
                if isinstance(node, FieldNode):
                    yield node
                    continue
                fragment = self._fragments[node.name.value] if isinstance(node, FragmentSpreadNode) else node
                assert isinstance(fragment, FragmentDefinitionNode | InlineFragmentNode)
                condition = fragment.type_condition
                if condition is None or self._applies(condition.name.value, type_name):
                    yield from self._fields(type_name, (fragment.selection_set,))

    def _applies(self, condition: str, type_name: str) -> bool:
        if condition == type_name:
            return True
        abstract, concrete = self._schema.get_type(condition), self._schema.get_type(type_name)
        if not is_object_type(concrete):
            raise NotCompilableError(f"{type_name} is asked for by type, and nothing tells the type")
        return is_abstract_type(abstract) and self._schema.is_sub_type(abstract, concrete)

    def _is_included(self, node: SelectionNode) -> bool:
        for directive in node.directives or ():
            if directive.name.value not in ("skip", "include"):
                continue
            wanted = directive.name.value == "include"
            (argument,) = directive.arguments or ()
            value = argument.value
            if isinstance(value, VariableNode):
                if not self._holds(Condition(value.name.value, wanted)):
                    return False
            elif isinstance(value, BooleanValueNode) and value.value is not wanted:
                return False
        return True
