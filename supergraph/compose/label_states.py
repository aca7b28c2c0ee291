"""Override labels in satisfiability: which combinations are tried, and what of the supergraph they concern.

With labels a supergraph is many: each label is on or off. Most of it is the same in all of them, and is walked once.
"""

from collections.abc import Iterable, Iterator
from itertools import product

from graphql import GraphQLSchema, is_abstract_type

from supergraph.operation.model import Cast, Field, SelectionSet
from supergraph.query_graph import QueryGraph
from supergraph.views import TypeView

_MAX_LABELS = 5

Question = tuple[str, str | None]
"""A type and one of its fields; or, with ``None``, where else objects of the type can be had."""


def label_states(labels: frozenset[str]) -> Iterator[frozenset[str]]:
    """Every combination of override labels; if they are many, all, none, and each alone on or off."""
    names = sorted(labels)
    if len(names) <= _MAX_LABELS:
        for states in product((False, True), repeat=len(names)):
            yield frozenset(name for name, on in zip(names, states, strict=True) if on)
        return
    yield frozenset()
    yield labels
    for name in names:
        yield frozenset({name})
        yield labels - {name}


def what_labels_concern(graph: QueryGraph) -> frozenset[Question]:
    """Everything whose answer may depend on labels: labelled fields, and what needs one of them."""
    needed_by: dict[Question, list[Question]] = {}
    for question, needed in _needs(graph):
        needed_by.setdefault(needed, []).append(question)
    found = {
        (view.name, field.name)
        for subgraph in graph.subgraphs
        for view in subgraph.types.values()
        for field in view.fields.values()
        if field.override_label is not None
    }
    concerned: set[Question] = set(found)
    todo: list[Question] = list(found)
    while todo:
        for question in needed_by.get(todo.pop(), ()):
            if question not in concerned:
                concerned.add(question)
                todo.append(question)
    return frozenset(concerned)


def _needs(graph: QueryGraph) -> Iterator[tuple[Question, Question]]:
    for subgraph in graph.subgraphs:
        for view in subgraph.types.values():
            yield from _needs_of_keys(graph, view)
            yield from _needs_of_requirements(graph, view)
    yield from _needs_of_abstract_types(graph.schema)


def _needs_of_keys(graph: QueryGraph, view: TypeView) -> Iterator[tuple[Question, Question]]:
    for key in view.keys:
        for needed in _asked(graph.field_sets.get(view.name, key.fields).selection):
            yield (view.name, None), needed


def _needs_of_requirements(graph: QueryGraph, view: TypeView) -> Iterator[tuple[Question, Question]]:
    for field in view.fields.values():
        if field.requires is not None:
            yield (view.name, field.name), (view.name, None)
            for needed in _asked(graph.field_sets.get(view.name, field.requires).selection):
                yield (view.name, field.name), needed


def _needs_of_abstract_types(schema: GraphQLSchema) -> Iterator[tuple[Question, Question]]:
    """An interface is resolved by its types, and an interface object resolves for them."""
    for name, type_ in schema.type_map.items():
        if not is_abstract_type(type_) or name.startswith("__"):
            continue
        fields: Iterable[str] = getattr(type_, "fields", ())
        for possible in schema.get_possible_types(type_):
            for part in (None, *fields):
                yield (name, part), (possible.name, part)
                yield (possible.name, part), (name, part)


def _asked(selection: SelectionSet) -> Iterator[Question]:
    for unit in selection.units:
        if isinstance(unit, Field):
            yield selection.type, unit.name
        if isinstance(unit, Cast) or unit.selection is not None:
            below = unit.selection
            assert below is not None
            yield below.type, None
            yield from _asked(below)
