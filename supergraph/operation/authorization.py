"""Authorization directives: what a field demands of the caller, and the operation without what the caller may not see.

    Operation ──▶ filter ──▶ Operation that is planned ──▶ …
                  ▲ you are here

``@authenticated``, ``@requiresScopes`` and ``@policy`` stand on types and on fields. A field demands what stands on it,
on the type it belongs to and on the type it returns. Fields are removed *before* planning, so no subgraph is asked for
them, not even on the way to something else. The demands are read off the supergraph's schema, and on an abstract
position those of every type behind it count, so that neither an interface nor an alias or a fragment is a way around.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from graphql import (
    DirectiveNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    value_from_ast_untyped,
)

from supergraph.operation.defer import HIDDEN_TYPENAME
from supergraph.operation.model import Cast, Field, Operation, SelectionSet, Unit
from supergraph.operation.schema_types import possible_types, type_ref
from supergraph.reader.features import Features
from supergraph.sdl.types import list_depth

Groups = tuple[frozenset[str], ...]
"""Alternatives, each of which names everything that it takes."""


@dataclass(frozen=True, slots=True)
class Demand:
    """One thing that the caller must show.

    Attributes:
        kind: ``authenticated``, ``scopes`` or ``policies``.
        groups: For scopes and policies the alternatives.
    """

    kind: str
    groups: Groups = ()


Demands = frozenset[Demand]
NO_DEMANDS: Demands = frozenset()
_ARGUMENTS = {"requiresScopes": ("scopes", "scopes"), "policy": ("policies", "policies")}


@dataclass(frozen=True, slots=True)
class Denied:
    """A field that was removed.

    Attributes:
        path: Response keys down to it, with ``@`` for every element of a list: positions are not known yet.
        field_id: The id of the client's field.
        type: The concrete type that it was removed from.
    """

    path: tuple[str, ...]
    field_id: int
    type: str


@dataclass(frozen=True, slots=True, eq=False)
class Filtered:
    """What is left of an operation for one caller."""

    operation: Operation
    denied: tuple[Denied, ...]


class Authorization:
    """The demands of one supergraph."""

    def __init__(self, schema: GraphQLSchema, features: Features) -> None:
        self._schema = schema
        self._directives = {
            local: name
            for name in ("authenticated", "requiresScopes", "policy")
            if (local := features.directive(name)) is not None
        }
        self._types: dict[str, Demands] = {}
        self._fields: dict[tuple[str, str], Demands] = {}

    @property
    def is_used(self) -> bool:
        """Whether the supergraph links any of the directives at all."""
        return bool(self._directives)

    @property
    def policies(self) -> frozenset[str]:
        """The names in every ``@policy`` of the supergraph."""
        found: set[str] = set()
        for named in self._schema.type_map.values():
            fields = named.fields if isinstance(named, GraphQLObjectType | GraphQLInterfaceType) else ()
            demands = self._of_type(named).union(*(self._own_demands(named.name, field) for field in fields))
            found.update(
                name for demand in demands if demand.kind == "policies" for group in demand.groups for name in group
            )
        return frozenset(found)

    def demands_in(self, operation: Operation) -> tuple[Demand, ...]:
        """Everything that any field of the operation demands, in a stable order."""
        found = {demand for _, demands in self._walk(operation.selection) for demand in demands}
        return tuple(sorted(found, key=lambda demand: (demand.kind, [sorted(group) for group in demand.groups])))

    def filter(self, operation: Operation, is_met: Callable[[Demand], bool]) -> Filtered:
        """The operation without the fields whose demands the caller does not meet."""
        denied: list[Denied] = []
        selection = self._filter(operation.selection, (), is_met, denied)
        if not denied:
            return Filtered(operation, ())
        removed = "\n".join(f"# without {'.'.join(each.path)} of {each.type}" for each in denied)
        text = f"{operation.text}\n{removed}"
        key = hashlib.sha256(f"{operation.key}\n{removed}".encode()).hexdigest()
        return Filtered(replace(operation, selection=selection, text=text, key=key), tuple(denied))

    def _filter(
        self,
        selection: SelectionSet,
        path: tuple[str, ...],
        is_met: Callable[[Demand], bool],
        denied: list[Denied],
    ) -> SelectionSet:
        units: list[Unit] = []
        for unit in selection.units:
            if isinstance(unit, Cast):
                inner = self._filter(unit.selection, path, is_met, denied)
                if inner.units or inner.deferred:
                    units.append(replace(unit, selection=inner if inner.units else _nothing_of(inner)))
                continue
            here = (*path, unit.response_key)
            types = possible_types(self._schema, selection.type)
            allowed = [name for name in types if all(map(is_met, self._field_demands(name, unit)))]
            denied.extend(Denied(here, unit.id, name) for name in types if name not in allowed)
            if not allowed:
                continue
            kept = unit
            if unit.selection is not None:
                below = (*here, *["@"] * list_depth(unit.type))
                inner = self._filter(unit.selection, below, is_met, denied)
                kept = replace(unit, selection=inner if inner.units else _nothing_of(inner))
            if len(allowed) == len(types):
                units.append(kept)
            else:
                units.extend(self._on_type(kept, name) for name in allowed)
        deferred = tuple(
            replace(part, selection=inner)
            for part in selection.deferred
            if (inner := self._filter(part.selection, path, is_met, denied)).units or inner.deferred
        )
        return SelectionSet(selection.type, tuple(units), deferred)

    def _on_type(self, unit: Field, type_name: str) -> Cast:
        """A field of an abstract position, asked only of objects of one type."""
        field = self._field(type_name, unit.name)
        own = replace(unit, type=type_ref(field.type) if field is not None else unit.type)
        return Cast(type=type_name, selection=SelectionSet(type_name, (own,)))

    def _walk(self, selection: SelectionSet) -> Iterator[tuple[Field, Demands]]:
        for unit in selection.units:
            if isinstance(unit, Field):
                for type_name in possible_types(self._schema, selection.type):
                    yield unit, self._field_demands(type_name, unit)
            if unit.selection is not None:
                yield from self._walk(unit.selection)
        for part in selection.deferred:
            yield from self._walk(part.selection)

    def _field_demands(self, type_name: str, unit: Field) -> Demands:
        key = (type_name, unit.name)
        known = self._fields.get(key)
        if known is None:
            known = self._fields[key] = self._find_field_demands(type_name, unit.name)
        return known

    def _find_field_demands(self, type_name: str, name: str) -> Demands:
        field = self._field(type_name, name)
        demands = self._own_demands(type_name, name)
        if field is None:  # ``__typename`` and introspection
            return demands
        demands |= self._type_demands(get_named_type(field.type).name)
        return demands or self._interface_demands(type_name, name)

    def _interface_demands(self, type_name: str, name: str) -> Demands:
        """Demands that stand on an interface alone; those that came up from other types are these types' own."""
        named = self._schema.type_map.get(type_name)
        demands = NO_DEMANDS
        for interface in named.interfaces if isinstance(named, GraphQLObjectType) else ():
            if name not in interface.fields:
                continue
            behind = self._schema.get_possible_types(interface)
            if not any(self._own_demands(other.name, name) for other in behind):
                demands |= self._own_demands(interface.name, name)
        return demands

    def _own_demands(self, type_name: str, name: str) -> Demands:
        field = self._field(type_name, name)
        node = field.ast_node if field is not None else None
        return self._type_demands(type_name) | self._applied(node.directives if node is not None else ())

    def _field(self, type_name: str, name: str) -> GraphQLField | None:
        named = self._schema.type_map.get(type_name)
        return named.fields.get(name) if isinstance(named, GraphQLObjectType | GraphQLInterfaceType) else None

    def _type_demands(self, type_name: str) -> Demands:
        known = self._types.get(type_name)
        if known is None:
            named = self._schema.type_map.get(type_name)
            known = self._types[type_name] = self._of_type(named) if named is not None else NO_DEMANDS
        return known

    def _of_type(self, named: GraphQLNamedType) -> Demands:
        return self._applied(named.ast_node.directives if named.ast_node else ())

    def _applied(self, directives: Iterable[DirectiveNode] | None) -> Demands:
        return frozenset(
            _demand(self._directives[directive.name.value], directive)
            for directive in directives or ()
            if directive.name.value in self._directives
        )


def _nothing_of(left: SelectionSet) -> SelectionSet:
    """What is selected where everything was removed: the object is there, and nothing of it is shown."""
    return SelectionSet(left.type, (HIDDEN_TYPENAME,), left.deferred)


def _demand(name: str, directive: DirectiveNode) -> Demand:
    if name == "authenticated":
        return Demand("authenticated")
    kind, argument = _ARGUMENTS[name]
    arguments: Mapping[str, object] = {
        node.name.value: value_from_ast_untyped(node.value) for node in directive.arguments or ()
    }
    value = arguments.get(argument)
    groups = value if isinstance(value, list) else []
    return Demand(kind, tuple(frozenset(map(str, group)) for group in groups if isinstance(group, list)))
