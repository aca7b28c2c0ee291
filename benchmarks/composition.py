"""How long composition takes, how much memory it needs, and how both grow: ``python -m benchmarks.composition``.

The first row is the demo. The others are generated: entities that several subgraphs extend by keys, value types that
neighbours share, enums, inputs and interfaces, and references between entities that run in cycles. The last rows are
dense: every subgraph has every entity, by keys that form a ring and keys that need the key of the next entity. Each
row runs in a process of its own, so that its peak memory is its own.
"""

import argparse
import json
import random
import resource
import subprocess
import sys
import time

from rich.console import Console
from rich.table import Table

from router.sources.garbage import collector_paused
from subgraphs.orders.service import EXAMPLE as ORDERS
from subgraphs.products.service import EXAMPLE as PRODUCTS
from subgraphs.users.service import EXAMPLE as USERS
from supergraph import Subgraph, compose

SIZES = ((20, 1_000), (50, 1_250), (100, 2_500), (200, 5_000))
"""Subgraphs and types in the supergraph."""

DENSE_SIZES = ((30, 30), (60, 30), (120, 30))
"""Subgraphs, and entities that all of them have."""

LINK = """extend schema @link(url: "https://specs.apollo.dev/federation/v2.5",
  import: ["@key", "@shareable", "@external", "@requires"])
"""


def demo() -> list[Subgraph]:
    """The three example subgraphs."""
    return [Subgraph(each.name, f"http://{each.name}", str(each.schema)) for each in (USERS, PRODUCTS, ORDERS)]


def generate(subgraphs: int, types: int, seed: int) -> list[Subgraph]:
    """About ``types`` types over ``subgraphs`` subgraphs: a quarter entities, the rest local or shared values."""
    rng = random.Random(seed)  # noqa: S311 - a reproducible example, not a secret
    entities = types // 4
    per_subgraph = types // subgraphs
    bodies: list[list[str]] = [[] for _ in range(subgraphs)]
    queries: list[list[str]] = [[] for _ in range(subgraphs)]
    for number in range(entities):
        owner = number % subgraphs
        _add_entity(bodies, queries, number, owner, entities, rng)
    for owner in range(subgraphs):
        _add_values(bodies[owner], owner, per_subgraph - per_subgraph // 4)
    for owner in range(0, subgraphs - 1, 2):
        for member in (owner, owner + 1):
            bodies[member].append(f"type Shared{owner} @shareable {{ at: String note: String }}")
            queries[member].append(f"shared{owner}_{member}: Shared{owner}")
    return [
        Subgraph(
            f"s{index}",
            f"http://s{index}",
            LINK + f"type Query {{ {' '.join(queries[index])} ping{index}: Int }}\n" + "\n".join(bodies[index]),
        )
        for index in range(subgraphs)
    ]


def _add_entity(
    bodies: list[list[str]], queries: list[list[str]], number: int, owner: int, entities: int, rng: random.Random
) -> None:
    name = f"Entity{number}"
    queries[owner].append(f"entity{number}(id: ID!): {name}")
    other = (number + 1) % entities
    bodies[owner].append(
        f'type {name} @key(fields: "id") {{ id: ID! name: String size: Int next: Entity{other} }}'
        if other % len(bodies) == owner
        else f'type {name} @key(fields: "id") {{ id: ID! name: String size: Int }}'
    )
    for guest in rng.sample(range(len(bodies)), 3):
        if guest != owner:
            bodies[guest].append(
                f'type {name} @key(fields: "id") {{ id: ID! size: Int @external extra{guest}: String '
                f'computed{guest}: Int @requires(fields: "size") back{guest}: {name} }}'
            )


def _add_values(body: list[str], owner: int, count: int) -> None:
    kinds = (
        "type V{0} {{ a: Int b(first: Int = 3): [String!] c: E{0} }} enum E{0} {{ A B C }}",
        "input I{0} {{ a: Int b: [String!] = [] }} type W{0} {{ find(by: I{0}): Int }}",
        "interface F{0} {{ a: Int }} type X{0} implements F{0} {{ a: Int b: Float }}",
    )
    body.extend(kinds[index % len(kinds)].format(f"{owner}_{index}") for index in range(count // 2))
    uses = [f"v{index}: {'VWX'[index % 3]}{owner}_{index}" for index in range(count // 2)]
    body.append(
        f"extend type Query {{ values{owner}: Values{owner} }} type Values{owner} {{ {' '.join(uses)} x: Int }}"
    )


def generate_dense(subgraphs: int, entities: int) -> list[Subgraph]:
    """Entities that every subgraph has, by three keys."""
    found = []
    for side in range(subgraphs):
        left, right = f"k{side}", f"k{(side + 1) % subgraphs}"
        types = [
            f'type Entity{number} @key(fields: "{left}") @key(fields: "{right}") @key(fields: "owner {{ {left} }}") '
            f"{{ {left}: ID! @shareable {right}: ID! @shareable owner: Entity{(number + 1) % entities} @shareable "
            f"own{side}: Int to{side}: Entity{(number + side) % entities} }}"
            for number in range(entities)
        ]
        query = f"type Query {{ entity{side}: Entity{side % entities} }}"
        found.append(Subgraph(f"s{side}", f"http://s{side}", "\n".join([LINK, query, *types])))
    return found


def run(row: str) -> dict[str, float]:
    """Compose one row in this process."""
    if row == "demo":
        graphs = demo()
    elif row.startswith("dense"):
        graphs = generate_dense(*map(int, row.removeprefix("dense").split("x")))
    else:
        subgraphs, types = map(int, row.split("x"))
        graphs = generate(subgraphs, types, seed=1)
    began = time.process_time()
    with collector_paused():  # as the commands do
        composition = compose(graphs)
    seconds = time.process_time() - began
    if composition.sdl is None:
        raise SystemExit(f"{row} does not compose: {composition.errors[0].message}")
    types = sum(line.startswith(("type ", "enum ", "input ", "interface ")) for line in composition.sdl.splitlines())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    declarations = sum(each.sdl.count("type ") + each.sdl.count("enum ") + each.sdl.count("input ") for each in graphs)
    return {
        "subgraphs": len(graphs),
        "types": types,
        "declarations": declarations,
        "seconds": seconds,
        "megabytes": peak,
    }


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--row",
        help="compose one row in this process and print JSON: demo, SUBGRAPHSxTYPES or denseSUBGRAPHSxTYPES",
    )
    arguments = parser.parse_args()
    if arguments.row:
        sys.stdout.write(json.dumps(run(arguments.row)))
        return
    table = Table("graph", "subgraphs", "types", "CPU s", "ms per type", "ms per declaration", "peak MB")
    console = Console()
    rows = [f"{subgraphs}x{types}" for subgraphs, types in SIZES]
    dense_rows = [f"dense{subgraphs}x{entities}" for subgraphs, entities in DENSE_SIZES]
    for row in ("demo", *rows, *dense_rows):
        with console.status(f"composing {row}"):
            done = subprocess.run(  # noqa: S603 - this program itself
                [sys.executable, "-m", "benchmarks.composition", "--row", row], capture_output=True, check=True
            )
        found = json.loads(done.stdout)
        table.add_row(
            "demo" if row == "demo" else "dense" if row in dense_rows else "wide",
            str(found["subgraphs"]),
            str(found["types"]),
            f"{found['seconds']:.2f}",
            f"{found['seconds'] * 1e3 / found['types']:.2f}",
            f"{found['seconds'] * 1e3 / found['declarations']:.2f}",
            f"{found['megabytes']:.0f}",
        )
    console.print(table)


if __name__ == "__main__":
    main()
