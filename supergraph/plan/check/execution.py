"""Executing a plan over types: each fetch looks up its inputs, and notes what its selection writes.

fetches ──▶ execution ──▶ the place of the root ──▶ projection
            ▲ you are here
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache, partial

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    parse,
    print_ast,
)

from supergraph.plan.check.inputs import Inputs, missing_fields
from supergraph.plan.check.places import Arguments, Cell, Draft, Place
from supergraph.plan.check.truth import Truth, holds, is_included
from supergraph.plan.check.types import Types
from supergraph.plan.nodes import EntityCall, Fetch, InputObject, Path
from supergraph.plan.query_plan import QueryPlan
from supergraph.sdl.field_set import parse_field_set
from supergraph.sdl.types import base_name, list_depth
from supergraph.views import FieldView, TypeView

Change = Callable[[Place, frozenset[str]], Place]
"""What is done with the objects of some types at a place."""


class Execution:
    """One symbolic execution of all fetches.

    Args:
        needs: For each fetch all fetches that have finished when it starts.
        problems: Takes what is wrong, each once.
    """

    def __init__(
        self,
        types: Types,
        plan: QueryPlan,
        needs: Sequence[frozenset[int]],
        truth: Truth,
        problems: dict[str, None],
    ) -> None:
        self.types = types
        self.plan = plan
        self.truth = truth
        self.problems = problems
        self.root = Place("", frozenset((plan.kind.capitalize(),)))
        self._needs = needs

    def run(self) -> Place:
        """Execute the fetches whose conditions hold; the root of what they have written."""
        for fetch in self.plan.fetches:
            if holds(fetch.conditions, self.truth):
                _FetchExecution(self, fetch).run()
        return self.root

    def has(self, fetch: Fetch, writers: Iterable[int]) -> bool:
        """Whether one of the writers has finished when a fetch starts."""
        return any(writer in self._needs[fetch.id] for writer in writers)


class _FetchExecution:
    """One fetch: its inputs are looked up, its selection is noted."""

    def __init__(self, execution: Execution, fetch: Fetch) -> None:
        self.execution = execution
        self.truth = execution.truth
        self.types = execution.types
        self.fetch = fetch
        self.subgraph = execution.types.subgraphs[fetch.subgraph]
        self.definition, self.fragments = _parsed(fetch.operation)
        self._inputs = Inputs(self.types, self.subgraph, self.has_any_of, self.report)
        self._fresh: dict[tuple[str, frozenset[str]], Place] = {}
        self._written: dict[tuple[int, Place, frozenset[str]], Place] = {}

    def run(self) -> None:
        """Note what the fetch writes."""
        selection = self.definition.selection_set
        if not self.fetch.entities:
            self._change(self.fetch.path, partial(self._write_objects, selection))
            return
        roots = {(node.alias or node.name).value: node for node in selection.selections if isinstance(node, FieldNode)}
        for call in self.fetch.entities:
            asked = roots[call.alias].selection_set if call.alias in roots else None
            if asked is None:
                self.report(f"has no selection for {call.alias}")
                continue
            for path in call.paths:
                self._change(path, partial(self._enter, call, asked))

    def report(self, text: str) -> None:
        """Note a problem."""
        self.execution.problems[f"fetch {self.fetch.id} ({self.fetch.subgraph}) {text}"] = None

    def has_any_of(self, writers: Iterable[int]) -> bool:
        """Whether one of the writers has finished when this fetch starts."""
        return self.execution.has(self.fetch, writers)

    def _change(self, path: Path, change: Change) -> None:
        root = self.execution.root
        walk = _PathWalk(self, path, change)
        self.execution.root = walk.walk(root, root.types, 0, 0)[0]
        walk.report()

    # --- inputs ----------------------------------------------------------------------------------------------------

    def _enter(self, call: EntityCall, asked: SelectionSetNode, place: Place, types: frozenset[str]) -> Place:
        served = {name: self._inputs.template_for(call.templates, name) for name in sorted(types)}
        if len({id(template) for template in served.values()}) > 1:
            self._inputs.check_typenames(place, types)
        draft = Draft(place)
        for name, template in served.items():
            if template is None:
                continue
            self._inputs.check_key(template)
            missing = self._inputs.missing(template.fields, place, name)
            if missing:
                draft.notes[name] = f"fetch {self.fetch.id} ({self.fetch.subgraph}) wants {', '.join(missing)}"
            else:
                self._write_entity(template, asked, draft, name)
        return draft.finished()

    # --- outputs ---------------------------------------------------------------------------------------------------

    def _write_entity(self, template: InputObject, asked: SelectionSetNode, draft: Draft, type_name: str) -> None:
        sent = template.typename or type_name
        for condition, selections in self._fragments_of(asked.selections):
            view = self.subgraph.types.get(condition)
            if condition == sent or (view is not None and self.types.matches(self.subgraph, type_name, condition)):
                self._check_requires(selections, template)
                self._write(selections, draft, type_name)

    def _fragments_of(self, nodes: Iterable[SelectionNode]) -> Iterator[tuple[str, tuple[SelectionNode, ...]]]:
        for node in nodes:
            if not is_included(node.directives, self.truth):
                continue
            match node:
                case InlineFragmentNode(type_condition=None):
                    yield from self._fragments_of(node.selection_set.selections)
                case InlineFragmentNode(type_condition=condition) if condition is not None:
                    yield condition.name.value, node.selection_set.selections
                case FragmentSpreadNode():
                    fragment = self.fragments[node.name.value]
                    yield fragment.type_condition.name.value, fragment.selection_set.selections
                case _:
                    pass

    def _check_requires(self, nodes: Sequence[SelectionNode], template: InputObject) -> None:
        """The ``@requires`` sets of what is asked directly on an entity are in its representation."""
        for node in nodes:
            match node:
                case FieldNode():
                    self._check_requires_of(node.name.value, template)
                case InlineFragmentNode() if is_included(node.directives, self.truth):
                    self._check_requires(node.selection_set.selections, template)
                case FragmentSpreadNode() if is_included(node.directives, self.truth):
                    self._check_requires(self.fragments[node.name.value].selection_set.selections, template)
                case _:
                    pass

    def _check_requires_of(self, name: str, template: InputObject) -> None:
        view = self.subgraph.types.get(template.typename or "")
        child = view.fields.get(name) if view else None
        if child is not None and child.requires is not None:
            missing = sorted(missing_fields(parse_field_set(child.requires), template))
            if missing:
                self.report(f"asks {template.typename}.{child.name} without {' '.join(missing)}")

    def _write_objects(self, selection: SelectionSetNode, place: Place, types: frozenset[str]) -> Place:
        """The place after objects of these types have been written."""
        draft = Draft(place)
        for type_name in sorted(types):
            self._write(selection.selections, draft, type_name)
        return draft.finished()

    def _write_below(self, selection: SelectionSetNode, place: Place, known: frozenset[str]) -> Place:
        """The same for a field's objects, which can only be of types that the subgraph knows."""
        key = (id(selection), place, known)
        if key not in self._written:
            narrowed = Place(place.path, place.types & known, place.cells, place.notes)
            self._written[key] = self._write_objects(selection, narrowed, narrowed.types)
        return self._written[key]

    def _write(self, nodes: Iterable[SelectionNode], draft: Draft, type_name: str) -> None:
        for node in nodes:
            if not is_included(node.directives, self.truth):
                continue
            match node:
                case FieldNode():
                    self._write_field(node, draft, type_name)
                case InlineFragmentNode(type_condition=condition, selection_set=inner):
                    on = condition.name.value if condition else type_name
                    if self.types.matches(self.subgraph, type_name, on):
                        self._write(inner.selections, draft, type_name)
                case FragmentSpreadNode():
                    fragment = self.fragments[node.name.value]
                    if self.types.matches(self.subgraph, type_name, fragment.type_condition.name.value):
                        self._write(fragment.selection_set.selections, draft, type_name)
                case _:
                    pass

    def _write_field(self, node: FieldNode, draft: Draft, type_name: str) -> None:
        name, key = node.name.value, (node.alias or node.name).value
        view = self.types.view(self.subgraph, type_name)
        if view is None:
            return
        if name == "__typename":
            self._write_typename(view, draft, type_name, key)
            return
        child = view.fields.get(name)
        if child is None:
            self.report(f"asks {view.name}.{name}, which the subgraph does not have")
            return
        cell = self._cell(draft, type_name, key, Cell(name, _arguments(node, child), list_depth(child.type), _NOBODY))
        place = cell.place
        if node.selection_set is not None:
            known = self.types.runtime(self.subgraph, base_name(child.type))
            below = place or self._fresh_place(f"{draft.path}.{key}".lstrip("."), self.types.targets(type_name, name))
            place = self._write_below(node.selection_set, below, known)
        writers = cell.writers | {self.fetch.id}
        draft.cells[type_name, key] = Cell(cell.name, cell.arguments, cell.depth, writers, place)

    def _write_typename(self, view: TypeView, draft: Draft, type_name: str, key: str) -> None:
        # An interface object's answer is the interface's name, which tells no object type.
        if not view.interface_object:
            cell = self._cell(draft, type_name, key, Cell("__typename", (), 0, _NOBODY))
            writers = cell.writers | {self.fetch.id}
            draft.cells[type_name, key] = Cell(cell.name, cell.arguments, cell.depth, writers)

    def _cell(self, draft: Draft, type_name: str, key: str, new: Cell) -> Cell:
        """What is stored there already, or ``new``."""
        cell = draft.cells.get((type_name, key), new)
        if (cell.name, cell.arguments) != (new.name, new.arguments):
            self.report(f"stores {new.name} as {key} of {type_name} at {draft.path}, where {cell.name} is stored")
        return cell

    def _fresh_place(self, path: str, types: frozenset[str]) -> Place:
        """A place of which nothing is known; the same one for all who come there."""
        return self._fresh.setdefault((path, types), Place(path, types))


_NOBODY: frozenset[int] = frozenset()


class _PathWalk:
    """Follows a path to the places at its end, and makes new ones of all places on the way."""

    def __init__(self, fetch: _FetchExecution, path: Path, change: Change) -> None:
        self._fetch = fetch
        self._path = path
        self._change = change
        self._known: dict[tuple[Place, frozenset[str], int, int], tuple[Place, bool]] = {}
        self._arrived = {0}
        self._went_on: set[int] = set()

    def walk(self, place: Place, types: frozenset[str], index: int, depth: int) -> tuple[Place, bool]:
        """The place with what is below changed, and whether the path's end was reached from here.

        Args:
            place: Where the walk is.
            types: The objects that go on.
            index: The step to take.
            depth: How many lists are still around the objects.
        """
        question = (place, types, index, depth)
        if question not in self._known:
            self._arrived.add(index)
            self._known[question] = self._walk(place, types, index, depth)
        return self._known[question]

    def report(self) -> None:
        """Say where nothing could go on."""
        stuck = any(index in self._arrived and index not in self._went_on for index in range(len(self._path)))
        # Under a condition it may well lead nowhere: then there is nothing to fetch.
        if stuck and not self._fetch.truth:
            self._fetch.report(f"has a path that leads nowhere: {'.'.join(map(str, self._path))}")

    def _walk(self, place: Place, types: frozenset[str], index: int, depth: int) -> tuple[Place, bool]:
        if index == len(self._path):
            if depth:
                self._fetch.report(f"has a path that ends at a list: {'.'.join(map(str, self._path))}")
            return self._change(place, types), True
        step = self._path[index]
        if step.key is not None:
            return self._enter(place, types, index) if depth == 0 else (place, False)
        if depth == 0:
            return place, False
        self._went_on.add(index)
        guarded = self._guarded(types, step.types)
        return self.walk(place, guarded, index + 1, depth - 1) if guarded else (place, False)

    def _enter(self, place: Place, types: frozenset[str], index: int) -> tuple[Place, bool]:
        step = self._path[index]
        assert step.key is not None
        draft, reached = Draft(place), False
        for type_name in sorted(types):
            cell = place.cells.get((type_name, step.key))
            if cell is None or cell.place is None:
                continue
            self._went_on.add(index)
            guarded = self._guarded(cell.place.types, step.types)
            if not guarded:
                continue
            below, reached_below = self.walk(cell.place, guarded, index + 1, cell.depth)
            reached = reached or reached_below
            if reached_below and not self._fetch.has_any_of(cell.writers):
                where = cell.place.path
                self._fetch.report(f"does not need any of {sorted(cell.writers)}, which write {where}")
            draft.cells[type_name, step.key] = Cell(cell.name, cell.arguments, cell.depth, cell.writers, below)
        return (draft.finished(), True) if reached else (place, False)

    def _guarded(self, types: frozenset[str], names: tuple[str, ...]) -> frozenset[str]:
        return frozenset(each for each in types if self._fetch.types.is_named(each, names)) if names else types


@lru_cache(maxsize=512)  # a plan is executed once for each truth of its conditions
def _parsed(operation: str) -> tuple[OperationDefinitionNode, dict[str, FragmentDefinitionNode]]:
    document = parse(operation, no_location=True)
    fragments = [each for each in document.definitions if isinstance(each, FragmentDefinitionNode)]
    definition = next(each for each in document.definitions if isinstance(each, OperationDefinitionNode))
    return definition, {each.name.value: each for each in fragments}


def _arguments(node: FieldNode, child: FieldView) -> Arguments:
    """Arguments as a client could have written them: without those that the gateway fills."""
    if not node.arguments:
        return ()
    filled = {argument.name for argument in child.context_arguments}
    printed = ((each.name.value, print_ast(each.value)) for each in node.arguments)
    return tuple(sorted((name, value) for name, value in printed if name not in filled))
