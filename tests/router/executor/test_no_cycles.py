"""What a cache forgets is freed at once, and so is what was used to make it: nothing of it holds itself."""

import gc
from collections.abc import Callable

import pytest

from router.executor.compiled.compiled_plan import compile_plan
from router.executor.program import Program, compile_program
from supergraph import Operation, QueryPlan, Subgraph, compose, prepare, read_supergraph
from supergraph.operation.select import parse_operations
from supergraph.operation.skeleton import read_skeleton
from supergraph.operation.template import make_template
from supergraph.operation.validate import validate_operations
from tests.checked_plans import unchecked_plan

SDL = "type Query { a(x: Int): A } type A { b: B c: [A] } union B = A | C type C { d: Int }"
COMPOSED = compose([Subgraph("s", "http://s", SDL)])
assert COMPOSED.sdl is not None
GRAPH = read_supergraph(COMPOSED.sdl)
TEXT = """
query ($v: Boolean!) { a(x: 1) { ...F c { b { ... on C { d } } } } }
fragment F on A { c @skip(if: $v) { c { __typename } } }
"""


def operation() -> Operation:
    return prepare(GRAPH, TEXT)


def planned() -> QueryPlan:
    return unchecked_plan(GRAPH, operation())


def program() -> Program:
    prepared = operation()
    made = compile_program(GRAPH, prepared, unchecked_plan(GRAPH, prepared))
    made.roots(0)
    return made


def garbage_of(make: Callable[[], object]) -> int:
    """How many objects only the collector can free, when what was kept for long is let go."""
    make()  # caches of the supergraph are filled, and stay
    made = make()
    gc.collect()
    gc.disable()
    try:
        del made
        return gc.collect()
    finally:
        gc.enable()


def left_by(make: Callable[[], object]) -> int:
    """How many objects only the collector can free, when something has just been made."""
    kept = make()
    gc.collect()
    gc.disable()
    try:
        kept = make()
        return gc.collect()
    finally:
        del kept
        gc.enable()


def validated() -> None:
    validate_operations(GRAPH.request_schema, parse_operations(TEXT))


def template() -> object:
    return make_template(GRAPH, read_skeleton(TEXT))


def introspection() -> Program:
    prepared = prepare(GRAPH, "query ($v: String!) { __type(name: $v) { name } ... @defer { a { c { __typename } } } }")
    return compile_program(GRAPH, prepared, unchecked_plan(GRAPH, prepared))


PRINTED = 60
"""What the printer of graphql-core leaves: one object or two for each text."""


@pytest.mark.parametrize(
    ("make", "most"),
    [(validated, 0), (operation, PRINTED), (planned, PRINTED), (template, PRINTED), (introspection, PRINTED)],
)
def test_nothing_that_is_used_on_the_way_holds_itself(make: Callable[[], object], most: int) -> None:
    assert left_by(make) <= most


@pytest.mark.parametrize("make", [operation, planned, program])
def test_nothing_holds_itself(make: Callable[[], object]) -> None:
    assert garbage_of(make) == 0


def test_a_compiled_plan_is_all_that_is_left_to_the_collector() -> None:
    # Struct types refer to themselves, as all classes do.
    assert garbage_of(lambda: compile_plan(program(), 0)) > 0
