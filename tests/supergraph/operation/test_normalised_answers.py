"""A normalised operation is answered as the client's own would be, order included.

Random operations on a schema of interfaces and unions run three times: as they were written, as their normalised text
in graphql-core, and by walking ``collect_fields`` for the type of every object.
"""

import json
import zlib
from collections.abc import Mapping, Sequence

from graphql import (
    FragmentDefinitionNode,
    GraphQLAbstractType,
    GraphQLResolveInfo,
    GraphQLSchema,
    OperationDefinitionNode,
    build_schema,
    execute_sync,
    parse,
    validate,
)
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from supergraph.operation.conditions import ALWAYS
from supergraph.operation.model import Conditions
from supergraph.operation.normalise import Normaliser
from supergraph.operation.schema_types import possible_types
from supergraph.operation.text import print_selection
from supergraph.sdl.types import ListOf, NonNull, TypeRef
from tests.supergraph.operation.collecting import Guarded, collect_fields

SCHEMA = build_schema(
    """
    type Query { i: I j: J u: U a: A l: [[I]] q: Query n(a: Int): Int }
    interface I { id: ID i: I l: [U] n(a: Int): Int }
    interface J { id: ID j: J }
    type A implements I & J { id: ID i: I l: [U] n(a: Int): Int j: J x: Int }
    type B implements I { id: ID i: I l: [U] n(a: Int): Int u: U }
    type D implements I & J { id: ID i: I l: [U] n(a: Int): Int j: J }
    union U = A | B
    """
)
VARIABLES = ("c", "d")


# A value is a number; what a field of it holds follows from the number, the field and its arguments.


def child(value: int, name: str, arguments: str) -> int:
    return zlib.crc32(f"{value}.{name}({arguments})".encode())


def resolve_field(value: int, info: GraphQLResolveInfo[None], **arguments: object) -> object:
    seed = child(value, info.field_name, f"a: {arguments['a']}" if arguments else "")
    text = str(info.return_type)
    if text == "[[I]]":
        return [[seed], [], [seed + 2]]
    return [seed, seed + 3] if text == "[U]" else seed % 100_000


def concrete_type(schema: GraphQLSchema, name: str, value: int) -> str:
    types = possible_types(schema, name)
    return types[value % len(types)]


def resolve_type(value: int, info: GraphQLResolveInfo[None], abstract: GraphQLAbstractType) -> str:
    return concrete_type(info.schema, abstract.name, value)


def run(document: str, variables: Mapping[str, bool]) -> object:
    result = execute_sync(
        SCHEMA,
        parse(document),
        root_value=1,
        field_resolver=resolve_field,
        type_resolver=resolve_type,
        variable_values=dict(variables),
    )
    assert result.errors is None, result.errors
    return result.data


def project(
    selections: Sequence[Guarded], type_name: str, value: int, variables: Mapping[str, bool]
) -> dict[str, object]:
    def holds(conditions: Conditions) -> bool:
        return all(variables[c.variable] == c.wanted for c in conditions)

    def complete(type_ref: TypeRef, found: object, inner: Sequence[Guarded]) -> object:
        if isinstance(type_ref, NonNull):
            return complete(type_ref.of, found, inner)
        if isinstance(type_ref, ListOf):
            assert isinstance(found, list)
            return [complete(type_ref.of, item, inner) for item in found]
        assert isinstance(found, int)
        if not inner:
            return str(found) if type_ref.name == "ID" else found
        return project(inner, concrete_type(SCHEMA, type_ref.name, found), found, variables)

    kept = [(ALWAYS, selection) for conditions, selection in selections if holds(conditions)]
    answer: dict[str, object] = {}
    for field in collect_fields(kept, type_name):
        if not any(map(holds, field.alternatives)):
            continue
        if field.name == "__typename":
            answer[field.response_key] = type_name
            continue
        seed = child(value, field.name, ", ".join(f"{name}: {text}" for name, text in field.arguments))
        text = str(field.type)
        found: object = seed % 100_000
        if text == "[[I]]":
            found = [[seed], [], [seed + 2]]
        elif text == "[U]":
            found = [seed, seed + 3]
        inner = [(conditions, selection) for conditions, selection in field.selections if holds(conditions)]
        answer[field.response_key] = complete(field.type, found, inner)
    return answer


LEAVES = {
    "Query": ("n", "n(a: 1)", "__typename"),
    "I": ("id", "n", "n(a: 1)", "__typename"),
    "J": ("id", "__typename"),
    "A": ("id", "n", "x", "__typename"),
    "B": ("id", "n", "__typename"),
    "D": ("id", "__typename"),
    "U": ("__typename",),
}
COMPOSITES = {
    "Query": (("i", "I"), ("j", "J"), ("u", "U"), ("a", "A"), ("l", "I"), ("q", "Query")),
    "I": (("i", "I"), ("l", "U")),
    "J": (("j", "J"),),
    "A": (("i", "I"), ("l", "U"), ("j", "J")),
    "B": (("i", "I"), ("l", "U"), ("u", "U")),
    "D": (("i", "I"), ("j", "J")),
    "U": (),
}
CASTS = {
    "Query": ("Query",),
    "I": ("I", "J", "A", "B", "D", "U"),
    "J": ("I", "J", "A", "D", "U"),
    "A": ("I", "J", "A", "U"),
    "B": ("I", "B", "U"),
    "D": ("I", "J", "D"),
    "U": ("I", "J", "A", "B", "U"),
}
CONDITIONS = st.sampled_from(
    [""] * 6
    + ["@include(if: $c)", "@skip(if: $c)", "@skip(if: $d)", "@include(if: $d) @skip(if: $c)"]
    + ["@include(if: false)", "@skip(if: true)", "@skip(if: false)"]
)
ALIASES = st.sampled_from(["", "", "", "z: ", "k: "])


@st.composite
def selection_sets(draw: st.DrawFn, type_name: str, depth: int) -> str:
    parts: list[str] = []
    for _ in range(draw(st.integers(1, 4))):
        kind = draw(st.integers(0, 5))
        condition = draw(CONDITIONS)
        if kind <= 1 and depth and COMPOSITES[type_name]:
            name, inner = draw(st.sampled_from(COMPOSITES[type_name]))
            parts.append(f"{draw(ALIASES)}{name} {condition} {draw(selection_sets(inner, depth - 1))}")
        elif kind <= 3 and depth:
            target = draw(st.sampled_from(CASTS[type_name]))
            parts.append(f"... on {target} {condition} {draw(selection_sets(target, depth - 1))}")
        elif kind == 4 and type_name in ("I", "U", "A"):
            parts.append(f"...F{type_name} {condition}")
        else:
            parts.append(f"{draw(ALIASES)}{draw(st.sampled_from(LEAVES[type_name]))} {condition}")
    return "{ " + " ".join(parts) + " }"


@st.composite
def documents(draw: st.DrawFn) -> str:
    head = "query ($c: Boolean! = true, $d: Boolean! = true)"
    fragments = (
        "fragment FI on I { id ... on A @skip(if: $d) { x j { id } } i @include(if: $c) { ...FU } }",
        "fragment FU on U { __typename ... on I { n l { __typename } } }",
        "fragment FA on A { x i { id ... on B { u { ...FU } } } }",
    )
    return " ".join((head, draw(selection_sets("Query", 4)), *fragments))


def invalid(document: str) -> bool:
    """Whether the parts conflict; that fragments and variables are not used is no harm here."""
    return any("conflict" in error.message for error in validate(SCHEMA, parse(document)))


@st.composite
def doubling_documents(draw: st.DrawFn) -> str:
    """Fragments each of which is spread by the one before, again and again under conditions of two variables."""
    conditions = st.sampled_from(["@include(if: $c)", "@skip(if: $c)", "@include(if: $d)", "@skip(if: $d)", ""])

    def body(level: int) -> str:
        following = f"...G{level + 1}"
        parts = ("id", "n", "k: n", following, following, f"... on A {{ x {following} }}", f"i {{ id {following} }}")
        chosen = draw(st.lists(st.tuples(st.sampled_from(parts), conditions), min_size=2, max_size=5))
        return " ".join(
            part.replace(" {", f" {condition} {{", 1) if "{" in part else f"{part} {condition}"
            for part, condition in chosen
        )

    fragments = [f"fragment G{level} on I {{ {body(level)} }}" for level in range(4)]
    head = "query ($c: Boolean! = true, $d: Boolean! = true) { i { __typename ...G0 } }"
    return " ".join((head, *fragments, "fragment G4 on I { n id l { __typename } }"))


@settings(max_examples=40, deadline=None)
@given(document=documents())
def test_the_normalised_operation_answers_alike(document: str) -> None:
    assume(not invalid(document))
    assert_answers_alike(document)


@settings(max_examples=40, deadline=None)
@given(document=doubling_documents())
def test_fragments_that_double_under_conditions_answer_alike(document: str) -> None:
    assert_answers_alike(document)


def assert_answers_alike(document: str) -> None:
    node = parse(document)
    operation = node.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    fragments = {d.name.value: d for d in node.definitions if isinstance(d, FragmentDefinitionNode)}
    selection = Normaliser(SCHEMA, fragments).normalise("Query", operation.selection_set)
    text = f"query ($c: Boolean! = true, $d: Boolean! = true) {print_selection(selection)}"
    for c in (True, False):
        for d in (True, False):
            variables = {"c": c, "d": d}
            expected = run(document, variables)
            # Dicts compare without order, JSON texts with it.
            assert json.dumps(without_hidden(run(text, variables))) == json.dumps(expected)
            assert project([(ALWAYS, selection)], "Query", 1, variables) == expected


def without_hidden(value: object) -> object:
    match value:
        case dict():
            return {key: without_hidden(item) for key, item in value.items() if key != "__hidden"}
        case list():
            return [without_hidden(item) for item in value]
        case _:
            return value
