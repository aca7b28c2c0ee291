"""What a router can get at for one object: the question behind satisfiability.

An object is known by the set of nodes in which it is available. The set grows by opening the object in further
subgraphs, each by a key that can be read from the nodes there are, until nothing more opens (``expand``). Reading a key
asks the same question one level down, so the two functions call each other; a question that is already being asked
is answered with what is known so far, and an answer that leaned on that is not remembered.
"""

from collections.abc import Iterable, Mapping

from supergraph.operation.model import Cast, Field, SelectionSet, Unit
from supergraph.query_graph import NOTHING_PROVIDED, ROOT_TYPES, Edge, Node, QueryGraph, Target

Nodes = frozenset[Node]
Above = Mapping[str, tuple[str, Nodes]]
"""For each context that an ancestor sets, the type of the nearest such object and where it is available."""
NOTHING_ABOVE: Above = {}


class Reachability:
    """Answers for one query graph, remembered."""

    __slots__ = ("_expanded", "_expanding", "_granted", "_holders", "_leaned", "_requiring", "graph")

    def __init__(self, graph: QueryGraph) -> None:
        self.graph = graph
        self._expanded: dict[tuple[str, Nodes], Nodes] = {}
        self._expanding: dict[tuple[str, Nodes], Nodes] = {}
        self._requiring: set[tuple[Node, str]] = set()
        self._granted: dict[tuple[Node, str, Nodes], Edge | None] = {}
        self._holders: dict[Nodes, dict[str, list[Node]]] = {}
        self._leaned = 0

    def holders(self, nodes: Nodes) -> Mapping[str, list[Node]]:
        """For each field, those of ``nodes`` whose subgraph has it. In a wide supergraph that is few of many."""
        found = self._holders.get(nodes)
        if found is None:
            found = self._holders[nodes] = {}
            for node in by_rank(nodes):
                view = self.graph.type_view(node.graph, node.type)
                for name in view.fields if view else ():
                    found.setdefault(name, []).append(node)
        return found

    def expand(self, type_name: str, nodes: Nodes) -> Nodes:
        """All nodes in which an object of ``type_name`` can be had once it is available in ``nodes``."""
        key = (type_name, nodes)
        known = self._expanded.get(key)
        if known is not None:
            return known
        if not nodes:
            return nodes
        if key in self._expanding:
            self._leaned += 1
            return self._expanding[key]
        self._expanding[key] = nodes
        before = self._leaned
        found = self._expand(type_name, nodes)
        while self._leaned != before and found != self._expanding[key]:
            self._expanding[key] = found  # what leaned on less may get further now
            found = self._expand(type_name, found)
        del self._expanding[key]
        if self._is_final(before):
            self._expanded[key] = found
        return found

    def _is_final(self, leaned_before: int) -> bool:
        """Does an answer hold on its own? It does if it leaned on no open question, or none is left open."""
        return self._leaned == leaned_before or not (self._expanding or self._requiring)

    def _expand(self, type_name: str, nodes: Nodes) -> Nodes:
        open_nodes = set(nodes)
        waiting = [t for t in self.graph.targets(type_name) if self._entry(t) not in open_nodes]
        opened = True
        while opened and waiting:
            opened = False
            for target in list(waiting):
                if self.can_open(target, frozenset(open_nodes)):
                    open_nodes.add(self._entry(target))
                    waiting.remove(target)
                    opened = True
        return frozenset(open_nodes)

    def _entry(self, target: Target) -> Node:
        return self.graph.node(target.graph, target.type)

    def can_open(self, target: Target, nodes: Nodes) -> bool:
        """Can one of the target's keys be read from ``nodes``? A root type needs none."""
        return target.type in ROOT_TYPES or any(self.satisfies(nodes, key.selection) for key in target.keys)

    def satisfies(self, nodes: Nodes, selection: SelectionSet) -> bool:
        """Can everything in ``selection`` be read of an object that is available in ``nodes``, and only there?"""
        return all(self._satisfies_unit(nodes, selection.type, unit) for unit in selection.units)

    def _satisfies_unit(self, nodes: Nodes, type_name: str, unit: Unit) -> bool:
        if isinstance(unit, Cast):
            possible = self.cast(nodes, unit.type)
            return possible is None or (
                bool(possible) and self.satisfies(self.expand(unit.type, possible), unit.selection)
            )
        if not isinstance(unit, Field):  # pragma: no cover - no field set defers anything
            return self.satisfies(nodes, unit.selection)
        if unit.name == "__typename":
            return bool(nodes)
        holders = self.holders(nodes).get(unit.name, ())
        edges = [edge for node in holders if (edge := self.edge(node, unit.name, nodes)) is not None]
        if not edges:
            return self._satisfies_each_type(nodes, type_name, unit)
        if unit.selection is None:
            return True
        tails = frozenset(edge.tail for edge in edges if edge.tail is not None)
        below = unit.selection
        return self.satisfies(self.expand(below.type, tails), below)

    def _satisfies_each_type(self, nodes: Nodes, type_name: str, unit: Field) -> bool:
        """A field that no node resolves on an interface may still be resolved on every object type behind it."""
        possible = {name for node in nodes for name in self.graph.runtime_types(node) or () if name != type_name}
        if not possible or any(self.graph.runtime_types(node) == (type_name,) for node in nodes):
            return False
        for name in sorted(possible):
            cast = self.cast(nodes, name)
            if cast is not None and not (cast and self._satisfies_unit(self.expand(name, cast), name, unit)):
                return False
        return True

    def cast(self, nodes: Nodes, type_name: str) -> Nodes | None:
        """The nodes of the object once it is known to be of ``type_name``; ``None`` if it cannot be.

        A field that several subgraphs resolve must answer alike in all of them. So if the type is impossible in one, it
        does not occur.
        """
        found: set[Node] = set()
        for node in nodes:
            possible = self.graph.runtime_types(node)
            if possible is None:
                continue  # an interface object cannot tell
            tail = self.graph.cast(node, type_name)
            if tail is None:
                return None
            found.add(tail)
        return frozenset(found)

    def edge(self, node: Node, name: str, nodes: Nodes, above: Above = NOTHING_ABOVE) -> Edge | None:
        """The edge of a field at ``node``, also one that takes a ``@requires`` that ``nodes`` can answer.

        A field with contextual arguments has an edge if ``above`` can fill them.
        """
        direct = self.graph.edge(node, name)
        if direct is not None:
            return direct
        wanted = self.graph.wanted_requires(node.graph, node.type, name)
        if wanted is None or (wanted.contextual and not self._can_fill(node, name, above)):
            return None
        question = (node, name)
        if question in self._requiring:
            self._leaned += 1
            return None
        key = (node, name, nodes)
        if key in self._granted:
            return self._granted[key]
        before = self._leaned
        self._requiring.add(question)
        found = None
        if self.satisfies(nodes, wanted.selection) and self.can_reenter(node, nodes):
            granted = self.graph.node(node.graph, node.type, NOTHING_PROVIDED, frozenset({wanted.id}))
            found = self.graph.edge(granted, name)
        self._requiring.discard(question)
        if self._is_final(before):
            self._granted[key] = found
        return found

    def _can_fill(self, node: Node, name: str, above: Above) -> bool:
        """Can the contextual arguments of a field be read further up?"""
        view = self.graph.type_view(node.graph, node.type)
        for argument in view.fields[name].context_arguments if view else ():
            setter = above.get(argument.context)
            if setter is None:
                return False
            type_name, nodes = setter
            selection = self.graph.field_sets.get(type_name, argument.selection).selection
            if not self.satisfies(nodes, selection):
                return False
        return True

    def can_reenter(self, node: Node, nodes: Nodes) -> bool:
        """Can the object be opened in its own subgraph, with what was fetched for it?"""
        return any(
            target.graph == node.graph and target.type == node.type and self.can_open(target, nodes)
            for target in self.graph.targets(node.type)
        )


def by_rank(nodes: Iterable[Node]) -> list[Node]:
    """Nodes in an order that does not depend on how they were found."""
    return sorted(nodes, key=lambda node: node.rank)
