"""The height of an operation: how many different fields it has, with fragments expanded and repetitions merged.

A field that is selected twice at one place, under two aliases or by two fragments, is one field, and what is selected
below both is merged before it is counted. Written out, an operation may be exponentially larger than its document. So
what a place selects is kept as a *group*, which is expanded at most once however often fragments bring it in, and
counting ends as soon as the limit is passed.
"""

from collections.abc import Iterator, Mapping
from itertools import chain

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

_INTROSPECTION = ("__schema", "__type", "__typename")


class _Group:
    """Selection sets that are merged at one place, directly or as parts that were merged before.

    Attributes:
        children: What is selected below, by field name; a leaf has an empty group. ``None`` before it is expanded.
    """

    __slots__ = ("children", "parts", "sets")

    def __init__(self) -> None:
        self.sets: list[SelectionSetNode] = []
        self.parts: list[_Group] = []
        self.children: dict[str, _Group] | None = None


def height(operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode], *, at_most: int) -> int:
    """The number of different fields, or some number above ``at_most`` as soon as that is certain.

    Introspection is not counted.
    """
    merge = _Merge(fragments, at_most)
    root = _Group()
    root.sets.append(operation.selection_set)
    count = 0
    waiting = [root]
    while waiting and count <= at_most:
        children = merge.children(waiting.pop())
        count += len(children)
        waiting.extend(children.values())
    return count


class _Merge:
    """Expands groups, each once, without recursion: documents may be nested deeper than Python's stack."""

    def __init__(self, fragments: Mapping[str, FragmentDefinitionNode], at_most: int) -> None:
        self._at_most = at_most
        self._fragments: dict[str, _Group] = {}
        for name, fragment in fragments.items():
            group = self._fragments[name] = _Group()
            group.sets.append(fragment.selection_set)

    def children(self, group: _Group) -> dict[str, _Group]:
        """What is selected below a group."""
        own: dict[int, tuple[dict[str, _Group], list[_Group]]] = {}
        open_groups = [group]
        while open_groups:
            current = open_groups[-1]
            if current.children is not None:
                open_groups.pop()
            elif id(current) not in own:
                fields, parts = self._own(current)
                own[id(current)] = fields, parts
                # A group that is open already is above itself: a fragment cycle, which adds nothing.
                open_groups.extend(part for part in parts if part.children is None and id(part) not in own)
            else:
                current.children = self._merged(*own[id(current)])
        return group.children or {}

    def _own(self, group: _Group) -> tuple[dict[str, _Group], list[_Group]]:
        """The fields that stand in a group's own selection sets, and the groups that it takes in."""
        fields: dict[str, _Group] = {}
        parts = list(group.parts)
        for node in _level(group.sets):
            if isinstance(node, FragmentSpreadNode):
                if part := self._fragments.get(node.name.value):
                    parts.append(part)
            elif node.name.value not in _INTROSPECTION:
                field = fields.setdefault(node.name.value, _Group())
                if node.selection_set:
                    field.sets.append(node.selection_set)
        return fields, list({id(part): part for part in parts}.values())

    def _merged(self, fields: dict[str, _Group], parts: list[_Group]) -> dict[str, _Group]:
        found: dict[str, list[_Group]] = {name: [field] for name, field in fields.items()}
        for name, field in chain.from_iterable((part.children or {}).items() for part in parts):
            if len(found) > self._at_most:
                break  # Wherever this group is used, the limit is passed.
            found.setdefault(name, []).append(field)
        return {name: _union(groups) for name, groups in found.items()}


def _union(groups: list[_Group]) -> _Group:
    """One group for several, and for one itself, so that it is expanded once for all who use it."""
    if len(groups) == 1:
        return groups[0]
    union = _Group()
    union.parts = groups
    return union


def _level(sets: list[SelectionSetNode]) -> Iterator[FieldNode | FragmentSpreadNode]:
    """Fields and spreads of some selection sets, those in inline fragments included."""
    waiting = list(sets)
    while waiting:
        for node in waiting.pop().selections:
            if isinstance(node, FieldNode | FragmentSpreadNode):
                yield node
            elif isinstance(node, InlineFragmentNode):
                waiting.append(node.selection_set)
