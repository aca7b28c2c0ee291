"""What an operation costs whose text was never seen before: ``python -m benchmarks.distinct``.

Each row sends documents that differ from one another in one thing. Those that share a skeleton are answered from a
template, others are parsed, validated, normalised, planned and compiled. Times are of the processor, medians, in
microseconds per operation, without the requests to subgraphs. The second table says where the time of a new shape goes.
"""

import argparse
import asyncio
import random
import statistics
import time
from collections.abc import Callable, Iterable
from itertools import count

from graphql import FragmentDefinitionNode
from rich.console import Console
from rich.table import Table

from router.config.security import LimitsConfig
from router.executor.program import compile_program
from router.graphql.limits import exceeded_limits
from router.graphql.planning import Planning
from router.sources.garbage import settle_memory
from supergraph import Subgraph, Supergraph, compose, plan, read_supergraph
from supergraph.operation.authorization import Filtered
from supergraph.operation.select import choose_operation, parse_operations, prepare_document
from supergraph.operation.skeleton import read_skeleton
from supergraph.operation.template import make_template
from supergraph.operation.validate import validate_operations

LINK = """extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@external", "@requires"])
"""
SUBGRAPHS = {
    "readers": """
type Query { reader(id: ID!): Reader }
type Reader @key(fields: "id") { id: ID! name: String mail: String born: Int }
""",
    "books": """
type Query { newBooks(first: Int): [Book] }
type Book @key(fields: "isbn") { isbn: ID! title: String price: Int pages: Int }
""",
    "notes": """
type Reader @key(fields: "id") { id: ID! notes: [Note] }
type Book @key(fields: "isbn") { isbn: ID! notes: [Note] }
type Note @key(fields: "id") { id: ID! text: String reader: Reader book: Book }
""",
    "stock": """
type Book @key(fields: "isbn") {
  isbn: ID! pages: Int @external stocked: Boolean weight: Int @requires(fields: "pages")
}
""",
}
DOCUMENT = """query Shelf($id: ID!) {
  reader(id: $id) {
    id %(alias)s: name born
    notes { id text book { isbn title price stocked weight notes { id reader { id name mail } } } }
  }
  newBooks(first: %(literal)s) { isbn title stocked notes { id } }%(layout)s
}"""


def documents(kind: str) -> Iterable[str]:
    """Documents that differ in one thing, without end."""
    rng = random.Random(1)  # noqa: S311 - a reproducible example, not a secret
    for number in count():
        alias = f"alias{number}" if kind == "alias" else "alias"
        literal = str(number) if kind == "literal" else "2"
        layout = f" # {number}" if kind == "layout" else ""
        document = DOCUMENT % {"alias": alias, "literal": literal, "layout": layout}
        yield _shuffled(rng, number) if kind == "shape" else document


def _shuffled(rng: random.Random, number: int) -> str:
    book = _some(rng, ["isbn", "title", "price", "stocked", "weight", "notes { id reader { id name mail } }"], 6)
    notes = _some(rng, ["id", "text", f"book {{ {book} }}"], 3)
    reader = _some(rng, ["id", "alias: name", "born", f"notes {{ {notes} }}"], 4)
    books = _some(rng, ["isbn", "title", "stocked", "notes { id }"], 4)
    roots = _some(rng, [f"reader(id: $id) {{ {reader} }}", f"newBooks(first: 2) {{ {books} }}"], 2)
    return f"query Shelf{number}($id: ID!) {{ {roots} }}"


def _some(rng: random.Random, fields: list[str], number: int) -> str:
    return " ".join(rng.sample(fields, number))


async def operation_microseconds(graph: Supergraph, kind: str, runs: int) -> float:
    """The median of what one operation takes up to its program."""
    planning = Planning(graph, limits=LimitsConfig(), cache_limit=1000, clock=time.monotonic)
    times = []
    for number, document in enumerate(documents(kind)):
        if number == runs + 5:
            break
        start = time.process_time()
        operation = planning.known_operation(document, None) or await planning.operation(document, None)
        filtered = Filtered(operation, ())
        planning.known_plan(filtered) or await planning.plan(operation, filtered)
        if number >= 5:
            times.append(time.process_time() - start)
    planning.close()
    return statistics.median(times) * 1e6


def step_microseconds(graph: Supergraph, runs: int) -> dict[str, float]:
    """The median of each step on one document."""
    document = next(iter(documents("shape")))
    node = parse_operations(document)
    definition = choose_operation(node, None)
    fragments = {each.name.value: each for each in node.definitions if isinstance(each, FragmentDefinitionNode)}
    operation = prepare_document(graph, node)
    query_plan = plan(graph, operation)
    skeleton = read_skeleton(document)
    template = make_template(graph, skeleton)
    assert template is not None
    validating = median_microseconds(lambda: validate_operations(graph.request_schema, node), runs)
    return {
        "read the skeleton": median_microseconds(lambda: read_skeleton(document), runs),
        "fill the template": median_microseconds(lambda: template.fill(skeleton, document), runs),
        "parse": median_microseconds(lambda: parse_operations(document), runs),
        "validate": validating,
        "choose, normalise": median_microseconds(lambda: prepare_document(graph, node), runs) - validating,
        "check limits": median_microseconds(lambda: exceeded_limits(definition, fragments, LimitsConfig()), runs),
        "plan": median_microseconds(lambda: plan(graph, operation), runs),
        "compile": median_microseconds(lambda: compile_program(graph, operation, query_plan), runs),
    }


def median_microseconds(run: Callable[[], object], runs: int) -> float:
    """What one call takes."""
    times = []
    for _ in range(runs):
        start = time.process_time()
        run()
        times.append(time.process_time() - start)
    return statistics.median(times) * 1e6


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=200, help="operations per row (default 200)")
    runs = parser.parse_args().runs
    composition = compose([Subgraph(name, f"http://{name}", LINK + sdl) for name, sdl in SUBGRAPHS.items()])
    if composition.sdl is None:
        raise SystemExit(f"the example does not compose: {composition.errors[0].message}")
    graph = read_supergraph(composition.sdl)
    settle_memory()  # as the gateway does: else the collector takes half of the time
    table = Table("documents differ in", "µs per operation")
    for kind in ("nothing", "layout", "literal", "alias", "shape"):
        table.add_row(kind, f"{asyncio.run(operation_microseconds(graph, kind, runs)):.0f}")
    steps = Table("step", "µs")
    for step, microseconds in step_microseconds(graph, runs).items():
        steps.add_row(step, f"{microseconds:.0f}")
    console = Console()
    console.print(table)
    console.print(steps)


if __name__ == "__main__":
    main()
