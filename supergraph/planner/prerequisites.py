"""What must be opened before a node can be: bridges between keys, and chains of ``@requires``.

First forwards: which of the nodes that could matter can be opened at all, and in which *layer*, if everything that can
be is opened as soon as it can be. Then backwards from the wanted node, taking only what lies in earlier layers, the
fewest nodes that supply its conditions. So no subsets are tried, and nothing goes in circles.
"""

from collections.abc import Callable, Iterator

from supergraph.operation.model import Field, SelectionSet, Unit
from supergraph.planner.opening import Nodes, Opener
from supergraph.query_graph import FieldSet, Node

_MANY_STEPS = 500
"""Backward steps after which the first supplier that does is taken."""


class Prerequisites:
    """Finds prerequisites at one position from nodes that are open."""

    def __init__(self, opener: Opener, position: SelectionSet, have: Nodes) -> None:
        self._opener = opener
        self._position = position
        self._type = position.type
        self._have = have
        self._layers: dict[Node, int] = {}
        self._steps = 0
        self._read: dict[tuple[Unit, Nodes], bool] = {}

    def find(self, node: Node) -> Nodes | None:
        """What to open before ``node``, in that order; ``None`` if nothing helps."""
        if self._can_open(node, self._have):
            return ()
        self._layers = self._find_layers(node)
        self._steps = 0
        return self._before(node, self._have) if node in self._layers else None

    def _find_layers(self, wanted: Node) -> dict[Node, int]:
        pending = self._relevant(wanted)
        layers: dict[Node, int] = {}
        reached = self._have
        while wanted not in layers:
            new = [node for node in pending if self._can_open(node, reached)]
            if not new:
                break
            layer = len(set(layers.values()))
            layers.update(dict.fromkeys(new, layer))
            pending = [node for node in pending if node not in layers]
            reached += tuple(new)
        return layers

    def _relevant(self, wanted: Node) -> list[Node]:
        """The node, and everything that could supply a condition of something relevant."""
        found: dict[Node, None] = {wanted: None}
        pending = [wanted]
        while pending:
            units = [unit for conditions in self._conditions(pending.pop()) for unit in conditions]
            new = [node for unit in units for node in self._suppliers(unit) if node not in found]
            found.update(dict.fromkeys(new))
            pending += dict.fromkeys(new)
        return [node for node in found if node not in self._have]

    def _conditions(self, node: Node) -> Iterator[list[Unit]]:
        """The units that are needed to open a node, for each of its keys."""
        target = self._opener.target_of(self._type, node)
        granted = self._opener.read_to_open(self._position, node)
        keys: tuple[FieldSet | None, ...] = target.keys or (None,)
        for key in keys:
            sets = granted if key is None else (key, *granted)
            yield [unit for field_set in sets for unit in field_set.selection.units]

    def _can_open(self, node: Node, nodes: Nodes) -> bool:
        return any(all(self._can_read(unit, nodes) for unit in units) for units in self._conditions(node))

    def _can_read(self, unit: Unit, nodes: Nodes) -> bool:
        key = (unit, nodes)
        if key not in self._read:
            self._read[key] = self._opener.is_readable(self._type, unit, nodes)
        return self._read[key]

    def _before(self, node: Node, have: Nodes) -> Nodes | None:
        self._steps += 1
        found = (self._supply_all(units, have, self._layers[node]) for units in self._conditions(node))
        return _shortest(found, enough=self._is_enough)

    def _is_enough(self, nodes: Nodes) -> bool:
        return not nodes or self._steps > _MANY_STEPS

    def _supply_all(self, units: list[Unit], have: Nodes, layer: int) -> Nodes | None:
        added: Nodes = ()
        for unit in units:
            if not self._can_read(unit, have + added):
                found = self._supply(unit, have + added, layer)
                if found is None:
                    return None
                added += found
        return added

    def _supply(self, unit: Unit, have: Nodes, layer: int) -> Nodes | None:
        def ways() -> Iterator[Nodes | None]:
            for node in self._suppliers(unit):
                if node not in have and self._layers.get(node, layer) < layer:
                    before = self._before(node, have)
                    if before is not None and self._can_read(unit, (*have, *before, node)):
                        yield (*before, node)

        return _shortest(ways(), enough=lambda nodes: len(nodes) == 1 or self._is_enough(nodes))

    def _suppliers(self, unit: Unit) -> list[Node]:
        """The nodes that can be opened here and supply ``unit``, at least in part."""
        found = []
        graph = self._opener.graph
        for target in graph.targets(self._type):
            node = self._opener.variant(target)
            if self._opener.leads_to(node, unit):
                found.append(node)
            elif isinstance(unit, Field):
                wanted = graph.wanted_requires(target.graph, target.type, unit.name)
                if wanted is not None:
                    found.append(self._opener.variant(target, (wanted,)))
        return found


def _shortest(ways: Iterator[Nodes | None], *, enough: Callable[[Nodes], bool]) -> Nodes | None:
    """The first of the shortest ways, or the first that is good enough."""
    best: Nodes | None = None
    for way in ways:
        if way is not None and (best is None or len(way) < len(best)):
            best = way
            if enough(best):
                break
    return best
