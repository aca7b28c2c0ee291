from dataclasses import dataclass, field

import pytest

from tests.composing import compose_all, error_codes, fed2

QUERY = "type Query { ok: Int }"


@dataclass(frozen=True)
class Case:
    code: str
    subgraphs: dict[str, str]
    coordinate: str | None = None
    also: tuple[str, ...] = ()
    version: str | None = "2.14"
    title: str = field(default="")

    def __str__(self) -> str:
        return f"{self.code} {self.title}".strip()


def case(
    code: str,
    *sdls: str,
    at: str | None = None,
    also: tuple[str, ...] = (),
    version: str | None = "2.14",
    title: str = "",
) -> Case:
    names = ["alpha", "beta", "gamma"]
    return Case(code, dict(zip(names, sdls, strict=False)), at, also, version, title)


LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: %s)\n' + QUERY

CASES = [
    # Documents and links.
    case("INVALID_GRAPHQL", "type Query {", title="syntax"),
    case("INVALID_GRAPHQL", "type Query { shop: Shop }", title="unknown type"),
    case("INVALID_GRAPHQL", "type Query { a: Int @nonsense }", title="unknown directive"),
    case("INVALID_GRAPHQL", f"{QUERY} type Empty", title="empty type"),
    case("INVALID_GRAPHQL", "type Query { a(n: Int = true): Int }", at="Query.a(n:)", title="default value"),
    case("INVALID_GRAPHQL", f"{QUERY} query Q {{ ok }}", title="operation"),
    case("INVALID_GRAPHQL", f"{QUERY} extend interface Query {{ b: Int }}", at="Query", title="kind of an extension"),
    case(
        "INVALID_GRAPHQL",
        "type Query { a(e: E = X): Int } enum E { X Y }",
        "type Query { b(e: E): Int } enum E { Y }",
        at="Query.a(e:)",
        title="default that is lost",
    ),
    case(
        "INVALID_GRAPHQL", "type Query { a: Int @authenticated }", at="Query.a", version="2.3", title="later directive"
    ),
    case(
        "UNSUPPORTED_FEATURE",
        QUERY + ' extend schema @link(url: "https://specs.apollo.dev/cost/v0.9")',
        at="schema",
        version="2.3",
    ),
    case("INVALID_GRAPHQL", "type Query { a: Int @tag(name: 3) }", at="Query.a", title="directive argument"),
    case("INVALID_LINK_IDENTIFIER", 'schema @link(url: "https://host/x/w1") { query: Query } ' + QUERY, version=None),
    case("INVALID_LINK_DIRECTIVE_USAGE", LINK % '["@unheard"]', version=None, title="unknown element"),
    case("INVALID_LINK_DIRECTIVE_USAGE", LINK % '["key"]', version=None, title="missing at sign"),
    case("INVALID_LINK_DIRECTIVE_USAGE", LINK % '[{name: "@key", as: "pk"}]', version=None, title="half a directive"),
    case("INVALID_LINK_DIRECTIVE_USAGE", LINK % "[3]", version=None, title="not a name"),
    case("INVALID_LINK_DIRECTIVE_USAGE", LINK % '[{as: "@x"}]', version=None, title="alias without name"),
    case("INVALID_LINK_DIRECTIVE_USAGE", LINK % '[{name: "@key", why: "x"}]', version=None, title="unknown key"),
    case(
        "INVALID_LINK_DIRECTIVE_USAGE",
        LINK % '["@key"] ' + ' extend schema @link(url: "https://specs.apollo.dev/federation/v2.1")',
        version=None,
        title="linked twice",
    ),
    case(
        "INVALID_LINK_DIRECTIVE_USAGE",
        QUERY + ' extend schema @link(url: "https://me.dev/mine/v1.0", as: "my__own")',
        title="alias with prefix separator",
    ),
    case(
        "INVALID_LINK_DIRECTIVE_USAGE",
        QUERY + ' extend schema @link(url: "https://me.dev/mine/v1.0", import: [{name: "@a", as: "@key"}])',
        title="name claimed twice",
    ),
    case(
        "UNKNOWN_FEDERATION_LINK_VERSION",
        QUERY + ' extend schema @link(url: "https://specs.apollo.dev/federation/v2.99")',
        version=None,
    ),
    case("UNKNOWN_LINK_VERSION", QUERY + ' extend schema @link(url: "https://specs.apollo.dev/link/v1.7")'),
    case("DIRECTIVE_DEFINITION_INVALID", f"{QUERY} directive @shareable on UNION", at="@shareable"),
    case("DIRECTIVE_DEFINITION_INVALID", f"{QUERY} directive @key(fields: [String]!) on OBJECT", title="argument type"),
    case("DIRECTIVE_DEFINITION_INVALID", f"{QUERY} directive @inaccessible repeatable on OBJECT", title="repeatable"),
    case("DIRECTIVE_DEFINITION_INVALID", f"{QUERY} directive @tag repeatable on OBJECT", title="lacks an argument"),
    case("DIRECTIVE_DEFINITION_INVALID", f"{QUERY} directive @extends(x: Int) on OBJECT", title="extra argument"),
    case(
        "DIRECTIVE_DEFINITION_INVALID",
        f"{QUERY} scalar federation__FieldSet "
        "directive @key(fields: federation__FieldSet!, resolvable: Boolean = false) repeatable on OBJECT",
        title="default",
    ),
    case("TYPE_DEFINITION_INVALID", f"{QUERY} enum link__Purpose {{ SECURITY }}", title="values"),
    case("TYPE_DEFINITION_INVALID", f"{QUERY} type federation__FieldSet {{ a: Int }}", at="federation__FieldSet"),
    case("DIRECTIVE_COMPOSITION_ERROR", QUERY + ' extend schema @composeDirective(name: "@nobody")', at="@nobody"),
    case("ROOT_QUERY_USED", "schema { query: Q } type Q { a: Int } type Query { b: Int }", at="Query"),
    case("ROOT_MUTATION_USED", f"schema {{ query: Query }} {QUERY} type Mutation {{ b: Int }}", at="Mutation"),
    case("ROOT_SUBSCRIPTION_USED", f"schema {{ query: Query }} {QUERY} type Subscription {{ b: Int }}"),
    # Field sets.
    case("KEY_INVALID_FIELDS", QUERY + ' type T @key(fields: "nope") { id: ID }', at="T", title="unknown"),
    case("KEY_INVALID_FIELDS", QUERY + ' type T @key(fields: "id {") { id: ID }', at="T", title="syntax"),
    case("KEY_INVALID_FIELDS", QUERY + ' type T @key(fields: "") { id: ID }', at="T", title="empty"),
    case("KEY_INVALID_FIELDS", QUERY + ' type T @key(fields: "x: id") { id: ID }', at="T", title="alias"),
    case("KEY_INVALID_FIELDS", QUERY + ' type T @key(fields: "id { a }") { id: ID }', at="T", title="below a leaf"),
    case("KEY_INVALID_FIELDS", QUERY + ' type T @key(fields: "t") { t: T }', at="T", title="no sub-selection"),
    case("KEY_INVALID_FIELDS_TYPE", QUERY + ' type T @key(fields: ["id"]) { id: ID }', at="T"),
    case("KEY_DIRECTIVE_IN_FIELDS_ARG", QUERY + ' type T @key(fields: "id @skip(if: true)") { id: ID }', at="T"),
    case("KEY_FIELDS_HAS_ARGS", QUERY + ' type T @key(fields: "id") { id(n: Int): ID }', at="T"),
    case(
        "KEY_FIELDS_SELECT_INVALID_TYPE",
        QUERY + ' interface I { a: Int } type T @key(fields: "i { a }") { i: I }',
        at="T",
    ),
    case("KEY_UNSUPPORTED_ON_INTERFACE", QUERY + ' interface I @key(fields: "a") { a: Int }', at="I", version="2.2"),
    case("REQUIRES_INVALID_FIELDS", QUERY + ' type T { a: Int @requires(fields: "b") }', at="T.a"),
    case(
        "REQUIRES_INVALID_FIELDS",
        'type Query { t: T } type T @key(fields: "k") { k: ID n(x: Int): Int @external m: Int @requires(fields: "n") }',
        'type T @key(fields: "k") { k: ID n(x: Int!): Int }',
        at="T.m",
        title="missing argument",
    ),
    case(
        "REQUIRES_INVALID_FIELDS",
        QUERY + ' type T { n: Int @external m: Int @requires(fields: "n(x: 1)") }',
        at="T.m",
        title="unknown argument",
    ),
    case(
        "REQUIRES_INVALID_FIELDS",
        QUERY + ' type T { n: U @external m: Int @requires(fields: "n { ... on V { a } }") } '
        "type U { a: Int } type V { a: Int }",
        at="T.m",
        title="impossible condition",
    ),
    case(
        "REQUIRES_INVALID_FIELDS",
        QUERY + ' type T { n: U @external m: Int @requires(fields: "n { ... on Int { a } }") } type U { a: Int }',
        at="T.m",
        title="condition on a leaf",
    ),
    case("REQUIRES_INVALID_FIELDS_TYPE", QUERY + " type T { a: Int @requires(fields: 5) }", at="T.a"),
    case(
        "REQUIRES_DIRECTIVE_IN_FIELDS_ARG",
        QUERY + ' type T { b: Int @external a: Int @requires(fields: "b @tag(name: 1)") }',
        at="T.a",
    ),
    case("REQUIRES_FIELDS_MISSING_EXTERNAL", QUERY + ' type T { b: Int a: Int @requires(fields: "b") }', at="T.a"),
    case(
        "REQUIRES_UNSUPPORTED_ON_INTERFACE",
        QUERY + ' interface I { a: Int b: Int @requires(fields: "a") }',
        at="I.b",
    ),
    case("PROVIDES_INVALID_FIELDS", 'type Query { t: T @provides(fields: "b") } type T { a: Int }', at="Query.t"),
    case("PROVIDES_INVALID_FIELDS_TYPE", "type Query { t: T @provides(fields: 1) } type T { a: Int }", at="Query.t"),
    case(
        "PROVIDES_DIRECTIVE_IN_FIELDS_ARG",
        'type Query { t: T @provides(fields: "a @x") } type T @key(fields: "k") { k: ID a: Int @external }',
        at="Query.t",
    ),
    case(
        "PROVIDES_FIELDS_HAS_ARGS",
        'type Query { t: T @provides(fields: "a") } type T { a(n: Int): Int @external }',
        at="Query.t",
    ),
    case(
        "PROVIDES_FIELDS_MISSING_EXTERNAL", 'type Query { t: T @provides(fields: "a") } type T { a: Int }', at="Query.t"
    ),
    case(
        "PROVIDES_UNSUPPORTED_ON_INTERFACE",
        QUERY + ' interface I { t: T @provides(fields: "a") } type T { a: Int @external }',
        at="I.t",
    ),
    case("PROVIDES_ON_NON_OBJECT_FIELD", 'type Query { t: Int @provides(fields: "a") }', at="Query.t"),
    # External and shareable.
    case("EXTERNAL_UNUSED", QUERY + " type T { a: Int @external b: Int }", at="T.a"),
    case("EXTERNAL_ON_INTERFACE", QUERY + " interface I { a: Int @external }", at="I.a", also=("EXTERNAL_UNUSED",)),
    case(
        "EXTERNAL_COLLISION_WITH_ANOTHER_DIRECTIVE",
        QUERY + ' type T @key(fields: "k") { k: ID u: U @external @provides(fields: "n") '
        'v: Int @requires(fields: "u { n }") }'
        " type U { n: Int @external }",
        at="T.u",
    ),
    case(
        "EXTERNAL_MISSING_ON_BASE",
        'type Query { t: T } type T @key(fields: "k") { k: ID a: Int @external b: Int @requires(fields: "a") }',
        at="T.a",
    ),
    case(
        "EXTERNAL_TYPE_MISMATCH",
        'type Query { t: T } type T @key(fields: "k") { k: ID a: Int @external b: Int @requires(fields: "a") }',
        'type T @key(fields: "k") { k: ID a: String }',
        at="T.a",
    ),
    case(
        "EXTERNAL_ARGUMENT_MISSING",
        'type Query { t: T } type T @key(fields: "k") { k: ID a: Int @external b: Int @requires(fields: "a") }',
        'type T @key(fields: "k") { k: ID a(n: Int): Int }',
        at="T.a(n:)",
    ),
    case(
        "EXTERNAL_ARGUMENT_TYPE_MISMATCH",
        'type Query { t: T } type T @key(fields: "k") { k: ID a(n: String): Int @external '
        'b: Int @requires(fields: "a") }',
        'type T @key(fields: "k") { k: ID a(n: Int): Int }',
        at="T.a(n:)",
    ),
    case(
        "EXTERNAL_ARGUMENT_DEFAULT_MISMATCH",
        'type Query { t: T } type T @key(fields: "k") { k: ID a(n: Int = 2): Int @external '
        'b: Int @requires(fields: "a") }',
        'type T @key(fields: "k") { k: ID a(n: Int = 3): Int }',
        at="T.a(n:)",
    ),
    case(
        "MERGED_DIRECTIVE_APPLICATION_ON_EXTERNAL",
        'type Query { t: T } type T @key(fields: "k") '
        '{ k: ID a: Int @external @tag(name: "x") b: Int @requires(fields: "a") }',
        'type T @key(fields: "k") { k: ID a: Int }',
        at="T.a",
    ),
    case("INVALID_SHAREABLE_USAGE", QUERY + " interface I { a: Int @shareable }", at="I.a", title="interface"),
    case("INVALID_SHAREABLE_USAGE", QUERY + " type T @shareable @shareable { a: Int }", at="T", title="twice"),
    case("INVALID_FIELD_SHARING", "type Query { a: Int }", "type Query { a: Int }", at="Query.a"),
    case(
        "INVALID_FIELD_SHARING",
        f"{QUERY} type Subscription {{ s: Int @shareable }}",
        at="Subscription.s",
        title="subscription",
    ),
    # Interfaces.
    case(
        "INTERFACE_KEY_NOT_ON_IMPLEMENTATION",
        QUERY + ' interface I @key(fields: "id") { id: ID } type T implements I { id: ID }',
        at="I",
    ),
    case(
        "INTERFACE_KEY_NOT_ON_IMPLEMENTATION",
        QUERY + ' interface I @key(fields: "id") { id: ID } '
        'type T implements I @key(fields: "id", resolvable: false) { id: ID }',
        at="I",
        title="not resolvable",
    ),
    case("INTERFACE_OBJECT_USAGE_ERROR", QUERY + " type I @interfaceObject { id: ID }", at="I", title="no key"),
    case(
        "INTERFACE_OBJECT_USAGE_ERROR",
        QUERY + ' type I @interfaceObject @key(fields: "id") { id: ID }',
        at="I",
        title="no interface",
    ),
    case(
        "INTERFACE_OBJECT_USAGE_ERROR",
        QUERY + ' type I @interfaceObject @key(fields: "id") { id: ID } type T @key(fields: "id") { id: ID }',
        'interface I @key(fields: "id") { id: ID } type T implements I @key(fields: "id") { id: ID }',
        at="I",
        title="next to an implementation",
    ),
    case(
        "INTERFACE_KEY_MISSING_IMPLEMENTATION_TYPE",
        'type Query { i: I } interface I @key(fields: "id") { id: ID } '
        'type T implements I @key(fields: "id") { id: ID }',
        'interface I { id: ID } type U implements I @key(fields: "id") { id: ID }',
        at="I",
    ),
    case(
        "INTERFACE_FIELD_NO_IMPLEM",
        "type Query { i: I } interface I { a: Int } type T implements I { a: Int }",
        "interface I { b: Int } type U implements I { b: Int }",
        at="T",
    ),
    # Access.
    case(
        "AUTH_REQUIREMENTS_APPLIED_ON_INTERFACE", QUERY + " interface I @authenticated { a: Int }", at="I", title="type"
    ),
    case(
        "AUTH_REQUIREMENTS_APPLIED_ON_INTERFACE",
        QUERY + ' interface I { a: Int @policy(policies: [["p"]]) }',
        at="I.a",
        title="field",
    ),
    case(
        "MISSING_TRANSITIVE_AUTH_REQUIREMENTS",
        'type Query { t: T } type T @key(fields: "k") { k: ID a: Int @external b: Int @requires(fields: "a") }',
        'type T @key(fields: "k") { k: ID a: Int @requiresScopes(scopes: [["s"]]) }',
        at="T.b",
    ),
    # Cost.
    case("COST_APPLIED_TO_INTERFACE_FIELD", QUERY + " interface I { a: Int @cost(weight: 3) }", at="I.a"),
    case("LIST_SIZE_APPLIED_TO_NON_LIST", "type Query { a: Int @listSize(assumedSize: 3) }", at="Query.a"),
    case("LIST_SIZE_INVALID_ASSUMED_SIZE", "type Query { a: [Int] @listSize(assumedSize: -3) }", at="Query.a"),
    case(
        "LIST_SIZE_INVALID_SLICING_ARGUMENT",
        'type Query { a(n: String): [Int] @listSize(slicingArguments: ["n"]) }',
        at="Query.a",
    ),
    case(
        "LIST_SIZE_INVALID_SIZED_FIELD",
        'type Query { a: P @listSize(sizedFields: ["n"]) } type P { m: [Int] }',
        at="Query.a",
        title="unknown",
    ),
    case(
        "LIST_SIZE_APPLIED_TO_NON_LIST",
        'type Query { a: P @listSize(sizedFields: ["n"]) } type P { n: Int }',
        at="Query.a",
        title="sized field",
    ),
    case(
        "LIST_SIZE_INVALID_SLICING_ARGUMENT",
        'type Query { a: [Int] @listSize(slicingArguments: ["n"]) }',
        at="Query.a",
        title="unknown",
    ),
    case("LIST_SIZE_INVALID_SIZED_FIELD", 'type Query { a: [Int] @listSize(sizedFields: ["n"]) }', at="Query.a"),
    # Contexts.
    case(
        "CONTEXT_NAME_INVALID", 'type Query { t: T } type T @key(fields: "k") @context(name: "a_b") { k: ID }', at="T"
    ),
    case(
        "CONTEXT_NOT_SET",
        'type Query { t: T } type T @key(fields: "k") { k: ID f(a: Int @fromContext(field: "$c { x }")): Int }',
        at="T.f(a:)",
    ),
    case(
        "NO_CONTEXT_IN_SELECTION",
        'type Query { t: T } type T @key(fields: "k") { k: ID f(a: Int @fromContext(field: "x")): Int }',
        at="T.f(a:)",
    ),
    case(
        "CONTEXT_INVALID_SELECTION",
        'type Query { o: O } type O @context(name: "c") { x: String t: T } '
        'type T @key(fields: "k") { k: ID f(a: Int @fromContext(field: "$c { x }")): Int }',
        at="T.f(a:)",
    ),
    case(
        "CONTEXT_NO_RESOLVABLE_KEY",
        'type Query { o: O } type O @context(name: "c") { x: Int t: T } '
        'type T { f(a: Int @fromContext(field: "$c { x }")): Int }',
        at="T.f(a:)",
    ),
    case(
        "CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS",
        'type Query { o: O } type O @context(name: "c") { x: Int t: T } '
        'type T @key(fields: "k") { k: ID f(a: Int @fromContext(field: "$c { x }")): Int @shareable }',
        'type T @key(fields: "k") { k: ID f(a: Int!): Int @shareable }',
        at="T.f(a:)",
    ),
    # Merging.
    case("NO_QUERIES", "type T { a: Int }"),
    case("TYPE_KIND_MISMATCH", QUERY + " type T { a: Int }", "scalar T", at="T"),
    case("EXTENSION_WITH_NO_BASE", QUERY + " extend type T { a: Int }", at="T"),
    case("FIELD_TYPE_MISMATCH", "type Query { a: Int @shareable }", "type Query { a: ID @shareable }", at="Query.a"),
    case(
        "FIELD_ARGUMENT_TYPE_MISMATCH",
        "type Query { a(n: Int): Int @shareable }",
        "type Query { a(n: ID): Int @shareable }",
        at="Query.a(n:)",
    ),
    case(
        "FIELD_ARGUMENT_DEFAULT_MISMATCH",
        "type Query { a(n: Int = 1): Int @shareable }",
        "type Query { a(n: Int = 2): Int @shareable }",
        at="Query.a(n:)",
    ),
    case(
        "INPUT_FIELD_DEFAULT_MISMATCH",
        "type Query { a(i: I): Int } input I { n: Int = 1 }",
        "type Query { b(i: I): Int } input I { n: Int = 2 }",
        at="I.n",
    ),
    case(
        "REQUIRED_ARGUMENT_MISSING_IN_SOME_SUBGRAPH",
        "type Query { a(n: Int!): Int @shareable }",
        "type Query { a: Int @shareable }",
        at="Query.a(n:)",
    ),
    case(
        "REQUIRED_INPUT_FIELD_MISSING_IN_SOME_SUBGRAPH",
        "type Query { a(i: I): Int } input I { n: Int! m: Int }",
        "type Query { b(i: I): Int } input I { m: Int }",
        at="I.n",
    ),
    case(
        "EMPTY_MERGED_INPUT_TYPE",
        "type Query { a(i: I): Int } input I { n: Int }",
        "type Query { b(i: I): Int } input I { m: Int }",
        at="I",
    ),
    case(
        "EMPTY_MERGED_ENUM_TYPE",
        "type Query { a(e: E): Int } enum E { X }",
        "type Query { b(e: E): Int } enum E { Y }",
        at="E",
    ),
    case(
        "ENUM_VALUE_MISMATCH",
        "type Query { a(e: E): E } enum E { X Y }",
        "type Query { b: E } enum E { Y }",
        at="E.X",
    ),
    case(
        "LINK_IMPORT_NAME_MISMATCH",
        'type Query { a: Int @tag(name: "x") }',
        'type Query { b: Int @label(name: "x") } extend schema '
        '@link(url: "https://specs.apollo.dev/federation/v2.3", import: [{name: "@tag", as: "@label"}])',
        at="@tag",
        title="mixed",
        version="first",
    ),
    # Overrides.
    case("OVERRIDE_FROM_SELF_ERROR", 'type Query { a: Int @override(from: "alpha") }', at="Query.a"),
    case(
        "OVERRIDE_SOURCE_HAS_OVERRIDE",
        'type Query { a: Int @override(from: "beta") }',
        'type Query { a: Int @override(from: "gamma") }',
        "type Query { a: Int }",
        at="Query.a",
        also=("INVALID_FIELD_SHARING",),
    ),
    case(
        "OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE",
        'type Query { i: I } interface I @key(fields: "k") { k: ID n: Int } '
        'type X implements I @key(fields: "k") { k: ID n: Int @override(from: "beta") }',
        'type I @interfaceObject @key(fields: "k") { k: ID n: Int }',
        at="X.n",
        also=("INVALID_FIELD_SHARING",),
        title="with an interface object",
    ),
    case(
        "OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE",
        'type Query { t: T } type T @key(fields: "k") { k: ID n: Int m: Int @override(from: "beta") }',
        'type T @key(fields: "k") { k: ID n: Int @external m: Int @requires(fields: "n") }',
        at="T.m",
        also=("INVALID_FIELD_SHARING",),
        title="with a requirement",
    ),
    case("OVERRIDE_ON_INTERFACE", QUERY + ' interface I { a: Int @override(from: "beta") }', "scalar S", at="I.a"),
    case(
        "OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE",
        'type Query { t: T } type T @key(fields: "k") { k: ID @override(from: "beta") @external }',
        'type T @key(fields: "k") { k: ID }',
        at="T.k",
    ),
    case(
        "OVERRIDE_LABEL_INVALID",
        'type Query { a: Int @override(from: "beta", label: "percent(101)") }',
        "type Query { a: Int }",
        at="Query.a",
    ),
    # Hidden elements.
    case("QUERY_ROOT_TYPE_INACCESSIBLE", "type Query @inaccessible { a: Int }"),
    case("REFERENCED_INACCESSIBLE", "type Query { t: T } type T @inaccessible { a: Int }"),
    case("ONLY_INACCESSIBLE_CHILDREN", "type Query { t: T } type T { a: Int @inaccessible }"),
    case("REQUIRED_INACCESSIBLE", "type Query { a(n: Int! @inaccessible): Int }"),
    case(
        "IMPLEMENTED_BY_INACCESSIBLE",
        "type Query { i: I } interface I { a: Int } type T implements I { a: Int @inaccessible b: Int }",
    ),
    case("DISALLOWED_INACCESSIBLE", f"{QUERY} scalar Int @inaccessible", at="Int"),
    case("DEFAULT_VALUE_USES_INACCESSIBLE", "type Query { a(e: E = X): Int } enum E { X @inaccessible Y }"),
    # The whole.
    case("SATISFIABILITY_ERROR", "type Query { t: T } type T { a: Int }", "type T { b: Int }", at="T.b"),
    case(
        "SHAREABLE_HAS_MISMATCHED_RUNTIME_TYPES",
        "type Query { u: U @shareable } union U = A type A { a: Int }",
        "type Query { u: U @shareable } union U = B type B { b: Int }",
        at="Query.u",
    ),
    # Federation 1.
    case(
        "TYPE_WITH_ONLY_UNUSED_EXTERNAL",
        "type Query { t: T } extend type T { a: Int @external }",
        "type T { a: Int }",
        at="T",
        version=None,
    ),
    case("EXTENSION_WITH_NO_BASE", f"{QUERY} type T @extends {{ a: Int }}", at="T", version=None, title="fed1"),
    case(
        "INTERFACE_OBJECT_USAGE_ERROR",
        'type Query { i: I } interface I @key(fields: "k") { k: ID } type T implements I @key(fields: "k") { k: ID }',
        fed2('type I @interfaceObject @key(fields: "k") { k: ID x: Int }'),
        at="I",
        version=None,
        title="fed1 interface",
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_mistake_is_reported_under_its_code(case: Case) -> None:
    texts = dict(case.subgraphs)
    if case.version == "first":
        texts["alpha"] = fed2(texts["alpha"])
    elif case.version is not None:
        texts = {name: fed2(sdl, case.version) for name, sdl in texts.items()}

    composition = compose_all(texts)

    assert composition.sdl is None
    assert error_codes(composition) == sorted({case.code, *case.also})
    if case.coordinate is not None:
        assert case.coordinate in {error.coordinate for error in composition.errors if error.code == case.code}


@pytest.mark.parametrize("name", ["_", ""])
def test_a_reserved_name_cannot_be_that_of_a_subgraph(name: str) -> None:
    assert error_codes(compose_all({name: fed2(QUERY)})) == ["INVALID_SUBGRAPH_NAME"]
