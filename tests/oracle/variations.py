"""More of what real graphs have: value types in pieces, narrower types, ways back to ``Query``, interface objects."""

from tests.oracle.cut import Cut
from tests.oracle.draft import DraftField, DraftPiece


def add_value_in_pieces(cut: Cut) -> None:
    """A value type of which each subgraph has other fields, behind a field that all of them share."""
    owner = cut.rng.choice([*cut.shape.entities, "Query"])
    able = [graph for graph in cut.graphs if owner == "Query" or cut.can_hold(graph, owner)]
    if len(able) < 2:
        return
    chosen = cut.rng.sample(able, 2)
    link = cut.rng.choice(cut.shape.entities)
    mix_type = cut.rng.choice(("Mix", "[Mix]", "[Mix!]!"))
    for number, graph in enumerate(chosen):
        pieces = cut.graphs[graph].pieces
        if owner == "Query":
            pieces.setdefault("Query", DraftPiece("Query"))
        else:
            cut.hold(graph, owner)
        pieces[owner].fields["mix"] = DraftField("mix", mix_type, directives=["@shareable"])
        fields = {"both": DraftField("both", "Int", directives=["@shareable"])}
        fields[f"part{number}"] = DraftField(f"part{number}", "String")
        if number == 0 and cut.can_hold(graph, link):
            cut.hold(graph, link)
            fields["link"] = DraftField("link", cut.rng.choice((link, f"[{link}]")))
        pieces["Mix"] = DraftPiece("Mix", fields=fields)


def add_narrower_type(cut: Cut) -> None:
    """A shared field that is an interface in one subgraph and one of its implementations in another."""
    if "Pet" not in cut.shape.interfaces:
        return
    member = cut.shape.interfaces["Pet"][0]
    wide = [graph for graph in cut.graphs if (piece := cut.piece(graph, "Pet")) and piece.kind == "interface"]
    wide = [graph for graph in wide if "Pet" in cut.graphs[graph].pieces[member].interfaces]
    owner = cut.rng.choice(cut.shape.entities)
    for graph in wide:
        for other in cut.graphs:
            if other != graph and all(cut.can_hold(each, owner) for each in (graph, other)):
                if not cut.can_hold(other, member):
                    continue
                for each, type_name in ((graph, "Pet"), (other, member)):
                    cut.hold(each, owner)
                    cut.hold(each, type_name)
                    child = DraftField("kid", type_name, directives=["@shareable"])
                    cut.graphs[each].pieces[owner].fields["kid"] = child
                return


def add_way_back(cut: Cut) -> None:
    """A field of type ``Query`` on an entity, or in the payload of a mutation."""
    graphs = [graph for graph, draft in cut.graphs.items() if (root := draft.pieces.get("Query")) and root.fields]
    if not graphs:
        return
    graph = cut.rng.choice(graphs)
    pieces = cut.graphs[graph].pieces
    owner = cut.rng.choice(cut.shape.entities)
    if cut.can_hold(graph, owner) and cut.rng.random() < 0.5:
        cut.hold(graph, owner)
        pieces[owner].fields["back"] = DraftField("back", cut.rng.choice(("Query", "Query!")))
        return
    fields = {"ok": DraftField("ok", "Boolean"), "query": DraftField("query", "Query")}
    if cut.can_hold(graph, owner):
        cut.hold(graph, owner)
        fields["made"] = DraftField("made", owner)
    pieces["Payload"] = DraftPiece("Payload", fields=fields)
    pieces.setdefault("Mutation", DraftPiece("Mutation"))
    pieces["Mutation"].fields["pay"] = DraftField("pay", "Payload", "n: Int")


def tighten_nullability(cut: Cut) -> None:
    """Let one of the subgraphs that share a field promise that it is never null."""
    for name in (*cut.shape.entities, "Query"):
        fields = {child for graph in cut.graphs_of(name) for child in cut.graphs[graph].pieces[name].fields}
        for child in sorted(fields):
            owners = cut.resolvers(name, child)
            if child != "kid" and len(owners) > 1 and cut.rng.random() < 0.15:
                declared = cut.graphs[cut.rng.choice(owners)].pieces[name].fields[child]
                if not declared.type.endswith("!"):
                    declared.type += "!"


def extend_stand_ins(cut: Cut) -> None:
    """Let interface objects compute from fields of the interface, and link to entities."""
    for name in sorted(cut.shape.stand_ins):
        pieces = {graph: cut.graphs[graph].pieces[name] for graph in cut.graphs_of(name)}
        whole = [graph for graph, piece in pieces.items() if piece.kind == "interface"]
        for graph in cut.graphs_of(name):
            piece = cut.graphs[graph].pieces[name]
            if not piece.interface_object:
                continue
            known = [
                child
                for other in whole
                for child in cut.graphs[other].pieces[name].fields.values()
                if child.name not in piece.fields and not cut.shape.is_composite(child.type.strip("[]!"))
            ]
            if known and cut.rng.random() < 0.6:
                child = cut.rng.choice(known)
                cut.hold(graph, child.type.strip("[]!"))
                piece.fields[child.name] = DraftField(child.name, child.type, child.arguments, ["@external"])
                directive = f'@requires(fields: "{child.name}")'
                piece.fields[f"calc_{graph}"] = DraftField(f"calc_{graph}", "String", directives=[directive])
            link = cut.rng.choice(cut.shape.entities)
            if cut.rng.random() < 0.4 and cut.can_hold(graph, link):
                cut.hold(graph, link)
                piece.fields[f"pal_{graph}"] = DraftField(f"pal_{graph}", link)


def add_context(cut: Cut) -> None:
    """An entity that takes an argument from the only entity that leads to it."""
    owner = cut.rng.choice(cut.shape.entities)
    graphs = [graph for graph in cut.graphs if cut.can_hold(graph, owner)]
    if not graphs:
        return
    graph, other = cut.rng.choice(graphs), cut.rng.choice(graphs)
    for each in {graph: None, other: None}:
        cut.hold(each, owner)
        fields = {"id": DraftField("id", "ID!")}
        cut.graphs[each].pieces.setdefault("Kid", DraftPiece("Kid", keys={"id": True}, fields=fields))
    piece = cut.graphs[graph].pieces[owner]
    plain = [
        child
        for child in piece.fields.values()
        if child.type in {"String", "Int", "Float", "ID"} and not child.arguments and not child.has("@requires")
    ]
    if not plain:
        plain = [DraftField("prop", "String")]
        piece.fields["prop"] = plain[0]
    chosen = cut.rng.choice(plain)
    piece.contexts.append("near")
    argument = f'from: {chosen.type} @fromContext(field: "$near {{ {chosen.name} }}")'
    arguments = cut.rng.choice((argument, f"n: Int, {argument}"))
    cut.graphs[graph].pieces["Kid"].fields["told"] = DraftField("told", "String", arguments)
    kids = DraftField("kids", cut.rng.choice(("Kid", "[Kid]", "[[Kid!]]")))
    cut.graphs[other].pieces[owner].fields["kids"] = kids
