"""Federation features on top of a cut: ``@requires``, ``@provides``, ``@override``, ``@inaccessible``, mutations."""

from random import Random

from tests.oracle.cut import Cut, random_cut
from tests.oracle.draft import DraftField
from tests.oracle.pieces import SubgraphSource
from tests.oracle.shape import FieldShape
from tests.oracle.variations import (
    add_context,
    add_narrower_type,
    add_value_in_pieces,
    add_way_back,
    extend_stand_ins,
    tighten_nullability,
)

_ARGUMENT_TEXTS = {"n: Int": "(n: 5)", "n: Int!": "(n: 2)", 'unit: String = "kg"': '(unit: "g")'}


def random_subgraphs(seed: int) -> tuple[SubgraphSource, ...]:
    """The subgraphs of one random supergraph."""
    rng = Random(seed)  # noqa: S311 - seeded, to be reproducible
    cut = random_cut(rng)
    for name in cut.shape.entities:
        for number in range(rng.choice((0, 1, 1, 2))):
            add_requires(cut, name, f"calc{number}")
    for _ in range(rng.choice((0, 1, 2))):
        add_provides(cut)
    if rng.random() < 0.4:
        add_override(cut)
    if rng.random() < 0.3:
        cut.add_root(FieldShape("make", cut.shape.entities[0], cut.shape.entities[0], "n: Int"), root="Mutation")
        cut.add_root(FieldShape("drop", "Boolean", "Boolean", "id: ID"), root="Mutation", share=0)
    if rng.random() < 0.3:
        add_inaccessible(cut)
    for variation in (add_value_in_pieces, add_narrower_type, add_way_back, add_context):
        if rng.random() < 0.25:
            variation(cut)
    cut.complete_interfaces()
    extend_stand_ins(cut)
    cut.complete_keys()
    tighten_nullability(cut)
    return cut.sources()


# --- @requires -----------------------------------------------------------------------------------------------------


def add_requires(cut: Cut, name: str, field: str) -> None:
    """Add a field to an entity whose resolver needs fields that other subgraphs resolve."""
    rng = cut.rng
    able = [graph for graph in cut.graphs if cut.can_hold(graph, name)]
    rng.shuffle(able)
    for graph in able:
        foreign = _foreign_fields(cut, graph, name)
        if not foreign:
            continue
        cut.hold(graph, name)
        chosen = rng.sample(foreign, min(len(foreign), rng.choice((1, 1, 2, 3))))
        texts = [text for each in chosen if (text := _require(cut, graph, name, each))]
        if texts:
            arguments = rng.choice(("", "", "n: Int"))
            directives = [f'@requires(fields: "{" ".join(texts)}")'.replace('\\"', '"')]
            child = DraftField(field, rng.choice(("String", "Int", "Float!")), arguments, directives)
            cut.graphs[graph].pieces[name].fields[field] = child
            return


def _foreign_fields(cut: Cut, graph: str, name: str) -> list[DraftField]:
    """The fields of an entity that only other subgraphs resolve."""
    key_words = {word for key in cut.shape.keys[name] for word in key.split()}
    piece = cut.piece(graph, name)
    own = set() if piece is None else {child.name for child in piece.fields.values() if not child.has("@external")}
    found: dict[str, DraftField] = {}
    for other in cut.graphs_of(name):
        if other == graph:
            continue
        for child in cut.graphs[other].pieces[name].fields.values():
            usable = child.name not in own | key_words and not child.has("@external")
            if usable and cut.can_hold(graph, _base(child)) and not _has_inputs(child):
                found.setdefault(child.name, child)
    return list(found.values())


def _has_inputs(child: DraftField) -> bool:
    """Whether arguments are of types that a field set's subgraph would have to know."""
    return "Color" in child.arguments or "Filter" in child.arguments


def _base(child: DraftField) -> str:
    return child.type.strip("[]!")


def _require(cut: Cut, graph: str, name: str, child: DraftField) -> str | None:
    """Declare a foreign field as external; its text in the field set, ``None`` if nothing can be selected on it."""
    text = f"{child.name}{_ARGUMENT_TEXTS.get(child.arguments, '')}".replace('"', '\\\\"')
    base = _base(child)
    if cut.shape.is_composite(base):
        cut.hold(graph, base)
        sub = _require_inside(cut, graph, base)
        if sub is None:
            return None
        text = f"{text} {{ {sub} }}"
    else:
        cut.hold(graph, base)
    declare_external(cut, graph, name, child)
    return text


def declare_external(cut: Cut, graph: str, name: str, child: DraftField) -> None:
    """Declare a foreign field in a subgraph, unless it is there already."""
    fields = cut.graphs[graph].pieces[name].fields
    fields.setdefault(child.name, DraftField(child.name, child.type, child.arguments, ["@external"]))


def _require_inside(cut: Cut, graph: str, base: str) -> str | None:
    """A selection on a composite type that the requiring subgraph knows."""
    shape, rng = cut.shape, cut.rng
    piece = cut.graphs[graph].pieces[base]
    if base in shape.unions:
        parts = [f"... on {member} {{ {inner} }}" for member in piece.members if (inner := _leaves(cut, graph, member))]
        return " ".join(parts) or None
    if base in shape.interfaces:
        return "id"
    if base in shape.entities and rng.random() < 0.6:
        foreign = [child for child in _foreign_fields(cut, graph, base) if not shape.is_composite(_base(child))]
        foreign = [child for child in foreign if not child.has("@requires") and not child.arguments]
        if foreign:
            child = rng.choice(foreign)
            cut.hold(graph, _base(child))
            declare_external(cut, graph, base, child)
            return child.name
    return _leaves(cut, graph, base)


def _leaves(cut: Cut, graph: str, base: str) -> str | None:
    """One or two leaf fields that the subgraph itself resolves on a type."""
    fields = cut.graphs[graph].pieces[base].fields.values()
    plain = [
        child.name
        for child in fields
        if not cut.shape.is_composite(_base(child))
        and not child.arguments
        and not child.has("@external")
        and not child.has("@requires")
    ]
    return " ".join(cut.rng.sample(plain, min(len(plain), cut.rng.randint(1, 2)))) or None


# --- @provides -----------------------------------------------------------------------------------------------------


def add_provides(cut: Cut) -> None:
    """Let a field bring a foreign field of the entity that it returns."""
    rng = cut.rng
    places = [
        (graph, piece, child)
        for graph, draft in cut.graphs.items()
        for piece in draft.pieces.values()
        for child in piece.fields.values()
        if piece.kind == "object"
        and not piece.interface_object
        and _base(child) in cut.shape.entities
        and not child.has("@external")
        and not child.has("@provides")
        and child.name != "home2"
        and piece.name not in cut.shape.values
    ]
    if not places:
        return
    graph, _, child = rng.choice(places)
    name = _base(child)
    foreign = [
        each
        for each in _foreign_fields(cut, graph, name)
        if not each.arguments and not each.has("@requires") and not cut.shape.is_composite(_base(each))
    ]
    if not foreign:
        return
    provided = rng.sample(foreign, min(len(foreign), rng.randint(1, 2)))
    for each in provided:
        cut.hold(graph, _base(each))
        declare_external(cut, graph, name, each)
        for owner in cut.resolvers(name, each.name):
            cut.graphs[owner].pieces[name].fields[each.name].add("@shareable")
    child.add(f'@provides(fields: "{" ".join(each.name for each in provided)}")')


# --- the rest ------------------------------------------------------------------------------------------------------


def add_override(cut: Cut) -> None:
    """Move a field from one subgraph to another, which leaves the old declaration in place."""
    places = [
        (graph, name, child)
        for name in cut.shape.entities
        for graph in cut.graphs_of(name)
        for child in cut.graphs[graph].pieces[name].fields.values()
        if not child.directives
        and child.name not in cut.key_types
        and cut.resolvers(name, child.name) == [graph]
        and not cut.shape.is_composite(_base(child))
    ]
    cut.rng.shuffle(places)
    for graph, name, child in places:
        able = [other for other in cut.graphs if other != graph and cut.can_hold(other, name)]
        able = [other for other in able if (piece := cut.piece(other, name)) is None or child.name not in piece.fields]
        if able:
            other = cut.rng.choice(able)
            cut.hold(other, name)
            cut.hold(other, _base(child))
            for name_of_input in ("Color", "Filter"):
                if name_of_input in child.arguments:
                    cut.hold(other, name_of_input)
            label = ', label: "percent(50)"' if cut.rng.random() < 0.4 else ""
            moved = DraftField(child.name, child.type, child.arguments, [f'@override(from: "{graph}"{label})'])
            cut.graphs[other].pieces[name].fields[child.name] = moved
            return


def add_inaccessible(cut: Cut) -> None:
    """Hide a field that no interface needs from clients."""
    places = [
        child
        for name in cut.shape.entities
        for graph in cut.graphs_of(name)
        for child in cut.graphs[graph].pieces[name].fields.values()
        if child.name not in {"id", *(each for names in cut.shape.interface_fields.values() for each in names)}
        and not child.has("@external")
    ]
    if places:
        cut.rng.choice(places).add("@inaccessible")
