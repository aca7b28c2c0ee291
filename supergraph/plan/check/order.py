"""The order of fetches: what a fetch waits for stands before it, and mutations run one after the other."""

from collections.abc import Iterator
from itertools import pairwise

from supergraph.plan.query_plan import QueryPlan


def check_order(plan: QueryPlan) -> Iterator[str]:
    """What is wrong with ids and needs."""
    for index, fetch in enumerate(plan.fetches):
        if fetch.id != index:
            yield f"fetch {fetch.id} stands at index {index}"
        if any(needed >= index for needed in fetch.needs):
            yield f"fetch {index} needs {fetch.needs}, which do not all stand before it"
    needs = transitive_needs(plan)
    roots = [fetch.id for fetch in plan.fetches if fetch.kind == "mutation" and not fetch.entities]
    for earlier, later in pairwise(roots):
        for fetch in plan.fetches:
            if fetch.block is not None:
                continue  # what is deferred is not waited for
            belongs = fetch.id == earlier or (earlier in needs[fetch.id] and later not in needs[fetch.id])
            if belongs and fetch.id != later and fetch.id not in needs[later]:
                yield f"mutation fetch {later} does not wait for fetch {fetch.id}"


def transitive_needs(plan: QueryPlan) -> list[frozenset[int]]:
    """For each fetch all fetches that have finished when it starts."""
    found: list[frozenset[int]] = []
    for fetch in plan.fetches:
        needed = frozenset(one for one in fetch.needs if one < len(found))
        found.append(needed.union(*(found[one] for one in needed)))
    return found
