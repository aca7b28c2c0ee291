"""Small supergraphs for tests: subgraph SDLs as keyword arguments, composed and read."""

from supergraph import QueryPlan, Subgraph, Supergraph, compose, plan, prepare, read_supergraph

LINK = """extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key", "@shareable",
  "@external", "@requires", "@provides", "@override", "@interfaceObject", "@inaccessible", "@tag"])
"""


def supergraph_of(**sdls: str) -> Supergraph:
    """The supergraph of these subgraphs; each gets the federation link."""
    composition = compose([Subgraph(name, f"http://{name}", LINK + sdl) for name, sdl in sdls.items()])
    assert composition.sdl is not None, composition.errors
    return read_supergraph(composition.sdl)


def plan_of(operation: str, /, *, labels: frozenset[str] = frozenset(), **sdls: str) -> QueryPlan:
    """The plan of an operation on these subgraphs."""
    supergraph = supergraph_of(**sdls)
    return plan(supergraph, prepare(supergraph, operation), labels=labels)


def sent(query_plan: QueryPlan) -> list[str]:
    """What is sent, in the plan's order: ``subgraph operation``."""
    return [f"{fetch.subgraph} {fetch.operation}" for fetch in query_plan.fetches]
