"""From drafts to fetches: batching, ordering and text.

Entity requests to one subgraph that wait for the same answers become one HTTP request. Members that ask the same of
the same types share one ``_entities`` field, so an entity that is found at two places is fetched once; others get an
alias each.
"""

from collections.abc import Sequence

from supergraph.operation.model import Operation
from supergraph.plan.nodes import EntityCall, Fetch, InputObject, Path, Step
from supergraph.planner.drafts import Draft
from supergraph.planner.fragments import FieldType, SelectionKey, field_type_in, print_selections, selection_key
from supergraph.planner.levels import levels_of
from supergraph.planner.templates import templates_of
from supergraph.planner.text import (
    definition_text,
    operation_name,
    operation_text,
    used_variables,
)
from supergraph.query_graph import QueryGraph

Group = list[Draft]


def build_fetches(drafts: Sequence[Draft], operation: Operation, graph: QueryGraph) -> tuple[Fetch, ...]:
    """The fetches, in an order in which each stands behind its needs, and those of deferred parts behind all others."""
    levels = levels_of(drafts)
    groups = _groups(sorted(drafts, key=lambda draft: (draft.block is not None, levels[draft])), levels)
    ids = {draft: index for index, group in enumerate(groups) for draft in group}
    return tuple(_fetch(index, group, ids, operation, graph) for index, group in enumerate(groups))


def _groups(drafts: list[Draft], levels: dict[Draft, int]) -> list[Group]:
    """Requests that are made together, in order; ``drafts`` are sorted so that needs come first."""
    groups: dict[object, Group] = {}
    key_of: dict[Draft, object] = {}
    for draft in drafts:
        key: object = draft
        if draft.is_entity and not draft.contexts:
            needs = frozenset(key_of[need] for need in draft.needs)
            key = (draft.graph, draft.block, levels[draft], needs, draft.conditions)
        key_of[draft] = key
        groups.setdefault(key, []).append(draft)
    return list(groups.values())


def _fetch(index: int, group: Group, ids: dict[Draft, int], operation: Operation, graph: QueryGraph) -> Fetch:
    first = group[0]
    subgraph = graph.subgraphs[first.graph].name
    variables = used_variables(group, operation.variables)
    definitions = [definition_text(variable) for variable in operation.variables if variable.name in variables]
    name = operation_name(operation.name, subgraph, index)
    field_type = field_type_in(graph, first.graph)
    calls: tuple[EntityCall, ...] = ()
    if first.is_entity:
        members = _members(group)
        texts = print_selections((member[0].selection for member in members), None, field_type)
        alone = "".join(texts) if len(members) == 1 else None
        calls = _entity_calls(members, {variable.name for variable in operation.variables}, field_type, alone)
        contexts = [f"${context.variable}:{type_name}" for context, type_name in first.contexts.items()]
        definitions = [*(f"${call.variable}:[_Any!]!" for call in calls), *contexts, *definitions]
        selections = {_entities_field(call): body for call, body in zip(calls, texts, strict=False)}
        text = operation_text("query", name, definitions, selections, texts[len(calls) :])
    else:
        body, *fragments = print_selections((first.selection,), first.kind.capitalize(), field_type)
        text = operation_text(first.kind, name, definitions, body, fragments)
    return Fetch(
        id=index,
        subgraph=subgraph,
        kind=first.kind,
        operation=text,
        operation_name=name,
        variables=variables,
        path=() if first.is_entity else first.path,
        entities=calls,
        needs=tuple(sorted({ids[need] for draft in group for need in draft.needs})),
        conditions=first.conditions,
        block=first.block,
    )


def _entities_field(call: EntityCall) -> str:
    alias = "" if call.alias == "_entities" else f"{call.alias}:"
    return f"{alias}_entities(representations:${call.variable})"


def _members(group: Group) -> list[Group]:
    """The requests of a group, those together that ask the same of the same types."""
    if len(group) == 1:
        return [group]
    members: dict[tuple[SelectionKey, tuple[InputObject, ...]], Group] = {}
    for draft in group:
        members.setdefault((selection_key(draft.selection), templates_of(draft)), []).append(draft)
    return list(members.values())


def _entity_calls(
    members: list[Group], taken: set[str], field_type: FieldType, alone: str | None
) -> tuple[EntityCall, ...]:
    """``alone`` is the selection of the only member as it stands in the request; it is not printed again."""
    single = alone is not None
    return tuple(
        EntityCall(
            alias="_entities" if single else f"_e{index}",
            variable=_free("representations" if single else f"r{index}", taken),
            paths=_unite_guards([path for draft in member for path in draft.paths]),
            templates=templates_of(member[0]),
            selection=alone or "".join(print_selections([member[0].selection], None, field_type)),
            contexts=tuple(member[0].contexts),
        )
        for index, member in enumerate(members)
    )


def _free(name: str, taken: set[str]) -> str:
    """A variable name that the client does not use."""
    while name in taken:
        name = f"_{name}"
    return name


def _unite_guards(paths: list[Path]) -> tuple[Path, ...]:
    """Paths that differ in one guard only, written as one."""
    united: list[Path] = []
    alike: dict[tuple[str | None, ...], list[int]] = {}
    for path in paths:
        indexes = alike.setdefault(tuple(step.key for step in path), [])
        for index in indexes:
            both = _united(united[index], path)
            if both is not None:
                united[index] = both
                break
        else:
            indexes.append(len(united))
            united.append(path)
    return tuple(united)


def _united(left: Path, right: Path) -> Path | None:
    """Both as one, of paths through the same keys."""
    if left == right:
        return left
    different = [index for index, (a, b) in enumerate(zip(left, right, strict=True)) if a.types != b.types]
    if len(different) != 1:
        return None
    (index,) = different
    if not left[index].types or not right[index].types:
        return None
    types = (*left[index].types, *(name for name in right[index].types if name not in left[index].types))
    return (*left[:index], Step(left[index].key, types), *left[index + 1 :])
