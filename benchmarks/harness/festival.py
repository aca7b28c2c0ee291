"""The graph that gateways are measured on: eleven subgraphs of a music festival, and their data.

    festival ──▶ subgraph_server ──▶ gateway ──▶ load
    ▲ you are here: schemas and data

Four subgraphs overlap (bands, venues, gigs, tickets), five stand in a row (contracts to branches), two are for a long
list (recordings, shelves). All resolve from one world of dictionaries that is the same at every start. One schema over
the same world, run by graphql-core, says what the right answer is: no gateway judges another.
"""

import random
from collections.abc import Callable, Mapping
from functools import cache

from graphql import GraphQLObjectType, GraphQLSchema, build_schema, graphql_sync

from supergraph import Subgraph, compose, read_supergraph

Object = dict[str, object]

LINK = """extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@external", "@requires"])
"""
DIRECTIVES = """
directive @key(fields: String!, resolvable: Boolean) repeatable on OBJECT
directive @external on FIELD_DEFINITION
directive @requires(fields: String!) on FIELD_DEFINITION
scalar _Any
"""

SUBGRAPHS: Mapping[str, str] = {
    "bands": """
type Query { bands(first: Int): [Band!]! band(id: ID!): Band headliner: Band unlucky: String }
type Band @key(fields: "id") { id: ID! name: String! genre: Genre! founded: Int! members: [String!]! }
enum Genre { FOLK JAZZ METAL POP }
""",
    "venues": """
type Query { venues(first: Int): [Venue!]! }
type Venue @key(fields: "id") { id: ID! name: String! city: String! capacity: Int! indoor: Boolean! }
""",
    "gigs": """
type Band @key(fields: "id") { id: ID! gigs: [Gig!]! }
type Venue @key(fields: "id") { id: ID! gigs: [Gig!]! }
type Gig @key(fields: "id") { id: ID! starts: String! minutes: Int! price: Float! band: Band! venue: Venue! }
""",
    "tickets": """
type Gig @key(fields: "id") {
  id: ID!
  price: Float! @external
  sold: Int!
  soldOut: Boolean!
  fee: Float @requires(fields: "price")
}
""",
    "contracts": """
type Query { contract(id: ID!): Contract }
type Contract @key(fields: "id") { id: ID! number: String! agent: Agent! }
type Agent @key(fields: "id", resolvable: false) { id: ID! }
""",
    "agents": """
type Agent @key(fields: "id") { id: ID! name: String! agency: Agency! }
type Agency @key(fields: "id", resolvable: false) { id: ID! }
""",
    "agencies": """
type Agency @key(fields: "id") { id: ID! title: String! account: Account! }
type Account @key(fields: "id", resolvable: false) { id: ID! }
""",
    "accounts": """
type Account @key(fields: "id") { id: ID! iban: String! branch: Branch! }
type Branch @key(fields: "id", resolvable: false) { id: ID! }
""",
    "branches": """
type Branch @key(fields: "id") { id: ID! city: String! manager: Manager! }
type Manager { name: String! phone: String! }
""",
    "recordings": """
type Query { recordings(first: Int): [Recording!]! }
type Recording @key(fields: "id") {
  id: ID! title: String! seconds: Int! tempo: Float! live: Boolean! notes: String! tags: [String!]! format: Format!
}
type Format { bits: Int! rate: Float! channels: Int! }
""",
    "shelves": """
type Recording @key(fields: "id") { id: ID! shelf: Shelf! }
type Shelf { room: String! row: Int! }
""",
}

FROM_REPRESENTATION: Mapping[str, tuple[str, ...]] = {"tickets": ("price",)}
"""Fields that a subgraph does not know by itself: a gateway that does not send them gets wrong answers."""


def supergraph_sdl(base_url: str) -> str:
    """The composed graph; the subgraphs are at ``base_url`` and their name."""
    composition = compose([Subgraph(name, f"{base_url}/{name}", LINK + sdl) for name, sdl in SUBGRAPHS.items()])
    if composition.sdl is None:
        raise SystemExit(f"the festival does not compose: {composition.errors[0].message}")
    return composition.sdl


def answer(subgraph: str, document: str, variables: Mapping[str, object]) -> Object:
    """What a subgraph answers."""
    return _execute(_subgraph_schema(subgraph), document, variables)


def right_answer(document: str, variables: Mapping[str, object]) -> Object:
    """What a gateway must answer."""
    return _execute(_whole_schema(), document, variables)


def _execute(schema: GraphQLSchema, document: str, variables: Mapping[str, object]) -> Object:
    result = graphql_sync(schema, document, _world().roots, variable_values=dict(variables))
    return dict(result.formatted)


@cache
def _whole_schema() -> GraphQLSchema:
    return _with_fees(read_supergraph(supergraph_sdl("http://subgraphs")).api_schema)


@cache
def _subgraph_schema(name: str) -> GraphQLSchema:
    sdl = SUBGRAPHS[name]
    entities = [line.split()[1] for line in sdl.splitlines() if "@key" in line and "resolvable" not in line]
    root = "extend type Query" if "type Query" in sdl else "type Query"
    schema = build_schema(
        f"{DIRECTIVES}{sdl}union _Entity = {' | '.join(entities)}\n"
        f"{root} {{ _entities(representations: [_Any!]!): [_Entity]! }}"
    )
    assert schema.query_type is not None
    schema.query_type.fields["_entities"].resolve = lambda _root, _info, representations: [
        _entity(name, representation) for representation in representations
    ]
    return _with_fees(schema)


def _entity(subgraph: str, representation: Mapping[str, object]) -> Object | None:
    typename = str(representation["__typename"])
    found = _world().entities[typename].get(str(representation["id"]))
    if found is None:
        return None
    given = {name: representation.get(name) for name in FROM_REPRESENTATION.get(subgraph, ())}
    return {**found, **given, "__typename": typename}


def _with_fees(schema: GraphQLSchema) -> GraphQLSchema:
    gig = schema.get_type("Gig")
    if isinstance(gig, GraphQLObjectType) and "fee" in gig.fields:
        gig.fields["fee"].resolve = lambda source, _info: round(source["price"] * 0.12, 2)
    return schema


class _World:
    """All objects, as dictionaries that refer to each other.

    Attributes:
        entities: By type and id.
        roots: The root fields; functions take GraphQL's arguments.
    """

    def __init__(self, *, bands: int = 20, venues: int = 10, gigs_of_band: int = 4, recordings: int = 1000) -> None:
        rng = random.Random(7)  # noqa: S311 - the same data at every start, not a secret
        self.entities: dict[str, dict[str, Object]] = {
            "Band": _numbered(bands, lambda number: _band(rng, number)),
            "Venue": _numbered(venues, lambda number: _venue(rng, number)),
            "Gig": _numbered(bands * gigs_of_band, lambda number: _gig(rng, number)),
            "Recording": _numbered(recordings, lambda number: _recording(rng, number)),
            **_chain(10),
        }
        self._let_play()
        self.roots: Object = {
            "headliner": self.entities["Band"]["3"],
            "contract": lambda _info, id: self.entities["Contract"].get(id),  # noqa: A006 - the argument's name
            "band": lambda _info, id: self.entities["Band"].get(id),  # noqa: A006 - the argument's name
            "unlucky": _unlucky,
            **{name.lower() + "s": self._first(name) for name in ("Band", "Venue", "Recording")},
        }

    def _first(self, typename: str) -> Callable[..., list[Object]]:
        objects = list(self.entities[typename].values())
        return lambda _info, first=None: objects[:first]

    def _let_play(self) -> None:
        bands, venues = list(self.entities["Band"].values()), list(self.entities["Venue"].values())
        for place in (*bands, *venues):
            place["gigs"] = []
        for number, gig in enumerate(self.entities["Gig"].values()):
            for name, places in (("band", bands), ("venue", venues)):
                place = places[(number * 7 + number // len(places)) % len(places)]
                gig[name] = place
                gigs = place["gigs"]
                assert isinstance(gigs, list)
                gigs.append(gig)


@cache
def _world() -> _World:
    return _World()


def _unlucky(_info: object) -> str:
    raise ValueError("nothing works today")


def _numbered(count: int, make: Callable[[int], Object]) -> dict[str, Object]:
    return {str(number): {"id": str(number), **make(number)} for number in range(1, count + 1)}


def _words(rng: random.Random, count: int) -> str:
    return " ".join(rng.choices(("amber", "birch", "cedar", "dune", "ember", "fjord", "grove", "heath"), k=count))


def _band(rng: random.Random, number: int) -> Object:
    return {
        "name": f"The {_words(rng, 2)}",
        "genre": rng.choice(["FOLK", "JAZZ", "METAL", "POP"]),
        "founded": 1960 + number,
        "members": [_words(rng, 2) for _ in range(rng.randint(2, 5))],
    }


def _venue(rng: random.Random, number: int) -> Object:
    return {
        "name": f"{_words(rng, 1)} hall",
        "city": _words(rng, 1).title(),
        "capacity": number * 250,
        "indoor": number % 3 > 0,
    }


def _gig(rng: random.Random, number: int) -> Object:
    return {
        "starts": f"2031-07-{1 + number % 28:02}T{16 + number % 7}:30:00Z",
        "minutes": rng.randint(40, 150),
        "price": round(rng.uniform(15, 90), 2),
        "sold": rng.randint(0, 2000),
        "soldOut": number % 4 == 0,
    }


def _recording(rng: random.Random, number: int) -> Object:
    return {
        "title": _words(rng, 3),
        "seconds": rng.randint(90, 700),
        "tempo": round(rng.uniform(60, 180), 2),
        "live": number % 2 == 0,
        "notes": _words(rng, 12),
        "tags": [_words(rng, 1) for _ in range(3)],
        "format": {"bits": 24, "rate": 48.0, "channels": 2},
        "shelf": {"room": _words(rng, 1), "row": number % 40},
    }


def _chain(length: int) -> dict[str, dict[str, Object]]:
    """Each contract leads to a branch in five steps."""
    chain = {
        "Contract": _numbered(length, lambda number: {"number": f"C-{number:05}"}),
        "Agent": _numbered(length, lambda number: {"name": f"Agent {number}"}),
        "Agency": _numbered(length, lambda number: {"title": f"Agency {number}"}),
        "Account": _numbered(length, lambda number: {"iban": f"XX{number:020}"}),
        "Branch": _numbered(
            length,
            lambda number: {"city": f"City {number}", "manager": {"name": f"Manager {number}", "phone": f"+{number}"}},
        ),
    }
    for (_, objects), (typename, nexts) in zip(list(chain.items())[:-1], list(chain.items())[1:], strict=True):
        for key, each in objects.items():
            each[typename.lower()] = nexts[key]
    return chain
