"""Stage 7: can every operation on the API schema be planned?

A walk over API schema and query graph together. A state is an API type and the nodes in which its object may be; it is
left by every field and, on abstract types, by every object type. A state is skipped if an earlier one of the type had a
subset of its nodes: with less it was fine, with more it must be. Objects are compared by all nodes in which they can be
opened, so one of the many ways to an entity stands for all of them. The walk goes through the printed and read
supergraph, so it asks about what the planner will see.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_abstract_type,
    is_composite_type,
)

from supergraph.compose.effort import MAX_SATISFIABILITY_PATHS, Effort, TooManyPathsError
from supergraph.compose.label_states import Question, label_states, what_labels_concern
from supergraph.compose.problems import Problems
from supergraph.compose.reachability import NOTHING_ABOVE, Above, Nodes, Reachability, by_rank
from supergraph.compose.unsatisfied import reasons_text
from supergraph.compose.visited import TranslatedVisits, Visited, Visits, translated
from supergraph.compose.witness import Path, witness
from supergraph.compose.wording import quoted
from supergraph.query_graph import Node, QueryGraph, QueryGraphs


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """Somewhere a client can be: at an object of an API type, which is available in ``nodes``."""

    type: str
    nodes: Nodes
    above: Above
    path: Path


def check_satisfiability(
    api_schema: GraphQLSchema, graphs: QueryGraphs, problems: Problems, *, max_paths: int = MAX_SATISFIABILITY_PATHS
) -> Effort:
    """Report the operations that no plan could answer; the effort says how much was looked at."""
    effort = Effort(max_paths)
    told: set[str] = set()
    try:
        for found in _walks(api_schema, graphs, effort):
            problems.errors += [error for error in found.errors if error.message not in told]
            problems.hints += [hint for hint in found.hints if hint.message not in told]
            told.update(error.message for error in found.errors)
            told.update(hint.message for hint in found.hints)
    except TooManyPathsError as error:
        problems.error(error.code, str(error), coordinate="schema")
    return effort


def _walks(api_schema: GraphQLSchema, graphs: QueryGraphs, effort: Effort) -> Iterator[Problems]:
    """What is found in the part that labels do not concern, and then in the rest with each state of the labels."""
    graph = graphs.under(frozenset())
    # A context that is set above may be read by what labels concern: then everything is walked for each state.
    concerned = what_labels_concern(graph) if graphs.labels and not graph.has_contexts else frozenset[Question]()
    common = Walk(Reachability(graph, effort), api_schema, concerned)
    common.run()
    yield common.problems
    for labels in label_states(graphs.labels) if graphs.labels else ():
        walk = Walk(Reachability(graphs.under(labels), effort), api_schema)
        if concerned:
            walk.visited = Visited(TranslatedVisits(common.visited, walk.graph))
            walk.resume(common.put_off)
        else:
            walk.run()
        yield walk.problems


def _contexts_by_type(graph: QueryGraph) -> dict[str, tuple[str, ...]]:
    """For each object type the contexts that it sets."""
    found: dict[str, dict[str, None]] = {}
    for subgraph in graph.subgraphs:
        for view in subgraph.types.values():
            for context in view.contexts:
                for type_name in sorted(graph.context_setters(context)):
                    found.setdefault(type_name, {})[context] = None
    return {name: tuple(contexts) for name, contexts in found.items()}


class Walk:
    """One walk, with all override labels decided."""

    def __init__(
        self,
        reach: Reachability,
        api_schema: GraphQLSchema,
        concerned: frozenset[Question] = frozenset(),
        visited: Visits | None = None,
    ) -> None:
        self.graph = reach.graph
        self.reach = reach
        self.api = api_schema
        self.contexts = _contexts_by_type(self.graph)
        self.problems = Problems()
        self.concerned = concerned
        self.put_off: dict[tuple[str, Nodes, str | None], State] = {}
        self.visited = Visited(visited)
        self.compared: set[str] = set()

    def run(self) -> None:
        """Walk from every root."""
        for root in (self.api.query_type, self.api.mutation_type, self.api.subscription_type):
            if root is None:
                continue
            nodes = frozenset(
                self.graph.node(index, root.name)
                for index, subgraph in enumerate(self.graph.subgraphs)
                if root.name in subgraph.types
            )
            state = State(root.name, nodes, NOTHING_ABOVE, Path(None, root.name))
            if root is not self.api.mutation_type:
                self._walk(state)
            elif self.concerned:
                self._put_off(state)
            else:
                self._walk_mutation(root, state)

    def resume(self, put_off: Mapping[tuple[str, Nodes, str | None], State]) -> None:
        """Walk on from what another walk has put off because labels concern it."""
        for (_, _, name), found in put_off.items():
            state = State(found.type, translated(found.nodes, self.graph), NOTHING_ABOVE, found.path)
            type_ = self.api.type_map.get(state.type)
            if name is None and state.path.parent is None and type_ is self.api.mutation_type:
                assert self.api.mutation_type is not None
                self._walk_mutation(self.api.mutation_type, state)
            elif name is None:
                self._walk(state)
            elif isinstance(type_, GraphQLObjectType):
                self._leave_by_field(state, name, type_.fields[name], self._walk)

    def _walk_mutation(self, root: GraphQLObjectType, state: State) -> None:
        """A mutation field is executed in one subgraph, so one of them must be able to answer all below it."""
        for name, field in root.fields.items():
            tails = by_rank(self._tails(state, name))
            if len(tails) < 2:
                self._leave_by_field(state, name, field, self._walk)
                continue
            attempts = [self._attempt(state, name, field, tail) for tail in tails]
            if all(attempt.errors for attempt in attempts):
                for attempt in attempts:
                    self.problems.errors += attempt.errors
            else:
                for attempt in attempts:
                    self.problems.hints += attempt.hints

    def _attempt(self, state: State, name: str, field: GraphQLField, tail: Node) -> Problems:
        """Walk below a mutation field as if only one subgraph had it; what is fine elsewhere is not walked again."""
        walk = Walk(self.reach, self.api, visited=self.visited)
        target = get_named_type(field.type)
        nodes = self.reach.expand(state.type, state.nodes)
        walk._walk(self._below(state, target.name, name, nodes, frozenset({tail})))
        if not walk.problems.errors:
            self.visited.add_all(walk.visited)
        return walk.problems

    def _walk(self, start: State) -> None:
        stack = [start]
        while stack:
            state = stack.pop()
            type_ = self.api.type_map.get(state.type)
            if (state.type, None) in self.concerned:
                self._put_off(state)
                continue
            # A cast asks what an object can be where it was found, so where else it can be had tells abstract types
            # nothing at first.
            is_object = isinstance(type_, GraphQLObjectType)
            nodes = self.reach.expand(state.type, state.nodes) if is_object else state.nodes
            seen = (state.type, nodes, frozenset(state.above))
            if self.visited.covers(seen):
                continue
            self.visited.add(seen)
            self.reach.effort.count_state(len(nodes))
            found: list[State] = []
            if isinstance(type_, GraphQLInterfaceType | GraphQLUnionType):
                self._leave_by_casts(state, type_, found)
            elif isinstance(type_, GraphQLObjectType):
                self._leave_by_fields(state, type_, found)
            # Small sets first: a later state with more nodes is then skipped.
            stack += sorted(found, key=lambda found_state: -len(found_state.nodes))

    def _put_off(self, state: State, name: str | None = None) -> None:
        """Leave a state, or one of its fields, to the walks that know the labels."""
        key = (state.type, state.nodes, name)
        if key not in self.put_off:
            self.put_off[key] = state

    def _leave_by_fields(self, state: State, type_: GraphQLObjectType, found: list[State]) -> None:
        for name, field in type_.fields.items():
            if (state.type, name) in self.concerned:
                self._put_off(state, name)
            else:
                self._leave_by_field(state, name, field, found.append)

    def _below(self, state: State, target: str, name: str, nodes: Nodes, tails: Nodes) -> State:
        """The state behind a field of an object that is available in ``nodes``."""
        path = Path(state.path, target, name)
        set_here = dict.fromkeys(self.contexts.get(state.type, ()), (state.type, nodes))
        return State(target, tails, {**state.above, **set_here} if set_here else state.above, path)

    def _leave_by_casts(self, state: State, type_: GraphQLInterfaceType | GraphQLUnionType, found: list[State]) -> None:
        for possible in self.api.get_possible_types(type_):
            nodes = self.reach.cast(state.nodes, possible.name)
            if nodes is None:
                continue  # it cannot occur
            if not nodes:
                nodes = self.reach.cast(self.reach.expand(state.type, state.nodes), possible.name)
                if nodes is None:
                    continue
            path = Path(state.path, possible.name)
            if nodes:
                found.append(State(possible.name, nodes, state.above, path))
            else:
                self._report(State(possible.name, state.nodes, state.above, path), None)

    def _leave_by_field(self, state: State, name: str, field: GraphQLField, leave: Callable[[State], None]) -> None:
        target = get_named_type(field.type)
        is_leaf = not is_composite_type(target)
        if is_leaf and any(self.graph.edge(node, name) for node in state.nodes):
            return
        nodes = self.reach.expand(state.type, state.nodes)
        holders = self.reach.holders(nodes).get(name, ())
        edges = [edge for node in holders if (edge := self.reach.edge(node, name, nodes, state.above)) is not None]
        if not edges:
            self._report(State(state.type, nodes, state.above, state.path), name)
            return
        tails = frozenset(edge.tail for edge in edges if edge.tail is not None)
        if is_leaf or not tails:
            return
        if is_abstract_type(target):
            self._compare_runtime_types(f"{state.type}.{name}", tails)
        leave(self._below(state, target.name, name, nodes, tails))

    def _tails(self, state: State, name: str) -> Nodes:
        nodes = self.reach.expand(state.type, state.nodes)
        edges = [self.reach.edge(node, name, nodes, state.above) for node in self.reach.holders(nodes).get(name, ())]
        return frozenset(edge.tail for edge in edges if edge is not None and edge.tail is not None)

    def _compare_runtime_types(self, coordinate: str, tails: Nodes) -> None:
        """Subgraphs that share a field of abstract type should agree on the types it can have."""
        if coordinate in self.compared:
            return
        found: dict[int, frozenset[str]] = {}
        for node in by_rank(tails):
            view = self.graph.type_view(node.graph, node.type)
            possible = self.graph.runtime_types(node)
            # A subgraph whose field has an object type has already said which type it returns.
            if possible is not None and view is not None and view.kind != "object":
                found[node.graph] = found.get(node.graph, frozenset()) | set(possible)
        if len(found) < 2 or len(set(found.values())) == 1:
            return
        self.compared.add(coordinate)
        described = "; ".join(
            f'in subgraph "{self.graph.subgraphs[graph].name}": {quoted(sorted(types))}'
            for graph, types in found.items()
        )
        common = frozenset.intersection(*found.values())
        if not common:
            message = (
                f'For the shared field "{coordinate}", the subgraphs have no runtime type in common, so they cannot '
                f"answer alike: {described}"
            )
            self.problems.error("SHAREABLE_HAS_MISMATCHED_RUNTIME_TYPES", message, coordinate=coordinate)
            return
        message = (
            f'For the shared field "{coordinate}", the subgraphs should agree on the runtime types but do not: '
            f"{described}. Make sure that only {quoted(sorted(common))} are returned"
        )
        self.problems.hint("INCONSISTENT_RUNTIME_TYPES_FOR_SHAREABLE_RETURN", message, coordinate=coordinate)

    def _report(self, state: State, name: str | None) -> None:
        message = (
            "The following supergraph API query:\n"
            f"{witness(self.api, state.path, name)}\n"
            "cannot be satisfied by the subgraphs because:\n"
            f"{reasons_text(self.reach, state.type, state.nodes, name)}"
        )
        coordinate = state.type if name is None else f"{state.type}.{name}"
        self.problems.error("SATISFIABILITY_ERROR", message, coordinate=coordinate)
