"""How many fields a document selects once its fragments are expanded, estimated before anything expands them.

Twenty fragments of two spreads each select a million fields. The estimate is linear in the document; cycles count as
nothing here, because validation reports them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)


@dataclass(frozen=True, slots=True)
class _Own:
    """What one definition selects itself: fields, and the fragments that it spreads."""

    fields: int
    spreads: tuple[str, ...]


def expands_beyond(limit: int, document: DocumentNode) -> bool:
    """Whether an operation of ``document`` selects more than ``limit`` fields."""
    own: dict[str, _Own] = {}
    operations: list[_Own] = []
    for definition in document.definitions:
        match definition:
            case FragmentDefinitionNode(name=name, selection_set=selection):
                own[name.value] = _count_own(selection)
            case OperationDefinitionNode(selection_set=selection):
                operations.append(_count_own(selection))
            case _:  # type definitions are refused by validation
                pass
    sizes = _expand(own, limit)
    return any(_sum(operation, sizes, limit) > limit for operation in operations)


def _count_own(selection: SelectionSetNode) -> _Own:
    fields = 0
    spreads: list[str] = []
    waiting = [selection]
    while waiting:
        for node in waiting.pop().selections:
            match node:
                case FieldNode(selection_set=inner):
                    fields += 1
                    if inner is not None:
                        waiting.append(inner)
                case InlineFragmentNode(selection_set=inner):
                    waiting.append(inner)
                case FragmentSpreadNode(name=name):
                    spreads.append(name.value)
                case _:  # pragma: no cover - the grammar has no fourth kind
                    raise TypeError(node)
    return _Own(fields, tuple(spreads))


def _expand(own: Mapping[str, _Own], limit: int) -> dict[str, int]:
    """The size of every fragment, dependencies first and without recursion: chains can be thousands long."""
    sizes: dict[str, int] = {}
    entered: set[str] = set()
    for root in own:
        stack = [root]
        while stack:
            name = stack[-1]
            if name in sizes:
                stack.pop()
            elif name in entered:
                sizes[name] = _sum(own[name], sizes, limit)
                stack.pop()
            else:
                entered.add(name)
                stack.extend(s for s in own[name].spreads if s in own and s not in entered)
    return sizes


def _sum(own: _Own, sizes: Mapping[str, int], limit: int) -> int:
    # Capped: the true number can have more digits than the document has characters.
    return min(limit + 1, own.fields + sum(sizes.get(name, 0) for name in own.spreads))
