"""The search: which nodes to open at each position, so that everything is answered with the fewest, earliest fetches.

The price of a plan is a sum over its fetches of a weight that depends on their stage alone. So two positions interact
only through the entries that one hands to the other: each position is solved for given entries, remembered, and added
up. What remains inside one position is a small covering problem over the subgraphs that know its type:

1. Serve all units from the entries. If that answers everything without a fetch, nothing can be cheaper.
2. Otherwise open, for each unit that no entry serves, a subgraph that does, and whatever must be opened before it.
3. Improve: add a candidate, drop one, swap two, as long as the cost falls.

Recursion through conditions (a key that needs a hop whose key needs the first hop) ends at the second visit of the
same question, which answers "nothing"; results that depended on that are not remembered.
"""

from collections.abc import Iterator, Mapping
from itertools import combinations

from supergraph.operation.model import Field, SelectionSet, Unit
from supergraph.planner.budget import DEFAULT_LIMITS, Budget, PlannerLimits
from supergraph.planner.carried_contexts import CarriedContexts
from supergraph.planner.decisions import Entries, LeavesChoice, Opening, Solution
from supergraph.planner.opening import Nodes, Opener
from supergraph.planner.prerequisites import Prerequisites
from supergraph.planner.scope import ANYTHING, Scope
from supergraph.planner.serve import Server, as_entries
from supergraph.query_graph import FieldSet, Node, QueryGraph, Target, can_be_sent_together

_FEW_CANDIDATES = 6

Question = tuple[SelectionSet, Entries, Scope]
Trace = dict[Solution, Mapping[frozenset[Node], Solution]]
"""For each decision everything that was tried; kept only to explain a plan."""


class Search:
    """The state of planning one operation: what is known about positions, and how much was tried."""

    def __init__(self, graph: QueryGraph, limits: PlannerLimits = DEFAULT_LIMITS, trace: Trace | None = None) -> None:
        self.graph = graph
        self._trace = trace
        self.budget = Budget(limits)
        self._server = Server(graph, self.solve, self.budget)
        self._opener = Opener(graph, self._server)
        self._carried_contexts = CarriedContexts(graph)
        self._known: dict[Question, Solution] = {}
        self._direct: dict[tuple[SelectionSet, Node, Entries], Opening | None] = {}
        self._active: dict[tuple[SelectionSet, frozenset[Node]], int] = {}
        self._lowest_reentered = _NEVER

    def close(self) -> None:
        """Let go of what refers to the search in turn: all that it has found is then freed with it, at once."""
        del self._server, self._opener

    @property
    def evaluations(self) -> int:
        """How many combinations of openings were tried."""
        return self.budget.spent

    def leaves(self, selection: SelectionSet) -> int:
        """How many leaves a complete solution answers."""
        return self._server.leaves(selection)

    def solve(self, selection: SelectionSet, entries: Entries, scope: Scope = ANYTHING) -> Solution:
        """Decide one position.

        Args:
            selection: What is asked there.
            entries: The nodes in which the object is available; none for the root of a query.
            scope: What can occur there.
        """
        question = (selection, entries, scope)
        known = self._known.get(question)
        if known is not None:
            return known
        guard = (selection, frozenset(node for node, _ in entries))
        if guard in self._active:
            self._lowest_reentered = min(self._lowest_reentered, self._active[guard])
            return self._nothing(selection)
        depth = self._active[guard] = len(self._active)
        solution = self._decide(selection, entries, scope)
        del self._active[guard]
        if self._lowest_reentered >= depth:
            self._lowest_reentered = _NEVER
            self._known[question] = solution
        return solution

    def solve_closed(self, selection: SelectionSet, entries: Entries) -> Solution:
        """Decide a position in which nothing may be opened: what the entries do not answer stays unanswered."""
        return self._evaluate(selection, entries, (), ANYTHING)

    def _nothing(self, selection: SelectionSet) -> Solution:
        served = self._server.serve(SelectionSet(selection.type, ()), ())
        served.unserved = list(range(len(selection.units)))
        served.missing = f"{selection.type} (reached through itself)"
        return Solution(served, [])

    def _decide(self, selection: SelectionSet, entries: Entries, scope: Scope) -> Solution:
        complete = self.leaves(selection)
        if self.budget.is_exhausted():
            first = self._first_answer(selection, entries, scope)
            if first.solved == complete:
                return first
        best = self._evaluate(selection, entries, (), scope)
        if best.is_free and best.solved == complete:
            return best
        candidates = self._candidates(selection, entries, _costly_units(selection, best))
        if not candidates:
            return best
        position = _Position(self, selection, entries, scope, candidates)
        chosen = position.improve(best)
        if self._trace is not None:
            self._trace[chosen] = position.tried
        return chosen

    def _first_answer(self, selection: SelectionSet, entries: Entries, scope: Scope) -> Solution:
        """What comes of opening something for each unit that no entry serves, without comparing."""
        rest = [
            index
            for index, unit in enumerate(selection.units)
            if not any(self._opener.serves(node, unit) for node, _ in entries)
        ]
        candidates = self._candidates(selection, entries, [selection.units[index] for index in rest]) if rest else []
        if not candidates:
            return self._evaluate(selection, entries, (), scope)
        return _Position(self, selection, entries, scope, candidates).cover(rest)

    def _evaluate(self, selection: SelectionSet, entries: Entries, nodes: Nodes, scope: Scope) -> Solution:
        """The solution with exactly these nodes opened, less those that turn out to serve nothing."""
        self.budget.spend()
        openings = self._open_all(selection, entries, nodes)
        if openings:
            opened = as_entries([*entries, *((opening.node, opening.stage) for opening in openings)])
        else:
            opened = entries
        served = self._server.serve(selection, opened, scope)
        needed = set(served.uses)
        useful = []
        for opening in reversed(openings):
            if opening.node in needed:
                useful.append(opening)
                needed |= opening.uses
        served.uses = {entry for entry, _ in entries if entry in needed}
        return Solution(served, useful[::-1], scope.paid)

    def _open_all(self, selection: SelectionSet, entries: Entries, nodes: Nodes) -> list[Opening]:
        """Open the nodes, always the one next that can be open earliest; nodes that cannot be opened are left out."""
        openings: list[Opening] = []
        pending: list[Node] = []
        earliest = entries[0][1] + 1 if entries else 0
        for node in nodes:
            direct = self._open_directly(selection, node, entries)
            if direct is not None and direct.stage == earliest:
                openings.append(direct)  # nothing that is opened beside it can make it earlier
            else:
                pending.append(node)
        if not pending:
            return openings
        opened = as_entries([*entries, *((opening.node, opening.stage) for opening in openings)])
        wants = {node: self._opener.required_names(selection, node) for node in pending}
        supplied = self._supplied(set[str]().union(*wants.values()), [node for node, _ in opened])
        while pending:
            possible = [
                (opening.stage, order, opening)
                for order, node in enumerate(pending)
                if wants[node] <= supplied and (opening := self._opener.open(selection, node, opened)) is not None
            ]
            if not possible:
                break
            _, _, first = min(possible, key=lambda item: item[:2])
            openings.append(first)
            pending.remove(first.node)
            opened = as_entries([*opened, (first.node, first.stage)])
            supplied |= self._supplied(set[str]().union(*wants.values()) - supplied, [first.node])
        return openings

    def _supplied(self, names: set[str], nodes: list[Node]) -> set[str]:
        """Those of ``names`` that some of ``nodes`` resolves."""
        return {name for name in names if any(self.graph.edge(node, name) is not None for node in nodes)}

    def _open_directly(self, selection: SelectionSet, node: Node, entries: Entries) -> Opening | None:
        """How ``node`` is opened from the entries alone."""
        key = (selection, node, entries)
        if key not in self._direct:
            depth = len(self._active)
            opening = self._opener.open(selection, node, entries)
            if self._lowest_reentered < depth:
                return opening
            self._direct[key] = opening
        return self._direct[key]

    def _candidates(self, selection: SelectionSet, entries: Entries, units: list[Unit]) -> list[Node]:
        """The nodes that could help with ``units``: of other subgraphs, and variants with what a field requires."""
        here = {(node.graph, node.type) for node, _ in entries if not node.sealed}
        found: list[Node] = []
        for target in self.graph.targets(selection.type):
            base = self._opener.variant(target)
            if (base.graph, base.type) not in here and any(self._opener.leads_to(base, unit) for unit in units):
                found.append(base)
            if not target.keys:
                continue
            wanted = self._wanted(units, target)
            carried = self._carried_contexts.find(selection, units, base)
            found.extend(self._opener.variant(target, (field_set,)) for field_set in (*wanted, *carried))
            groups = [*_sendable_groups(wanted), carried, *([*group, *carried] for group in _sendable_groups(wanted))]
            found.extend(self._opener.variant(target, group) for group in groups if len(group) > 1)
        return list(dict.fromkeys(found))

    def _wanted(self, units: list[Unit], target: Target) -> list[FieldSet]:
        """The distinct ``@requires`` sets of the fields asked here, in the target."""
        wanted: dict[str, FieldSet] = {}
        for unit in units:
            if isinstance(unit, Field):
                field_set = self.graph.wanted_requires(target.graph, target.type, unit.name)
                if field_set is not None:
                    wanted[field_set.id] = field_set
        return list(wanted.values())


_NEVER = 1 << 30


def _sendable_groups(wanted: list[FieldSet]) -> list[list[FieldSet]]:
    """The sets in groups that one representation can hold: two that want one field with different arguments part."""
    groups: list[list[FieldSet]] = []
    for field_set in wanted:
        for group in groups:
            if all(can_be_sent_together(field_set.selection, other.selection) for other in group):
                group.append(field_set)
                break
        else:
            groups.append([field_set])
    return groups


def _costly_units(selection: SelectionSet, solution: Solution) -> list[Unit]:
    """The units that are not answered, or not without a fetch: only for these can it pay to open something."""
    free: set[Unit] = set()
    for choice in solution.choices:
        if isinstance(choice, LeavesChoice):
            free.update(choice.units)
        elif choice.child.is_free:
            free.add(choice.unit)
    free.difference_update(selection.units[index] for index in solution.unserved)
    return [unit for unit in selection.units if unit not in free]


class _Position:
    """The covering problem of one position: which candidates to open."""

    def __init__(
        self, search: Search, selection: SelectionSet, entries: Entries, scope: Scope, candidates: list[Node]
    ) -> None:
        self._search = search
        self._selection = selection
        self._entries = entries
        self._scope = scope
        self._complete = search.leaves(selection)
        self.tried: dict[frozenset[Node], Solution] = {}
        opener = search._opener  # noqa: SLF001 - the two halves of one search
        self._before: dict[Node, Nodes] = {}
        prerequisites = Prerequisites(opener, selection, tuple(node for node, _ in entries))
        for node in candidates:
            before = prerequisites.find(node)
            if before is not None:
                self._before[node] = before
        self._serves = {
            node: frozenset(index for index, unit in enumerate(selection.units) if opener.serves(node, unit))
            for node in self._before
        }

    def improve(self, start: Solution) -> Solution:
        """The best solution found; ``start`` is the one without openings."""
        self.tried[frozenset()] = start
        nodes, best = frozenset[Node](), start
        for chosen in (self._cover(start.unserved), self._everything()):
            solution = self._try(chosen)
            # If neither answers everything, keep the one that names the deeper obstacle.
            if self._rank(solution) < self._rank(best) or best.solved == solution.solved < self._complete:
                nodes, best = chosen, solution
            if best.solved == self._complete:
                break
        while True:
            better = self._best_of(self._single_steps(nodes), best)
            if better is None and (best.solved < self._complete or len(self._before) <= _FEW_CANDIDATES):
                better = self._best_of(self._double_steps(nodes), best)
            if better is None:
                return best
            nodes, best = better

    def _rank(self, solution: Solution) -> tuple[int, int, int, int]:
        return (self._complete - solution.solved, *solution.cost)

    def cover(self, unserved: list[int]) -> Solution:
        """The first solution that serves these units."""
        return self._try(self._cover(unserved))

    def _everything(self) -> frozenset[Node]:
        """All candidates. Pieces of one value can lie in several subgraphs each of which serves the field itself."""
        return frozenset(self._before).union(*self._before.values())

    def _cover(self, unserved: list[int]) -> frozenset[Node]:
        """Something that serves every unit, without search: the candidate that serves most of the rest, repeatedly."""
        chosen: frozenset[Node] = frozenset()
        rest = set(unserved)
        while rest:
            node = max(self._before, key=lambda node: len(rest & self._serves[node]), default=None)
            if node is None or not rest & self._serves[node]:
                break
            chosen |= {node, *self._before[node]}
            rest -= self._serves[node]
        return chosen

    def _single_steps(self, nodes: frozenset[Node]) -> Iterator[frozenset[Node]]:
        for node, before in self._before.items():
            if node not in nodes:
                yield nodes | {node, *before}
        for node in sorted(nodes, key=lambda node: node.rank):
            yield nodes - {node}

    def _double_steps(self, nodes: frozenset[Node]) -> Iterator[frozenset[Node]]:
        outside = [node for node in self._before if node not in nodes]
        for removed in sorted(nodes, key=lambda node: node.rank):
            for node in outside:
                yield (nodes - {removed}) | {node, *self._before[node]}
        for first, second in combinations(outside, 2):
            yield nodes | {first, second, *self._before[first], *self._before[second]}

    def _best_of(self, steps: Iterator[frozenset[Node]], best: Solution) -> tuple[frozenset[Node], Solution] | None:
        found: tuple[frozenset[Node], Solution] | None = None
        for nodes in steps:
            if nodes in self.tried:
                continue
            if self._search.budget.is_exhausted(len(self.tried)):
                break
            solution = self._try(nodes)
            if self._rank(solution) < self._rank(found[1] if found else best):
                found = (nodes, solution)
        return found

    def _try(self, nodes: frozenset[Node]) -> Solution:
        solution = self.tried.get(nodes)
        if solution is None:
            ordered = tuple(sorted(nodes, key=lambda node: node.rank))
            solution = self._search._evaluate(self._selection, self._entries, ordered, self._scope)  # noqa: SLF001
            self.tried[nodes] = solution
        return solution
