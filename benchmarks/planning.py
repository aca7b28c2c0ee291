"""How long planning takes, and how it grows: ``python -m benchmarks.planning``.

Four tables: the demo and graphs that are generated (entities in levels, each field resolved by two to four of the
subgraphs); the planner's own test cases; and operations that grow, over one graph. Times are of the processor, the
median of several runs: of preparing, of planning on a query graph that was never used (``plan ms``), and of planning
once more on the same (``again ms``), as a gateway that has been up for a while does. Requests are those of the plan.
"""

import argparse
import random
import statistics
import time
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from subgraphs.orders.service import EXAMPLE as ORDERS
from subgraphs.products.service import EXAMPLE as PRODUCTS
from subgraphs.users.service import EXAMPLE as USERS
from supergraph import Subgraph, Supergraph, compose, plan, prepare, read_supergraph
from supergraph.query_graph import count_leaves
from tests.cases.loader import Case, load_cases

LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key", "@shareable"])\n'
SIZES = ((6, 3, 2, 4), (8, 3, 2, 7), (8, 5, 2, 3), (10, 4, 2, 5), (12, 4, 2, 8), (12, 4, 3, 6))
"""Subgraphs, levels of entities, entity fields per entity, leaf fields per entity."""


def four_hops() -> tuple[list[Subgraph], str]:
    """Five subgraphs, each of which is reached from the one before."""
    root = 'type Query { e0: E0 } type E0 @key(fields: "id") { id: ID! f: Int e1: E1 }'
    root += ' type E1 @key(fields: "id") { id: ID! }'
    sdls = [Subgraph("s0", "http://s0", LINK + root)]
    for level in range(1, 5):
        own = f'type E{level} @key(fields: "id") {{ id: ID! f: Int g: Int e{level + 1}: E{level + 1} }}'
        following = f'type E{level + 1} @key(fields: "id") {{ id: ID! }}'
        sdls.append(Subgraph(f"s{level}", f"http://s{level}", LINK + own + following))
    return sdls, "{ e0 { f e1 { f g e2 { f g e3 { f g e4 { f g } } } } } }"


def generate(subgraphs: int, levels: int, width: int, leaves: int, seed: int) -> tuple[list[Subgraph], str]:
    """Subgraphs, and an operation that selects everything."""
    rng = random.Random(seed)  # noqa: S311 - a reproducible example, not a secret
    names = [f"s{index}" for index in range(subgraphs)]
    types: dict[str, dict[str, list[str]]] = {name: {} for name in names}

    def resolve(type_name: str, field: str) -> None:
        for owner in rng.sample(names, rng.randint(2, 4)):
            types[owner].setdefault(type_name, []).append(f"{field} @shareable")

    for level in range(levels):
        for index in range(leaves):
            resolve(f"E{level}", f"f{index}: Int")
        for index in range(width if level + 1 < levels else 0):
            resolve(f"E{level}", f"e{index}: E{level + 1}")
    types[names[0]].setdefault("E0", [])
    sdls = []
    for name in names:
        referred = {
            f"E{int(owner[1:]) + 1}" for owner, fields in types[name].items() for field in fields if ": E" in field
        }
        bodies = [
            f'type {owner} @key(fields: "id") {{ id: ID! {" ".join(types[name].get(owner, ()))} }}'
            for owner in sorted({*types[name], *referred})
        ]
        query = "type Query { root: E0 }" if name == names[0] else ""
        sdls.append(Subgraph(name, f"http://{name}", LINK + query + "\n".join(bodies)))

    def select(level: int) -> str:
        inner = " ".join(f"f{index}" for index in range(leaves))
        if level + 1 < levels:
            inner += "".join(f" e{index} {select(level + 1)}" for index in range(width))
        return f"{{ {inner} }}"

    return sdls, f"{{ root {select(0)} }}"


def demo() -> tuple[list[Subgraph], str]:
    """The three example subgraphs, and an operation over all of them."""
    sdls = [Subgraph(each.name, f"http://{each.name}", str(each.schema)) for each in (USERS, PRODUCTS, ORDERS)]
    return sdls, "{ topProducts(first: 2) { name price shippingEstimate orders { status user { name } } } }"


def chain(levels: int) -> tuple[list[Subgraph], str]:
    """A hop to another subgraph and back, again and again."""
    keyed = 'type T @key(fields: "id") { id: ID!'
    sdls = [f"type Query {{ t: T }} {keyed} n: T }}", f"{keyed} m: T x: Int @shareable }}"]
    sdls.append(f"{keyed} x: Int @shareable y: Int }}")
    operation = "{ t { " + "x y n { m { " * levels + "x y" + " } }" * levels + " } }"
    return _named(sdls), operation


def union_in_union(members: int) -> tuple[list[Subgraph], str]:
    """A union inside each of its members; the fields of these lie in two subgraphs."""
    names = [f"T{index}" for index in range(members)]
    keyed = [f'type {name} @key(fields: "id") {{ id: ID!' for name in names]
    root = f"type Query {{ u: U }} union U = {' | '.join(names)} " + " ".join(f"{each} u: U }}" for each in keyed)
    sdls = [root, " ".join(f"{each} x: Int }}" for each in keyed)]
    inner = " ".join(f"... on {name} {{ x }}" for name in names)
    operation = " ".join(f"... on {name} {{ x u {{ {inner} }} }}" for name in names)
    return [
        Subgraph(f"s{index}", "http://s", LINK + sdl) for index, sdl in enumerate(sdls)
    ], f"{{ u {{ {operation} }} }}"


def aliases(count: int) -> tuple[list[Subgraph], str]:
    """Aliases of a field with arguments, below as many aliases of a root field."""
    keyed = 'type T @key(fields: "id") { id: ID!'
    sdls = [f"type Query {{ t(i: Int): T }} {keyed} }}", f"{keyed} x(i: Int): Int }}"]
    operation = " ".join(f"t{index}: t(i: {index}) {{ x(i: {index}) }}" for index in range(count))
    return _named(sdls), f"{{ {operation} }}"


def _named(sdls: list[str]) -> list[Subgraph]:
    return [Subgraph(f"s{index}", f"http://s{index}", LINK + sdl) for index, sdl in enumerate(sdls)]


class Measured(NamedTuple):
    """Median milliseconds, and what was planned."""

    prepare: float
    plan: float
    again: float
    leaves: int
    requests: int
    evaluations: int


def measure(sdl: str, operation: str, runs: int) -> Measured:
    """Prepare and plan ``runs`` times, each time on a supergraph that was just read."""
    return _median(list(_measure(sdl, operation, runs)))


def _measure(sdl: str, operation: str, runs: int) -> Iterator[Measured]:
    for _ in range(runs):
        graph: Supergraph = read_supergraph(sdl)
        times = [time.process_time()]
        prepared = prepare(graph, operation)
        times.append(time.process_time())
        plan(graph, prepared)
        times.append(time.process_time())
        metrics = plan(graph, prepared).metrics
        times.append(time.process_time())
        first, second, third = ((end - start) * 1e3 for start, end in pairwise(times))
        leaves = count_leaves(prepared.selection)
        yield Measured(first, second, third, leaves, metrics.requests, metrics.evaluations)


def _median(results: list[Measured]) -> Measured:
    return results[0]._replace(
        prepare=statistics.median(each.prepare for each in results),
        plan=statistics.median(each.plan for each in results),
        again=statistics.median(each.again for each in results),
    )


def show(title: str, examples: Iterable[tuple[str, list[Subgraph], str]], runs: int) -> Table:
    """A row for each operation."""
    table = Table("operation", "subgraphs", "leaves", "requests", "evaluations", title=title)
    for column in ("prepare ms", "plan ms", "again ms"):
        table.add_column(column, justify="right")
    for name, sdls, operation in examples:
        composition = compose(sdls, satisfiability=False)
        if composition.sdl is None:
            raise SystemExit(f"{name}: the graph does not compose: {composition.errors[0].message}")
        found = measure(composition.sdl, operation, runs)
        numbers = map(str, (len(sdls), found.leaves, found.requests, found.evaluations))
        table.add_row(name, *numbers, f"{found.prepare:.1f}", f"{found.plan:.1f}", f"{found.again:.1f}")
    return table


def show_cases(cases: list[Case]) -> Table:
    """All of the planner's test cases that have a plan: how the times are spread."""
    found: list[Measured] = []
    for case in cases:
        sdls = [Subgraph(each.name, f"http://{each.name}", each.sdl) for each in case.subgraphs]
        composition = compose(sdls, satisfiability=False)
        if composition.sdl is not None and not {"error", "known", "needs"} & {*case.expected, *case.headers}:
            found.append(measure(composition.sdl, case.operation.text, 1))
    table = Table("", "median ms", "90 % below ms", "longest ms", title=f"{len(found)} test cases of the planner")
    for name in ("prepare", "plan", "again"):
        times = sorted(getattr(each, name) for each in found)
        parts = (times[len(times) // 2], times[len(times) * 9 // 10], times[-1])
        table.add_row(name, *(f"{part:.2f}" for part in parts))
    return table


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="runs per row; the median is printed (default 5)")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    console = Console()
    graphs = [("demo", *demo()), ("four hops", *four_hops())]
    graphs += [(f"{size[1]} levels", *generate(*size, arguments.seed)) for size in SIZES]
    console.print(show("the demo and generated graphs", graphs, arguments.runs))
    console.print(show_cases(load_cases(Path(__file__).parents[1] / "tests" / "cases" / "planner")))
    growing = [(f"{2 * levels} hops", *chain(levels)) for levels in (5, 10, 20, 40)]
    growing += [(f"{members} types in {members} types", *union_in_union(members)) for members in (8, 16, 32)]
    growing += [(f"{count} aliases", *aliases(count)) for count in (100, 200, 400)]
    console.print(show("growth", growing, arguments.runs))


if __name__ == "__main__":
    main()
