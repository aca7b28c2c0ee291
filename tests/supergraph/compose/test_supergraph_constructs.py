from textwrap import dedent

import pytest

from tests.composing import block, compose_all, compose_fed2, compose_texts, fed2

HEAD = 'type Query { t: T } type T @key(fields: "k") '

CONSTRUCTS = [
    (
        "a field that one subgraph lacks names those that have it",
        {"a": HEAD + "{ k: ID }", "b": 'type T @key(fields: "k") { k: ID n: Int }'},
        "T",
        """
        type T
          @join__type(graph: A, key: "k")
          @join__type(graph: B, key: "k")
        {
          k: ID
          n: Int @join__field(graph: B)
        }
        """,
    ),
    (
        "an external field is marked and the requirement kept as written",
        {
            "a": HEAD + "{ k: ID n: Int }",
            "b": 'type T @key(fields: "k") { k: ID n: Int @external m: Int @requires(fields: " n ") }',
        },
        "T",
        """
        type T
          @join__type(graph: A, key: "k")
          @join__type(graph: B, key: "k")
        {
          k: ID
          n: Int @join__field(graph: A) @join__field(graph: B, external: true)
          m: Int @join__field(graph: B, requires: " n ")
        }
        """,
    ),
    (
        "provides is kept as written",
        {
            "a": 'type Query { t: T @provides(fields: "n") } type T @key(fields: "k") { k: ID n: Int @external }',
            "b": 'type T @key(fields: "k") { k: ID n: Int @shareable }',
        },
        "Query",
        """
        type Query
          @join__type(graph: A)
          @join__type(graph: B)
        {
          t: T @join__field(graph: A, provides: "n")
        }
        """,
    ),
    (
        "differing types are kept next to the merged one",
        {"a": "type Query { n: [Int!]! @shareable }", "b": "type Query { n: [Int] @shareable }"},
        "Query",
        """
        type Query
          @join__type(graph: A)
          @join__type(graph: B)
        {
          n: [Int] @join__field(graph: A, type: "[Int!]!") @join__field(graph: B, type: "[Int]")
        }
        """,
    ),
    (
        "several keys, one of them not resolvable",
        {"a": 'type Query { t: T } type T @key(fields: "k") @key(fields: "m", resolvable: false) { k: ID m: ID }'},
        "T",
        """
        type T
          @join__type(graph: A, key: "k")
          @join__type(graph: A, key: "m", resolvable: false)
        {
          k: ID
          m: ID
        }
        """,
    ),
    (
        "a key on an extension",
        {"a": HEAD + "{ k: ID }", "b": 'extend type T @key(fields: "k") { k: ID @external n: Int }'},
        "T",
        """
        type T
          @join__type(graph: A, key: "k")
          @join__type(graph: B, key: "k", extension: true)
        {
          k: ID
          n: Int @join__field(graph: B)
        }
        """,
    ),
    (
        "an override drops the old field",
        {"a": HEAD + '{ k: ID n: Int @override(from: "b") }', "b": 'type T @key(fields: "k") { k: ID n: Int }'},
        "T",
        """
        type T
          @join__type(graph: A, key: "k")
          @join__type(graph: B, key: "k")
        {
          k: ID
          n: Int @join__field(graph: A, override: "b")
        }
        """,
    ),
    (
        "an overridden field that its subgraph still needs",
        {
            "a": HEAD + '{ k: ID n: Int @override(from: "b") }',
            "b": 'interface I { n: Int } type T implements I @key(fields: "k") { k: ID n: Int }',
        },
        "T",
        """
        type T implements I
          @join__implements(graph: B, interface: "I")
          @join__type(graph: A, key: "k")
          @join__type(graph: B, key: "k")
        {
          k: ID
          n: Int @join__field(graph: A, override: "b") @join__field(graph: B, usedOverridden: true)
        }
        """,
    ),
    (
        "a labelled override keeps both",
        {
            "a": HEAD + '{ k: ID n: Int @override(from: "b", label: "percent(5)") }',
            "b": 'type T @key(fields: "k") { k: ID n: Int }',
        },
        "T",
        """
        type T
          @join__type(graph: A, key: "k")
          @join__type(graph: B, key: "k")
        {
          k: ID
          n: Int @join__field(graph: A, override: "b", overrideLabel: "percent(5)") \
@join__field(graph: B, overrideLabel: "percent(5)")
        }
        """,
    ),
    (
        "an interface object is merged into the interface",
        {
            "a": 'type Query { i: I } interface I @key(fields: "k") { k: ID! } '
            'type T implements I @key(fields: "k") { k: ID! }',
            "b": 'type I @interfaceObject @key(fields: "k") { k: ID! n: Int }',
        },
        "I",
        """
        interface I
          @join__type(graph: A, key: "k")
          @join__type(graph: B, key: "k", isInterfaceObject: true)
        {
          k: ID!
          n: Int @join__field(graph: B)
        }
        """,
    ),
    (
        "an implementation gets the fields of the interface object",
        {
            "a": 'type Query { i: I } interface I @key(fields: "k") { k: ID! } '
            'type T implements I @key(fields: "k") { k: ID! }',
            "b": 'type I @interfaceObject @key(fields: "k") { k: ID! n: Int }',
        },
        "T",
        """
        type T implements I
          @join__implements(graph: A, interface: "I")
          @join__type(graph: A, key: "k")
        {
          k: ID!
          n: Int @join__field
        }
        """,
    ),
    (
        "a contextual argument becomes a recipe",
        {
            "a": 'type Query { o: O } type O @context(name: "here") { n: Int! t: T } '
            'type T @key(fields: "k") { k: ID f(x: Int @fromContext(field: "$here { n }")): Int }'
        },
        "T",
        """
        type T
          @join__type(graph: A, key: "k")
        {
          k: ID
          f: Int @join__field(graph: A, contextArguments: \
[{context: "a__here", name: "x", type: "Int", selection: " { n }"}])
        }
        """,
    ),
    (
        "a context carries the name of its subgraph",
        {"a": 'type Query { o: O } type O @context(name: "here") { n: Int! }'},
        "O",
        """
        type O
          @join__type(graph: A)
          @context(name: "a__here")
        {
          n: Int!
        }
        """,
    ),
    (
        "a union has all members, with their sources",
        {
            "a": "type Query { u: U } union U = X type X @shareable { n: Int }",
            "b": "type Query { v: U } union U = Y type Y @shareable { n: Int }",
        },
        "U",
        """
        union U
          @join__type(graph: A)
          @join__type(graph: B)
          @join__unionMember(graph: A, member: "X")
          @join__unionMember(graph: B, member: "Y")
         = X | Y
        """,
    ),
    (
        "an output enum has all values, with their sources",
        {"a": "type Query { e: E } enum E { X Y }", "b": "type Query { f: E } enum E { Y }"},
        "E",
        """
        enum E
          @join__type(graph: A)
          @join__type(graph: B)
        {
          X @join__enumValue(graph: A)
          Y @join__enumValue(graph: A) @join__enumValue(graph: B)
        }
        """,
    ),
    (
        "an input has the common fields, with their own types",
        {
            "a": "type Query { x(i: I): Int } input I { n: Int! m: Int }",
            "b": "type Query { y(i: I): Int } input I { n: Int }",
        },
        "I",
        """
        input I
          @join__type(graph: A)
          @join__type(graph: B)
        {
          n: Int! @join__field(graph: A, type: "Int!") @join__field(graph: B, type: "Int")
        }
        """,
    ),
    (
        "an input value that is hidden somewhere need not be everywhere",
        {
            "a": "type Query { x(i: I): Int } input I { n: Int m: Int @inaccessible }",
            "b": "type Query { y(i: I): Int } input I { n: Int }",
        },
        "I",
        """
        input I
          @join__type(graph: A)
          @join__type(graph: B)
        {
          n: Int
          m: Int @inaccessible @join__field(graph: A)
        }
        """,
    ),
    (
        "costs and list sizes are merged",
        {
            "a": "type Query { l(f: Int): [Int] @shareable "
            '@listSize(assumedSize: 2, slicingArguments: ["f"]) @cost(weight: 3) }',
            "b": "type Query { l(f: Int): [Int] @shareable "
            "@listSize(assumedSize: 9, requireOneSlicingArgument: false) @cost(weight: 1) }",
        },
        "Query",
        """
        type Query
          @join__type(graph: A)
          @join__type(graph: B)
        {
          l(f: Int): [Int] \
@listSize(assumedSize: 9, slicingArguments: ["f"], requireOneSlicingArgument: false) @cost(weight: 3)
        }
        """,
    ),
    (
        "scopes are required together",
        {
            "a": 'type Query { n: Int @shareable @requiresScopes(scopes: [["a"], ["b"]]) }',
            "b": 'type Query { n: Int @shareable @requiresScopes(scopes: [["c"]]) @authenticated }',
        },
        "Query",
        """
        type Query
          @join__type(graph: A)
          @join__type(graph: B)
        {
          n: Int @requiresScopes(scopes: [["a", "c"], ["b", "c"]]) @authenticated
        }
        """,
    ),
    (
        "tags are united, each once",
        {
            "a": 'type Query { n: Int @shareable @tag(name: "x") @tag(name: "y") }',
            "b": 'type Query { n: Int @shareable @tag(name: "y") @tag(name: "z") }',
        },
        "Query",
        """
        type Query
          @join__type(graph: A)
          @join__type(graph: B)
        {
          n: Int @tag(name: "x") @tag(name: "y") @tag(name: "z")
        }
        """,
    ),
    (
        "cache tags are carried with the subgraphs they come from",
        {
            "a": 'type Query { n: Int @shareable @cacheTag(format: "x") }',
            "b": 'type Query { n: Int @shareable @cacheTag(format: "x") }',
        },
        "Query",
        """
        type Query
          @join__type(graph: A)
          @join__type(graph: B)
        {
          n: Int @join__directive(graphs: [A, B], name: "federation__cacheTag", args: {format: "x"})
        }
        """,
    ),
    (
        "an interface requires what its implementations require",
        {
            "a": "type Query { i: I } interface I { n: Int } type X implements I { n: Int @authenticated } "
            "type Y implements I { n: Int }"
        },
        "I",
        """
        interface I
          @join__type(graph: A)
        {
          n: Int @authenticated
        }
        """,
    ),
    (
        "a scalar",
        {"a": 'type Query { s: S } scalar S @specifiedBy(url: "https://s")'},
        "S",
        """
        scalar S
          @join__type(graph: A)
          @specifiedBy(url: "https://s")
        """,
    ),
    (
        "an input of which one field must be given",
        {"a": "type Query { n(i: I): Int } input I @oneOf { x: Int y: Int }"},
        "I",
        """
        input I
          @join__type(graph: A)
          @oneOf
        {
          x: Int
          y: Int
        }
        """,
    ),
    (
        "descriptions, of which the most frequent wins",
        {
            "a": 'type Query { "rare" n: Int @shareable }',
            "b": 'type Query { "often" n: Int @shareable }',
            "c": 'type Query { "often" n: Int @shareable }',
        },
        "Query",
        '''
        type Query
          @join__type(graph: A)
          @join__type(graph: B)
          @join__type(graph: C)
        {
          """
          often
          """
          n: Int
        }
        ''',
    ),
    (
        "an executable directive that all subgraphs have",
        {
            "a": "type Query { n: Int } directive @d(x: Int! = 1, y: Int) repeatable on FIELD | QUERY",
            "b": "type Query { m: Int } directive @d(x: Int! = 1) repeatable on FIELD",
        },
        "@d",
        "directive @d(x: Int! = 1) repeatable on FIELD",
    ),
    (
        "subgraphs whose names collide",
        {"a": "type Query { n: Int }", "A": "type Query { m: Int }"},
        "join__Graph",
        """
        enum join__Graph {
          A_1 @join__graph(name: "A", url: "http://A")
          A_2 @join__graph(name: "a", url: "http://a")
        }
        """,
    ),
]


@pytest.mark.parametrize(("subgraphs", "name", "expected"), [c[1:] for c in CONSTRUCTS], ids=[c[0] for c in CONSTRUCTS])
def test_a_construct_is_composed(subgraphs: dict[str, str], name: str, expected: str) -> None:
    texts = {key: fed2(sdl) for key, sdl in subgraphs.items()}

    assert block(compose_all(texts), name) == dedent(expected).strip()


def test_federation_1_value_types_become_shareable() -> None:
    value = "type Money { amount: Int } "
    composition = compose_texts(a=value + "type Query { x: Money }", b=value + "type Query { y: Money }")

    assert (
        block(composition, "Money")
        == dedent(
            """
        type Money
          @join__type(graph: A)
          @join__type(graph: B)
        {
          amount: Int
        }
        """
        ).strip()
    )


def test_a_federation_1_extension_is_not_one_any_more() -> None:
    composition = compose_texts(
        a='type Query { t: T } type T @key(fields: "k") { k: ID }',
        b='extend type T @key(fields: "k") { k: ID @external n: Int unused: Int @external }',
    )

    assert (
        block(composition, "T")
        == dedent(
            """
        type T
          @join__type(graph: A, key: "k")
          @join__type(graph: B, key: "k")
        {
          k: ID
          n: Int @join__field(graph: B)
        }
        """
        ).strip()
    )


def test_federation_1_field_sets_need_not_be_strings() -> None:
    composition = compose_texts(a='type Query { t: T } type T @key(fields: ["k", "m"]) { k: ID m: ID }')

    assert '@join__type(graph: A, key: "k m")' in block(composition, "T")


def test_local_fields_are_pruned_from_federation_1_requirements() -> None:
    composition = compose_texts(
        a='type Query { t: T } type T @key(fields: "k") { k: ID n: Int }',
        b='extend type T @key(fields: "k") { k: ID @external n: Int @external own: Int '
        'm: Int @requires(fields: "n own") }',
    )

    assert 'm: Int @join__field(graph: B, requires: "n")' in block(composition, "T")


def test_elements_are_known_by_the_prefix_of_their_feature() -> None:
    composition = compose_texts(
        a='type Query { t: T } type T @fed__key(fields: "k") { k: ID n: Int @fed__inaccessible } '
        'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", as: "fed")'
    )

    assert "n: Int @inaccessible" in block(composition, "T")


def test_elements_are_known_by_the_name_they_were_imported_under() -> None:
    composition = compose_texts(
        a='type Query { t: T } type T @pk(fields: "k") { k: ID } '
        'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", '
        'import: [{name: "@key", as: "@pk"}])'
    )

    assert '@join__type(graph: A, key: "k")' in block(composition, "T")


def test_a_renamed_root_type_gets_its_default_name_everywhere() -> None:
    composition = compose_fed2(a="schema { query: Root } type Root { n: Int again: Root } union U = Root")

    assert "again: Query" in block(composition, "Query")
    assert '@join__unionMember(graph: A, member: "Query")' in block(composition, "U")


def test_the_users_service_fields_are_left_out() -> None:
    composition = compose_fed2(
        a="type Query { n: Int _service: Odd _entities(x: Int): [_Entity] } type Odd { sdl: Int } union _Entity = Odd"
    )

    assert "_service" not in block(composition, "Query")


def test_a_root_with_service_fields_alone_is_empty() -> None:
    composition = compose_fed2(
        a="type Query { n: Int }",
        b="schema { query: Root } type Root { _service: _Service! } type _Service { sdl: String } "
        "extend type Root { _entities(representations: [_Any!]!): [_Entity]! } scalar _Any union _Entity = T "
        "type T { back: Root }",
    )

    assert "n: Int @join__field(graph: A)" in block(composition, "Query")
    assert "_" not in block(composition, "Query").replace("join__", "")


def test_a_composed_directive_brings_its_link_and_its_definition() -> None:
    mine = (
        'extend schema @link(url: "https://me.dev/marks/v1.2", import: ["@mark"]) @composeDirective(name: "@mark") '
        "directive @mark(n: Int) on FIELD_DEFINITION "
    )
    composition = compose_fed2(a=mine + "type Query { n: Int @mark(n: 3) }")

    assert composition.sdl is not None
    assert '@link(url: "https://me.dev/marks/v1.2", import: ["@mark"])' in composition.sdl
    assert block(composition, "@mark") == "directive @mark(n: Int) on FIELD_DEFINITION"
    assert "n: Int @mark(n: 3)" in block(composition, "Query")


def test_a_directive_that_nobody_composes_is_dropped() -> None:
    composition = compose_fed2(a="directive @mine on FIELD_DEFINITION type Query { n: Int @mine }")

    assert composition.sdl is not None
    assert "@mine" not in composition.sdl


@pytest.mark.parametrize(
    ("version", "join"), [("2.0", "v0.3"), ("2.6", "v0.3"), ("2.7", "v0.4"), ("2.8", "v0.5"), ("2.14", "v0.5")]
)
def test_the_join_version_follows_from_the_federation_version(version: str, join: str) -> None:
    composition = compose_fed2(version=version, a="type Query { n: Int }")

    assert composition.sdl is not None
    assert f'"https://specs.apollo.dev/join/{join}"' in composition.sdl
    assert ("join__DirectiveArguments" in composition.sdl) == (join != "v0.3")
    assert ("contextArguments" in composition.sdl) == (join == "v0.5")


def test_an_inconsistent_entity_keeps_what_each_subgraph_says() -> None:
    composition = compose_fed2(a=HEAD + "{ k: ID }", b="type T @shareable { k: ID }")

    assert "@join__type(graph: B)" in block(composition, "T")
