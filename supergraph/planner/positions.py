"""Store keys: what each piece of fetched data is called in the store.

A *position* is an object, or list of objects, in the response; its *ledger* says which field each store key holds
there. The client's fields claim their response keys first. What the gateway needs for itself (keys, required fields)
reuses an entry that holds the same field with the same arguments, else takes the field's own name if that is free,
else a hidden name such as ``__1``. So a client's alias can hide a key field, or stand for another field of the same
name, and nothing is mixed up.
"""

from collections.abc import Iterator

from graphql import is_composite_type

from supergraph.operation.model import Field, SelectionSet
from supergraph.operation.schema_types import possible_types
from supergraph.query_graph import QueryGraph
from supergraph.sdl.types import ListOf, Named, NonNull, TypeRef, base_name

Arguments = tuple[tuple[str, str], ...]

TYPENAME = "__typename"


_INTERNAL = -1


class Claim:
    """One use of a store key: on objects of ``type`` it holds ``name`` with ``arguments``.

    Attributes:
        unit: The id of the client's field that it was made for.
        asked: Whether it stands for the client's wish, and not yet for a place in a request.
    """

    __slots__ = ("arguments", "asked", "name", "type", "unit")

    def __init__(
        self, type_name: str, name: str, arguments: Arguments, unit: int = _INTERNAL, *, asked: bool = False
    ) -> None:
        self.type = type_name
        self.name = name
        self.arguments = arguments
        self.unit = unit
        self.asked = asked

    def is_same_field(self, other: "Claim") -> bool:
        """Whether both stand for one value on an object that both apply to."""
        return self.name == other.name and self.arguments == other.arguments


class Position:
    """One position with its ledger and the positions below."""

    __slots__ = ("_shapes", "children", "claims")

    def __init__(self, shapes: "Shapes") -> None:
        self._shapes = shapes
        self.claims: dict[str, list[Claim]] = {}
        self.children: dict[str, Position] = {}

    def adopt(self, selection: SelectionSet) -> None:
        """Enter everything that the client asks at this position and below."""
        for unit in selection.units:
            if not isinstance(unit, Field):
                if unit.for_client:
                    self.adopt(unit.selection)
                continue
            if unit.name == TYPENAME:
                continue
            if unit.response_key != TYPENAME:
                claim = Claim(selection.type, unit.name, unit.arguments, unit.id, asked=True)
                self.claims.setdefault(unit.response_key, []).append(claim)
            if unit.selection is not None:
                self.child(unit.response_key).adopt(unit.selection)
        for part in selection.deferred:
            self.adopt(part.selection)

    def child(self, store_key: str) -> "Position":
        """The position below a store key."""
        position = self.children.get(store_key)
        if position is None:
            position = self.children[store_key] = Position(self._shapes)
        return position

    def claim_for_client(self, type_name: str, field: Field) -> str:
        """The store key of a client's field on objects of ``type_name``: its response key wherever that is possible."""
        claim = Claim(type_name, field.name, field.arguments, field.id)
        there = self.claims.get(field.response_key, [])
        if field.response_key != TYPENAME and any(not other.asked and _is_same(other, claim) for other in there):
            return field.response_key
        # Where a field asked on an interface is placed type by type, its own claim on the interface does not count.
        others = [
            other for other in there if not _is_same(other, claim) and not (other.asked and other.unit == field.id)
        ]
        if field.response_key == TYPENAME or not all(self._shapes.agree(claim, other) for other in others):
            return self._hide(claim, field)
        for other in there:
            if _is_same(other, claim):
                other.asked = False
                break
        else:
            self._claim(field.response_key, claim)
        return field.response_key

    def _hide(self, claim: Claim, field: Field) -> str:
        """Move a client's field to a hidden key: one that holds the same already, or a new one."""
        for key, claims in self.claims.items():
            if key.startswith("__") and any(_is_same(other, claim) and not other.asked for other in claims):
                break
        else:
            key = self._claim(next(self._free_names()), claim)
        there = self.claims.get(field.response_key, [])
        self.claims[field.response_key] = [other for other in there if not _is_same(other, claim)]
        if field.selection is not None:
            self.child(key).adopt(field.selection)
        return key

    def claim_internal(self, type_name: str, name: str, arguments: Arguments) -> str:
        """The store key under which the gateway finds a field that it needs on objects of ``type_name``."""
        claim = Claim(type_name, name, arguments)
        for key, claims in self.claims.items():
            if any(_is_same(other, claim) and not other.asked for other in claims):
                return key
        for key, claims in self.claims.items():
            if not all(_is_same(other, claim) or self._shapes.agree(claim, other) for other in claims):
                continue
            overlapping = [other for other in claims if self._shapes.overlap(other.type, type_name)]
            if overlapping and all(other.is_same_field(claim) for other in overlapping):
                return key if any(_is_same(other, claim) for other in claims) else self._claim(key, claim)
        there = self.claims.get(name, [])
        if all(not self._shapes.overlap(other.type, type_name) and self._shapes.agree(claim, other) for other in there):
            return self._claim(name, claim)
        return self._claim(next(self._free_names()), claim)

    def find(self, type_name: str, name: str, arguments: Arguments) -> str:
        """Where a field that was placed for an object of ``type_name`` stands, be it on an interface of the type."""
        claim = Claim(type_name, name, arguments)
        placed: list[tuple[str, Claim]] = []
        for key, claims in self.claims.items():
            for other in claims:
                if other.asked or not other.is_same_field(claim):
                    continue
                if other.type == type_name:
                    return key
                placed.append((key, other))
        for key, other in placed:
            if self._shapes.overlap(other.type, type_name):
                return key
        return self.claim_internal(type_name, name, arguments)

    def _claim(self, key: str, claim: Claim) -> str:
        self.claims.setdefault(key, []).append(claim)
        return key

    def _free_names(self) -> Iterator[str]:
        number = 1
        while True:
            if f"__{number}" not in self.claims:
                yield f"__{number}"
            number += 1


def _is_same(left: Claim, right: Claim) -> bool:
    return left.type == right.type and left.is_same_field(right)


class Shapes:
    """Which fields may share a response key in a request to a subgraph.

    GraphQL lets two fields on different types answer under one key only if their values have the same shape. The
    client's operation was checked against the supergraph's types; a subgraph's own types may differ from these.
    https://spec.graphql.org/September2025/#SameResponseShape()
    """

    def __init__(self, graph: QueryGraph) -> None:
        self._graph = graph
        self._possible: dict[str, frozenset[str]] = {}
        self._agree: dict[tuple[str, str, str, str], bool] = {}

    def overlap(self, left: str, right: str) -> bool:
        """Whether an object can be of both types."""
        return left == right or not self._possible_types(left).isdisjoint(self._possible_types(right))

    def _possible_types(self, type_name: str) -> frozenset[str]:
        if type_name not in self._possible:
            self._possible[type_name] = frozenset(possible_types(self._graph.schema, type_name))
        return self._possible[type_name]

    def agree(self, left: Claim, right: Claim) -> bool:
        """Whether in every subgraph that has both fields their values have the same shape.

        Two fields that can meet on one object must besides be the same field.
        """
        if self.overlap(left.type, right.type) and left.type != right.type and not left.is_same_field(right):
            return False
        key = (left.type, left.name, right.type, right.name)
        if key not in self._agree:
            self._agree[key] = all(
                self._same_shape(a, b)
                for graph in range(len(self._graph.subgraphs))
                if (a := self._type_in(graph, left)) is not None and (b := self._type_in(graph, right)) is not None
            )
        return self._agree[key]

    def _type_in(self, graph: int, claim: Claim) -> TypeRef | None:
        view = self._graph.type_view(graph, claim.type)
        field = view.fields.get(claim.name) if view else None
        return field.type if field else None

    def _same_shape(self, left: TypeRef, right: TypeRef) -> bool:
        while not (isinstance(left, Named) and isinstance(right, Named)):
            match left, right:
                case (NonNull(a), NonNull(b)) | (ListOf(a), ListOf(b)):
                    left, right = a, b
                case _:
                    return False
        if self._is_composite(left) and self._is_composite(right):
            return True
        return left == right

    def _is_composite(self, type_ref: TypeRef) -> bool:
        return is_composite_type(self._graph.schema.type_map.get(base_name(type_ref)))
