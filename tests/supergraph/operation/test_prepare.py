"""From a document to an operation, and how every other document is refused."""

import pytest

from supergraph import Operation, prepare, read_supergraph
from supergraph.errors import OperationError
from supergraph.operation.model import Field, VariableDefinition
from tests.supergraph_documents import hiding_sdl, supergraph_sdl

GRAPH = read_supergraph(
    hiding_sdl(
        "type Query @join__type(graph: A) { x(a: Int, s: [String]): Int q: Query i: I secret: Int @inaccessible } "
        "type Mutation @join__type(graph: A) { m: Int } "
        "interface I @join__type(graph: A) { id: ID } "
        "type V implements I @join__type(graph: A) { id: ID } "
        "type H implements I @join__type(graph: A) @inaccessible { id: ID }"
    ).replace("{ query: Query }", "{ query: Query mutation: Mutation }")
)


def refusal(document: str, operation_name: str | None = None, **limits: int) -> OperationError:
    with pytest.raises(OperationError) as caught:
        prepare(GRAPH, document, operation_name, **limits)
    return caught.value


def chain(length: int, body: str, last: str) -> str:
    """Fragments F0, F1, … where each one's ``body`` may spread the next as ``%s``."""
    fragments = (f"fragment F{n} on Query {{ {body.replace('%s', f'...F{n + 1}')} }}" for n in range(length))
    return " ".join((*fragments, f"fragment F{length} on Query {{ {last} }}"))


def test_an_operation_has_kind_name_and_variables() -> None:
    operation = prepare(GRAPH, "mutation Go { m @skip(if: true) ...F } fragment F on Mutation { __typename }")
    assert (operation.kind, operation.name) == ("mutation", "Go")
    assert set(operation.fragments) == {"F"}
    assert operation.definition.name is not None


def test_variables_are_kept_as_declared() -> None:
    operation = prepare(GRAPH, 'query ($a: Int = 1, $s: [String] = ["x"]) { x(a: $a, s: $s) }')
    assert operation.variables == (
        VariableDefinition("a", "Int", "1"),
        VariableDefinition("s", "[String]", '["x"]'),
    )
    assert operation.text == 'query($a: Int = 1, $s: [String] = ["x"]) { x(a: $a, s: $s) }'


def test_the_operation_is_chosen_by_name() -> None:
    document = "query A { x } query B { q { x } }"
    assert prepare(GRAPH, document, "B").text == "query { q { x } }"


@pytest.mark.parametrize("name", ["", None])
def test_the_only_operation_needs_no_name(name: str | None) -> None:
    assert prepare(GRAPH, "query A { x }", name).name == "A"


@pytest.mark.parametrize(
    ("document", "name"),
    [
        ("query A { x } query B { x }", None),
        ("query A { x }", "B"),
        ("{ x }", "B"),
        ("fragment F on Query { x }", None),
        ("type T { x: Int }", None),
    ],
)
def test_an_unknown_operation_is_refused(document: str, name: str | None) -> None:
    assert refusal(document, name).code == "GRAPHQL_UNKNOWN_OPERATION_NAME"


def test_a_syntax_error_has_a_location() -> None:
    error = refusal("{ x(")
    assert error.code == "GRAPHQL_PARSE_FAILED"
    assert error.errors[0].locations is not None


def test_every_validation_error_is_told() -> None:
    error = refusal("{ y z { a } }")
    assert error.code == "GRAPHQL_VALIDATION_FAILED"
    assert len(error.errors) == 2


@pytest.mark.parametrize(
    "document", ["{ x } type T { x: Int }", "{ secret }", "{ i { ... on H { id } } }", "subscription { x }"]
)
def test_only_the_api_schema_can_be_asked_for(document: str) -> None:
    assert refusal(document).code == "GRAPHQL_VALIDATION_FAILED"


def test_hidden_types_do_not_occur() -> None:
    document = "{ i { ... on I { ... on V { id } ... { __typename } } } }"
    assert prepare(GRAPH, document).text == "query { i { ... on V { id } __typename } }"


def test_defer_is_validated_and_taken_out() -> None:
    assert prepare(GRAPH, "query ($d: Boolean) { ... @defer(if: $d) { x } }").text == "query($d: Boolean) { x }"
    assert refusal("{ ... @defer(unknown: 1) { x } }").code == "GRAPHQL_VALIDATION_FAILED"


def test_a_directive_of_the_subgraphs_is_passed_on_even_if_it_is_called_stream() -> None:
    graph = read_supergraph(supergraph_sdl("directive @stream on FIELD type Query @join__type(graph: A) { x: Int }"))
    (field,) = prepare(graph, "{ x @stream }").selection.units
    assert isinstance(field, Field)
    assert field.directives == "@stream"
    assert graph.api_schema.get_directive("stream") is None


def test_stream_is_unknown_where_no_subgraph_declares_it() -> None:
    assert refusal("{ x @stream }").code == "GRAPHQL_VALIDATION_FAILED"


class TestText:
    """Equal texts are answered by equal plans."""

    def text(self, document: str) -> str:
        return prepare(GRAPH, document).text

    def test_layout_fragments_and_argument_order_do_not_matter(self) -> None:
        one = self.text('{ q { x(a: 1, s: ["b"]) } }')
        assert (
            self.text(
                'query Name { ...F q { __typename @skip(if: true) } } fragment F on Query { q { x(s: ["b"], a: 1) } }'
            )
            == one
        )

    @pytest.mark.parametrize(
        "other",
        [
            "{ q { y: x } }",
            "{ q { x(a: 1) } }",
            "{ q { x __typename } }",
            "query ($c: Boolean!) { q { x @skip(if: $c) } }",
        ],
    )
    def test_what_is_asked_matters(self, other: str) -> None:
        assert self.text(other) != self.text("{ q { x } }")

    def test_a_hidden_type_name_differs_from_an_asked_one(self) -> None:
        assert self.text("{ q { x @skip(if: true) } }") != self.text("{ q { __typename } }")

    def test_introspection_is_told_apart_by_what_was_written(self) -> None:
        one, two = "{ __schema { types { name } } }", "{ __schema { types { kind } } }"
        assert self.text(one) != self.text(two)

    def test_the_name_changes_the_key_alone(self) -> None:
        one, two = prepare(GRAPH, "query A { x }"), prepare(GRAPH, "query B { x }")
        assert one.text == two.text
        assert one.key != two.key
        assert one.key == prepare(GRAPH, "query A { y: x ...F } fragment F on Query { x }".replace("y: x ", "")).key


class TestLimits:
    """No document takes long, and none ends in anything but an operation or an error with a code."""

    @pytest.mark.parametrize(
        "document",
        [
            "{ q" * 5_000,
            "{ q" * 5_000 + "}" * 5_000,
            "{ x(s: " + "[" * 5_000,
            "{ x(a: " + "{a:" * 5_000,
            "{ " + "q { x } " * 1_300_000 + "}",
            "{ " + "x" * 10_000_000 + " }",
            "#" * 10_000_000 + "\n{ x }",
            "{ " + "x " * 20_000 + "}",
            '"' * 900_000,
            "\0",
            "\ud800",
            "",
        ],
        ids=lambda document: f"{document[:12]!r} of {len(document)}",
    )
    def test_what_is_too_large_is_not_parsed(self, document: str) -> None:
        assert refusal(document).code == "GRAPHQL_PARSE_FAILED"

    def test_the_limits_can_be_set(self) -> None:
        assert refusal("{ x }", max_tokens=2).code == "GRAPHQL_PARSE_FAILED"
        assert refusal("{ q { x } }", max_nesting=1).code == "GRAPHQL_PARSE_FAILED"
        assert refusal("{ x }", max_characters=4).code == "GRAPHQL_PARSE_FAILED"
        assert refusal("{ q { x } }", max_nodes=1).code == "QUERY_PLAN_COMPLEXITY_EXCEEDED"

    @pytest.mark.parametrize("brackets", ['"{{{{"', '"""{{{{ \\""" {{{"""', '"\\"{{{{"'])
    def test_brackets_in_strings_and_comments_do_not_nest(self, brackets: str) -> None:
        document = f"{{ x(s: {brackets}) # {{{{{{\n }}"
        assert prepare(GRAPH, document, max_nesting=2).kind == "query"

    def test_the_deepest_document_is_normalised(self) -> None:
        operation = prepare(GRAPH, "{ q " * 199 + "{ x }" + " }" * 199)
        assert operation.text.count("{") == 200

    @pytest.mark.parametrize(
        ("body", "length"),
        [("%s %s", 40), ("q { %s } p: q { %s }", 40), ("q { %s } p: q { %s }", 14), ("q { %s } p: q { %s }", 16)],
    )
    def test_a_fragment_bomb_is_too_complex(self, body: str, length: int) -> None:
        assert refusal("{ ...F0 } " + chain(length, body, "x")).code == "QUERY_PLAN_COMPLEXITY_EXCEEDED"

    def test_fragments_that_merge_are_no_bomb(self) -> None:
        operation = prepare(GRAPH, "{ ...F0 } " + chain(10, "q { %s } q { %s }", "x"))
        assert operation.text.count("q") == 11

    @pytest.mark.parametrize("length", [300, 1_500])
    def test_a_long_chain_of_fragments_is_refused(self, length: int) -> None:
        assert refusal("{ ...F0 } " + chain(length, "%s", "x")).code == "QUERY_PLAN_COMPLEXITY_EXCEEDED"

    @pytest.mark.parametrize("fragment", ["fragment F0 on Query { ...F0 }", "", chain(1, "...F1 ...F0", "...F0")])
    def test_cycles_and_unknown_fragments_are_for_validation(self, fragment: str) -> None:
        assert refusal("{ ...F0 } " + fragment).code == "GRAPHQL_VALIDATION_FAILED"


def test_an_operation_is_a_value_of_the_public_face() -> None:
    assert isinstance(prepare(GRAPH, "{ x }"), Operation)
