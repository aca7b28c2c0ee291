"""Contexts whose values are known before an object is fetched, so that they can go along with the request for it.

A field with contextual arguments can always be had by fetching its object again, once the values are known. If they are
known earlier, it is cheaper to ask for an object above with the values: the grants follow the edges, see
``query_graph.context_grants``. Such an opening is one more candidate of the search, like one with ``@requires`` sets.
"""

from collections.abc import Iterable, Iterator

from graphql import is_abstract_type

from supergraph.operation.model import Field, SelectionSet, Unit
from supergraph.planner.contexts import ContextCast
from supergraph.query_graph import ContextGrant, Edge, FieldSet, Node, QueryGraph


class CarriedContexts:
    """Finds, in one planning run, what it is worth to grant at a position."""

    def __init__(self, graph: QueryGraph) -> None:
        self._graph = graph
        self._known: dict[tuple[Field, Node], frozenset[str]] = {}

    def find(self, position: SelectionSet, units: list[Unit], node: Node) -> list[FieldSet]:
        """The fields below ``units`` that need no request of their own if ``node`` is granted their contexts."""
        grants = {
            field_set: grant
            for field_set, grant in self._graph.context_grants.of(node.graph).items()
            if self._can_be_told(position, grant)
        }
        if not grants:
            return []
        everything = self._graph.node(node.graph, node.type, node.provided, frozenset(grants))
        used = frozenset[str]().union(*(self._used_below(unit, everything) for unit in units))
        return [grant.field_set for field_set, grant in sorted(grants.items()) if field_set in used]

    def _can_be_told(self, position: SelectionSet, grant: ContextGrant) -> bool:
        """Whether what the object itself says is read here; objects of an abstract position may each say another."""
        set_here = grant.contexts & self._graph.context_grants.set_at(position.type)
        if not set_here:
            return True
        read_here = {cast.wanted for cast in casts_for(position, grant)}
        wanted = {(argument.context, argument.selection) for argument in grant.arguments}
        return not is_abstract_type(self._graph.schema.type_map[position.type]) and all(
            want in read_here for want in wanted if want[0] in set_here
        )

    def _used_below(self, unit: Unit, node: Node) -> frozenset[str]:
        """The ids of the grants of ``node`` that fields of other objects below ``unit`` use."""
        if isinstance(unit, Field):
            return self._used_inside(unit, node)
        cast = self._graph.cast(node, unit.type)
        return _union(self._used_below(inner, cast) for inner in unit.selection.units) if cast else _NOTHING

    def _used(self, unit: Unit, node: Node) -> frozenset[str]:
        """The ids of the grants of ``node`` that ``unit`` and fields below it use."""
        if isinstance(unit, Field):
            return self._used_inside(unit, node) | self._used_by(unit, node)
        cast = self._graph.cast(node, unit.type)
        return _union(self._used(inner, cast) for inner in unit.selection.units) if cast else _NOTHING

    def _used_by(self, field: Field, node: Node) -> frozenset[str]:
        wanted = (
            self._graph.wanted_requires(each.graph, each.type, field.name) for each, _ in self._edges(field, node)
        )
        return frozenset(field_set.id for field_set in wanted if field_set is not None and field_set.contextual)

    def _used_inside(self, field: Field, node: Node) -> frozenset[str]:
        if field.selection is None:
            return _NOTHING
        known = self._known.get((field, node))
        if known is None:
            tails = [edge.tail for _, edge in self._edges(field, node) if edge.tail is not None]
            units = field.selection.units
            known = self._known[field, node] = _union(self._used(unit, tail) for tail in tails for unit in units)
        return known

    def _edges(self, field: Field, node: Node) -> Iterator[tuple[Node, Edge]]:
        """The edge of a field, or those on the types behind an interface that does not resolve it itself."""
        edge = self._graph.edge(node, field.name)
        if edge is not None:
            yield node, edge
            return
        view = self._graph.type_view(node.graph, node.type)
        if view is None or view.kind != "interface":
            return
        for type_name in self._graph.runtime_types(node) or ():
            cast = self._graph.cast(node, type_name)
            edge = self._graph.edge(cast, field.name) if cast else None
            if cast is not None and edge is not None:
                yield cast, edge


_NOTHING: frozenset[str] = frozenset()


def _union(sets: Iterable[frozenset[str]]) -> frozenset[str]:
    return _NOTHING.union(*sets)


def casts_for(position: SelectionSet, grant: ContextGrant) -> list[ContextCast]:
    """What is read at a position for the arguments of a grant."""
    wanted = {(argument.context, argument.selection) for argument in grant.arguments}
    return [unit for unit in position.units if isinstance(unit, ContextCast) and unit.wanted in wanted]
