"""How often one field is asked for under other names: ``{ a: login(…) b: login(…) … }`` tries many things at once.

All fields of one name count together, wherever they stand: what is written at several places may be merged into one.
Fragments count each time they are spread. The numbers can be exponential, the work is linear: how often a fragment is
spread in all is found out first.
"""

from collections import Counter
from collections.abc import Iterator, Mapping

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
)

Fragments = Mapping[str, FragmentDefinitionNode]


def most_aliases_of_a_field(operation: OperationDefinitionNode, fragments: Fragments) -> int:
    """The number of aliases of the field name that has the most of them."""
    counts: Counter[str] = Counter()
    spread: Counter[str] = Counter()
    _count(operation.selection_set, 1, counts, spread)
    for name in _outer_first(operation, fragments):
        _count(fragments[name].selection_set, spread[name], counts, spread)
    return max(counts.values(), default=0)


def _count(selection_set: SelectionSetNode, times: int, counts: Counter[str], spread: Counter[str]) -> None:
    """Count what stands in a selection set that stands there so many times."""
    for node in _walk(selection_set):
        if isinstance(node, FieldNode):
            if node.alias is not None:
                counts[node.name.value] += times
        elif isinstance(node, FragmentSpreadNode):
            spread[node.name.value] += times


def _outer_first(operation: OperationDefinitionNode, fragments: Fragments) -> list[str]:
    """The fragments that are spread, each behind all those that spread it."""
    finished: dict[str, None] = {}
    opened: set[str] = set()
    waiting = _spreads(operation.selection_set, fragments)
    while waiting:
        name = waiting[-1]
        if name in opened:
            finished.setdefault(waiting.pop())
        else:
            opened.add(name)
            # One that is opened already spreads itself in the end, which is invalid, or is found twice.
            waiting += [each for each in _spreads(fragments[name].selection_set, fragments) if each not in opened]
    return list(reversed(finished))


def _spreads(selection_set: SelectionSetNode, fragments: Fragments) -> list[str]:
    names = [node.name.value for node in _walk(selection_set) if isinstance(node, FragmentSpreadNode)]
    return [name for name in dict.fromkeys(names) if name in fragments]


def _walk(selection_set: SelectionSetNode) -> Iterator[SelectionNode]:
    """Every selection, spreads not followed."""
    waiting = [selection_set]
    while waiting:
        for node in waiting.pop().selections:
            yield node
            if not isinstance(node, FragmentSpreadNode) and getattr(node, "selection_set", None) is not None:
                waiting.append(node.selection_set)  # type: ignore[attr-defined] # a field or an inline fragment
