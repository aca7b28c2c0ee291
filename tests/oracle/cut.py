"""Cut a random monolith into federation 2 subgraphs that compose.

Every field of the monolith gets one resolver, or several that share it. Where a field goes, its types go with it: an
entity as a stub with a key, a value type whole, an interface or union with some of its members. At the end the keys
are completed until every subgraph that resolves something of an entity can be entered from every other one.
"""

from random import Random

from tests.oracle.draft import DraftField, DraftPiece, DraftSubgraph
from tests.oracle.pieces import SubgraphSource
from tests.oracle.shape import FieldShape, Shape, key_field_types, random_shape


class Cut:
    """A monolith being distributed over subgraphs."""

    def __init__(self, rng: Random, shape: Shape, names: tuple[str, ...]) -> None:
        self.rng = rng
        self.shape = shape
        self.graphs = {name: DraftSubgraph(name) for name in names}
        self.forbidden: set[tuple[str, str]] = set()
        self.key_types = key_field_types(shape)

    # --- putting types into subgraphs ------------------------------------------------------------------------------

    def piece(self, graph: str, name: str) -> DraftPiece | None:
        """The piece of a type in a subgraph, if it has one."""
        return self.graphs[graph].pieces.get(name)

    def graphs_of(self, name: str) -> list[str]:
        """The subgraphs that have a piece of the type."""
        return [graph for graph, draft in self.graphs.items() if name in draft.pieces]

    def can_hold(self, graph: str, name: str, seen: frozenset[str] = frozenset()) -> bool:
        """Whether the type can be put into the subgraph."""
        shape = self.shape
        if (graph, name) in self.forbidden:
            return False
        if name in seen or name in self.graphs[graph].pieces:
            return True
        seen = seen | {name}
        if name in shape.values:
            return all(self.can_hold(graph, each.base, seen) for each in shape.fields[name])
        if name in shape.entities:
            return True
        members = shape.interfaces.get(name) or shape.unions.get(name)
        return members is None or self.can_hold(graph, members[0], seen)

    def hold(self, graph: str, name: str) -> None:
        """Put the type into the subgraph, with all that it needs there."""
        shape, pieces = self.shape, self.graphs[graph].pieces
        if name in pieces:
            return
        if name in shape.entities:
            pieces[name] = DraftPiece(name)
            keys = [key for key in shape.keys[name] if self.can_have_key(graph, key)]
            for key in self.rng.sample(keys, self.rng.randint(1, len(keys))):
                self.add_key(graph, name, key)
        elif name in shape.values:
            pieces[name] = DraftPiece(name)
            for each in shape.fields[name]:
                self.hold(graph, each.base)
                pieces[name].fields[each.name] = DraftField(each.name, each.type, each.arguments, ["@shareable"])
                self._hold_arguments(graph, each)
        elif name in shape.interfaces:
            self._hold_interface(graph, name)
        elif name in shape.unions:
            pieces[name] = DraftPiece(name, "union")
            members = self._some_members(graph, shape.unions[name])
            pieces[name].members = members
            for member in members:
                self.hold(graph, member)
        elif name == "Color":
            pieces[name] = DraftPiece(name, "enum", members=["RED", "GREEN", "BLUE"])
        elif name == "Blob":
            pieces[name] = DraftPiece(name, "scalar")
        elif name == "Filter":
            self.hold(graph, "Color")
            pieces[name] = DraftPiece(
                name, "input", members=["n: Int", "unit: String", "color: Color", "inner: Filter"]
            )

    def _some_members(self, graph: str, members: tuple[str, ...]) -> list[str]:
        """The first member, so that subgraphs which share a field have one in common, and some others."""
        possible = [each for each in members if self.can_hold(graph, each)]
        return [each for each in possible if each == members[0] or self.rng.random() < 0.8]

    def _hold_interface(self, graph: str, name: str, *, whole: bool = False) -> None:
        pieces = self.graphs[graph].pieces
        pieces[name] = DraftPiece(name, "interface", fields={"id": DraftField("id", "ID!")})
        members = list(self.shape.interfaces[name]) if whole else self._some_members(graph, self.shape.interfaces[name])
        for member in members:
            self.hold(graph, member)
            self.add_key(graph, member, "id")
            pieces[member].interfaces.append(name)

    def can_have_key(self, graph: str, key: str) -> bool:
        """Whether the types of a key's fields can be put into the subgraph."""
        words = key.replace("{ id }", "").split()
        return all(self.can_hold(graph, self.key_types[word].strip("[]!")) for word in words)

    def add_key(self, graph: str, name: str, key: str) -> None:
        """Give the entity a key in the subgraph, with the key's fields."""
        piece = self.graphs[graph].pieces[name]
        piece.keys.setdefault(key, True)
        for word in key.replace("{ id }", "").split():
            type_name = self.key_types[word]
            self.hold(graph, type_name.strip("[]!"))
            base = self.piece(graph, type_name.strip("[]!"))
            if base is not None and base.name in self.shape.entities:
                self.add_key(graph, base.name, "id")
            if word in piece.fields:
                piece.fields[word].directives = [each for each in piece.fields[word].directives if each != "@external"]
            piece.fields.setdefault(word, DraftField(word, type_name))

    def _hold_arguments(self, graph: str, field: FieldShape) -> None:
        for name in ("Color", "Filter"):
            if name in field.arguments:
                self.hold(graph, name)

    # --- resolvers -------------------------------------------------------------------------------------------------

    def give(self, owner: str, field: FieldShape, *, share: float = 0.25) -> bool:
        """Let one subgraph, or several, resolve a field; false if none can."""
        able = [g for g in self.graphs if self.can_hold(g, owner) and self.can_hold(g, field.base)]
        if not able:
            return False
        present = [graph for graph in able if owner in self.graphs[graph].pieces]
        pool = present if present and self.rng.random() < 0.6 else able
        count = self.rng.randint(2, 3) if len(pool) > 1 and self.rng.random() < share else 1
        chosen = self.rng.sample(pool, min(count, len(pool)))
        for graph in chosen:
            self.hold(graph, owner)
            self.hold(graph, field.base)
            self._hold_arguments(graph, field)
            directives = ["@shareable"] if len(chosen) > 1 else []
            child = DraftField(field.name, field.type, field.arguments, directives)
            self.graphs[graph].pieces[owner].fields[field.name] = child
        return True

    def resolvers(self, owner: str, name: str) -> list[str]:
        """The subgraphs that resolve a field."""
        found = []
        for graph, draft in self.graphs.items():
            child = draft.pieces[owner].fields.get(name) if owner in draft.pieces else None
            if child is not None and not child.has("@external"):
                found.append(graph)
        return found

    def add_root(self, field: FieldShape, *, root: str = "Query", share: float = 0.2) -> None:
        """Put a root field into one subgraph, or several."""
        for draft in self.graphs.values():
            draft.pieces.setdefault(root, DraftPiece(root))
        if not self.give(root, field, share=share):
            for graph, draft in self.graphs.items():
                if self.piece(graph, field.base) is not None:
                    draft.pieces[root].fields[field.name] = DraftField(field.name, field.type, field.arguments)
                    return

    # --- keys ------------------------------------------------------------------------------------------------------

    def complete_keys(self) -> None:
        """Add keys until everything can be reached, and close some stubs that nobody has to enter."""
        for name in self.shape.entities:
            holders = self.graphs_of(name)
            wanted = self._to_be_entered(name, holders)
            for start in holders:
                self._reach(name, start, wanted)
            for graph in set(holders) - set(wanted):
                for key in self.graphs[graph].pieces[name].keys:
                    if self.rng.random() < 0.4 and not self.graphs[graph].pieces[name].interfaces:
                        self.graphs[graph].pieces[name].keys[key] = False

    def _to_be_entered(self, name: str, holders: list[str]) -> list[str]:
        """The subgraphs that have something of an entity which is not in all others."""
        wanted = [graph for graph in holders if self._resolves_own(graph, name)]
        known = {key for graph in wanted for key in self.graphs[graph].pieces[name].keys}
        for graph in holders:
            keys = self.graphs[graph].pieces[name].keys
            if graph not in wanted and not known >= set(keys):
                wanted.append(graph)
                known |= set(keys)
        return wanted

    def _resolves_own(self, graph: str, name: str) -> bool:
        piece = self.graphs[graph].pieces[name]
        of_keys = {word for key in self.shape.keys[name] for word in key.split()}
        return any(child.name not in of_keys and not child.has("@external") for child in piece.fields.values())

    def _reach(self, name: str, start: str, wanted: list[str]) -> None:
        known = set(self.graphs[start].pieces[name].keys)
        missing = [graph for graph in wanted if graph != start]
        while missing:
            found = next((graph for graph in missing if known & set(self.graphs[graph].pieces[name].keys)), None)
            if found is None:
                found = missing[0]
                self.add_key(
                    found,
                    name,
                    self.rng.choice(sorted(key for key in known if self.can_have_key(found, key)) or ["id"]),
                )
            missing.remove(found)
            known |= set(self.graphs[found].pieces[name].keys)

    def sources(self) -> tuple[SubgraphSource, ...]:
        """The subgraphs as text, without empty ones."""
        sources = [draft.source() for draft in self.graphs.values()]
        return tuple(source for source in sources if source.body)

    # --- interfaces ------------------------------------------------------------------------------------------------

    def complete_interfaces(self) -> None:
        """Let interfaces declare what all their implementations in the subgraph have."""
        for name in self.shape.interfaces:
            for graph in self.graphs_of(name):
                piece = self.graphs[graph].pieces[name]
                if piece.kind == "interface":
                    self._complete_interface(graph, piece)

    def _complete_interface(self, graph: str, piece: DraftPiece) -> None:
        pieces = self.graphs[graph].pieces
        members = [each for each in pieces.values() if piece.name in each.interfaces]
        for name in self.shape.interface_fields[piece.name]:
            having = [member for member in members if name in member.fields]
            if not having or self.rng.random() < 0.25:
                continue
            sample = having[0].fields[name]
            for member in members:
                # An external field may stand there only to satisfy the interface.
                member.fields.setdefault(name, DraftField(name, sample.type, sample.arguments, ["@external"]))
            piece.fields[name] = DraftField(name, sample.type, sample.arguments)

    def stand_in(self, name: str) -> None:
        """Let one subgraph know the interface as an interface object only, and another one with a key."""
        whole, *others = self.rng.sample(sorted(self.graphs), min(len(self.graphs), self.rng.choice((2, 2, 3))))
        for other in others:
            self.forbidden |= {(other, member) for member in self.shape.interfaces[name]}
            self.forbidden |= {(other, value) for value in self.shape.values if not self._avoids(other, value)}
        self._hold_interface(whole, name, whole=True)
        self.graphs[whole].pieces[name].keys["id"] = True
        self._add_stand_in(others[0], name)
        for other in others[1:]:
            fields = {"id": DraftField("id", "ID!"), "score": DraftField("score", "Int", "n: Int")}
            self.graphs[other].pieces[name] = DraftPiece(name, keys={"id": True}, fields=fields, interface_object=True)

    def _add_stand_in(self, other: str, name: str) -> None:
        fields = {"id": DraftField("id", "ID!"), "nick": DraftField("nick", "String")}
        if self.rng.random() < 0.5:
            fields["age"] = DraftField("age", "Int", self.rng.choice(("", "n: Int")))
        self.graphs[other].pieces[name] = DraftPiece(name, keys={"id": True}, fields=fields, interface_object=True)
        self.graphs[other].pieces["Query"] = DraftPiece("Query")
        self.graphs[other].pieces["Query"].fields["them"] = DraftField("them", self.rng.choice((name, f"[{name}]")))

    def _avoids(self, graph: str, value: str) -> bool:
        return all((graph, each.base) not in self.forbidden for each in self.shape.fields[value])


def random_cut(rng: Random) -> Cut:
    """Make up a monolith and distribute its types and fields, without requires, provides and overrides."""
    shape = random_shape(rng)
    cut = Cut(rng, shape, tuple("abcde"[: rng.randint(2, 5)]))
    for name in sorted(shape.stand_ins):
        cut.stand_in(name)
    for name in shape.entities:
        for field in shape.fields[name]:
            cut.give(name, field)
    for name in (*shape.entities, *shape.interfaces, *shape.unions, *shape.values):
        for field in _root_fields(rng, name):
            cut.add_root(field)
    return cut


def _root_fields(rng: Random, name: str) -> list[FieldShape]:
    lower = name.lower()
    one = FieldShape(lower, name, name, rng.choice(("", "", "n: Int", "id: ID")))
    many = FieldShape(f"{lower}s", rng.choice((f"[{name}]", f"[{name}!]!", f"[[{name}]]")), name)
    return rng.choice(([one], [many], [one, many]))
