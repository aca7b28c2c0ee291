import pytest

from tests.composing import block, compose_texts, error_codes, fed2

BASE = 'type Query { t: T } type T @key(fields: "k") { k: ID n: Int }'


def test_old_definitions_of_directives_are_accepted() -> None:
    composition = compose_texts(
        a="scalar _FieldSet directive @key(fields: String) on OBJECT directive @external on FIELD_DEFINITION "
        "directive @extends on OBJECT directive @requires(fields: _FieldSet!) on FIELD_DEFINITION " + BASE
    )

    assert composition.errors == ()
    assert composition.sdl is not None
    assert "_FieldSet" not in composition.sdl.replace("join__FieldSet", "")


def test_unknown_arguments_in_old_definitions_are_not() -> None:
    composition = compose_texts(a=f"directive @key(fields: String!, why: Int) on OBJECT {BASE}")

    assert error_codes(composition) == ["DIRECTIVE_DEFINITION_INVALID"]


def test_a_definition_makes_a_federation_2_directive_usable() -> None:
    shareable = "directive @shareable on OBJECT | FIELD_DEFINITION type Query { n: Int @shareable }"

    assert compose_texts(a=shareable, b=shareable).errors == ()


def test_the_definition_must_be_the_right_one() -> None:
    composition = compose_texts(a="directive @override(of: String) on FIELD_DEFINITION " + BASE)

    assert error_codes(composition) == ["DIRECTIVE_DEFINITION_INVALID"]


def test_without_it_the_message_explains_the_link() -> None:
    composition = compose_texts(a="type Query { n: Int @shareable }")

    assert error_codes(composition) == ["INVALID_GRAPHQL"]
    assert "https://specs.apollo.dev/federation" in composition.errors[0].message


def test_another_feature_may_be_linked() -> None:
    composition = compose_texts(a=BASE + ' extend schema @link(url: "https://me.dev/mine/v1.0")')

    assert composition.errors == ()


def test_but_none_that_has_a_name_of_federations() -> None:
    composition = compose_texts(a=BASE + ' extend schema @link(url: "https://specs.apollo.dev/tag/v0.3")')

    assert error_codes(composition) == ["INVALID_LINK_DIRECTIVE_USAGE"]


def test_an_extension_without_key_takes_the_keys_of_others() -> None:
    composition = compose_texts(satisfiability=False, a=BASE, b="extend type T { k: ID @external m: Int }")

    assert "k: ID\n" in block(composition, "T")


def test_unused_external_fields_are_dropped() -> None:
    composition = compose_texts(a=BASE, b='extend type T @key(fields: "k") { k: ID @external n: Int @external m: Int }')

    assert "n: Int @join__field(graph: A)\n" in block(composition, "T")


def test_a_type_of_which_nothing_is_left_is_dropped() -> None:
    composition = compose_texts(a=BASE, b="extend type T { n: Int @external } type Query { m: Int }")

    assert "graph: B" not in block(composition, "T")


def test_keys_and_requirements_on_interfaces_mean_nothing() -> None:
    composition = compose_texts(
        a=BASE + ' interface I @key(fields: "k") { k: ID @external m: Int @requires(fields: "k") t: T '
        '@provides(fields: "n") }'
    )

    assert "key:" not in block(composition, "I")


def test_provides_on_a_leaf_means_nothing() -> None:
    composition = compose_texts(a='type Query { n: Int @provides(fields: "x") }')

    assert "provides" not in block(composition, "Query")


def test_nested_local_fields_are_pruned() -> None:
    composition = compose_texts(
        a='type Query { t: T } type T @key(fields: "k") { k: ID u: U } type U { x: Int y: Int } ',
        b='extend type T @key(fields: "k") { k: ID @external u: U m: Int @requires(fields: "k u { x y }") } '
        "type U { x: Int @external y: Int }",
    )

    assert 'm: Int @join__field(graph: B, requires: "u { x }")' in block(composition, "T")


def test_a_requirement_of_local_fields_alone_is_dropped() -> None:
    composition = compose_texts(
        a=BASE, b='extend type T @key(fields: "k") { k: ID @external o: Int m: Int @requires(fields: "k o") }'
    )

    assert "requires" not in block(composition, "T")


def test_a_tag_on_an_external_field_may_repeat_that_of_its_owner() -> None:
    def tagged(name: str) -> list[str]:
        return error_codes(
            compose_texts(
                a='type Query { t: T } type T @key(fields: "k") { k: ID n: Int @tag(name: "x") }',
                b='extend type T @key(fields: "k") { k: ID @external n: Int @external '
                f'@tag(name: "{name}") m: Int @requires(fields: "n") }}',
            )
        )

    assert tagged("x") == []
    assert tagged("y") == ["MERGED_DIRECTIVE_APPLICATION_ON_EXTERNAL"]


def test_root_fields_that_several_subgraphs_have_become_shareable() -> None:
    assert compose_texts(a="type Query { n: Int }", b="extend type Query { n: Int }").errors == ()


def test_a_federation_2_neighbour_still_has_to_say_it() -> None:
    composition = compose_texts(a="type Query { n: Int }", b=fed2("type Query { n: Int }"))

    assert error_codes(composition) == ["INVALID_FIELD_SHARING"]


@pytest.mark.parametrize("extension", ["extend type T", "type T @extends"])
def test_an_extension_counts_as_a_definition_afterwards(extension: str) -> None:
    composition = compose_texts(a=BASE, b=extension + ' @key(fields: "k") { k: ID @external m: Int }')

    assert '@join__type(graph: B, key: "k")\n' in block(composition, "T")
