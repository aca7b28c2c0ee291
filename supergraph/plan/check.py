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
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, product

from graphql import (
    DirectiveNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    is_abstract_type,
    parse,
    parse_value,
    print_ast,
)

from supergraph.operation.model import Cast, Conditions, Field, Operation, SelectionSet
from supergraph.plan.nodes import EntityCall, Fetch, InputField, InputObject, Path
from supergraph.plan.query_plan import QueryPlan
from supergraph.read import Supergraph
from supergraph.sdl.field_set import FieldSet, parse_field_set
from supergraph.sdl.types import base_name, list_depth
from supergraph.views import FieldView, SubgraphView, TypeView

MAX_CONDITION_VARIABLES = 5
"""Beyond it only the truths with at most one variable off, or at most one on, are tried."""

Truth = Mapping[str, bool]


def check_plan(supergraph: Supergraph, operation: Operation, plan: QueryPlan) -> list[str]:
    """What is wrong with a plan, each problem once; empty if nothing is."""
    types = _Types(supergraph)
    problems: dict[str, None] = dict.fromkeys(_check_order(plan))
    for truth in _truths(sorted(_condition_variables(operation, plan))):
        execution = _Execution(types, plan, truth)
        execution.run()
        _Projection(types, plan, truth, execution.problems).check(operation.selection, execution.root)
        suffix = f" when {', '.join(f'${name} is {str(on).lower()}' for name, on in truth.items())}" if truth else ""
        known = {problem.split(" when $")[0] for problem in problems}
        problems |= dict.fromkeys(f"{text}{suffix}" for text in execution.problems if text not in known)
    return list(problems)


# --- order and conditions ------------------------------------------------------------------------------------------


def _check_order(plan: QueryPlan) -> Iterator[str]:
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


def _condition_variables(operation: Operation, plan: QueryPlan) -> set[str]:
    found = {condition.variable for fetch in plan.fetches for condition in fetch.conditions}
    pending = [operation.selection]
    while pending:
        for unit in pending.pop().units:
            found |= {condition.variable for condition in unit.conditions}
            if unit.selection is not None:
                pending.append(unit.selection)
    return found


def _truths(names: Sequence[str]) -> Iterator[Truth]:
    for values in product((True, False), repeat=len(names)):
        if len(names) <= MAX_CONDITION_VARIABLES or min(values.count(True), values.count(False)) <= 1:
            yield dict(zip(names, values, strict=True))


def _holds(conditions: Conditions, truth: Truth) -> bool:
    return all(truth[condition.variable] == condition.wanted for condition in conditions)


def _is_included(directives: Iterable[DirectiveNode] | None, truth: Truth) -> bool:
    for directive in directives or ():
        if directive.name.value in {"include", "skip"} and directive.arguments:
            value = directive.arguments[0].value
            # A variable that the operation does not have in a condition is in the fetch's text alone: taken as true.
            on = truth.get(value.name.value, True) if isinstance(value, VariableNode) else print_ast(value) == "true"
            if on != (directive.name.value == "include"):
                return False
    return True


# --- types ---------------------------------------------------------------------------------------------------------


class _Types:
    """What types mean in each subgraph."""

    def __init__(self, supergraph: Supergraph) -> None:
        self.schema = supergraph.schema
        self.subgraphs = supergraph.subgraphs
        self._targets: dict[tuple[str, str], frozenset[str]] = {}

    def objects(self, type_name: str) -> frozenset[str]:
        """The object types of a supergraph type."""
        named = self.schema.type_map[type_name]
        if is_abstract_type(named):
            return frozenset(each.name for each in self.schema.get_possible_types(named))
        return frozenset((type_name,))

    def runtime(self, subgraph: SubgraphView, type_name: str) -> frozenset[str]:
        """The object types that an instance can have in a subgraph."""
        view = subgraph.types.get(type_name)
        if view is None:
            return frozenset()
        if view.interface_object:
            return self.objects(type_name)
        return frozenset(subgraph.runtime_types.get(type_name, (type_name,)))

    def view(self, subgraph: SubgraphView, type_name: str) -> TypeView | None:
        """An object type as the subgraph knows it: itself, or an interface object in its stead."""
        own = subgraph.types.get(type_name)
        if own is not None:
            return own
        for view in subgraph.types.values():
            if view.interface_object and type_name in self.objects(view.name):
                return view
        return None

    def matches(self, subgraph: SubgraphView, type_name: str, condition: str) -> bool:
        """Whether an object meets a type condition in a subgraph."""
        return type_name == condition or type_name in self.runtime(subgraph, condition)

    def is_named(self, type_name: str, names: Iterable[str]) -> bool:
        """Whether an object has one of these type names, or one of them stands for it."""
        return any(name == type_name or type_name in self.objects(name) for name in names)

    def targets(self, type_name: str, name: str) -> frozenset[str]:
        """The object types that a field can return: those that all subgraphs which resolve it know."""
        coordinate = (type_name, name)
        if coordinate not in self._targets:
            found: frozenset[str] | None = None
            for subgraph in self.subgraphs.values():
                child = self._resolved_field(subgraph, type_name, name)
                if child is not None:
                    known = self.runtime(subgraph, base_name(child.type))
                    found = known if found is None else found & known
            self._targets[coordinate] = found if found is not None else self._declared(type_name, name)
        return self._targets[coordinate]

    def _resolved_field(self, subgraph: SubgraphView, type_name: str, name: str) -> FieldView | None:
        view = self.view(subgraph, type_name)
        child = view.fields.get(name) if view else None
        return None if child is None or child.external else child

    def _declared(self, type_name: str, name: str) -> frozenset[str]:
        fields = getattr(self.schema.type_map[type_name], "fields", {})
        return self.objects(get_named_type(fields[name].type).name) if name in fields else frozenset()


# --- what has been written -----------------------------------------------------------------------------------------


@dataclass(slots=True, eq=False)
class _Cell:
    """A store key of one object type at one position."""

    name: str
    arguments: tuple[tuple[str, str], ...]
    depth: int
    writers: set[int] = field(default_factory=set)
    place: "_Place | None" = None


@dataclass(slots=True, eq=False)
class _Place:
    """A position: the object types that can stand there, and what is known of each.

    Attributes:
        notes: Why objects of a type could not be sent to a subgraph.
    """

    path: str
    types: frozenset[str]
    cells: dict[tuple[str, str], _Cell] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class _Reached:
    """Some of the objects at a position, and the fetches that wrote the way there."""

    place: _Place
    types: frozenset[str]
    writers: tuple[frozenset[int], ...] = ()


class _Execution:
    """One symbolic execution of all fetches."""

    def __init__(self, types: _Types, plan: QueryPlan, truth: Truth) -> None:
        self.types = types
        self.plan = plan
        self.truth = truth
        self.problems: list[str] = []
        self.root = _Place("", frozenset((plan.kind.capitalize(),)))
        self._needs = transitive_needs(plan)

    def run(self) -> None:
        """Execute the fetches whose conditions hold."""
        for fetch in self.plan.fetches:
            if _holds(fetch.conditions, self.truth):
                _FetchExecution(self, fetch).run()

    def has(self, fetch: Fetch, writers: Iterable[int]) -> bool:
        """Whether one of the writers has finished when a fetch starts."""
        return any(writer in self._needs[fetch.id] for writer in writers)


class _FetchExecution:
    """One fetch: its inputs are looked up, its selection is noted."""

    def __init__(self, execution: _Execution, fetch: Fetch) -> None:
        self.execution = execution
        self.types = execution.types
        self.fetch = fetch
        self.subgraph = execution.types.subgraphs[fetch.subgraph]
        document = parse(fetch.operation, no_location=True)
        fragments = [each for each in document.definitions if isinstance(each, FragmentDefinitionNode)]
        self.fragments = {each.name.value: each for each in fragments}
        self.definition = next(each for each in document.definitions if isinstance(each, OperationDefinitionNode))

    def run(self) -> None:
        selection = self.definition.selection_set
        if not self.fetch.entities:
            for reached in self._follow(self.fetch.path):
                for type_name in reached.types:
                    self._write(selection.selections, reached.place, type_name)
            return
        roots = {(node.alias or node.name).value: node for node in selection.selections if isinstance(node, FieldNode)}
        for call in self.fetch.entities:
            asked = roots[call.alias].selection_set if call.alias in roots else None
            if asked is None:
                self._report(f"has no selection for {call.alias}")
                continue
            for path in call.paths:
                for reached in self._follow(path):
                    self._enter(call, reached, asked)

    def _report(self, text: str) -> None:
        problem = f"fetch {self.fetch.id} ({self.fetch.subgraph}) {text}"
        if problem not in self.execution.problems:
            self.execution.problems.append(problem)

    # --- paths -----------------------------------------------------------------------------------------------------

    def _follow(self, path: Path) -> list[_Reached]:
        """The objects that a path leads to."""
        reached = [_Reached(self.execution.root, self.execution.root.types)]
        depths = [0]
        for step in path:
            pairs = zip(reached, depths, strict=True)
            if step.key is None:
                following = [(each, depth - 1) for each, depth in pairs if depth > 0]
            else:
                following = [found for each, depth in pairs if depth == 0 for found in self._enter_key(each, step.key)]
            if reached and not following and not self.execution.truth:
                # Under a condition it may well lead nowhere: then there is nothing to fetch.
                self._report(f"has a path that leads nowhere: {'.'.join(map(str, path))}")
            narrowed = [
                (_Reached(each.place, self._guarded(each.types, step.types), each.writers), depth)
                for each, depth in following
            ]
            reached = [each for each, _ in narrowed if each.types]
            depths = [depth for each, depth in narrowed if each.types]
        if any(depths):
            self._report(f"has a path that ends at a list: {'.'.join(map(str, path))}")
        for each in reached:
            for writers in each.writers:
                if not self.execution.has(self.fetch, writers):
                    self._report(f"does not need any of {sorted(writers)}, which write {each.place.path}")
        return reached

    def _guarded(self, types: frozenset[str], names: tuple[str, ...]) -> frozenset[str]:
        return frozenset(each for each in types if self.types.is_named(each, names)) if names else types

    def _enter_key(self, reached: _Reached, key: str) -> Iterator[tuple[_Reached, int]]:
        for type_name in sorted(reached.types):
            cell = reached.place.cells.get((type_name, key))
            if cell is not None and cell.place is not None:
                writers = (*reached.writers, frozenset(cell.writers))
                yield _Reached(cell.place, cell.place.types, writers), cell.depth

    # --- inputs ----------------------------------------------------------------------------------------------------

    def _enter(self, call: EntityCall, reached: _Reached, asked: SelectionSetNode) -> None:
        served = {name: self._template_for(call.templates, name) for name in sorted(reached.types)}
        if len({id(template) for template in served.values()}) > 1:
            self._check_typename(reached.place, reached.types)
        for name, template in served.items():
            if template is None:
                continue
            self._check_key(template)
            if self._has_inputs(template.fields, reached.place, name):
                self._write_entity(template, asked, reached.place, name)

    def _template_for(self, templates: Sequence[InputObject], type_name: str) -> InputObject | None:
        exact = [each for each in templates if type_name in each.types]
        fitting = exact or [each for each in templates if self.types.is_named(type_name, each.types)]
        return fitting[0] if fitting else None

    def _check_typename(self, place: _Place, types: frozenset[str]) -> None:
        for name in sorted(types):
            cell = place.cells.get((name, "__typename"))
            if cell is None or not self.execution.has(self.fetch, cell.writers):
                self._report(f"cannot tell objects of type {name} at {place.path}: no type name")

    def _has_inputs(self, fields: Sequence[InputField], place: _Place, type_name: str) -> bool:
        """Whether a representation can be built; that nobody has written an input is no fault if nothing is missed."""
        complete = True
        for each in fields:
            cell = place.cells.get((type_name, each.store_key))
            where = f"{type_name}.{each.name} at {place.path}"
            if cell is None:
                place.notes[type_name] = f"fetch {self.fetch.id} ({self.fetch.subgraph}) wants {where}"
                complete = False
            elif cell.name != each.name:
                self._report(f"sends {where}, but {each.store_key} holds {cell.name}")
            elif not self.execution.has(self.fetch, cell.writers):
                self._report(f"sends {where}, but needs none of {sorted(cell.writers)}, which write it")
            elif each.selection and cell.place is not None:
                complete = self._has_nested_inputs(each, cell.place) and complete
                if not complete:
                    place.notes.setdefault(type_name, "; ".join(cell.place.notes.values()))
        return complete

    def _has_nested_inputs(self, each: InputField, place: _Place) -> bool:
        complete = True
        for name in sorted(place.types):
            template = self._template_for(each.selection, name)
            if template is None and len(place.types) == 1:
                self._report(f"sends {each.name} at {place.path}, but not for type {name}")
            elif template is not None:
                complete = self._has_inputs(template.fields, place, name) and complete
        return complete

    def _check_key(self, template: InputObject) -> None:
        view = self.subgraph.types.get(template.typename or "")
        if view is None:
            self._report(f"sends type {template.typename}, which the subgraph does not know")
            return
        keys = [parse_field_set(key.fields) for key in view.keys if key.resolvable]
        if all(any(_missing(key, template)) for key in keys):
            self._report(f"sends no complete key of {view.name}")

    # --- outputs ---------------------------------------------------------------------------------------------------

    def _write_entity(self, template: InputObject, asked: SelectionSetNode, place: _Place, type_name: str) -> None:
        sent = template.typename or type_name
        for condition, selections in self._fragments_of(asked.selections):
            view = self.subgraph.types.get(condition)
            if condition == sent or (view is not None and self.types.matches(self.subgraph, type_name, condition)):
                self._check_requires(selections, template)
                self._write(selections, place, type_name)

    def _fragments_of(self, nodes: Iterable[SelectionNode]) -> Iterator[tuple[str, tuple[SelectionNode, ...]]]:
        for node in nodes:
            if not _is_included(node.directives, self.execution.truth):
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
        view = self.subgraph.types.get(template.typename or "")
        for node in nodes:
            if isinstance(node, InlineFragmentNode) and _is_included(node.directives, self.execution.truth):
                self._check_requires(node.selection_set.selections, template)
            child = view.fields.get(node.name.value) if view and isinstance(node, FieldNode) else None
            if child is None or child.requires is None:
                continue
            missing = sorted(_missing(parse_field_set(child.requires), template))
            if missing:
                self._report(f"asks {template.typename}.{child.name} without {' '.join(missing)}")

    def _write(self, nodes: Iterable[SelectionNode], place: _Place, type_name: str) -> None:
        for node in nodes:
            if not _is_included(node.directives, self.execution.truth):
                continue
            match node:
                case FieldNode():
                    self._write_field(node, place, type_name)
                case InlineFragmentNode(type_condition=condition, selection_set=inner):
                    on = condition.name.value if condition else type_name
                    if self.types.matches(self.subgraph, type_name, on):
                        self._write(inner.selections, place, type_name)
                case FragmentSpreadNode():
                    fragment = self.fragments[node.name.value]
                    if self.types.matches(self.subgraph, type_name, fragment.type_condition.name.value):
                        self._write(fragment.selection_set.selections, place, type_name)
                case _:
                    pass

    def _write_field(self, node: FieldNode, place: _Place, type_name: str) -> None:
        name, key = node.name.value, (node.alias or node.name).value
        view = self.types.view(self.subgraph, type_name)
        if view is None:
            return
        if name == "__typename":
            self._write_typename(view, place, type_name, key)
            return
        child = view.fields.get(name)
        if child is None:
            self._report(f"asks {view.name}.{name}, which the subgraph does not have")
            return
        cell = self._cell(place, type_name, key, name, _arguments(node, child), list_depth(child.type))
        if node.selection_set is not None:
            known = self.types.runtime(self.subgraph, base_name(child.type))
            if cell.place is None:
                cell.place = _Place(f"{place.path}.{key}".lstrip("."), self.types.targets(type_name, name))
            cell.place.types &= known
            for inner in sorted(cell.place.types):
                self._write(node.selection_set.selections, cell.place, inner)

    def _write_typename(self, view: TypeView, place: _Place, type_name: str, key: str) -> None:
        # An interface object's answer is the interface's name, which tells no object type.
        if not view.interface_object:
            self._cell(place, type_name, key, "__typename", (), 0)

    def _cell(
        self, place: _Place, type_name: str, key: str, name: str, arguments: tuple[tuple[str, str], ...], depth: int
    ) -> _Cell:
        cell = place.cells.setdefault((type_name, key), _Cell(name, arguments, depth))
        if (cell.name, cell.arguments) != (name, arguments):
            self._report(f"stores {name} as {key} of {type_name} at {place.path}, where {cell.name} is stored")
        cell.writers.add(self.fetch.id)
        return cell


def _arguments(node: FieldNode, child: FieldView) -> tuple[tuple[str, str], ...]:
    """Arguments as a client could have written them: without those that the gateway fills."""
    filled = {argument.name for argument in child.context_arguments}
    printed = ((each.name.value, print_ast(each.value)) for each in node.arguments or ())
    return tuple(sorted((name, value) for name, value in printed if name not in filled))


def _normal(arguments: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Arguments in one way of printing, since fetches are printed without spaces."""
    return tuple((name, print_ast(parse_value(value, no_location=True))) for name, value in arguments)


def _missing(selection: FieldSet, template: InputObject) -> Iterator[str]:
    """The fields of a field set that a template does not send; what stands under a type condition is not looked at."""
    for selected in selection:
        if selected.is_fragment:
            continue
        sent = next((each for each in template.fields if each.name == selected.name), None)
        if sent is None and selected.name != "__typename":
            yield selected.name
        for inner in sent.selection if sent is not None else ():
            yield from (f"{selected.name}.{name}" for name in _missing(selected.children or (), inner))


# --- what the client asks ------------------------------------------------------------------------------------------


class _Projection:
    """The client's selection, walked over what has been written."""

    def __init__(self, types: _Types, plan: QueryPlan, truth: Truth, problems: list[str]) -> None:
        self.types = types
        self.plan = plan
        self.truth = truth
        self.problems = problems

    def check(self, selection: SelectionSet, place: _Place) -> None:
        """Note every field of every type that nobody has fetched."""
        tells_types = any(isinstance(unit, Cast) and _holds(unit.conditions, self.truth) for unit in selection.units)
        for type_name in sorted(place.types):
            if tells_types and len(place.types) > 1:
                self._check_typename(place, type_name)
            self._check_object(selection, place, type_name)

    def _check_object(self, selection: SelectionSet, place: _Place, type_name: str) -> None:
        for unit in selection.units:
            if not _holds(unit.conditions, self.truth):
                continue
            if isinstance(unit, Cast):
                if unit.type == type_name:
                    self._check_object(unit.selection, place, type_name)
            elif not isinstance(unit, Field):
                self._check_object(unit.selection, place, type_name)
            elif unit.name == "__typename":
                if is_abstract_type(self.types.schema.type_map[selection.type]) and len(place.types) > 1:
                    self._check_typename(place, type_name)
            elif not unit.name.startswith("__"):
                self._check_field(unit, place, type_name)

    def _check_typename(self, place: _Place, type_name: str) -> None:
        if (type_name, "__typename") not in place.cells:
            self._report(f"nobody fetches the type name of {type_name} at {place.path}")

    def _check_field(self, unit: Field, place: _Place, type_name: str) -> None:
        key = self.plan.store_keys.get((unit.id, type_name), unit.response_key)
        cell = place.cells.get((type_name, key))
        where = f"{type_name}.{unit.name} at {place.path or 'the root'}"
        if cell is None:
            note = f"; {place.notes[type_name]}" if type_name in place.notes else ""
            self._report(f"nobody fetches {where} (as {key}){note}")
        elif (cell.name, cell.arguments) != (unit.name, _normal(unit.arguments)):
            self._report(f"{where} is read from {key}, which holds {cell.name}")
        elif unit.selection is not None and cell.place is not None:
            self.check(unit.selection, cell.place)

    def _report(self, text: str) -> None:
        if text not in self.problems:
            self.problems.append(text)
