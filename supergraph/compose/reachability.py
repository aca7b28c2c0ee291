"""What a router can get at for one object: the question behind satisfiability.

An object is known by the set of nodes in which it is available. The set grows by opening the object in further
subgraphs, each by a key that can be read from the nodes there are, until nothing more opens (``expand``). Reading a key
asks the same question one level down, and so does a ``@requires``; both may lead back to where they came from.

So questions are not answered by recursion. Each has an answer so far, at first that of somebody who knows nothing; an
answer is worked out from those answers, and worked out again when one that it leaned on has grown. When nothing is
left to do, all answers hold. Answers only grow, so that end comes, and the order of the questions does not matter.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from graphql import GraphQLObjectType

from supergraph.compose.effort import Effort
from supergraph.operation.model import Cast, Field, SelectionSet, Unit
from supergraph.query_graph import NOTHING_PROVIDED, ROOT_TYPES, Edge, Node, QueryGraph, Target

Nodes = frozenset[Node]
Above = Mapping[str, tuple[str, Nodes]]
"""For each context that an ancestor sets, the type of the nearest such object and where it is available."""
NOTHING_ABOVE: Above = {}

_REMEMBERED_HOLDERS = 256

ExpandQuestion = tuple[str, Nodes]
GrantQuestion = tuple[Node, str, Nodes]
Question = ExpandQuestion | GrantQuestion


@dataclass(frozen=True, slots=True)
class Door:
    """A key, and the nodes of a type that it opens.

    Attributes:
        key: ``None`` for root types, which need none.
        fields: What must be there at least. In a ring of keys, this spares asking for each key at each node.
    """

    key: SelectionSet | None
    entries: Nodes
    fields: frozenset[str]


class Reachability:
    """Answers for one query graph, remembered."""

    __slots__ = (
        "_asking",
        "_doors",
        "_expanded",
        "_granted",
        "_holders",
        "_leaning",
        "_queued",
        "_sets",
        "_todo",
        "effort",
        "graph",
    )

    def __init__(self, graph: QueryGraph, effort: Effort) -> None:
        self.graph = graph
        self.effort = effort
        self._expanded: dict[ExpandQuestion, Nodes] = {}
        self._granted: dict[GrantQuestion, Edge | None] = {}
        self._todo: deque[Question] = deque()
        self._queued: set[Question] = set()
        self._asking: Question | None = None
        self._leaning: dict[Question, dict[Question, None]] = {}
        self._doors: dict[str, tuple[Door, ...]] = {}
        self._sets: dict[Nodes, Nodes] = {}
        self._holders: dict[Nodes, dict[str, list[Node]]] = {}

    def holders(self, nodes: Nodes) -> Mapping[str, list[Node]]:
        """For each field, those of ``nodes`` whose subgraph has it. In a wide supergraph that is few of many."""
        found = self._holders.get(nodes)
        if found is None:
            if len(self._holders) >= _REMEMBERED_HOLDERS:
                self._holders.clear()  # sets on the way to a larger one are never asked about again
            found = self._holders[nodes] = {}
            for node in by_rank(nodes):
                view = self.graph.type_view(node.graph, node.type)
                for name in view.fields if view else ():
                    found.setdefault(name, []).append(node)
        return found

    def expand(self, type_name: str, nodes: Nodes) -> Nodes:
        """All nodes in which an object of ``type_name`` can be had once it is available in ``nodes``."""
        if not nodes:
            return nodes
        question = (type_name, nodes)
        if question not in self._expanded:
            self._expanded[question] = nodes
            self._ask(question)
        self._lean_on(question)
        return self._expanded[question]

    def _ask(self, question: Question) -> None:
        self._todo.append(question)
        self._queued.add(question)

    def _lean_on(self, question: Question) -> None:
        """Make the answer final; while another is worked out, note instead that it leans on this one."""
        if self._asking is None:
            self._settle()
        elif self._asking != question:
            self._leaning.setdefault(question, {})[self._asking] = None

    def _settle(self) -> None:
        """Answer what is open. New questions come first, so that one that leans on many is answered after them."""
        todo = self._todo
        while todo:
            question = todo.pop()
            self._queued.discard(question)
            self.effort.count_question()
            self._asking = question
            has_grown = self._grow_expanded(question) if len(question) == 2 else self._grow_granted(question)
            self._asking = None
            if has_grown:
                again = [leaning for leaning in self._leaning.pop(question, ()) if leaning not in self._queued]
                todo.extendleft(again)
                self._queued.update(again)
        self._leaning.clear()

    def _grow_expanded(self, question: ExpandQuestion) -> bool:
        type_name, _ = question
        before = nodes = self._expanded[question]
        waiting = [door for door in self._doors_of(type_name) if not door.entries <= nodes]
        while opened := self._opened(nodes, waiting):
            entries = frozenset[Node]().union(*(door.entries for door in opened)) - nodes
            # What is known to be reachable from a node on the way is reachable from here.
            known = (self._expanded.get((type_name, frozenset((entry,))), ()) for entry in entries)
            nodes = nodes.union(entries, *known)
            waiting = [door for door in waiting if not door.entries <= nodes]
        self._expanded[question] = self._sets.setdefault(nodes, nodes)
        return len(nodes) > len(before)

    def _opened(self, nodes: Nodes, waiting: list[Door]) -> list[Door]:
        # A subgraph can most likely read its own keys; what they open is then known often, and nothing else is asked.
        own = [door for door in waiting if not door.entries.isdisjoint(nodes)]
        if opened := self._readable(nodes, own):
            return opened
        return self._readable(nodes, [door for door in waiting if door.entries.isdisjoint(nodes)])

    def _readable(self, nodes: Nodes, doors: list[Door]) -> list[Door]:
        there = self.holders(nodes).keys()
        return [
            door for door in doors if door.key is None or (door.fields <= there and self.satisfies(nodes, door.key))
        ]

    def _grow_granted(self, question: GrantQuestion) -> bool:
        node, name, nodes = question
        wanted = self.graph.wanted_requires(node.graph, node.type, name)
        if self._granted[question] is not None or wanted is None:
            return False
        if self.satisfies(nodes, wanted.selection) and self.can_reenter(node, nodes):
            granted = self.graph.node(node.graph, node.type, NOTHING_PROVIDED, frozenset({wanted.id}))
            self._granted[question] = self.graph.edge(granted, name)
        return self._granted[question] is not None

    def _doors_of(self, type_name: str) -> tuple[Door, ...]:
        """The keys of a type, each once: many subgraphs have the same."""
        known = self._doors.get(type_name)
        if known is None:
            opened: dict[str, tuple[SelectionSet | None, set[Node]]] = {}
            for target in self.graph.targets(type_name):
                entry = self.graph.node(target.graph, target.type)
                if target.type in ROOT_TYPES:
                    opened.setdefault("", (None, set()))[1].add(entry)
                for key in target.keys:
                    opened.setdefault(key.id, (key.selection, set()))[1].add(entry)
            # What no interface resolves may be resolved on each type behind it, so only objects lack a field for sure.
            is_object = isinstance(self.graph.schema.type_map.get(type_name), GraphQLObjectType)
            known = self._doors[type_name] = tuple(
                Door(key, frozenset(found), _fields_of(key) if is_object and key else frozenset())
                for key, found in opened.values()
            )
        return known

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
        if any(self.graph.runtime_types(node) == (type_name,) for node in nodes):
            return False
        possible = {name for node in nodes for name in self.graph.runtime_types(node) or () if name != type_name}
        if not possible:
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
        question = (node, name, nodes)
        if question not in self._granted:
            self._granted[question] = None
            self._ask(question)
        self._lean_on(question)
        return self._granted[question]

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


def _fields_of(key: SelectionSet) -> frozenset[str]:
    return frozenset(unit.name for unit in key.units if isinstance(unit, Field) and unit.name != "__typename")


def by_rank(nodes: Iterable[Node]) -> list[Node]:
    """Nodes in an order that does not depend on how they were found."""
    return sorted(nodes, key=lambda node: node.rank)
