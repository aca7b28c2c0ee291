"""How long planning takes, and how it grows: ``python -m benchmarks.planning``.

Graphs are generated: entities in levels, each field resolved by two to four of the subgraphs. Times are of the
processor, the median of several runs on a fresh query graph; requests are those of the plan.
"""

import argparse
import random
import re
import statistics
import time
from collections.abc import Iterator

from rich.console import Console
from rich.table import Table

from supergraph import Subgraph, Supergraph, compose, plan, prepare, read_supergraph

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


def measure(sdl: str, operation: str, runs: int) -> tuple[float, float, int, int]:
    """Median milliseconds of preparing and of planning; requests and evaluations of the plan."""

    def times() -> Iterator[tuple[float, float, int, int]]:
        for _ in range(runs):
            graph: Supergraph = read_supergraph(sdl)
            start = time.process_time()
            prepared = prepare(graph, operation)
            middle = time.process_time()
            metrics = plan(graph, prepared).metrics
            yield (middle - start) * 1e3, (time.process_time() - middle) * 1e3, metrics.requests, metrics.evaluations

    results = list(times())
    return (
        statistics.median(prepared for prepared, *_ in results),
        statistics.median(planned for _, planned, *_ in results),
        results[0][2],
        results[0][3],
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="runs per row; the median is printed (default 5)")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    table = Table("operation", "subgraphs", "leaves", "requests", "evaluations", "prepare ms", "plan ms")
    examples = [("four hops", *four_hops())]
    examples += [(f"{size[1]} levels", *generate(*size, arguments.seed)) for size in SIZES]
    for name, sdls, operation in examples:
        composition = compose(sdls, satisfiability=False)
        if composition.sdl is None:
            raise SystemExit(f"the generated graph does not compose: {composition.errors[0].message}")
        prepared, planned, requests, evaluations = measure(composition.sdl, operation, arguments.runs)
        leaves = len(re.findall(r"\b[fg]\d*\b", operation))
        numbers = (len(sdls), leaves, requests, evaluations)
        table.add_row(name, *map(str, numbers), f"{prepared:.1f}", f"{planned:.1f}")
    Console().print(table)


if __name__ == "__main__":
    main()
