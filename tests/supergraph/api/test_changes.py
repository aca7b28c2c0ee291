"""What a new API schema changes for clients."""

import pytest
from graphql import BreakingChangeType, DangerousChangeType, build_schema

from supergraph.api.changes import find_changes

BASE = """
directive @d(x: Int, y: Int) repeatable on FIELD | QUERY
type Query { a(n: Int = 1, m: Int): T u: U e(e: E, i: In): E }
interface I { x: Int }
type T implements I { x: Int f: Float }
type V { x: Int }
union U = T | V
enum E { A B }
input In { p: Int = 1 q: Int }
"""

CASES = [
    ("type V { x: Int }\nunion U = T | V", "union U = T", "TYPE_REMOVED", "V"),
    ("union U = T | V", "type U { x: Int }", "TYPE_CHANGED_KIND", "U"),
    ("= T | V", "= T", "TYPE_REMOVED_FROM_UNION", "U"),
    ("A B", "A", "VALUE_REMOVED_FROM_ENUM", "E.B"),
    ("q: Int", "q: Int r: Int!", "REQUIRED_INPUT_FIELD_ADDED", "In.r"),
    ("T implements I", "T", "IMPLEMENTED_INTERFACE_REMOVED", "T"),
    ("x: Int f: Float", "x: Int", "FIELD_REMOVED", "T.f"),
    ("f: Float", "f: Int", "FIELD_CHANGED_KIND", "T.f"),
    ("q: Int", "q: Int!", "FIELD_CHANGED_KIND", "In.q"),
    ("m: Int)", "m: Int, r: Int!)", "REQUIRED_ARG_ADDED", "Query.a(r:)"),
    (", m: Int)", ")", "ARG_REMOVED", "Query.a(m:)"),
    ("m: Int)", "m: Int!)", "ARG_CHANGED_KIND", "Query.a(m:)"),
    ("directive @d(x: Int, y: Int) repeatable on FIELD | QUERY", "", "DIRECTIVE_REMOVED", "@d"),
    (", y: Int)", ")", "DIRECTIVE_ARG_REMOVED", "@d(y:)"),
    ("y: Int)", "y: Int, z: Int!)", "REQUIRED_DIRECTIVE_ARG_ADDED", "@d(z:)"),
    (" repeatable", "", "DIRECTIVE_REPEATABLE_REMOVED", "@d"),
    (" | QUERY", "", "DIRECTIVE_LOCATION_REMOVED", "@d"),
    ("A B", "A B C", "VALUE_ADDED_TO_ENUM", "E.C"),
    ("= T | V", "= T | V | W type W { x: Int }", "TYPE_ADDED_TO_UNION", "U"),
    ("q: Int", "q: Int r: Int", "OPTIONAL_INPUT_FIELD_ADDED", "In.r"),
    ("m: Int)", "m: Int, r: Int)", "OPTIONAL_ARG_ADDED", "Query.a(r:)"),
    ("type V", "type V implements I", "IMPLEMENTED_INTERFACE_ADDED", "V"),
    ("n: Int = 1", "n: Int = 2", "ARG_DEFAULT_VALUE_CHANGE", "Query.a(n:)"),
    ("p: Int = 1", "p: Int = 2", "INPUT_FIELD_DEFAULT_VALUE_CHANGE", "In.p"),
]


@pytest.mark.parametrize(("old", "new", "kind", "coordinate"), CASES, ids=[case[2] + case[3] for case in CASES])
def test_a_change_has_its_kind_and_coordinate(old: str, new: str, kind: str, coordinate: str) -> None:
    assert old in BASE
    changes = find_changes(build_schema(BASE), build_schema(BASE.replace(old, new)))
    assert (kind, coordinate) in [(change.kind, change.coordinate) for change in changes]


def test_every_kind_of_change_is_tested() -> None:
    kinds = {kind.name for kind in (*BreakingChangeType, *DangerousChangeType)}
    assert kinds == {case[2] for case in CASES}


def test_nothing_changed() -> None:
    assert find_changes(build_schema(BASE), build_schema(BASE)) == ()


def test_what_is_only_added_is_no_change_for_clients() -> None:
    assert find_changes(build_schema(BASE), build_schema(BASE + "type New { x: Int } extend type T { g: Int }")) == ()


def test_a_standard_scalar_that_nobody_uses_any_more_is_not_missed() -> None:
    changes = find_changes(build_schema(BASE), build_schema(BASE.replace(" f: Float", "")))
    assert [change.coordinate for change in changes] == ["T.f"]


def test_a_root_that_becomes_an_ordinary_type_breaks() -> None:
    before = build_schema("type Query { m: Mutation } type Mutation { x: Int }")
    after = build_schema("schema { query: Query } type Query { m: Mutation } type Mutation { x: Int }")
    [change] = find_changes(before, after)
    assert (change.is_breaking, change.kind, change.coordinate) == (True, "OPERATION_TYPE_REMOVED", "Mutation")
    assert change.message == "Mutation is not the mutation type any more."


def test_a_root_type_that_is_gone_is_told_once() -> None:
    before = build_schema("type Query { x: Int } type Mutation { x: Int }")
    assert [change.kind for change in find_changes(before, build_schema("type Query { x: Int }"))] == ["TYPE_REMOVED"]


def test_breaking_changes_come_first_and_by_coordinate() -> None:
    after = BASE.replace("A B", "B C").replace("f: Float", "g: Int").replace("q: Int", "q: Int r: Int")
    found = [
        (change.is_breaking, change.coordinate) for change in find_changes(build_schema(BASE), build_schema(after))
    ]
    assert found == [(True, "E.A"), (True, "T.f"), (False, "E.C"), (False, "In.r")]
