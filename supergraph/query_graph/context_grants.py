"""Contextual values that a request may carry down to fields further below.

A field with contextual arguments is resolved by a node that was *granted* them: their values went along with the
request that opened it. The values do not depend on the field's own object, so a request for an object above can be
granted them as well. A grant then follows the field edges, as long as

* no position on the way sets the context anew, since an argument takes its value from the nearest that does;
* the field can still be met below.

A field that needs ``@requires`` besides is granted on its own object only, where the representation is made.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graphql import GraphQLSchema

from supergraph.operation.schema_types import field_type, possible_types
from supergraph.query_graph.field_sets import FieldSet, FieldSets
from supergraph.sdl.types import base_name
from supergraph.views import ContextArgument, FieldView, SubgraphView

NO_CONTEXTS: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, eq=False)
class ContextGrant:
    """One field that can be granted its contextual arguments further up.

    Attributes:
        field_set: What is granted.
        arguments: What the values are.
        contexts: The contexts that the arguments read.
    """

    field_set: FieldSet
    arguments: tuple[ContextArgument, ...]
    contexts: frozenset[str]


class ContextGrants:
    """The contexts of one supergraph: who sets them, and how far grants reach."""

    def __init__(self, schema: GraphQLSchema, subgraphs: Sequence[SubgraphView], field_sets: FieldSets) -> None:
        self._schema = schema
        self._subgraphs = subgraphs
        self._field_sets = field_sets
        self.setters = _find_setters(subgraphs)
        self._set_at: dict[str, frozenset[str]] = {}
        self._grants: dict[int, Mapping[str, ContextGrant]] = {}
        self._below: dict[tuple[int, str], frozenset[str]] = {}

    def of(self, graph: int) -> Mapping[str, ContextGrant]:
        """What can be granted further up in a subgraph, by the ids of the field sets."""
        if not self.setters:
            return {}
        known = self._grants.get(graph)
        if known is None:
            known = self._grants[graph] = {
                grant.field_set.id: grant
                for view in self._subgraphs[graph].types.values()
                for field in view.fields.values()
                if field.context_arguments and field.requires is None and not field.external
                for grant in (self._grant(view.name, field),)
            }
        return known

    def _grant(self, type_name: str, field: FieldView) -> ContextGrant:
        field_set = self._field_sets.with_contexts(type_name, field.name, None)
        arguments = field.context_arguments
        return ContextGrant(field_set, arguments, frozenset(argument.context for argument in arguments))

    def carried(self, graph: int, granted: frozenset[str], parent: str, name: str, tail: str) -> frozenset[str]:
        """Those of ``granted`` that are still good below a field.

        Args:
            graph: The subgraph.
            granted: Ids of granted sets, of all kinds.
            parent: The type that has the field ``name``.
            name: The field.
            tail: The type that the subgraph has there.
        """
        grants = self.of(graph)
        set_anew = self.set_at(base_name(field_type(self._schema, parent, name)))
        below = self._types_below(graph, tail)
        return frozenset(
            field_set
            for field_set in granted
            if (grant := grants.get(field_set)) is not None
            and grant.field_set.type in below
            and grant.contexts.isdisjoint(set_anew)
        )

    def _types_below(self, graph: int, type_name: str) -> frozenset[str]:
        """The type, and every type of the subgraph that its fields lead to."""
        known = self._below.get((graph, type_name))
        if known is not None:
            return known
        subgraph = self._subgraphs[graph]
        found: set[str] = set()
        pending = {type_name}
        while pending:
            current = pending.pop()
            found.add(current)
            view = subgraph.types.get(current)
            following = {base_name(field.type) for field in view.fields.values()} if view else set()
            following.update(subgraph.runtime_types.get(current, ()))
            pending |= following - found
        self._below[graph, type_name] = frozenset(found)
        return self._below[graph, type_name]

    def set_at(self, type_name: str) -> frozenset[str]:
        """The contexts that some object at a position of a supergraph type sets."""
        if not self.setters:
            return NO_CONTEXTS
        known = self._set_at.get(type_name)
        if known is None:
            possible = set(possible_types(self._schema, type_name))
            known = frozenset(name for name, types in self.setters.items() if not possible.isdisjoint(types))
            self._set_at[type_name] = known
        return known


def _find_setters(subgraphs: Sequence[SubgraphView]) -> Mapping[str, frozenset[str]]:
    """The object types that set each context, those behind an interface or union that sets it included."""
    setters: dict[str, set[str]] = {}
    for subgraph in subgraphs:
        for view in subgraph.types.values():
            for context in view.contexts:
                setters.setdefault(context, set()).update(subgraph.runtime_types.get(view.name, (view.name,)))
    return {context: frozenset(types) for context, types in setters.items()}
