"""Fields that share a response key are judged as graphql-core judges them, with work that grows with the document."""

from random import Random

import pytest
from graphql import GraphQLSchema, build_schema, parse, validate
from graphql.validation import OverlappingFieldsCanBeMergedRule

from supergraph.operation.overlap import OverlapEffortError, find_conflict

SCHEMA = build_schema(
    """
directive @stream(if: Boolean) on FIELD
interface Node { id: ID node: Node other(x: Int, y: String): Node name: String }
type A implements Node { id: ID node: Node other(x: Int, y: String): Node name: String a: Int u: U list: [A] }
type B implements Node { id: ID node: B other(x: Int, y: String): Node name: String a: Int! b: String u: U list: [B] }
type C { id: ID name: Int u: U a: [Int] }
union U = A | B | C
type Query { node: Node u: U a: A b: B c: C }
"""
)


def is_mergeable(document: str, limit: int = 10_000) -> bool:
    return find_conflict(SCHEMA, parse(document), limit) is None


def graphql_core_says(document: str) -> bool:
    return validate(SCHEMA, parse(document), [OverlappingFieldsCanBeMergedRule]) == []


MERGEABLE = (
    "{ a { id id name } }",
    "{ a { x: id } b { x: name } }",
    "{ u { ... on A { x: id } ... on B { x: id } ... on C { x: id } } }",
    "{ u { ... on A { x: name } ... on B { x: b } } }",
    "{ u { ... on A { u { ... on A { k: name } } } ... on B { u { ... on A { k: name } ... on B { k: b } } } } }",
    '{ node { other(x: 1, y: "z") { id } other(y: "z", x: 1) { name } } }',
    "{ node { ...F ...F node { ...F } } } fragment F on Node { id x: name }",
    "{ u { ... on A { x: node { id } } ... on B { x: u { ... on Node { id } } } } }",
    "query P { a { x: id } } query Q { a { x: name } }",
)

CONFLICTING = (
    "{ a { x: id x: name } }",
    "{ node { x: id ... on A { x: name } } }",
    "{ node { ... on A { x: a } ... on B { x: a } } }",
    "{ u { ... on A { x: name } ... on C { x: a } } }",
    "{ u { ... on A { x: id } ... on C { x: u { __typename } } } }",
    "{ node { other(x: 1) { id } other(x: 2) { id } } }",
    "{ node { other(x: 1) { id } other { id } } }",
    "{ node { ...F ... on A { x: name } } } fragment F on Node { ...G } fragment G on Node { x: id }",
    "{ a { node { x: id } } a { node { x: name } } }",
    "{ u { ... on A { u { ... on A { k: a } } } ... on B { u { ... on B { k: a } } } } }",
    "{ u { ... on Node { n: node { x: id } } ... on A { n: node { x: name } } } }",
    "query P { a { id } } query Q { a { x: id x: name } }",
)


@pytest.mark.parametrize("document", MERGEABLE)
def test_what_graphql_core_merges_is_merged(document: str) -> None:
    assert graphql_core_says(document)
    assert is_mergeable(document)


@pytest.mark.parametrize("document", CONFLICTING)
def test_what_graphql_core_finds_in_conflict_is_refused(document: str) -> None:
    assert not graphql_core_says(document)
    assert not is_mergeable(document)


@pytest.mark.parametrize(
    ("document", "lines"),
    [
        ("{ a {\nx: id\nx: name } }", [2, 3]),
        ("{ node {\n... on A { x: a }\n... on B { x: a } } }", [2, 3]),
        ("{ a { node {\nx: id } }\na { node {\nx: name } } }", [2, 4]),
        ("{ node {\nother(x: 1) { id }\nother { id } } }", [2, 3]),
    ],
)
def test_the_fields_in_conflict_are_told(document: str, lines: list[int]) -> None:
    conflict = find_conflict(SCHEMA, parse(document))
    assert conflict is not None
    assert sorted(node.loc.start_token.line for node in conflict if node.loc) == lines


def test_the_order_in_an_object_does_not_matter() -> None:
    schema = build_schema("input In { a: Int b: [In] } type Query { q(in: In): Int }")
    same = parse("{ q(in: {a: 1, b: [{a: 2, b: []}]}) q(in: {b: [{b: [], a: 2}], a: 1}) }")
    assert find_conflict(schema, same) is None
    other = parse("{ q(in: {a: 1, b: [{a: 2}, {a: 3}]}) q(in: {a: 1, b: [{a: 3}, {a: 2}]}) }")
    assert find_conflict(schema, other) is not None


def test_what_may_be_streamed_together_is_left_to_graphql_core() -> None:
    assert not is_mergeable("{ a { list { id } list @stream { id } } }")


# --- random documents -----------------------------------------------------------------------------------------------

FIELDS: dict[str, dict[str, str]] = {
    "Query": {"node": "Node", "u": "U", "a": "A", "b": "B", "c": "C"},
    "Node": {"id": "", "node": "Node", "other": "Node", "other(x: 1)": "Node", "name": ""},
    "A": {"id": "", "node": "Node", "name": "", "a": "", "u": "U", "other(x: 1)": "Node"},
    "B": {"id": "", "node": "B", "name": "", "a": "", "b": "", "u": "U"},
    "C": {"id": "", "name": "", "u": "U", "a": ""},
    "U": {},
}
NARROWER = {"Node": ("Node", "A", "B"), "U": ("A", "B", "C", "Node")}
FRAGMENT_TYPES = ("Node", "A", "U", "Node")


def random_selection(rng: Random, on: str, depth: int, first_spread: int) -> str:
    """A selection set in which keys meet often; fragments spread only those after them."""
    found = ["__typename"]
    for _ in range(rng.randint(1, 3)):
        kind = rng.random()
        if kind < 0.3 and depth and on in NARROWER:
            to = rng.choice(NARROWER[on])
            found.append(f"... on {to} {random_selection(rng, to, depth - 1, first_spread)}")
        elif kind < 0.5 and on in NARROWER and first_spread < len(FRAGMENT_TYPES):
            found.append(f"...F{rng.randrange(first_spread, len(FRAGMENT_TYPES))}")
        elif FIELDS[on]:
            name, below = rng.choice(list(FIELDS[on].items()))
            alias = rng.choice(("x: ", *[""] * 12))
            if not below:
                found.append(alias + name)
            elif depth:
                found.append(f"{alias}{name} {random_selection(rng, below, depth - 1, first_spread)}")
    return "{ " + " ".join(found) + " }"


def random_document(rng: Random) -> str:
    fragments = [
        f"fragment F{number} on {on} {random_selection(rng, on, 3, number + 1)}"
        for number, on in enumerate(FRAGMENT_TYPES)
    ]
    # graphql-core also judges a fragment that nothing spreads, which another rule refuses.
    spreads = [f"k{number}: u {{ ...F{number} }}" for number in range(len(FRAGMENT_TYPES))]
    operation = random_selection(rng, "Query", 4, 0)
    return f"{operation[:-1]} {' '.join(spreads)} }} {' '.join(fragments)}"


@pytest.mark.parametrize("seed", range(8))
def test_random_documents_are_judged_as_by_graphql_core(seed: int) -> None:
    rng = Random(seed)  # noqa: S311 - seeded, to be reproducible
    outcomes = {True: 0, False: 0}
    for _ in range(60):
        document = random_document(rng)
        expected = graphql_core_says(document)
        assert is_mergeable(document) == expected, document
        outcomes[expected] += 1
    assert min(outcomes.values()) > 5


# --- effort ---------------------------------------------------------------------------------------------------------


def union_of(count: int) -> GraphQLSchema:
    names = [f"T{index}" for index in range(count)]
    types = " ".join(f"type {name} {{ b: Int c: Int u: U }}" for name in names)
    return build_schema(f"type Query {{ u: U }} union U = {' | '.join(names)} {types}")


def all_members(count: int, levels: int) -> str:
    below = f"u {{ {all_members(count, levels - 1)} }}" if levels else ""
    return " ".join(f"... on T{index} {{ b c {below} }}" for index in range(count))


@pytest.mark.parametrize(("members", "levels"), [(100, 0), (30, 1), (10, 2), (5, 3)])
def test_unions_within_unions_are_looked_at_once_for_each_question(members: int, levels: int) -> None:
    document = parse(f"{{ u {{ {all_members(members, levels)} }} }}")
    positions = sum(members**level for level in range(1, levels + 2))
    assert find_conflict(union_of(members), document, limit=(2 + levels) * 4 * positions) is None


def test_a_field_that_is_repeated_is_looked_at_once() -> None:
    assert is_mergeable("{ a { " + "id " * 2_000 + "} }", limit=2_001)
    assert is_mergeable("{ " + "a { id } " * 1_000 + "}", limit=2_000)


def test_fragments_that_are_spread_everywhere_are_looked_at_once_for_each_place() -> None:
    levels = 100
    chain = " ".join(
        f"fragment F{level} on Node {{ x: node {{ ...F{level + 1} }} y: node {{ ...F{level + 1} }} }}"
        for level in range(levels)
    )
    document = f"{{ node {{ ...F0 }} }} {chain} fragment F{levels} on Node {{ id }}"
    assert is_mergeable(document, limit=10 * levels)


def test_fragments_whose_groups_differ_on_every_way_are_given_up() -> None:
    """What was added on the way to a place, type by type, is another set on each of 2^levels ways."""
    levels = 16
    marks = range(levels)

    def fragment(level: int) -> str:
        added = f"...M{level}_{level + 1}"
        return (
            f"fragment L{level} on Node {{ node {{ ...L{level + 1} }} ... on A {{ node {{ {added} }} }} "
            f"... on B {{ node {{ id }} }} }}"
        )

    def mark(start: int, level: int) -> str:
        return f"fragment M{start}_{level} on Node {{ node {{ ...M{start}_{level + 1} }} }}"

    parts = [fragment(level) for level in marks] + [f"fragment L{levels} on Node {{ id }}"]
    for start in marks:
        parts += [mark(start, level) for level in range(start + 1, levels)]
        parts.append(f"fragment M{start}_{levels} on Node {{ id }}")
    with pytest.raises(OverlapEffortError):
        is_mergeable("{ node { ...L0 } } " + " ".join(parts), limit=200_000)
