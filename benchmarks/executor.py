"""What executing a plan costs, in each of its ways: ``python -m benchmarks.executor``.

Subgraphs are texts that were written before: what is measured is making requests, reading answers, putting them
together and writing the response, without any network. Times are of the processor, the best of several runs.
"""

import argparse
import itertools
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import msgspec
import orjson
from graphql import (
    FieldNode,
    GraphQLNamedType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_enum_type,
    is_list_type,
    is_object_type,
    parse,
)
from graphql.type import GraphQLOutputType
from rich.console import Console
from rich.table import Table

from benchmarks.planning import LINK, four_hops
from router.executor import FetchAnswer, PlanRun, Program, compile_program
from router.executor.compiled.places import NotCompilableError
from router.executor.outcome import FetchOutcome, FetchRequest
from router.executor.speculative_run import SpeculativeRun
from router.executor.ways import WAYS, Way
from supergraph import Subgraph, Supergraph, compose, plan, prepare, read_supergraph

LIST = Subgraph("list", "", LINK + 'type Query { items: [Item!] } type Item @key(fields: "id") { id: ID! }')
ITEMS = Subgraph("items", "", LINK + 'type Item @key(fields: "id") { id: ID! name: String price: Float left: Int }')

CATALOGUE = Subgraph(
    "catalogue",
    "",
    LINK
    + """
    type Query { books: [Book!]! }
    type Book { id: ID! title: String! price: Float pages: Int kind: Kind! tags: [String!]! size: Size new: Boolean }
    type Size { width: Float! height: Float! unit: Unit! }
    enum Kind { HARDCOVER PAPERBACK }
    enum Unit { CM INCH }
    """,
)
MEDIA = (
    Subgraph(
        "media",
        "",
        LINK
        + """
        type Query { media: [Media!] }
        interface Media { id: ID! title: String }
        type Novel implements Media @key(fields: "id") { id: ID! title: String pages: Int }
        type Film implements Media @key(fields: "id") { id: ID! title: String minutes: Int }
        type Song implements Media @key(fields: "id") { id: ID! title: String }
        """,
    ),
    Subgraph(
        "prices",
        "",
        LINK
        + """
        type Novel @key(fields: "id") { id: ID! price: Float }
        type Film @key(fields: "id") { id: ID! price: Float }
        type Song @key(fields: "id") { id: ID! plays: Int }
        """,
    ),
)
MIXED = (
    "{ media { title ... on Novel { pages price } ... on Film { minutes price } ... on Song { plays } __typename } }"
)

BOOKS = "{ books { id title price pages kind tags size { width height unit } new } }"

FEDERATION = LINK.replace("@shareable", '@external", "@requires')

READERS = (
    Subgraph(
        "people",
        "",
        FEDERATION
        + """
        type Query { readers: [Reader!] reader(id: ID!): Reader }
        type Reader @key(fields: "id") { id: ID! name: String email: String born: Int }
        """,
    ),
    Subgraph(
        "notes",
        "",
        FEDERATION
        + """
        type Reader @key(fields: "id") { id: ID! email: String @external notes: [Note!] count: Int
            badge: String @requires(fields: "email") }
        type Note @key(fields: "id") { id: ID! text: String author: Reader book: Book }
        type Book @key(fields: "isbn") { isbn: ID! notes: [Note!] }
        """,
    ),
    Subgraph(
        "shop",
        "",
        FEDERATION
        + """
        type Query { newest(first: Int): [Book!] }
        type Book @key(fields: "isbn") { isbn: ID! title: String price: Float weight: Int }
        """,
    ),
    Subgraph(
        "shelves",
        "",
        FEDERATION
        + """
        type Book @key(fields: "isbn") { isbn: ID! price: Float @external weight: Int @external free: Boolean
            postage: Int @requires(fields: "price weight") }
        """,
    ),
)
READING = """
fragment Person on Reader { id name }
fragment Text on Note { id text }
fragment Whole on Book { isbn title price weight free postage }
{
  readers { ...Person email notes { ...Text book { ...Whole notes { ...Text author { ...Person notes { ...Text book {
    ...Whole } } } } } } }
  reader(id: "1") { ...Person notes { ...Text book { ...Whole notes { ...Text author { ...Person badge } } } } }
  newest { ...Whole notes { ...Text author { ...Person count notes { ...Text book { ...Whole } } } } }
}
"""


@dataclass(frozen=True, slots=True)
class Example:
    """An operation on a few subgraphs, where every list has as many elements as ``lengths`` says for its depth."""

    name: str
    subgraphs: tuple[Subgraph, ...]
    operation: str
    lengths: tuple[int, ...]


EXAMPLES = (
    Example("one field", (CATALOGUE,), "{ books { id title } }", (1,)),
    Example("1000 entities", (LIST, ITEMS), "{ items { name price left } }", (1000,)),
    Example("1000 of three types", MEDIA, MIXED, (1000,)),
    Example("8 MB, one request", (CATALOGUE,), BOOKS, (22_000, 3)),
    Example("five requests in a row", tuple(four_hops()[0]), four_hops()[1], (1,)),
    Example("wide", READERS, READING, (5, 2, 3, 2, 2)),
)


class Subgraphs:
    """Answers by type: made up when a request is first seen, and found again afterwards."""

    def __init__(self, schema: GraphQLSchema, lengths: tuple[int, ...]) -> None:
        self._schema = schema
        self._lengths = lengths
        self._answers: dict[bytes, FetchOutcome] = {}
        self._numbers = itertools.count()

    def __call__(self, request: FetchRequest) -> FetchOutcome:
        """The answer to a request."""
        answer = self._answers.get(request.body)
        if answer is None:
            answer = self._answers[request.body] = self._make_up(request)
        return answer

    @property
    def size(self) -> int:
        """Bytes of all answers together."""
        return sum(len(answer.body) for answer in self._answers.values() if isinstance(answer, FetchAnswer))

    def _make_up(self, request: FetchRequest) -> FetchOutcome:
        body = json.loads(request.body)
        (operation,) = (node for node in parse(body["query"]).definitions if isinstance(node, OperationDefinitionNode))
        root = self._schema.query_type
        assert root is not None
        if request.fetch.entities:
            data: object = {
                call.alias: [
                    self._object(self._schema.type_map[each["__typename"]], node.selection_set, depth=1)
                    for each in body["variables"][call.variable]
                ]
                for call, node in zip(request.fetch.entities, operation.selection_set.selections, strict=True)
                if isinstance(node, FieldNode)
            }
        else:
            data = self._object(root, operation.selection_set, depth=0)
        return FetchAnswer(200, "application/json", json.dumps({"data": data}, separators=(",", ":")).encode())

    def _object(self, named: GraphQLNamedType, selection: SelectionSetNode | None, *, depth: int) -> dict[str, object]:
        found: dict[str, object] = {}
        for node in selection.selections if selection is not None else ():
            if isinstance(node, InlineFragmentNode):
                condition = node.type_condition
                if condition is None or self._applies(condition.name.value, named):
                    found |= self._object(named, node.selection_set, depth=depth)
            elif isinstance(node, FieldNode):
                key = node.alias.value if node.alias else node.name.value
                output_type = None if node.name.value == "__typename" else named.fields[node.name.value].type  # type: ignore[attr-defined]  # the schema has it
                found[key] = named.name if output_type is None else self._value(output_type, node, depth)
        return found

    def _applies(self, condition: str, named: GraphQLNamedType) -> bool:
        wanted = self._schema.type_map[condition]
        return wanted is named or (
            is_abstract_type(wanted) and is_object_type(named) and self._schema.is_sub_type(wanted, named)
        )

    def _value(self, output_type: GraphQLOutputType, node: FieldNode, depth: int) -> object:
        nullable = get_nullable_type(output_type)
        if is_list_type(nullable):
            length = self._lengths[min(depth, len(self._lengths) - 1)]
            return [self._value(nullable.of_type, node, depth + 1) for _ in range(length)]
        named = get_named_type(output_type)
        if node.selection_set is not None:
            if is_abstract_type(named):
                possible = self._schema.get_possible_types(named)
                named = possible[next(self._numbers) % len(possible)]
            return self._object(named, node.selection_set, depth=depth)
        return self._leaf(named)

    def _leaf(self, named: GraphQLNamedType) -> object:
        number = next(self._numbers)
        if is_enum_type(named):
            return sorted(named.values)[number % len(named.values)]
        values: Mapping[str, object] = {
            "Int": number % 1000,
            "Float": number / 7,
            "Boolean": number % 3 == 0,
            "ID": str(number % 4999),
        }
        return values.get(named.name, f"some text of no great length, number {number}")


def drive(run: PlanRun | SpeculativeRun, subgraphs: Subgraphs) -> bytes:
    """Run to the end."""
    waiting = run.ready()
    while waiting:
        request = waiting.pop(0)
        run.receive(request, subgraphs(request))
        waiting.extend(run.ready())
    return run.response().data


def best(measured: Callable[[], object], seconds: float) -> float:
    """Milliseconds of the fastest run, of as many as fit into ``seconds``; short runs are measured in bunches."""
    measured()
    once = _times(measured, 3)
    runs = max(1, int(0.002 / once))
    end = time.perf_counter() + seconds
    fastest = once
    while time.perf_counter() < end:
        fastest = min(fastest, _times(measured, runs))
    return fastest * 1e3


def _times(measured: Callable[[], object], runs: int) -> float:
    start = time.process_time()
    for _ in range(runs):
        measured()
    return (time.process_time() - start) / runs


def program_of(example: Example) -> tuple[Supergraph, Program]:
    """The example's plan."""
    composition = compose(example.subgraphs)
    if composition.sdl is None:
        raise SystemExit(f"{example.name} does not compose: {composition.errors[0].message}")
    supergraph = read_supergraph(composition.sdl)
    operation = prepare(supergraph, example.operation)
    return supergraph, compile_program(supergraph, operation, plan(supergraph, operation))


def floor(body: bytes, seconds: float) -> tuple[float, float, float]:
    """What the work on one large answer costs at least: looking for its end, decoding it to dicts with two decoders."""
    skipping = msgspec.json.Decoder(msgspec.Raw)
    return (
        best(lambda: skipping.decode(body), seconds),
        best(lambda: orjson.loads(body), seconds),
        best(lambda: json.loads(body), seconds),
    )


@dataclass(frozen=True, slots=True)
class Measured:
    """What one example costs, in milliseconds."""

    requests: int
    kilobytes: float
    interpreted: float
    ways: Mapping[str, float | None]
    response: bytes


def measure(example: Example, seconds: float) -> Measured:
    """Run an example in every way."""
    supergraph, program = program_of(example)
    subgraphs = Subgraphs(supergraph.schema, example.lengths)
    wanted = drive(PlanRun(program, {}), subgraphs)
    return Measured(
        requests=len(program.fetches),
        kilobytes=subgraphs.size / 1000,
        interpreted=best(lambda: drive(PlanRun(program, {}), subgraphs), seconds),
        ways={way.__name__: measure_way(way, program, subgraphs, wanted, seconds) for way in WAYS},
        response=wanted,
    )


def measure_way(way: Way, program: Program, subgraphs: Subgraphs, wanted: bytes, seconds: float) -> float | None:
    """The time that a run takes; ``None`` if the program does not go that way."""
    try:
        start = way(program, 0)
    except NotCompilableError:
        return None
    run = SpeculativeRun(program, {}, start({}))
    if json.loads(drive(run, subgraphs)) != json.loads(wanted) or run.is_interpreted:
        raise SystemExit(f"a run that is {way.__name__} does not go as it should")
    return best(lambda: drive(SpeculativeRun(program, {}, start({})), subgraphs), seconds)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=1.0, help="time for each measurement (default 1)")
    parser.add_argument("--only", default="", help="part of an example's name")
    arguments = parser.parse_args()
    columns = [column for way in WAYS for column in (f"{way.__name__} ms", "ratio")]
    table = Table("operation", "requests", "KB", "interpreted ms", *columns)
    console = Console(width=110)
    for example in EXAMPLES:
        if arguments.only not in example.name:
            continue
        found = measure(example, arguments.seconds)
        times = [f"{found.interpreted:.4f}"]
        for taken in found.ways.values():
            times += ["-", "-"] if taken is None else [f"{taken:.4f}", f"{taken / found.interpreted:.2f}"]
        table.add_row(example.name, str(found.requests), f"{found.kilobytes:.1f}", *times)
        if found.kilobytes > 1000:
            skipped, decoded, slowly = floor(found.response, arguments.seconds)
            console.print(f"{example.name}: skipping {skipped:.1f} ms, orjson {decoded:.1f} ms, json {slowly:.1f} ms")
    console.print(table)


if __name__ == "__main__":
    main()
