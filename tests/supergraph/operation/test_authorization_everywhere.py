"""However an operation is written, no subgraph is asked for what its caller may not see.

Random operations over interfaces, unions, aliases, fragments, conditions and ``__typename``: every field of every
fetch of every plan is looked at, with the types that it is asked on, those that only a ``@requires`` or a key needs
included.
"""

import re
from collections.abc import Iterator
from itertools import count

from hypothesis import given, settings
from hypothesis import strategies as st

from supergraph import Subgraph, compose, plan, prepare, read_supergraph
from supergraph.operation.authorization import Authorization
from supergraph.operation.fetched import fetched_entities, fetched_selection
from supergraph.operation.model import Cast, SelectionSet
from supergraph.operation.schema_types import possible_types

LINK = """extend schema @link(url: "https://specs.apollo.dev/federation/v2.9",
  import: ["@key", "@external", "@requires", "@shareable", "@authenticated", "@requiresScopes", "@policy"])
"""
SHOP = """
type Query { node(id: ID): Node thing: Thing items: [Item!] me: User secrets: Secret @authenticated }
interface Node { id: ID! title: String }
union Thing = Item | User | Secret
type Item implements Node @key(fields: "id") {
  id: ID! title: String cost: Int @authenticated owner: User related: [Node!]
  weight: Int @requiresScopes(scopes: [["w"]])
}
type User implements Node @key(fields: "id") {
  id: ID! title: String email: String @policy(policies: [["p"]]) items: [Item]
}
type Secret implements Node @key(fields: "id") @authenticated { id: ID! title: String plain: String }
"""
STOCK = """
type Item @key(fields: "id") {
  id: ID! weight: Int @external shipping: Int @requires(fields: "weight") @requiresScopes(scopes: [["w"]]) stock: Int
}
type User @key(fields: "id") { id: ID! notes: String @authenticated basket: [Item] }
"""
COMPOSED = compose([Subgraph("shop", "http://shop", LINK + SHOP), Subgraph("stock", "http://stock", LINK + STOCK)])
assert COMPOSED.sdl is not None, COMPOSED.errors
GRAPH = read_supergraph(COMPOSED.sdl)
PROTECTED = {
    ("Item", "cost"), ("Item", "weight"), ("Item", "shipping"), ("User", "email"), ("User", "notes"),
    ("Query", "secrets"), ("Secret", "id"), ("Secret", "title"), ("Secret", "plain"),
}  # fmt: skip
LEAVES = {
    "Node": ["id", "title"],
    "Item": ["id", "title", "cost", "weight", "shipping", "stock"],
    "User": ["id", "title", "email", "notes"],
    "Secret": ["id", "title", "plain"],
    "Thing": [],
    "Query": [],
}
INNER = {
    "Query": {"node(id: 1)": "Node", "thing": "Thing", "items": "Item", "me": "User", "secrets": "Secret"},
    "Item": {"owner": "User", "related": "Node"},
    "User": {"items": "Item", "basket": "Item"},
    "Node": {},
    "Thing": {},
    "Secret": {},
}
OBJECTS = ["Item", "User", "Secret", "Node"]
CASTS = {"Node": OBJECTS, "Thing": OBJECTS, "Item": ["Node", "Item"]}
CONDITIONS = ["", "", "", " @include(if: $v)", " @skip(if: $v)"]


@st.composite
def selections(draw: st.DrawFn, type_name: str, depth: int) -> str:
    how_many = draw(st.integers(1, 4))
    return "{ " + " ".join(draw(units(type_name, depth)) for _ in range(how_many)) + " __typename }"


@st.composite
def units(draw: st.DrawFn, type_name: str, depth: int) -> str:
    alias = draw(st.sampled_from(["", "", "ALIAS: "]))
    condition = draw(st.sampled_from(CONDITIONS))
    kinds = ["leaf"] * bool(LEAVES[type_name]) + ["typename"]
    if depth:
        kinds += ["inner"] * (2 * bool(INNER[type_name])) + ["cast"] * (2 * (type_name in CASTS))
    match draw(st.sampled_from(kinds)):
        case "leaf":
            return f"{alias}{draw(st.sampled_from(LEAVES[type_name]))}{condition}"
        case "inner":
            field, inner = draw(st.sampled_from(sorted(INNER[type_name].items())))
            alias = "ALIAS: "  # else equal fields with other selections might not merge
            return f"{alias}{field}{condition} {draw(selections(inner, depth - 1))}"
        case "cast":
            on = draw(st.sampled_from(CASTS[type_name]))
            return f"... on {on}{condition} {draw(selections(on, depth - 1))}"
        case _:
            return f"{alias}__typename"


def asked(selection: SelectionSet) -> Iterator[tuple[str, str]]:
    """Every field with every type that it may be asked on."""
    for unit in selection.units:
        if isinstance(unit, Cast):
            yield from asked(unit.selection)
            continue
        for type_name in possible_types(GRAPH.schema, selection.type) or (selection.type,):
            yield type_name, unit.name
        if unit.selection is not None:
            yield from asked(unit.selection)


def asked_of_subgraphs(text: str, *, is_known: bool) -> set[tuple[str, str]]:
    """All that a plan asks for, for a caller who may see everything or nothing that is protected."""
    operation = prepare(GRAPH, text)
    filtered = Authorization(GRAPH.schema, GRAPH.features).filter(operation, lambda _: is_known)
    found: set[tuple[str, str]] = set()
    for fetch in plan(GRAPH, filtered.operation).fetches:
        if not fetch.entities:
            found.update(asked(fetched_selection(GRAPH.schema, fetch)))
        for call in fetch.entities:
            for selection in fetched_entities(GRAPH.schema, fetch, call.alias):
                found.update(asked(selection))
    return found


@settings(max_examples=400, deadline=None)
@given(selections("Query", 4))
def test_no_way_of_writing_an_operation_gets_around_the_directives(selection: str) -> None:
    variables = "($v: Boolean!) " if "$v" in selection else ""
    numbers = count()
    aliased = re.sub("ALIAS", lambda _: f"a{next(numbers)}", selection)
    assert asked_of_subgraphs(f"query {variables}{aliased}", is_known=False).isdisjoint(PROTECTED)


def test_the_same_operations_ask_for_protected_fields_where_the_caller_may_see_them() -> None:
    found = asked_of_subgraphs("{ items { cost shipping } secrets { plain } me { email notes } }", is_known=True)
    assert {("Item", "cost"), ("Item", "weight"), ("Secret", "plain"), ("User", "email"), ("User", "notes")} <= found
