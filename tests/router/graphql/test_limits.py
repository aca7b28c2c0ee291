"""Limits on operations."""

import pytest
from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    NameNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    get_introspection_query,
    parse,
)

from router.config.policies import ModeSection
from router.config.security import LimitsConfig
from router.errors import ClientError
from router.graphql.aliases import most_aliases_of_a_field
from router.graphql.height import height
from router.graphql.limits import Fragments, decide_limits, exceeded_limits
from router.policy.modes import EVERYTHING_ENFORCES, Modes
from tests.requests_in import request_in

NO_LIMITS: dict[str, object] = {
    "max_depth": None,
    "max_height": None,
    "max_aliases": None,
    "max_root_fields": None,
    "max_directives": None,
    "max_introspection_lists": None,
    "max_aliases_per_field": None,
}


def refuse_beyond(operation: OperationDefinitionNode, fragments: Fragments, limits: LimitsConfig) -> None:
    """Raise what a request is refused with where limits are enforced."""
    decide_limits(exceeded_limits(operation, fragments, limits), request_in(), EVERYTHING_ENFORCES)


def check(document: str, **limits: object) -> str | None:
    """The code of the refusal under these limits alone."""
    operation, fragments = split(document)
    try:
        refuse_beyond(operation, fragments, LimitsConfig.model_validate({**NO_LIMITS, **limits}))
    except ClientError as error:
        return error.code
    return None


def split(document: str) -> tuple[OperationDefinitionNode, dict[str, FragmentDefinitionNode]]:
    definitions = parse(document, no_location=True).definitions
    operation = next(each for each in definitions if isinstance(each, OperationDefinitionNode))
    fragments = {each.name.value: each for each in definitions if isinstance(each, FragmentDefinitionNode)}
    return operation, fragments


def measure_height(document: str) -> int:
    return height(*split(document), at_most=10**6)


FRAGMENTS_IN_FRAGMENTS = """
    { book { ...Details } }
    fragment Details on Book { details { ... on ProductDetails { ...Place } } }
    fragment Place on ProductDetails { country { name } }
"""


@pytest.mark.parametrize(
    ("document", "depth"),
    [
        ("{ me }", 1),
        ("{ a { b { c } } x }", 3),
        ("{ a { ... { b } ... on T { c { d } } } }", 3),
        (FRAGMENTS_IN_FRAGMENTS, 4),
        ("{ a { __typename } }", 1),
        ("{ ...F } fragment G on Q { a { b } } fragment F on Q { x { ...G } }", 3),
        ("{ ...A } fragment C on Q { c { d } } fragment A on Q { ...C ...B } fragment B on Q { b { ...C } }", 3),
    ],
)
def test_depth_is_the_longest_chain_of_fields(document: str, depth: int) -> None:
    assert check(document, max_depth=depth) is None
    assert depth == 1 or check(document, max_depth=depth - 1) == "MAX_DEPTH_LIMIT"


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ("{ user { id name } }", 3),
        ("{ user { id name username: name handle: name } }", 3),
        ("{ a: user { id } b: user { name } }", 3),
        ("{ user { id ...F } } fragment F on User { id name }", 3),
        ("{ user { ...F } ...G } fragment F on User { id } fragment G on Query { user { ...F name } }", 3),
        ("{ x { ...F } y { ...F } } fragment F on T { a { b } }", 6),
        ("{ x { ...F } y { ...F a { c } } } fragment F on T { a { b } a { d } }", 9),
        ("{ __schema { types { name } } me { __typename id } }", 2),
    ],
)
def test_height_counts_different_fields(document: str, expected: int) -> None:
    assert measure_height(document) == expected
    assert check(document, max_height=expected) is None
    assert check(document, max_height=expected - 1) == "MAX_HEIGHT_LIMIT"


@pytest.mark.parametrize(
    ("document", "aliases"),
    [
        ("{ user { nickname: name username: name handle: name } }", 3),
        ("{ x: a { ...F } y: a { ...F } } fragment F on T { z: b }", 4),
        ("{ x: a { ... @include(if: true) { z: b } } }", 2),
    ],
)
def test_aliases_are_counted_each_time(document: str, aliases: int) -> None:
    assert check(document, max_aliases=aliases) is None
    assert check(document, max_aliases=aliases - 1) == "MAX_ALIASES_LIMIT"


@pytest.mark.parametrize(
    ("document", "root_fields"),
    [
        ("{ a: me b: me c }", 3),
        ("{ a a { b c d } }", 1),
        ("{ a ...F ...F ... { c } } fragment F on Query { a b }", 3),
    ],
)
def test_root_fields_are_different_response_keys(document: str, root_fields: int) -> None:
    assert check(document, max_root_fields=root_fields) is None
    assert root_fields == 1 or check(document, max_root_fields=root_fields - 1) == "MAX_ROOT_FIELDS_LIMIT"


@pytest.mark.parametrize(
    ("document", "directives"),
    [
        ("query @a { b @c ... @d { e } }", 3),
        ("{ x { ...F } y { ...F @a } } fragment F on T { b @c @c }", 5),
    ],
)
def test_directives_are_counted_wherever_they_stand(document: str, directives: int) -> None:
    assert check(document, max_directives=directives) is None
    assert check(document, max_directives=directives - 1) == "MAX_DIRECTIVES_LIMIT"


def test_the_usual_introspection_passes_the_default_limits() -> None:
    operation, fragments = split(get_introspection_query(input_value_deprecation=True, specified_by_url=True))
    refuse_beyond(operation, fragments, LimitsConfig())


@pytest.mark.parametrize(
    "document",
    [
        "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }",
        '{ __type(name: "A") { interfaces { possibleTypes { ...F } } } } fragment F on __Type { inputFields { name } }',
        "{ ...Q } fragment Q on Query { __schema { types { ...F } } } "
        "fragment F on __Type { fields { type { ...G } } } fragment G on __Type { fields { fields { name } } }",
    ],
)
def test_introspection_has_its_own_depth(document: str) -> None:
    assert check(document, max_introspection_lists=2) == "MAX_INTROSPECTION_DEPTH_LIMIT"
    assert check(document, max_introspection_lists=3, max_depth=1) is None


def test_fields_with_the_names_of_introspection_lists_are_ordinary_elsewhere() -> None:
    document = "{ farm { fields { fields { fields { ...F } } } } } fragment F on Field { fields { id } }"
    assert check(document, max_introspection_lists=1) is None


def test_a_refusal_names_the_limit() -> None:
    operation, fragments = split("{ a { b } }")
    with pytest.raises(ClientError, match=r"limits\.max_depth, which is 1"):
        refuse_beyond(operation, fragments, LimitsConfig(max_depth=1))


def test_warn_only_logs_every_limit_and_refuses_nothing(caplog: pytest.LogCaptureFixture) -> None:
    operation, fragments = split("{ x: a { b } y: a }")
    refuse_beyond(operation, fragments, LimitsConfig(max_depth=1, max_aliases=1, warn_only=True))
    assert [getattr(record, "limit", None) for record in caplog.records] == ["max_depth", "max_aliases"]


def bomb(levels: int, below: str) -> str:
    """Fragments that each spread the next one twice: 2**levels times ``below``, written out."""
    chain = " ".join(
        f"fragment F{level} on T {{ a {{ ...F{level + 1} }} b {{ ...F{level + 1} }} }}" for level in range(levels)
    )
    return f"{{ ...F0 }} {chain} fragment F{levels} on T {{ {below} }}"


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        ({"max_aliases": 2**1000 - 1}, "MAX_ALIASES_LIMIT"),
        ({"max_height": 200}, "MAX_HEIGHT_LIMIT"),
        ({"max_directives": 50}, "MAX_DIRECTIVES_LIMIT"),
        ({"max_depth": 1000}, "MAX_DEPTH_LIMIT"),
    ],
)
def test_a_fragment_bomb_is_measured_without_expanding_it(limits: dict[str, object], code: str) -> None:
    assert check(bomb(1000, "x: c @d"), **limits) == code


def test_an_exact_height_of_an_expanded_bomb() -> None:
    assert measure_height(bomb(10, "x: c")) == sum(2**level for level in range(1, 11)) + 2**10


@pytest.mark.parametrize(
    "document",
    [
        "{ ...F } fragment F on T { a ...F }",
        "{ ...F } fragment F on T { a ...G } fragment G on T { b ...F }",
        "{ a ...Unknown }",
    ],
)
def test_invalid_documents_are_measured_all_the_same(document: str) -> None:
    assert check(document, max_depth=2, max_height=2, max_aliases=0, max_root_fields=2) is None


def test_a_cycle_of_fragments_through_fields_ends_at_the_limit() -> None:
    assert check("{ ...F } fragment F on T { a { ...F } }", max_height=100) == "MAX_HEIGHT_LIMIT"


def test_nesting_deeper_than_the_stack_is_refused_not_crashed() -> None:
    levels = 20_000
    selection_set = None
    for _ in range(levels):
        selection_set = SelectionSetNode(selections=(FieldNode(name=NameNode(value="a"), selection_set=selection_set),))
    assert selection_set is not None
    operation = OperationDefinitionNode(operation=OperationType.QUERY, selection_set=selection_set)
    with pytest.raises(ClientError) as refused:
        refuse_beyond(operation, {}, LimitsConfig())
    assert refused.value.code == "MAX_DEPTH_LIMIT"
    assert height(operation, {}, at_most=levels * 2) == levels


def test_a_long_chain_of_fragments_is_measured_without_recursion() -> None:
    chain = " ".join(f"fragment F{level} on T {{ f{level} ...F{level + 1} }}" for level in range(5000))
    document = f"{{ ...F0 }} {chain} fragment F5000 on T {{ end }}"
    assert check(document, max_root_fields=5000) == "MAX_ROOT_FIELDS_LIMIT"
    assert check(document, max_height=200) == "MAX_HEIGHT_LIMIT"
    assert check(document, max_depth=1) is None


@pytest.mark.parametrize(
    ("document", "number"),
    [
        ("{ a: login b: login c: logout }", 2),
        ("{ login a: login }", 1),
        ("{ me { a: name } you { b: name } }", 2),
        ("{ ...F ... on Query { ...F } } fragment F on Query { a: login }", 2),
        ("{ ...F } fragment F on Query { ...G ...H } fragment G on Query { ...H } fragment H on Query { a: x }", 2),
    ],
)
def test_aliases_of_one_field_count_wherever_they_stand(document: str, number: int) -> None:
    assert check(document, max_aliases_per_field=number) is None
    assert check(document, max_aliases_per_field=number - 1) == "MAX_ALIASES_LIMIT"


def test_aliases_in_a_fragment_bomb_are_counted_without_expanding_it() -> None:
    operation, fragments = split(bomb(1000, "x: c"))
    assert most_aliases_of_a_field(operation, fragments) == 2**1000


@pytest.mark.parametrize("document", ["{ ...F } fragment F on T { a: b ...F }", "{ a: b ...Unknown }"])
def test_aliases_in_invalid_documents_are_counted_all_the_same(document: str) -> None:
    operation, fragments = split(document)
    assert most_aliases_of_a_field(operation, fragments) >= 1


def test_a_single_limit_may_only_warn(caplog: pytest.LogCaptureFixture) -> None:
    assert check("{ x: a { b } }", max_aliases=0, warn_only=["max_aliases"]) is None
    assert check("{ x: a { b } }", max_aliases=0, max_depth=1, warn_only=["max_aliases"]) == "MAX_DEPTH_LIMIT"
    assert "operation exceeds a limit" in caplog.messages


def test_limits_that_only_warn_are_counted() -> None:
    operation, fragments = split("{ x: a }")
    counted: list[str] = []
    modes = Modes({}, on_would_reject=lambda policy, *_: counted.append(policy))
    limits = LimitsConfig(max_aliases=0, warn_only=True)
    decide_limits(exceeded_limits(operation, fragments, limits), request_in(), modes)
    assert counted == ["limits"]


def test_limits_that_are_off_do_not_even_warn(caplog: pytest.LogCaptureFixture) -> None:
    operation, fragments = split("{ x: a }")
    modes = Modes({"limits": ModeSection(mode="off")}, on_would_reject=lambda *_: None)
    limits = LimitsConfig(max_aliases=0, warn_only=True)
    decide_limits(exceeded_limits(operation, fragments, limits), request_in(), modes)
    assert caplog.messages == []
