"""Projection answers as a plain GraphQL executor does: random schemas, operations and data, broken data included.

The plain executor makes the data up while it runs, and what it made up is the subgraph's answer to the gateway.
"""

import json
from random import Random

from graphql import (
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLResolveInfo,
    GraphQLSchema,
    build_schema,
    execute_sync,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_composite_type,
    is_enum_type,
    is_interface_type,
    is_list_type,
    is_object_type,
    parse,
    validate,
)
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from router.executor.program import Program, compile_program
from router.executor.walk import Stored
from supergraph import QueryPlan, Subgraph, compose, prepare, read_supergraph
from tests.router.executor.executing import data_of, paths_of, root_fetch, run

OBJECTS = ("Ant", "Bee", "Cat")
ABSTRACT = ("Pet", "Thing")
LEAVES = ("Int", "Float", "String", "Boolean", "ID", "Color")


def random_schema(rng: Random) -> str:
    """Three object types, some of them behind an interface and a union."""

    def field(owner: str, number: int) -> str:
        named = rng.choice((*LEAVES, *OBJECTS, *ABSTRACT))
        wrapped = named + rng.choice(("", "!"))
        for _ in range(rng.choice((0, 0, 1, 2))):
            wrapped = f"[{wrapped}]" + rng.choice(("", "!"))
        return f"{owner.lower()}{number}: {wrapped}"

    shared = [field("pet", number) for number in range(2)]
    pets = rng.sample(OBJECTS, rng.randint(1, 3))
    parts = ["enum Color { RED BLUE }", f"interface Pet {{ {' '.join(shared)} }}"]
    parts.append(f"union Thing = {' | '.join(rng.sample(OBJECTS, rng.randint(1, 3)))}")
    for name in OBJECTS:
        own = [field(name, number) for number in range(3)]
        inherited = shared if name in pets else []
        parts.append(f"type {name}{' implements Pet' if inherited else ''} {{ {' '.join([*own, *inherited])} }}")
    roots = [f"{name.lower()}: {name}" for name in (*OBJECTS, *ABSTRACT)]
    parts.append(f"type Query {{ {' '.join([*roots, *(field('root', number) for number in range(3))])} }}")
    return "\n".join(parts)


def random_operation(rng: Random, schema: GraphQLSchema) -> str:
    """Fields with aliases, fragments and conditions."""

    def condition() -> str:
        kind = rng.choice(("include", "skip"))
        return f" @{kind}(if: ${rng.choice('vw')})" if rng.random() < 0.2 else ""

    def selection(type_name: str, depth: int) -> str:
        named = schema.type_map[type_name]
        units: list[str] = []
        for _ in range(rng.randint(1, 5)):
            fields = named.fields if is_object_type(named) or is_interface_type(named) else {}
            kinds = ["fragment", "typename"] + ["field"] * 4 * bool(fields)
            units.append(unit(rng.choice(kinds), type_name, depth))
        return "{ " + " ".join(filter(None, units)) + " __typename }"

    def unit(kind: str, type_name: str, depth: int) -> str:
        named = schema.type_map[type_name]
        if kind == "typename":
            return rng.choice(("__typename", "kind: __typename")) + condition()
        if kind == "fragment":
            name = rng.choice(_overlapping(schema, type_name))
            return f"... on {name}{condition()} {selection(name, depth - 1)}" if depth else ""
        assert is_object_type(named) or is_interface_type(named)
        name, definition = rng.choice(list(named.fields.items()))
        inner = get_named_type(definition.type)
        if is_composite_type(inner) and not depth:
            return ""
        alias = rng.choice(("", "", f"x_{name}: "))
        return f"{alias}{name}{condition()}" + (selection(inner.name, depth - 1) if is_composite_type(inner) else "")

    used = "v: __typename @include(if: $v) w: __typename @skip(if: $w)"
    return f"query ($v: Boolean!, $w: Boolean!) {{ {used} ... {selection('Query', 3)} }}"


def _overlapping(schema: GraphQLSchema, type_name: str) -> list[str]:
    def possible(name: str) -> set[str]:
        named = schema.type_map[name]
        return {each.name for each in schema.get_possible_types(named)} if is_abstract_type(named) else {name}

    candidates = (*OBJECTS, *ABSTRACT) if type_name != "Query" else ("Query",)
    return [name for name in candidates if possible(name) & possible(type_name)]


class DataMaker:
    """Resolves every field with a made-up value, and keeps what it made up."""

    def __init__(self, rng: Random, schema: GraphQLSchema, *, broken: float) -> None:
        self._rng = rng
        self._schema = schema
        self._broken = broken

    def resolve(self, source: Stored, info: GraphQLResolveInfo[object]) -> object:
        key = str(info.path.key)
        if key not in source:
            source[key] = self._value(info.return_type)
        return source[key]

    def _value(self, output_type: GraphQLOutputType) -> object:
        rng = self._rng
        nullable = get_nullable_type(output_type)
        if rng.random() < (self._broken if nullable is not output_type else 0.1):
            return None
        if is_list_type(nullable):
            wrong = rng.random() < self._broken
            return 5 if wrong else [self._value(nullable.of_type) for _ in range(rng.randint(0, 3))]
        named = get_named_type(nullable)
        if is_composite_type(named):
            return {"__typename": self._concrete(named.name)}
        if rng.random() < self._broken:
            return {"wrong": 1}
        if is_enum_type(named):
            return rng.choice(("RED", "BLUE", "GREEN" if rng.random() < self._broken else "RED"))
        return {"Int": 2**31 - 1, "Float": 1.5, "String": "s", "Boolean": True, "ID": "i"}[named.name]

    def _concrete(self, type_name: str) -> str:
        named = self._schema.type_map[type_name]
        if not is_abstract_type(named):
            return type_name
        possible: list[GraphQLObjectType] = list(self._schema.get_possible_types(named))
        return self._rng.choice(possible).name


def _type_of(value: Stored, *_: object) -> str:
    return str(value["__typename"])


def compiled(sdl: str, text: str) -> Program:
    """The operation as one fetch, through composing, reading and preparing."""
    composition = compose([Subgraph("a", "http://a", sdl)])
    assert composition.sdl is not None
    supergraph = read_supergraph(composition.sdl)
    return compile_program(
        supergraph, prepare(supergraph, text), QueryPlan(kind="query", fetches=(root_fetch(0, "a"),))
    )


# A seed cannot be shrunk.
@settings(max_examples=40, deadline=None, phases=[Phase.generate])
@given(st.integers(0, 10**9), st.sampled_from([0.0, 0.03, 0.15]), st.booleans(), st.booleans())
def test_a_response_is_what_a_plain_executor_answers(seed: int, broken: float, v: object, w: object) -> None:
    rng = Random(seed)  # noqa: S311 - seeded, to be reproducible
    sdl = random_schema(rng)
    schema = build_schema(sdl)
    text = random_operation(rng, schema)
    document = parse(text)
    assert not validate(schema, document)
    stored: Stored = {}
    plain = execute_sync(
        schema,
        document,
        root_value=stored,
        variable_values={"v": v, "w": w},
        field_resolver=DataMaker(rng, schema, broken=broken).resolve,
        type_resolver=_type_of,
    )
    result = run(compiled(sdl, text), {0: {"data": stored}}, {"v": v, "w": w})
    assert data_of(result) == plain.data
    assert json.dumps(data_of(result)) == json.dumps(plain.data)
    assert sorted(map(str, paths_of(result))) == sorted(str(error.path) for error in plain.errors or ())
