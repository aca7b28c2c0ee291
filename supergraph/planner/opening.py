"""Opening nodes: by which key, and from what data; what has to be opened first is found in ``prerequisites``.

A key or a ``@requires`` set is itself a selection at the same position. Its units are served by nodes that are open;
nested parts may need hops of their own, through the ordinary search.
"""

from collections.abc import Iterable
from dataclasses import replace

from graphql import is_abstract_type

from supergraph.operation.model import Field, SelectionSet, Unit
from supergraph.planner.carried_contexts import casts_for
from supergraph.planner.decisions import Entries, Opening, Served
from supergraph.planner.serve import Server, as_entries
from supergraph.query_graph import FieldSet, Node, QueryGraph, Target, count_leaves, with_type_names

Nodes = tuple[Node, ...]
Conditions = list[tuple[FieldSet, Served]]


class Opener:
    """Finds keys. A node is named with the position's type, since a target may stand in for it."""

    def __init__(self, graph: QueryGraph, server: Server) -> None:
        self.graph = graph
        self._server = server
        self._granted: dict[str, FieldSet] = {}
        self._sent: dict[tuple[str, int], FieldSet] = {}
        self._singles: dict[Unit, SelectionSet] = {}
        self._told: dict[tuple[SelectionSet, str], FieldSet | None] = {}

    def variant(self, target: Target, granted: Iterable[FieldSet] = ()) -> Node:
        """The node of ``target`` when it is opened with these ``@requires`` sets."""
        sets = tuple(granted)
        for field_set in sets:
            self._granted[field_set.id] = field_set
        return self.graph.node(target.graph, target.type, granted=frozenset(field_set.id for field_set in sets))

    def target_of(self, position_type: str, node: Node) -> Target:
        """The target that ``node`` is a variant of."""
        for target in self.graph.targets(position_type):
            if target.graph == node.graph and target.type == node.type:
                return target
        raise LookupError(node)

    def granted_sets(self, node: Node) -> tuple[FieldSet, ...]:
        """The ``@requires`` sets that are sent along, in a stable order."""
        return tuple(self._as_sent(self._granted[field_set], node.graph) for field_set in sorted(node.granted))

    def context_sets(self, position: SelectionSet, node: Node) -> tuple[FieldSet, ...]:
        """What the object itself says to fields below that ``node`` is granted the contexts of, in a stable order."""
        if not self.graph.has_contexts:
            return ()
        told = (self._told_below(position, self._granted[field_set], node) for field_set in sorted(node.granted))
        return tuple(field_set for field_set in told if field_set is not None)

    def _told_below(self, position: SelectionSet, field_set: FieldSet, node: Node) -> FieldSet | None:
        key = (position, field_set.id)
        if key not in self._told:
            grant = self.graph.context_grants.of(node.graph).get(field_set.id)
            casts = casts_for(position, grant) if grant is not None and field_set.type != node.type else []
            selection = SelectionSet(position.type, tuple(unit for cast in casts for unit in cast.selection.units))
            found = replace(field_set, selection=selection, leaves=count_leaves(selection))
            self._told[key] = found if casts else None
        return self._told[key]

    def read_to_open(self, position: SelectionSet, node: Node) -> tuple[FieldSet, ...]:
        """All that must be read to open ``node``, but for a key."""
        return (*self.granted_sets(node), *self.context_sets(position, node))

    def required_names(self, position: SelectionSet, node: Node) -> frozenset[str]:
        """Fields without which ``node`` cannot be opened; fewer than it takes, but cheap to ask for.

        On an abstract position a field may be had type by type though no node resolves it as it is.
        """
        if not node.granted or is_abstract_type(self.graph.schema.type_map[position.type]):
            return frozenset()
        return frozenset(
            unit.name
            for field_set in self.read_to_open(position, node)
            for unit in field_set.selection.units
            if isinstance(unit, Field) and unit.name != "__typename"
        )

    def _as_sent(self, field_set: FieldSet, graph: int) -> FieldSet:
        """A set with the type names that the subgraph must be told: those of objects whose type it knows as abstract.

        A subgraph that has an interface object there does not know the types behind it, and needs no name.
        """
        key = (field_set.id, graph)
        known = self._sent.get(key)
        if known is None:
            selection = with_type_names(field_set.selection, lambda name: self._wants_name(name, graph))
            known = field_set if selection is field_set.selection else replace(field_set, selection=selection)
            self._sent[key] = known
        return known

    def _wants_name(self, type_name: str, graph: int) -> bool:
        view = self.graph.type_view(graph, type_name)
        return view is not None and view.kind in ("interface", "union")

    def open(self, position: SelectionSet, node: Node, entries: Entries) -> Opening | None:
        """The cheapest way to open ``node`` from the entries; ``None`` if no key can be read from them."""
        target = self.target_of(position.type, node)
        if not target.keys and not node.granted:
            return Opening(node, target.type, entries[0][1] + 1 if entries else 0)
        granted = self._read(self.granted_sets(node), entries)
        contexts = self._read(self.context_sets(position, node), entries)
        if granted is None or contexts is None:
            return None
        best: Opening | None = None
        best_rank: tuple[int, int, int, int] | None = None
        for key in target.keys:
            served = self._server.serve(key.selection, entries)
            if served.unserved:
                continue
            opening = _opening(node, target, [(key, served), *granted], contexts)
            rank = (opening.stage, opening.requests, _not_selected(key, position), key.leaves)
            if best_rank is None or rank < best_rank:
                best, best_rank = opening, rank
        return best

    def _read(self, field_sets: tuple[FieldSet, ...], entries: Entries) -> Conditions | None:
        """How each set is read from the entries; ``None`` if one of them is not readable."""
        found: Conditions = []
        for field_set in field_sets:
            served = self._server.serve(field_set.selection, entries)
            if served.unserved:
                return None
            found.append((field_set, served))
        return found

    def serves(self, node: Node, unit: Unit) -> bool:
        """Whether something of ``unit`` can be taken from ``node``."""
        if not isinstance(unit, Field):
            return self.graph.cast(node, unit.type) is not None
        if unit.name == "__typename":
            return not self.graph.is_interface_object(node)
        if self.graph.edge(node, unit.name) is not None:
            return True
        view = self.graph.type_view(node.graph, node.type)
        if view is None or view.kind != "interface":
            return False
        casts = (self.graph.cast(node, type_name) for type_name in self.graph.runtime_types(node) or ())
        return any(cast is not None and self.graph.edge(cast, unit.name) is not None for cast in casts)

    def leads_to(self, node: Node, unit: Unit) -> bool:
        """Whether opening ``node`` can help with ``unit`` at all.

        An interface tells the type of an object, and from there a field may be reached type by type, also elsewhere.
        """
        view = self.graph.type_view(node.graph, node.type)
        return self.serves(node, unit) or (view is not None and view.kind == "interface")

    def is_readable(self, position_type: str, unit: Unit, nodes: Nodes) -> bool:
        """Whether open nodes supply the whole of ``unit``."""
        single = self._singles.get(unit)
        if single is None or single.type != position_type:
            single = self._singles[unit] = SelectionSet(position_type, (unit,))
        return not self._server.serve(single, as_entries((node, 0) for node in nodes)).unserved


def _opening(node: Node, target: Target, conditions: Conditions, contexts: Conditions) -> Opening:
    opening = Opening(node, target.type, 1 + max(served.ready for _, served in (*conditions, *contexts)))
    opening.conditions = conditions
    opening.contexts = contexts
    for field_set, served in (*conditions, *contexts):
        opening.stages += served.stages + sum(stage for _, stage in served.local)
        opening.requests += served.requests + len(served.local)
        opening.weight += field_set.leaves
        opening.uses |= served.uses
    return opening


def _not_selected(key: FieldSet, position: SelectionSet) -> int:
    """How many fields of the key the client did not ask for anyway."""
    asked = {unit.name for unit in position.units if isinstance(unit, Field)}
    return sum(1 for unit in key.selection.units if isinstance(unit, Field) and unit.name not in asked)
