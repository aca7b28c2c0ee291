"""Store keys: what each piece of fetched data is called in the store.

A *position* is an object, or list of objects, in the response; its *ledger* says which field each store key holds
there. The client's fields claim their response keys first. What the gateway needs for itself (keys, required fields)
reuses an entry that holds the same field with the same arguments, else takes the field's own name if that is free,
else a hidden name such as ``__1``. So a client's alias can hide a key field, or stand for another field of the same
name, and nothing is mixed up.
"""

from graphql import is_composite_type

from supergraph.operation.model import Field, SelectionSet
from supergraph.operation.schema_types import possible_types
from supergraph.query_graph import QueryGraph
from supergraph.sdl.types import ListOf, Named, NonNull, TypeRef

Arguments = tuple[tuple[str, str], ...]

FieldCall = tuple[str, Arguments]
"""A field's name with its arguments: on one object, equal ones have equal values."""

TYPENAME = "__typename"


class Claim:
    """One use of a store key: on objects of ``type`` it holds ``call``.

    Attributes:
        shape: The shape of the value, as a number of ``Shapes``; found when it is first compared.
        asked_by: The ids of the client's fields that it was made for.
        is_placed: Whether it stands for a place in a request, and not only for the client's wish.
    """

    __slots__ = ("asked_by", "call", "is_placed", "shape", "type")

    def __init__(self, type_name: str, call: FieldCall) -> None:
        self.type = type_name
        self.call = call
        self.shape: int | None = None
        self.asked_by: set[int] = set()
        self.is_placed = False

    @property
    def identity(self) -> tuple[str, FieldCall]:
        """What tells it from the other claims of its store key."""
        return self.type, self.call

    def is_only_asked_by(self, field: Field) -> bool:
        """Whether it stands for the client's wish for ``field`` alone."""
        return not self.is_placed and self.asked_by == {field.id}


class StoreKey:
    """A store key of a position; keys that came first have the lower number."""

    __slots__ = ("claims", "name", "number")

    def __init__(self, name: str, number: int) -> None:
        self.name = name
        self.number = number
        self.claims: dict[tuple[str, FieldCall], Claim] = {}


class Position:
    """One position with its ledger and the positions below.

    Types behind one position ask for much the same, so the ledger is kept by what is asked: what a look-up costs
    depends on the claims of one store key, not on all of them.
    """

    __slots__ = ("_children", "_hidden_number", "_keys", "_keys_by_call", "_placed", "_placed_hidden", "_shapes")

    def __init__(self, shapes: "Shapes") -> None:
        self._shapes = shapes
        self._keys: dict[str, StoreKey] = {}
        self._keys_by_call: dict[FieldCall, dict[str, StoreKey]] = {}
        self._placed: dict[tuple[str, FieldCall], StoreKey] = {}
        self._placed_hidden: dict[tuple[str, FieldCall], StoreKey] = {}
        self._children: dict[str, Position] = {}
        self._hidden_number = 1

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
                claim = Claim(selection.type, (unit.name, unit.arguments))
                self._enter(unit.response_key, claim).asked_by.add(unit.id)
            if unit.selection is not None:
                self.child(unit.response_key).adopt(unit.selection)
        for part in selection.deferred:
            self.adopt(part.selection)

    def child(self, store_key: str) -> "Position":
        """The position below a store key."""
        position = self._children.get(store_key)
        if position is None:
            position = self._children[store_key] = Position(self._shapes)
        return position

    def claim_for_client(self, type_name: str, field: Field) -> str:
        """The store key of a client's field on objects of ``type_name``: its response key wherever that is possible."""
        claim = Claim(type_name, (field.name, field.arguments))
        if field.response_key == TYPENAME:
            return self._hide(claim, field)
        key = self._keys.get(field.response_key)
        if key is not None:
            same = key.claims.get(claim.identity)
            if same is not None and same.is_placed:
                return key.name
            # Where a field asked on an interface is placed type by type, its own claim on the interface does not count.
            others = (other for other in key.claims.values() if other is not same and not other.is_only_asked_by(field))
            if not all(self._shapes.agree(claim, other) for other in others):
                return self._hide(claim, field)
        return self._place(field.response_key, claim)

    def _hide(self, claim: Claim, field: Field) -> str:
        """Move a client's field to a hidden key: one that holds the same already, or a new one."""
        known = self._placed_hidden.get(claim.identity)
        name = self._place(self._free_name(), claim) if known is None else known.name
        visible = self._keys.get(field.response_key)
        if visible is not None:
            visible.claims.pop(claim.identity, None)
        if field.selection is not None:
            self.child(name).adopt(field.selection)
        return name

    def claim_internal(self, type_name: str, name: str, arguments: Arguments) -> str:
        """The store key under which the gateway finds a field that it needs on objects of ``type_name``."""
        claim = Claim(type_name, (name, arguments))
        placed = self._placed.get(claim.identity)
        if placed is not None:
            return placed.name
        for key in self._keys_with(claim.call):
            others = [other for other in key.claims.values() if other.identity != claim.identity]
            if not all(self._shapes.agree(claim, other) for other in others):
                continue
            if claim.identity in key.claims:
                return self._place(key.name, claim)
            if any(self._shapes.overlap(other.type, type_name) for other in others):
                return self._place(key.name, claim)
        there = self._keys.get(name)
        if there is None or all(
            not self._shapes.overlap(other.type, type_name) and self._shapes.agree(claim, other)
            for other in there.claims.values()
        ):
            return self._place(name, claim)
        return self._place(self._free_name(), claim)

    def find(self, type_name: str, name: str, arguments: Arguments) -> str:
        """Where a field that was placed for an object of ``type_name`` stands, be it on an interface of the type."""
        call = (name, arguments)
        placed = self._placed.get((type_name, call))
        if placed is not None:
            return placed.name
        for key in self._keys_with(call):
            for other in key.claims.values():
                if other.is_placed and other.call == call and self._shapes.overlap(other.type, type_name):
                    return key.name
        return self.claim_internal(type_name, name, arguments)

    def _keys_with(self, call: FieldCall) -> list[StoreKey]:
        return sorted(self._keys_by_call.get(call, {}).values(), key=lambda key: key.number)

    def _enter(self, name: str, claim: Claim) -> Claim:
        """The claim of a store key that is the same as ``claim``, made if there is none."""
        key = self._keys.get(name)
        if key is None:
            key = self._keys[name] = StoreKey(name, len(self._keys))
        self._keys_by_call.setdefault(claim.call, {})[name] = key
        return key.claims.setdefault(claim.identity, claim)

    def _place(self, name: str, claim: Claim) -> str:
        self._enter(name, claim).is_placed = True
        key = self._keys[name]
        for placed in (self._placed, self._placed_hidden) if name.startswith("__") else (self._placed,):
            known = placed.get(claim.identity)
            if known is None or key.number < known.number:
                placed[claim.identity] = key
        return name

    def _free_name(self) -> str:
        while f"__{self._hidden_number}" in self._keys:
            self._hidden_number += 1
        return f"__{self._hidden_number}"


class Shapes:
    """Which fields may share a response key in a request to a subgraph.

    GraphQL lets two fields on different types answer under one key only if their values have the same shape. The
    client's operation was checked against the supergraph's types; a subgraph's own types may differ from these.
    https://spec.graphql.org/September2025/#SameResponseShape()
    """

    def __init__(self, graph: QueryGraph) -> None:
        self._graph = graph
        self._possible: dict[str, frozenset[str]] = {}
        self._numbers: dict[tuple[str, str], int] = {}
        self._shapes: dict[tuple[TypeRef | None, ...], int] = {}
        self._by_number: list[tuple[TypeRef | None, ...]] = []
        self._agree: dict[tuple[int, int], bool] = {}

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
        if left.call != right.call and self.overlap(left.type, right.type):
            return False
        key = (self._shape_of(left), self._shape_of(right))
        if key[0] == key[1]:
            return True
        if key not in self._agree:
            pairs = zip(self._by_number[key[0]], self._by_number[key[1]], strict=True)
            self._agree[key] = all(a is None or b is None or a == b for a, b in pairs)
        return self._agree[key]

    def _shape_of(self, claim: Claim) -> int:
        if claim.shape is None:
            claim.shape = self._number(claim.type, claim.call[0])
        return claim.shape

    def _number(self, type_name: str, name: str) -> int:
        """The shape of a field's values, in each subgraph, as a number: most fields have one of a few shapes."""
        key = (type_name, name)
        known = self._numbers.get(key)
        if known is None:
            shape = tuple(self._shape_in(graph, type_name, name) for graph in range(len(self._graph.subgraphs)))
            known = self._numbers[key] = self._shapes.setdefault(shape, len(self._shapes))
            if known == len(self._by_number):
                self._by_number.append(shape)
        return known

    def _shape_in(self, graph: int, type_name: str, name: str) -> TypeRef | None:
        view = self._graph.type_view(graph, type_name)
        field = view.fields.get(name) if view else None
        return self._without_composite(field.type) if field else None

    def _without_composite(self, type_ref: TypeRef) -> TypeRef:
        """The type with nothing in place of a composite one: all of these have one shape."""
        match type_ref:
            case NonNull(inner):
                unwrapped = self._without_composite(inner)
                assert not isinstance(unwrapped, NonNull)
                return NonNull(unwrapped)
            case ListOf(inner):
                return ListOf(self._without_composite(inner))
            case Named(name):
                is_composite = is_composite_type(self._graph.schema.type_map.get(name))
                return Named("") if is_composite else type_ref
