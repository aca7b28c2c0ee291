"""The text of a request to a subgraph, taken apart again.

fetch.operation ──▶ request_text ──▶ those who look at what a plan asks for
                    ▲ you are here
"""

from collections.abc import Mapping
from typing import NamedTuple

from graphql import FieldNode, FragmentDefinitionNode, OperationDefinitionNode, SelectionSetNode, parse


class RequestText(NamedTuple):
    """The one operation of a request, and its fragments by name."""

    root: SelectionSetNode
    fragments: Mapping[str, FragmentDefinitionNode]


def read_request_text(text: str) -> RequestText:
    """Take apart what a planner wrote."""
    document = parse(text, no_location=True)
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    (operation,) = (node for node in document.definitions if isinstance(node, OperationDefinitionNode))
    return RequestText(operation.selection_set, fragments)


def response_key(node: FieldNode) -> str:
    """The key that a field is answered under."""
    return node.alias.value if node.alias is not None else node.name.value
