"""Random supergraphs that are small and full of choices: shareable fields, several keys, bridges, conditions."""

import random
from dataclasses import dataclass, field

from graphql import (
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
)

LINK = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", '
    'import: ["@key", "@shareable", "@external", "@requires", "@provides"])\n'
)
KEYS = ("id", "code", "id code", "ref { n }")
LEAVES = ("x", "y", "z")


@dataclass(slots=True)
class _Type:
    """One entity in one subgraph: its keys, and its fields as SDL by name."""

    keys: list[str]
    fields: dict[str, str] = field(default_factory=dict)

    def sdl(self, name: str, implements: str) -> str:
        keys = " ".join(f'@key(fields: "{key}")' for key in self.keys)
        names = {name for key in self.keys for name in key.replace("{ n }", "").split()}
        own = {"id": "id: ID!", "code": "code: ID!", "ref": "ref: Ref @shareable"}
        fields = {**{name: own[name] for name in sorted(names)}, **self.fields}
        return f"type {name}{implements} {keys} {{ {' '.join(fields.values())} }}"


class _Draft:
    """The subgraphs of one supergraph while they are drawn."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.names = [f"s{index}" for index in range(rng.choice((2, 3, 3, 4, 4)))]
        self.types: dict[str, dict[str, _Type]] = {name: {} for name in self.names}
        self.entities = [f"E{index}" for index in range(rng.randint(2, 3))]
        self.roots: dict[str, list[str]] = {name: [] for name in self.names}
        self.with_interface = rng.random() < 0.4
        self.owners: dict[tuple[str, str], list[str]] = {}

    def some(self, names: list[str], at_most: int) -> list[str]:
        return self.rng.sample(names, self.rng.randint(1, min(at_most, len(names))))

    def draw(self) -> None:
        for entity in self.entities:
            for name in self.some(self.names, 4):
                keys = self.rng.choices(KEYS, weights=(6, 4, 2, 1), k=self.rng.randint(1, 2))
                self.types[name][entity] = _Type(list(dict.fromkeys(keys)))
            self._leaves(entity)
        for index, entity in enumerate(self.entities):
            self._links(entity, self.entities[(index + 1) % len(self.entities)])
            self._requires(entity)
        self._interface()
        for name in self.some([name for name in self.names if self.types[name]], 2):
            for entity in self.types[name]:
                self.roots[name].append(f"{entity.lower()}: {entity} @shareable")

    def _leaves(self, entity: str) -> None:
        hosts = [name for name in self.names if entity in self.types[name]]
        for leaf in LEAVES:
            self.owners[entity, leaf] = self.some(hosts, 3)
            for name in self.owners[entity, leaf]:
                self.types[name][entity].fields[leaf] = f"{leaf}: Int @shareable"

    def _links(self, entity: str, target: str) -> None:
        hosts = [name for name in self.names if entity in self.types[name] and target in self.types[name]]
        for name in self.some(hosts, 3) if hosts else ():
            provided = ""
            other = self.types[name][target]
            free = [leaf for leaf in LEAVES if leaf not in other.fields]
            if free and self.rng.random() < 0.4:
                leaf = self.rng.choice(free)
                other.fields[leaf] = f"{leaf}: Int @external"
                provided = f' @provides(fields: "{leaf}")'
            self.types[name][entity].fields["next"] = f"next: {target} @shareable{provided}"

    def _requires(self, entity: str) -> None:
        for number, name in enumerate(self.names):
            mine = self.types[name].get(entity)
            if mine is None or self.rng.random() < 0.6:
                continue
            free = [leaf for leaf in LEAVES if leaf not in mine.fields or "@external" in mine.fields[leaf]]
            if free:
                leaf = self.rng.choice(free)
                mine.fields[leaf] = f"{leaf}: Int @external"
                mine.fields[f"r{number}"] = f'r{number}: Int @requires(fields: "{leaf}")'

    def _interface(self) -> None:
        if not self.with_interface:
            return
        for name in self.names:
            both = all(entity in self.types[name] for entity in self.entities[:2])
            if both and self._interface_leaves(name) and self.rng.random() < 0.7:
                self.roots[name].append("node: Node @shareable")

    def sdl(self, name: str) -> str:
        node = any(root.startswith("node") for root in self.roots[name])
        parts = [LINK, "type Ref @shareable { n: Int }"]
        if node:
            leaves = " ".join(f"{leaf}: Int" for leaf in self._interface_leaves(name))
            parts.append(f"interface Node {{ {leaves} }}")
        if self.roots[name]:
            parts.append(f"type Query {{ {' '.join(self.roots[name])} }}")
        for entity, drawn in self.types[name].items():
            parts.append(drawn.sdl(entity, " implements Node" if node and entity in self.entities[:2] else ""))
        return "\n".join(parts)

    def _interface_leaves(self, name: str) -> list[str]:
        own = [self.types[name][entity].fields for entity in self.entities[:2]]
        return [leaf for leaf in LEAVES if all("@shareable" in fields.get(leaf, "") for fields in own)]


def small_graph(seed: int) -> dict[str, str]:
    """The SDLs of a random supergraph by subgraph; it may well not compose."""
    draft = _Draft(random.Random(seed))  # noqa: S311 - reproducible, not secret
    draft.draw()
    return {name: draft.sdl(name) for name in draft.names if draft.types[name]}


def random_operation(schema: GraphQLSchema, seed: int) -> str:
    """A query of some fields, entities up to three deep."""
    rng = random.Random(seed)  # noqa: S311 - reproducible, not secret
    assert schema.query_type is not None
    return _select(rng, schema, schema.query_type, 0)


def _select(rng: random.Random, schema: GraphQLSchema, parent: GraphQLNamedType, depth: int) -> str:
    assert isinstance(parent, GraphQLObjectType | GraphQLInterfaceType)
    chosen = []
    for name, graphql_field in sorted(parent.fields.items()):
        below = get_named_type(graphql_field.type)
        if isinstance(below, GraphQLObjectType | GraphQLInterfaceType):
            if depth < 3 and rng.random() < (0.8 if depth else 0.6):
                chosen.append(f"{name} {_select(rng, schema, below, depth + 1)}")
        elif rng.random() < 0.6:
            chosen.append(name)
    if isinstance(parent, GraphQLInterfaceType):
        possible = [each for each in schema.get_possible_types(parent) if rng.random() < 0.6]
        chosen += [f"... on {each.name} {_select(rng, schema, each, depth)}" for each in possible]
    return "{ " + " ".join(chosen or ["__typename"]) + " }"
