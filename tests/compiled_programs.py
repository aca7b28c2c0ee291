"""Programs for tests of compiled plans: composed, planned, and answered from a table."""

import json
from collections.abc import Callable, Iterator, Mapping

from router.executor.outcome import ExecutionResult, FetchOutcome, FetchRequest
from router.executor.program import ExecutionOptions, LeftOut, Program, compile_program
from router.executor.run import PlanRun
from router.executor.schedule import run_sync
from router.executor.speculative_run import SpeculativeRun
from router.executor.ways import Way, compiled
from supergraph import plan, prepare, read_supergraph
from supergraph.operation.model import Field, Operation
from tests.composing import compose_all, fed2
from tests.router.executor.executing import FakeSubgraphs, answer

SHOP = {
    "catalogue": """
        type Query { product(id: ID!): Product  products: [Product!]  media: [Media!]  stores: [Store!] }
        type Mutation { add(name: String!): Product }
        type Product @key(fields: "id") { id: ID!  name: String!  kind: Kind  sizes: [Size]  made: Maker
            weight: Float }
        type Size { width: Int  height: Float }
        type Maker @key(fields: "code area { name }") { code: ID!  area: Area }
        type Area @shareable { name: String }
        enum Kind { BOOK TOY SECRET @inaccessible }
        interface Media { id: ID!  title: String }
        type Book implements Media @key(fields: "id") { id: ID!  title: String  pages: Int }
        type Film implements Media @key(fields: "id") { id: ID!  title: String  minutes: Int }
        type Store { id: ID!  town: String  open: Boolean  query: Query  visitor: Visitor }
        type Visitor @key(fields: "id") { id: ID! }
    """,
    "stock": """
        type Query { left: Int }
        type Product @key(fields: "id") { id: ID!  left: Int!  price: Float  sizes: [Size] @external
            box: String @requires(fields: "sizes { width height }")
            weight: Float @external  postage: Int @requires(fields: "weight") }
        type Size @external { width: Int  height: Float }
        type Book @key(fields: "id") { id: ID!  left: Int  copies: [Copy!] }
        type Film @key(fields: "id") { id: ID!  left: Int  copies: [Copy!] }
        type Copy { shelf: String  row: Int }
        type Maker @key(fields: "code area { name }") { code: ID!  area: Area  rating: Int }
        type Area @shareable { name: String }
        type Visitor @key(fields: "id") @key(fields: "badge") { id: ID!  badge: ID }
    """,
    "visits": """
        type Visitor @key(fields: "badge") { badge: ID  nick: String }
    """,
    "greetings": """
        type Visitor @key(fields: "badge") { badge: ID  nick: String @external
            greeting: String @requires(fields: "nick") }
    """,
}


def program_of(
    operation: str,
    *,
    options: ExecutionOptions | None = None,
    without: str | None = None,
    withheld: str = "",
    subgraphs: Mapping[str, str] = SHOP,
) -> Program:
    """The program of an operation on a shop; of ``without``, if a field on products is ``withheld``."""
    composition = compose_all({name: fed2(sdl) for name, sdl in subgraphs.items()})
    assert composition.sdl is not None, composition.errors
    supergraph = read_supergraph(composition.sdl)
    prepared = prepare(supergraph, operation)
    query_plan = plan(supergraph, prepared if without is None else prepare(supergraph, without))
    left_out = LeftOut(fields=frozenset((field.id, "Product") for field in fields_called(prepared, withheld)))
    return compile_program(supergraph, prepared, query_plan, options=options or ExecutionOptions(), left_out=left_out)


def fields_called(operation: Operation, name: str) -> Iterator[Field]:
    """The fields of this name, at any depth, outside of type conditions."""
    waiting = [operation.selection]
    for selection in waiting:
        for unit in selection.units:
            if isinstance(unit, Field):
                if unit.name == name:
                    yield unit
                waiting += [unit.selection] if unit.selection is not None else []


def speculate(
    program: Program,
    variables: Mapping[str, object] | None = None,
    *,
    way: Way = compiled,
    gave_up: Callable[[], None] = lambda: None,
) -> SpeculativeRun:
    """A run of the compiled program."""
    values = variables or {}
    start = way(program, program.conditions.evaluate(values))
    return SpeculativeRun(program, values, start(values), gave_up)


def run_compiled(
    program: Program, *answers: object, way: Way = compiled, variables: Mapping[str, object] | None = None
) -> object:
    """The data that the fast run gives for answers by fetch; an interpreted run is a test failure.

    The interpreter must ask the same and answer the same.
    """
    table = dict(enumerate(answers))
    asked_fast, asked_slowly = FakeSubgraphs(table), FakeSubgraphs(table)
    run = speculate(program, variables, way=way)
    result = run_sync(run, asked_fast)
    expected = run_sync(PlanRun(program, variables or {}), asked_slowly)
    assert not run.is_interpreted
    assert asked_fast.asked == asked_slowly.asked
    assert ordered(result) == ordered(expected)
    assert not result.errors
    return json.loads(result.data)


def ordered(result: ExecutionResult) -> object:
    """Data in which the order of keys counts."""
    return json.loads(result.data, object_pairs_hook=tuple)


class OneByOne:
    """A run that is answered by hand; ``asked`` are the ids of the fetches that were made."""

    def __init__(self, run: SpeculativeRun) -> None:
        self.run = run
        self.asked: list[int] = []
        self._out: list[FetchRequest] = []
        self._take_ready()

    def answer(self, fetch_id: int, response: object) -> None:
        """Answer the request of a fetch that is out."""
        request = next(each for each in self._out if each.fetch.id == fetch_id)
        self._out.remove(request)
        self.run.receive(request, response if isinstance(response, FetchOutcome) else answer(response))
        self._take_ready()

    @property
    def out(self) -> list[int]:
        """The fetches that wait for their answers."""
        return sorted(request.fetch.id for request in self._out)

    def _take_ready(self) -> None:
        requests = self.run.ready()
        self._out += requests
        self.asked += [request.fetch.id for request in requests]
