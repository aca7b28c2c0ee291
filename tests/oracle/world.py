"""The hidden monolith behind a set of subgraphs: one schema, one truth about which values exist.

    subgraph SDLs ──▶ pieces ──▶ world ──▶ data ──▶ in-memory subgraphs, monolith
                                 ▲ you are here

The subgraphs are taken as views on one data set. From their declarations follows what this data set must respect:
a field that two subgraphs resolve has one value, of a type that both declare; what one of them calls non-null is never
null; key fields tell objects apart.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from graphql import (
    FieldNode,
    GraphQLSchema,
    InlineFragmentNode,
    InputValueDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    build_schema,
    get_named_type,
    is_composite_type,
    is_object_type,
    print_ast,
)

from supergraph.sdl.types import ListOf, Named, NonNull, TypeRef, base_name
from tests.oracle.pieces import ROOT_TYPES, Piece, PieceField, SubgraphPieces, SubgraphSource, read_pieces

BUILT_IN_SCALARS = frozenset({"Int", "Float", "String", "Boolean", "ID"})

Coordinate = tuple[str, str]
"""Name of a type and of a field."""


class WorldError(Exception):
    """The subgraphs contradict each other, so there is no monolith behind them."""


@dataclass(frozen=True, slots=True)
class Resolver:
    """A subgraph that resolves a field: on the type itself, or through an interface object (``via``)."""

    subgraph: str
    via: str
    field: PieceField


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class World:
    """Everything that data, subgraphs and checks need to know.

    Attributes:
        monolith: The merged schema, hidden elements included.
        api: The monolith without what is ``@inaccessible``.
        resolvers: Who resolves a field of an object type.
        value_types: The strictest type of a field: values must fit every subgraph's declaration.
        targets: The object types that a composite field can return: those that every resolver knows.
        key_fields: Fields that occur in keys, at any depth; their values tell objects apart and are never null.
        required_fields: Fields that occur in ``@requires`` sets.
        inputs: The one ``@requires`` set of a field, where its value depends on it.
        objects_agree: Whether, in all fields of objects and of lists of them, what one subgraph calls non-null is so in
            the monolith.
    """

    sources: tuple[SubgraphSource, ...]
    subgraphs: Mapping[str, SubgraphPieces]
    monolith: GraphQLSchema
    api: GraphQLSchema
    resolvers: Mapping[Coordinate, tuple[Resolver, ...]]
    value_types: Mapping[Coordinate, TypeRef]
    targets: Mapping[Coordinate, tuple[str, ...]]
    key_fields: frozenset[Coordinate]
    required_fields: frozenset[Coordinate]
    inputs: Mapping[Coordinate, SelectionSetNode]
    objects_agree: bool

    def runtime_types(self, subgraph: str, type_name: str) -> tuple[str, ...]:
        """The object types that an instance of ``type_name`` can have in ``subgraph``."""
        return runtime_types(self.subgraphs, subgraph, type_name)


def build_world(sources: Sequence[SubgraphSource]) -> World:
    """Find the monolith behind ``sources``; raises ``WorldError`` when there is none."""
    subgraphs = {source.name: read_pieces(source) for source in sources}
    resolvers = _resolvers(subgraphs)
    types = {coordinate: _strictest([each.field.type for each in found]) for coordinate, found in resolvers.items()}
    monolith = build_schema(_merged_sdl(subgraphs, hide=False), assume_valid_sdl=True)
    return World(
        sources=tuple(sources),
        subgraphs=subgraphs,
        monolith=monolith,
        api=build_schema(_merged_sdl(subgraphs, hide=True), assume_valid_sdl=True),
        resolvers=resolvers,
        value_types=types,
        targets=_targets(subgraphs, resolvers),
        key_fields=frozenset(_fields_of_sets(subgraphs, _key_sets(subgraphs))),
        required_fields=frozenset(_fields_of_sets(subgraphs, _requires_sets(subgraphs))),
        inputs=_inputs(resolvers),
        objects_agree=all(_agrees(monolith, coordinate, strictest) for coordinate, strictest in types.items()),
    )


def _agrees(monolith: GraphQLSchema, coordinate: Coordinate, strictest: TypeRef) -> bool:
    named = monolith.type_map[coordinate[0]]
    assert is_object_type(named)
    declared = named.fields[coordinate[1]].type
    return not is_composite_type(get_named_type(declared)) or str(strictest) == str(declared)


def runtime_types(subgraphs: Mapping[str, SubgraphPieces], subgraph: str, type_name: str) -> tuple[str, ...]:
    """The object types that an instance of ``type_name`` can have in ``subgraph``."""
    types = subgraphs[subgraph].types
    piece = types.get(type_name)
    if piece is None:
        return ()
    if piece.interface_object:
        found = [
            other.name
            for pieces in subgraphs.values()
            for other in pieces.types.values()
            if other.kind == "object" and type_name in other.interfaces
        ]
        return tuple(dict.fromkeys(found))
    match piece.kind:
        case "object":
            return (type_name,)
        case "interface":
            return tuple(other.name for other in types.values() if type_name in other.interfaces and is_concrete(other))
        case "union":
            return piece.members
        case _:
            return ()


def is_concrete(piece: Piece) -> bool:
    """Whether objects of this very type exist."""
    return piece.kind == "object" and not piece.interface_object


def fields_in(selection: SelectionSetNode | None) -> Iterator[tuple[str | None, FieldNode]]:
    """The fields of a field set, each with the type condition that it stands under."""
    nodes: Sequence[SelectionNode] = selection.selections if selection else ()
    for node in nodes:
        match node:
            case FieldNode():
                yield None, node
            case InlineFragmentNode(type_condition=condition, selection_set=inner):
                for inside, child in fields_in(inner):
                    yield inside or (condition.name.value if condition else None), child
            case _:
                raise WorldError(f"a field set has {print_ast(node)}")


def _resolvers(subgraphs: Mapping[str, SubgraphPieces]) -> dict[Coordinate, tuple[Resolver, ...]]:
    found: dict[Coordinate, list[Resolver]] = {}
    overridden = _overridden(subgraphs)
    for pieces in subgraphs.values():
        for piece in pieces.types.values():
            if piece.kind != "object":
                continue
            for child in piece.fields.values():
                if child.external or (pieces.name, piece.name, child.name) in overridden:
                    continue
                for owner in runtime_types(subgraphs, pieces.name, piece.name):
                    found.setdefault((owner, child.name), []).append(Resolver(pieces.name, piece.name, child))
    return {coordinate: tuple(each) for coordinate, each in found.items()}


def _overridden(subgraphs: Mapping[str, SubgraphPieces]) -> frozenset[tuple[str, str, str]]:
    """Subgraph, type and field of what another subgraph has taken over for good."""
    return frozenset(
        (child.override, piece.name, child.name)
        for pieces in subgraphs.values()
        for piece in pieces.types.values()
        for child in piece.fields.values()
        if child.override is not None and child.label is None
    )


def _targets(
    subgraphs: Mapping[str, SubgraphPieces], resolvers: Mapping[Coordinate, tuple[Resolver, ...]]
) -> dict[Coordinate, tuple[str, ...]]:
    found = {}
    for coordinate, each in resolvers.items():
        sets = [runtime_types(subgraphs, one.subgraph, base_name(one.field.type)) for one in each]
        found[coordinate] = tuple(name for name in sets[0] if all(name in other for other in sets))
    return found


def _inputs(resolvers: Mapping[Coordinate, tuple[Resolver, ...]]) -> dict[Coordinate, SelectionSetNode]:
    found = {}
    for coordinate, each in resolvers.items():
        sets = [one.field.requires for one in each]
        if len(sets) == 1 and sets[0] is not None:
            found[coordinate] = sets[0]
    return found


def _key_sets(subgraphs: Mapping[str, SubgraphPieces]) -> Iterator[tuple[str, str, SelectionSetNode]]:
    for pieces in subgraphs.values():
        for piece in pieces.types.values():
            for key in piece.keys:
                yield pieces.name, piece.name, key.fields


def _requires_sets(subgraphs: Mapping[str, SubgraphPieces]) -> Iterator[tuple[str, str, SelectionSetNode]]:
    for pieces in subgraphs.values():
        for piece in pieces.types.values():
            for child in piece.fields.values():
                if child.requires:
                    yield pieces.name, piece.name, child.requires


def _fields_of_sets(
    subgraphs: Mapping[str, SubgraphPieces], sets: Iterable[tuple[str, str, SelectionSetNode]]
) -> Iterator[Coordinate]:
    """All fields in field sets, as coordinates of object types."""
    for subgraph, type_name, selection in sets:
        for condition, node in fields_in(selection):
            on = condition or type_name
            for owner in runtime_types(subgraphs, subgraph, on):
                yield owner, node.name.value
            child = subgraphs[subgraph].types[on].fields.get(node.name.value)
            if child is not None and node.selection_set:
                yield from _fields_of_sets(subgraphs, [(subgraph, base_name(child.type), node.selection_set)])


def _strictest(types: Sequence[TypeRef]) -> TypeRef:
    """Non-null wherever one of ``types`` is; the base name is that of the first."""
    non_null = any(isinstance(each, NonNull) for each in types)
    bare = [each.of if isinstance(each, NonNull) else each for each in types]
    first = bare[0]
    inner: Named | ListOf
    if isinstance(first, ListOf):
        inner = ListOf(_strictest([each.of for each in bare if isinstance(each, ListOf)]))
    else:
        inner = first
    return NonNull(inner) if non_null else inner


def _weakest(types: Sequence[TypeRef], base: str) -> TypeRef:
    """Nullable wherever one of ``types`` is, around the named type ``base``."""
    nullable = not all(isinstance(each, NonNull) for each in types)
    bare = [each.of if isinstance(each, NonNull) else each for each in types]
    inner: Named | ListOf = Named(base)
    if isinstance(bare[0], ListOf):
        inner = ListOf(_weakest([each.of for each in bare if isinstance(each, ListOf)], base))
    return inner if nullable else NonNull(inner)


# --- the monolith's SDL --------------------------------------------------------------------------------------------


def _merged_sdl(subgraphs: Mapping[str, SubgraphPieces], *, hide: bool) -> str:
    names = dict.fromkeys(name for pieces in subgraphs.values() for name in pieces.types)
    hidden = {name for name in names if hide and any(piece.inaccessible for piece in _pieces(subgraphs, name))}
    return "\n\n".join(_merged_type(subgraphs, name, hidden, hide=hide) for name in names if name not in hidden)


def _pieces(subgraphs: Mapping[str, SubgraphPieces], name: str) -> list[Piece]:
    return [pieces.types[name] for pieces in subgraphs.values() if name in pieces.types]


def _merged_type(subgraphs: Mapping[str, SubgraphPieces], name: str, hidden: set[str], *, hide: bool) -> str:
    pieces = _pieces(subgraphs, name)
    kinds = {"interface" if piece.interface_object else piece.kind for piece in pieces}
    if len(kinds) > 1:
        raise WorldError(f"{name} has kinds {sorted(kinds)}")
    match kinds.pop():
        case "union":
            members = dict.fromkeys(member for piece in pieces for member in piece.members if member not in hidden)
            return f"union {name} = {' | '.join(members)}"
        case "enum":
            return f"enum {name} {{ {' '.join(dict.fromkeys(value for piece in pieces for value in piece.values))} }}"
        case "input":
            shared = [each for each in pieces[0].inputs if all(_has_input(piece, each.name.value) for piece in pieces)]
            return f"input {name} {{ {' '.join(map(print_ast, shared))} }}"
        case "scalar":
            return f"scalar {name}"
        case kind:
            return _merged_fields(subgraphs, name, kind, hidden, hide=hide)


def _has_input(piece: Piece, name: str) -> bool:
    return any(each.name.value == name for each in piece.inputs)


def _merged_fields(
    subgraphs: Mapping[str, SubgraphPieces], name: str, kind: str, hidden: set[str], *, hide: bool
) -> str:
    pieces = _pieces(subgraphs, name)
    interfaces = list(dict.fromkeys(one for piece in pieces for one in piece.interfaces if one not in hidden))
    declared: dict[str, list[PieceField]] = {}
    for piece in pieces + [each for interface in interfaces for each in _interface_objects(subgraphs, interface)]:
        for child in piece.fields.values():
            declared.setdefault(child.name, []).append(child)
    lines = [
        _merged_field(subgraphs, fields)
        for fields in declared.values()
        if not (hide and any(child.inaccessible for child in fields))
    ]
    implements = f" implements {' & '.join(interfaces)}" if interfaces else ""
    keyword = "interface" if kind == "interface" else "type"
    return f"{keyword} {name}{implements} {{\n  " + "\n  ".join(lines) + "\n}"


def _interface_objects(subgraphs: Mapping[str, SubgraphPieces], name: str) -> list[Piece]:
    return [piece for piece in _pieces(subgraphs, name) if piece.interface_object]


def _merged_field(subgraphs: Mapping[str, SubgraphPieces], fields: Sequence[PieceField]) -> str:
    resolving = [child for child in fields if not child.external] or list(fields)
    base = _supertype(subgraphs, [base_name(child.type) for child in resolving])
    arguments = [
        argument
        for argument in resolving[0].arguments
        if all(_has_argument(child, argument.name.value) for child in resolving) and not is_contextual(argument)
    ]
    printed = f"({', '.join(map(_print_argument, arguments))})" if arguments else ""
    return f"{fields[0].name}{printed}: {_weakest([child.type for child in resolving], base)}"


def is_contextual(argument: InputValueDefinitionNode) -> bool:
    """Whether an argument is filled by the gateway (``@fromContext``)."""
    return any(directive.name.value == "fromContext" for directive in argument.directives or ())


def _print_argument(argument: InputValueDefinitionNode) -> str:
    default = f" = {print_ast(argument.default_value)}" if argument.default_value else ""
    return f"{argument.name.value}: {print_ast(argument.type)}{default}"


def _has_argument(child: PieceField, name: str) -> bool:
    return any(argument.name.value == name for argument in child.arguments)


def _supertype(subgraphs: Mapping[str, SubgraphPieces], names: Sequence[str]) -> str:
    """The one of ``names`` that all others implement or are members of."""
    for name in names:
        if all(other == name or _is_subtype(subgraphs, other, name) for other in names):
            return name
    raise WorldError(f"no common type of {names}")


def _is_subtype(subgraphs: Mapping[str, SubgraphPieces], sub: str, sup: str) -> bool:
    if any(sub in piece.members for piece in _pieces(subgraphs, sup)):
        return True
    return any(sup in piece.interfaces for piece in _pieces(subgraphs, sub))


def is_leaf(world: World, type_name: str) -> bool:
    """Whether ``type_name`` is a scalar or an enum."""
    if type_name in BUILT_IN_SCALARS:
        return True
    kinds = {piece.kind for pieces in world.subgraphs.values() if (piece := pieces.types.get(type_name))}
    return bool(kinds & {"scalar", "enum"})


def is_root(type_name: str) -> bool:
    """Whether there is one object of this type only."""
    return type_name in ROOT_TYPES
