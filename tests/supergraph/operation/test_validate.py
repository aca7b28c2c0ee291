"""Validation accepts exactly what graphql-core accepts, and tells what graphql-core tells."""

from collections.abc import Sequence
from random import Random

import pytest
from graphql import (
    ASTValidationRule,
    DocumentNode,
    GraphQLError,
    NameNode,
    VariableNode,
    Visitor,
    build_schema,
    parse,
    validate,
    visit,
)
from graphql.validation import KnownOperationTypesRule

from supergraph.errors import OperationError
from supergraph.operation.validate import RULES, is_accepted, validate_operations
from tests.oracle.features import random_subgraphs
from tests.oracle.operations import random_operation
from tests.oracle.world import build_world

SCHEMA = build_schema(
    """
directive @defer(if: Boolean! = true, label: String) on FRAGMENT_SPREAD | INLINE_FRAGMENT
directive @many repeatable on FIELD
directive @typed(a: Int!) on FIELD
input In { must: Int! may: Int inner: In }
input One @oneOf { a: Int b: Int }
interface I { a: Int }
type T implements I { a: Int b(x: Int, must: Int!): Int t: T i: I u: U list: [T] }
type S implements I { a: Int s: Int b: String }
union U = T | S
type Query { t: T i: I u: U x(in: In, one: One, n: Int, l: [Int!]): Int list: [T] }
type Mutation { t: T }
type Subscription { t: T s: T }
"""
)

VALID = (
    "{ t { a } }",
    "{ t { b(must: 1) ...F } } fragment F on T { t { a } }",
    "query ($v: In!, $n: Int = 1) { x(in: $v, n: $n) }",
    "query ($v: Int!) { x(in: {must: $v, inner: {must: 2}}, l: [1, $v]) }",
    "query ($v: Int) { ...F } fragment F on Query { x(n: $v) }",
    "query A { t { a } } query B { t { a } }",
    "{ i { ... on T { b(must: 1) } ... on S { s } } u { ... on T { t { a } } __typename } }",
    "{ x(one: {a: 1}) t { a a @many @many } __schema { queryType { name } } }",
    '{ t { ... @defer(label: "a") { a } } list { t @include(if: true) { a } } }',
    "subscription { t { a } }",
    "mutation { t { a } }",
    "{ x(n: null, l: null) }",
)

WRONG = (
    "type X { a: Int }",
    "query A { t { a } } query A { t { a } }",
    "{ t { a } } query B { t { a } }",
    "subscription { t { a } s { a } }",
    "{ ... on X { a } }",
    "{ ... on In { a } }",
    "query ($v: T) { x(n: $v) }",
    "{ t }",
    "{ t { a { b } } }",
    "{ t { nope } }",
    "{ t { a } } fragment F on T { a } fragment F on T { t { a } }",
    "{ t { ...Nope } }",
    "{ t { a } } fragment F on T { a }",
    "{ t { ... on S { a } } }",
    "{ t { ...F } } fragment F on T { t { ...F } }",
    "query ($v: Int, $v: Int) { x(n: $v) }",
    "{ x(n: $v) }",
    "query ($v: Int) { t { a } }",
    "{ t { a @nope } }",
    "query @skip(if: true) { t { a } }",
    "{ t { a @skip(if: true) @skip(if: true) } }",
    "{ t { ... @defer(label: $v) { a } } }",
    "query ($v: String) { t { ... @defer(label: $v) { a } } }",
    "mutation { ... @defer { t { a } } }",
    "subscription { t { ... @defer { a } } }",
    '{ t { ... @defer(label: "x") { a } ... @defer(label: "x") { a } } }',
    "{ t { a @typed(b: 1) } }",
    "{ x(nope: 1) }",
    "{ x(n: 1, n: 1) }",
    '{ x(n: "1") }',
    "{ x(in: {}) }",
    "{ x(one: {a: 1, b: 2}) }",
    "{ t { b } }",
    "{ t { a @typed } }",
    "query ($v: String) { x(n: $v) }",
    "query ($v: Int) { x(in: {must: $v}) }",
    "query ($v: Int) { ...F } fragment F on Query { x(l: [$v]) }",
    "{ t { a: b(must: 1) a } }",
    "{ t { b(must: 1) b(must: 2) } }",
    "{ u { ... on T { b(must: 1) } ... on S { b } } }",
    "{ x(in: {must: 1, must: 1}) }",
    "{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }",
)


class _Lifting(Visitor):
    def enter_int_value(self, *_: object) -> VariableNode:
        return VariableNode(name=NameNode(value="v"))


def errors(document: str, rules: Sequence[type[ASTValidationRule]] = RULES) -> list[GraphQLError]:
    return validate(SCHEMA, parse(document), rules)


@pytest.mark.parametrize("document", VALID)
def test_a_valid_document_is_accepted(document: str) -> None:
    assert errors(document) == []
    assert is_accepted(SCHEMA, parse(document))
    assert is_accepted(SCHEMA, parse(document, no_location=True))


@pytest.mark.parametrize("document", WRONG)
def test_a_wrong_document_gets_the_errors_of_graphql_core(document: str) -> None:
    with pytest.raises(OperationError) as caught:
        validate_operations(SCHEMA, parse(document))
    expected = errors(document)
    assert [error.formatted for error in caught.value.errors] == [error.formatted for error in expected] != []


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule is not KnownOperationTypesRule])
def test_every_rule_is_asked(rule: type[ASTValidationRule]) -> None:
    found = [document for document in WRONG if errors(document, [rule])]
    assert found
    assert not any(is_accepted(SCHEMA, parse(document)) for document in found)


def test_an_operation_of_a_kind_that_the_schema_does_not_have_is_refused() -> None:
    schema = build_schema("type Query { a: Int }")
    assert validate(schema, parse("mutation { a }"), [KnownOperationTypesRule])
    assert not is_accepted(schema, parse("mutation { a }"))


def test_fragments_that_may_nest_too_deeply_are_left_to_graphql_core() -> None:
    chain = "".join(f"fragment F{n} on T {{ t {{ t {{ ...F{n + 1} }} }} }} " for n in range(70))
    document = parse("{ t { ...F0 } } " + chain + "fragment F70 on T { a }")
    assert not is_accepted(SCHEMA, document)
    with pytest.raises(OperationError):
        validate_operations(SCHEMA, document)


def test_variables_that_were_put_into_a_document_are_found() -> None:
    """Its fields are still where they were in a text without dollar signs."""
    document = parse("query ($v: Int!) { t { b(must: 1) } }")
    (operation,) = document.definitions
    changed = visit(operation, _Lifting())
    assert not is_accepted(SCHEMA, document)  # the variable is not used
    assert is_accepted(SCHEMA, DocumentNode(definitions=(changed,)))


@pytest.mark.parametrize("seed", range(5))
def test_random_documents_are_accepted_exactly_if_graphql_core_finds_nothing(seed: int) -> None:
    rng = Random(seed)  # noqa: S311 - seeded, to be reproducible
    schema = build_world(random_subgraphs(seed)).api
    accepted = refused = 0
    for _ in range(80):
        document = _damaged(rng, random_operation(rng, schema).text)
        try:
            node = parse(document)
        except GraphQLError:
            continue
        found = validate(schema, node, RULES)
        assert is_accepted(schema, node) == (not found), document
        assert is_accepted(schema, parse(document, no_location=True)) == (not found), document
        accepted += not found
        refused += bool(found)
    assert accepted
    assert refused


def _damaged(rng: Random, document: str) -> str:
    """The document, most often with a word of it left out, repeated, or put in the place of another."""
    words = document.split(" ")
    for _ in range(rng.choice((0, 1, 1, 2))):
        index = rng.randrange(len(words))
        words[index] = rng.choice((rng.choice(words), "", f"{words[index]} {words[index]}", words[index]))
    return " ".join(words)


# --- documents that graphql-core gives up on ------------------------------------------------------------------------


def members(count: int, levels: int) -> str:
    below = f"u {{ {members(count, levels - 1)} }}" if levels else ""
    return " ".join(f"... on T{index} {{ b c {below} }}" for index in range(count))


def test_a_union_of_ten_types_three_deep_is_valid() -> None:
    names = [f"T{index}" for index in range(10)]
    types = " ".join(f"type {name} {{ b: Int c: Int u: U }}" for name in names)
    schema = build_schema(f"type Query {{ u: U }} union U = {' | '.join(names)} {types}")
    document = parse(f"{{ u {{ {members(10, 2)} }} }}")
    assert [error.message for error in validate(schema, document, RULES)] == ["Validation aborted."]
    validate_operations(schema, document)


@pytest.mark.parametrize(
    "conflict",
    [
        " ".join(f"x: b(must: {index})" for index in range(1_000)),
        "t { t { t { a } } } " * 200 + "t { t { t { a: b(must: 1) } } }",
    ],
)
def test_a_conflict_in_a_document_that_is_too_large_to_compare_any_two_fields_is_told(conflict: str) -> None:
    with pytest.raises(OperationError, match="conflict: they differ") as caught:
        validate_operations(SCHEMA, parse(f"{{ t {{ {conflict} }} }}"))
    assert caught.value.code == "GRAPHQL_VALIDATION_FAILED"
    assert len(caught.value.errors[0].locations or ()) == 2


def test_what_else_is_wrong_is_told_where_graphql_core_gives_up_on_conflicts() -> None:
    repeated = " ".join(f"x: b(must: {index})" for index in range(1_000))
    with pytest.raises(OperationError, match="Cannot query field 'nope'") as caught:
        validate_operations(SCHEMA, parse(f"{{ t {{ {repeated} }} i {{ nope }} }}"))
    assert len(caught.value.errors) == 1


def test_a_document_without_places_that_graphql_core_gives_up_on_is_valid() -> None:
    repeated = "t { t { t { b(must: 1) } } } " * 300
    document = parse(f"{{ t {{ {repeated} }} }}", no_location=True)
    validate_operations(SCHEMA, document)


def test_hundreds_of_selection_sets_beside_fragments_are_valid() -> None:
    sets = " ".join(f"a{index}: t {{ ...F }}" for index in range(300))
    assert is_accepted(SCHEMA, parse(f"{{ {sets} }} fragment F on T {{ a }}"))


def different_on_every_way(levels: int) -> str:
    """What was added on the way to a place, type by type, is another set on each of 2^levels ways."""
    parts = [f"fragment L{levels} on I {{ a }}"]
    for level in range(levels):
        added = f"... on T {{ i {{ ...M{level}_{level + 1} }} }} ... on S {{ i {{ a }} }}"
        parts.append(f"fragment L{level} on I {{ i {{ ...L{level + 1} }} {added} }}")
        parts += [
            f"fragment M{level}_{below} on I {{ i {{ ...M{level}_{below + 1} }} }}"
            for below in range(level + 1, levels)
        ]
        parts.append(f"fragment M{level}_{levels} on I {{ a }}")
    return "{ i { ...L0 } } " + " ".join(parts)


def test_what_takes_too_much_to_validate_is_refused_as_too_complex() -> None:
    schema = build_schema(
        """
        type Query { i: I }
        interface I { a: Int i: I }
        type T implements I { a: Int i: I }
        type S implements I { a: Int i: I }
        """
    )
    validate_operations(schema, parse(different_on_every_way(4)))
    with pytest.raises(OperationError) as caught:
        validate_operations(schema, parse(different_on_every_way(18)))
    assert caught.value.code == "QUERY_PLAN_COMPLEXITY_EXCEEDED"
