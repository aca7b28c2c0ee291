"""Does a plan answer its operation? Executed here over types, instead of over data.

    operation, plan ──▶ check ──▶ problems, in words
                        ▲ you are here

A plan is wrong when a client's field has no value at its store key, when a store key means two things, or when a
representation is built from what nobody has fetched yet. All of that can be seen without data: follow the fetches in
order, and note for each position, and each object type that can stand there, which store keys have been written, with
which field and by which fetch. Then walk the client's selection over what was noted.

Conditions are not reasoned about: the plan is executed once for each truth of the variables that it depends on.

The checker is lenient where it cannot know: an object type that some subgraph with the same field does not know cannot
occur, because subgraphs that share a field answer alike.

Read in this order: ``order``, ``truth``, ``types``, ``places`` (what is known of a position), ``execution`` with
``inputs``, ``projection``.
"""

from supergraph.operation.model import Operation
from supergraph.plan.check.execution import Execution
from supergraph.plan.check.order import check_order, transitive_needs
from supergraph.plan.check.projection import Projection
from supergraph.plan.check.truth import condition_variables, truths
from supergraph.plan.check.types import Types
from supergraph.plan.query_plan import QueryPlan
from supergraph.read import Supergraph


def check_plan(supergraph: Supergraph, operation: Operation, plan: QueryPlan) -> list[str]:
    """What is wrong with a plan, each problem once; empty if nothing is."""
    types = Types(supergraph)
    problems: dict[str, None] = dict.fromkeys(check_order(plan))
    known, needs = set(problems), transitive_needs(plan)
    for truth in truths(sorted(condition_variables(operation, plan))):
        found: dict[str, None] = {}
        root = Execution(types, plan, needs, truth, found).run()
        Projection(types, plan, truth, found).check(operation.selection, root)
        suffix = f" when {', '.join(f'${name} is {str(on).lower()}' for name, on in truth.items())}" if truth else ""
        problems |= dict.fromkeys(f"{text}{suffix}" for text in found if text not in known)
        known |= found.keys()
    return list(problems)


__all__ = ["check_plan", "transitive_needs"]
