"""The query graph: what can be reached from where, and at what price.

    supergraph ──▶ views ──▶ query graph ──▶ satisfiability, planner
                             ▲ you are here

A *node* is an object of one type as one subgraph sees it. A *field edge* leads to the node of a field's value in the
same subgraph and costs nothing. A *cast* leads from an abstract node to one of its object types. A *target* is a node
of another subgraph that an object can be opened in, by a key, at the price of one fetch. Key edges are not stored:
they are quadratic in the number of subgraphs, and ``targets`` enumerates them.

Satisfiability and planning share this graph, so they cannot disagree about what is reachable.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count

from graphql import GraphQLInterfaceType, GraphQLObjectType, GraphQLSchema

from supergraph.operation.model import Field
from supergraph.query_graph.context_grants import ContextGrants
from supergraph.query_graph.field_sets import FieldSet, FieldSets
from supergraph.query_graph.provided import NOTHING_PROVIDED, Provided, merge_provided, provided_by
from supergraph.sdl.types import base_name
from supergraph.views import FieldView, SubgraphView, TypeView

ROOT_TYPES = ("Query", "Mutation", "Subscription")


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """An object of a type as one subgraph sees it.

    Attributes:
        id: Small; equal nodes of one graph are identical.
        graph: Index of the subgraph.
        provided: External fields that are readable because an ancestor provides them.
        granted: Ids of the ``@requires`` sets that were sent when the node was opened, and of fields whose contextual
            arguments went along, then or further up.
        rank: The order of nodes, which unlike ``id`` does not depend on what was planned before.
        sealed: Only what representations are made of is read here. A deferred part starts from sealed nodes, so that it
            asks for everything else itself, also where that is known.
    """

    id: int
    graph: int
    type: str
    provided: Provided = NOTHING_PROVIDED
    granted: frozenset[str] = frozenset()
    rank: tuple[int, str, str, tuple[str, ...]] = (0, "", "", ())
    sealed: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Edge:
    """A field that a node resolves; ``tail`` is ``None`` for a leaf."""

    view: FieldView
    tail: Node | None


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """A subgraph that an object can be opened in.

    Attributes:
        type: The type that the subgraph knows the object by: an interface for an interface object.
        keys: The field sets it can be opened by, on ``type``; empty for a root type, which needs none.
    """

    graph: int
    type: str
    keys: tuple[FieldSet, ...]


class QueryGraph:
    """The graph of one supergraph in one state of its override labels."""

    def __init__(
        self, schema: GraphQLSchema, subgraphs: Mapping[str, SubgraphView], labels: frozenset[str] = frozenset()
    ) -> None:
        self.schema = schema
        self.subgraphs = tuple(subgraphs.values())
        self.labels = labels
        self.field_sets = FieldSets(schema)
        self._ids = count()
        self._nodes: dict[tuple[int, str, Provided, frozenset[str], bool], Node] = {}
        self._edges: dict[tuple[int, str], Edge | None] = {}
        self._casts: dict[tuple[int, str], Node | None] = {}
        self._targets: dict[str, tuple[Target, ...]] = {}
        self._inputs: dict[str, frozenset[str]] = {}
        self._runtime: dict[tuple[int, str], tuple[str, ...] | None] = {}
        self.context_grants = ContextGrants(schema, self.subgraphs, self.field_sets)

    def node(
        self,
        graph: int,
        type_name: str,
        provided: Provided = NOTHING_PROVIDED,
        granted: frozenset[str] = frozenset(),
        *,
        sealed: bool = False,
    ) -> Node:
        """The one node with these properties."""
        key = (graph, type_name, provided, granted, sealed)
        node = self._nodes.get(key)
        if node is None:
            rank = (graph, type_name, "" if provided is NOTHING_PROVIDED else repr(provided), tuple(sorted(granted)))
            # Plans are made in several threads: ``setdefault`` decides which of two equal nodes is the one.
            node = self._nodes.setdefault(key, Node(next(self._ids), graph, type_name, provided, granted, rank, sealed))
        return node

    def sealed(self, node: Node) -> Node:
        """The same object, for a deferred part."""
        return self.node(node.graph, node.type, node.provided, node.granted, sealed=True)

    def type_view(self, graph: int, type_name: str) -> TypeView | None:
        """The type as the subgraph has it, if it does."""
        return self.subgraphs[graph].types.get(type_name)

    def is_interface_object(self, node: Node) -> bool:
        """Whether the subgraph knows the interface but not its implementations."""
        return self.has_interface_object(node.graph, node.type)

    def has_interface_object(self, graph: int, type_name: str) -> bool:
        """The same, of a subgraph and a type."""
        view = self.type_view(graph, type_name)
        return view is not None and view.interface_object

    def runtime_types(self, node: Node) -> tuple[str, ...] | None:
        """The object types an object of the node can have; ``None`` at an interface object, which cannot know."""
        key = (node.graph, node.type)
        if key not in self._runtime:
            self._runtime[key] = self._runtime_types(node)
        return self._runtime[key]

    def _runtime_types(self, node: Node) -> tuple[str, ...] | None:
        view = self.type_view(node.graph, node.type)
        if view is None or view.interface_object:
            return None
        if view.kind == "object":
            return (node.type,)
        return self.subgraphs[node.graph].runtime_types.get(node.type, ())

    def edge(self, node: Node, name: str) -> Edge | None:
        """The edge of field ``name`` at ``node``, if the node resolves it. ``__typename`` is no edge."""
        key = (node.id, name)
        if key not in self._edges:
            self._edges[key] = self._find_edge(node, name)
        return self._edges[key]

    def _find_edge(self, node: Node, name: str) -> Edge | None:
        type_view = self.type_view(node.graph, node.type)
        view = type_view.fields.get(name) if type_view else None
        if type_view is None or view is None or not self.is_active(view):
            return None
        if node.sealed and name not in self._inputs_of(node.type):
            return None
        below = node.provided.below(name)
        if type_view.kind == "interface":
            if not self._all_implementations_resolve(node, name):
                return None
        elif not self._resolves(node, view):
            return None
        tail_type = base_name(view.type)
        tail_view = self.type_view(node.graph, tail_type)
        if tail_view is None or tail_view.kind not in ("object", "interface", "union"):
            return Edge(view, None)
        provided = below or NOTHING_PROVIDED
        if view.provides:
            provided = merge_provided(provided, provided_by(self.field_sets.get(tail_type, view.provides).selection))
        granted = node.granted and self.context_grants.carried(node.graph, node.granted, node.type, name, tail_type)
        return Edge(view, self.node(node.graph, tail_type, provided, granted))

    def _inputs_of(self, type_name: str) -> frozenset[str]:
        """The fields of a type that any representation of it may hold: those of its keys, and required ones."""
        if type_name not in self._inputs:
            targets = self.targets(type_name)
            sets = [key for target in targets for key in target.keys]
            for target in targets:
                view = self.type_view(target.graph, target.type)
                wanted = (
                    self.wanted_requires(target.graph, target.type, name) for name in (view.fields if view else ())
                )
                sets += [field_set for field_set in wanted if field_set is not None]
            units = (unit for field_set in sets for unit in field_set.selection.units)
            self._inputs[type_name] = frozenset(unit.name for unit in units if isinstance(unit, Field))
        return self._inputs[type_name]

    def _resolves(self, node: Node, view: FieldView) -> bool:
        """Whether an object node resolves the field."""
        if view.context_arguments:
            return not view.external and self._granted_set(node.type, view).id in node.granted
        if node.provided.below(view.name) is not None:
            return True
        if view.external:
            return False
        if view.requires is None:
            return True
        requires = self._granted_set(node.type, view)
        return requires.id in node.granted or _covers(node.provided, provided_by(requires.selection))

    def _granted_set(self, type_name: str, view: FieldView) -> FieldSet:
        """What a field with ``@requires`` or contextual arguments must be granted."""
        requires = self.field_sets.get(type_name, view.requires) if view.requires is not None else None
        if view.context_arguments:
            return self.field_sets.with_contexts(type_name, view.name, requires)
        assert requires is not None
        return requires

    def _all_implementations_resolve(self, node: Node, name: str) -> bool:
        """Whether a field of a real interface can be asked on the interface itself.

        It can if every object type behind it resolves the field without conditions. An interface that nothing
        implements in the subgraph has nothing to check.
        """
        if node.provided.below(name) is not None:
            return True
        for type_name in self.runtime_types(node) or ():
            implementation = self.type_view(node.graph, type_name)
            view = implementation.fields.get(name) if implementation else None
            if view is None or not self.is_active(view):
                return False
            if node.provided.on(type_name).below(name) is not None:
                continue
            if view.external or view.requires is not None or view.context_arguments:
                return False
        return True

    def is_active(self, view: FieldView) -> bool:
        """Whether the state of its override label leaves the field in this subgraph."""
        return view.override_label is None or (view.override_label in self.labels) == view.label_wanted

    def wanted_requires(self, graph: int, type_name: str, name: str) -> FieldSet | None:
        """What the subgraph must be sent before it resolves the field: its ``@requires`` set, contextual arguments."""
        type_view = self.type_view(graph, type_name)
        view = type_view.fields.get(name) if type_view else None
        if view is None or view.external or not self.is_active(view):
            return None
        if view.requires is None and not view.context_arguments:
            return None
        return self._granted_set(type_name, view)

    def context_setters(self, context: str) -> frozenset[str]:
        """The object types that set a context, those behind an interface or union that sets it included."""
        return self.context_grants.setters.get(context, frozenset())

    @property
    def has_contexts(self) -> bool:
        """Whether any type sets a context."""
        return bool(self.context_grants.setters)

    def cast(self, node: Node, type_name: str) -> Node | None:
        """The node of the same object once its type is known to be ``type_name``; ``None`` if it cannot be that."""
        key = (node.id, type_name)
        if key not in self._casts:
            possible = self.runtime_types(node)
            if possible is None or type_name not in possible:
                self._casts[key] = None
            elif node.type == type_name:
                self._casts[key] = node
            else:
                self._casts[key] = self.node(
                    node.graph, type_name, node.provided.on(type_name), node.granted, sealed=node.sealed
                )
        return self._casts[key]

    def targets(self, type_name: str) -> tuple[Target, ...]:
        """The subgraphs that an object of the supergraph's ``type_name`` can be opened in."""
        if type_name not in self._targets:
            self._targets[type_name] = self._find_targets(type_name)
        return self._targets[type_name]

    def _find_targets(self, type_name: str) -> tuple[Target, ...]:
        found = []
        for graph, subgraph in enumerate(self.subgraphs):
            view = subgraph.types.get(type_name)
            if view is not None:
                if type_name in ROOT_TYPES:
                    found.append(Target(graph, type_name, ()))
                elif keys := self._usable_keys(view):
                    found.append(Target(graph, type_name, keys))
                continue
            for interface in self.interfaces_of(type_name):
                stand_in = subgraph.types.get(interface)
                if stand_in is not None and stand_in.interface_object and (keys := self._usable_keys(stand_in)):
                    found.append(Target(graph, interface, keys))
        return tuple(found)

    def _usable_keys(self, view: TypeView) -> tuple[FieldSet, ...]:
        return tuple(self.field_sets.get(view.name, key.fields) for key in view.keys if key.resolvable)

    def interfaces_of(self, type_name: str) -> tuple[str, ...]:
        """The interfaces that a supergraph type implements."""
        named = self.schema.type_map.get(type_name)
        if isinstance(named, GraphQLObjectType | GraphQLInterfaceType):
            return tuple(interface.name for interface in named.interfaces)
        return ()


def _covers(provided: Provided, wanted: Provided) -> bool:
    """Whether everything in ``wanted`` is provided."""
    for name, below in wanted.fields:
        there = provided.below(name)
        if there is None or not _covers(there, below):
            return False
    return all(_covers(provided.on(type_name), below) for type_name, below in wanted.casts)


class QueryGraphs:
    """The query graphs of one supergraph, one for each state of its override labels that was asked for."""

    def __init__(self, schema: GraphQLSchema, subgraphs: Mapping[str, SubgraphView]) -> None:
        self._schema = schema
        self._subgraphs = subgraphs
        self._graphs: dict[frozenset[str], QueryGraph] = {}
        self.labels = frozenset(
            field.override_label
            for subgraph in subgraphs.values()
            for view in subgraph.types.values()
            for field in view.fields.values()
            if field.override_label is not None
        )

    def under(self, labels: frozenset[str]) -> QueryGraph:
        """The graph in which exactly ``labels`` are on; labels that no field has do not matter."""
        active = labels & self.labels
        graph = self._graphs.get(active)
        if graph is None:
            graph = self._graphs.setdefault(active, QueryGraph(self._schema, self._subgraphs, active))
        return graph
