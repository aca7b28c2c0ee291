"""Which leaves of a selection each node answers, as bit masks.

Most units of an operation are leaves and most nodes answer them without conditions, so this is where the search spends
its time: a mask per (selection, node) is made once, and dividing the leaves among open nodes is a few operations on
integers.
"""

from graphql import GraphQLSchema, is_abstract_type

from supergraph.operation.model import Cast, Field, SelectionSet
from supergraph.planner.decisions import Entries, LeavesChoice, Served
from supergraph.query_graph import Node, QueryGraph


class Anatomy:
    """The units of one selection by kind, each with its index."""

    __slots__ = ("casts", "fields", "is_abstract", "leaves", "typenames")

    def __init__(self, schema: GraphQLSchema, selection: SelectionSet) -> None:
        self.is_abstract = is_abstract_type(schema.type_map[selection.type])
        self.casts: list[tuple[int, Cast]] = []
        self.fields: list[tuple[int, Field]] = []
        self.leaves: list[tuple[int, Field]] = []
        self.typenames: list[tuple[int, Field]] = []
        for index, unit in enumerate(selection.units):
            if isinstance(unit, Cast):
                self.casts.append((index, unit))
            elif unit.name == "__typename":
                self.typenames.append((index, unit))
            elif unit.selection is None:
                self.leaves.append((index, unit))
            else:
                self.fields.append((index, unit))


class LeafTable:
    """The masks of one planning run: bit ``i`` of a mask is the i-th leaf of the selection."""

    def __init__(self, graph: QueryGraph) -> None:
        self._graph = graph
        self._anatomies: dict[SelectionSet, Anatomy] = {}
        self._masks: dict[tuple[SelectionSet, Node], int] = {}
        self._choices: dict[tuple[SelectionSet, Node, int], LeavesChoice] = {}

    def anatomy(self, selection: SelectionSet) -> Anatomy:
        """The units of a selection by kind."""
        known = self._anatomies.get(selection)
        if known is None:
            known = self._anatomies[selection] = Anatomy(self._graph.schema, selection)
        return known

    def _mask(self, selection: SelectionSet, node: Node) -> int:
        known = self._masks.get((selection, node))
        if known is None:
            known = 0
            for bit, (_, unit) in enumerate(self.anatomy(selection).leaves):
                if self._graph.edge(node, unit.name) is not None:
                    known |= 1 << bit
            self._masks[selection, node] = known
        return known

    def unserved(self, selection: SelectionSet, entries: Entries) -> list[int]:
        """The indexes of leaves that no entry has."""
        leaves = self.anatomy(selection).leaves
        if not leaves:
            return []
        mask = 0
        for node, _ in entries:
            mask |= self._mask(selection, node)
        if mask == (1 << len(leaves)) - 1:
            return []
        return [index for bit, (index, _) in enumerate(leaves) if not mask >> bit & 1]

    def divide(self, served: Served, selection: SelectionSet, entries: Entries) -> None:
        """Take every leaf from a node that has it, if one does.

        A leaf is taken from the earliest provider, and among equals from one that is used anyway, so that the others
        may turn out superfluous.
        """
        if len(entries) == 1:
            self._take_all(served, selection, *entries[0])
            return
        seen = shared = 0
        masks = []
        for node, stage in entries:
            mask = self._mask(selection, node)
            masks.append((mask, node, stage))
            shared |= seen & mask
            seen |= mask
        taken: dict[Node, int] = {}
        for mask, node, stage in masks:
            own = mask & ~shared
            if own:
                taken[node] = own
                served.uses.add(node)
                served.ready = max(served.ready, stage)
        if shared:
            masks.sort(key=lambda item: (item[2], item[1] not in served.uses))
            for mask, node, stage in masks:
                if mask & shared:
                    taken[node] = taken.get(node, 0) | (mask & shared)
                    shared &= ~mask
                    served.uses.add(node)
                    served.ready = max(served.ready, stage)
        for node, mask in taken.items():
            served.choices.append(self._choice(selection, node, mask))
        served.solved += seen.bit_count()

    def _take_all(self, served: Served, selection: SelectionSet, node: Node, stage: int) -> None:
        mask = self._mask(selection, node)
        if mask:
            served.choices.append(self._choice(selection, node, mask))
            served.uses.add(node)
            served.solved += mask.bit_count()
            served.ready = max(served.ready, stage)

    def _choice(self, selection: SelectionSet, node: Node, mask: int) -> LeavesChoice:
        key = (selection, node, mask)
        known = self._choices.get(key)
        if known is None:
            leaves = self.anatomy(selection).leaves
            units = tuple(unit for bit, (_, unit) in enumerate(leaves) if mask >> bit & 1)
            known = self._choices[key] = LeavesChoice(units, node)
        return known
