"""Visiting a document once, by graphql-core's visitors.

A visitor remembers its own methods, and so refers to itself. With what it has collected it would stay until the garbage
collector comes; here it forgets them.
"""

from typing import Any

from graphql import Node, TypeInfo, TypeInfoVisitor, Visitor, visit
from graphql.language.visitor import VisitorKeyMap


def visit_once(
    node: Node, visitor: Visitor, *, types: TypeInfo | None = None, keys: VisitorKeyMap | None = None
) -> Any:  # noqa: ANN401 - what the visitor makes of the node
    """What ``visit`` gives; ``types`` are kept up to date for the visitor, ``keys`` are the children to be visited."""
    around = visitor if types is None else TypeInfoVisitor(types, visitor)
    try:
        return visit(node, around, keys)
    finally:
        visitor.enter_leave_map.clear()
        around.enter_leave_map.clear()
