"""Make a failing trial small enough for a person to read.

Delta debugging over syntax trees: take something away, print, try again; keep what still fails in the same way. First
the operation, then the subgraphs, from whole subgraphs down to single directives, until nothing more can go.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from graphql import (
    DefinitionNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    InterfaceTypeDefinitionNode,
    Node,
    ObjectTypeDefinitionNode,
    OperationDefinitionNode,
    SelectionSetNode,
    TypeDefinitionNode,
    UnionTypeDefinitionNode,
    is_interface_type,
    parse,
    print_ast,
    validate,
)

from supergraph.sdl.types import base_name, type_from_node
from tests.oracle.operations import OperationCase
from tests.oracle.pieces import SubgraphSource, with_link
from tests.oracle.trial import Failure, Outcome, Trial
from tests.oracle.world import World, WorldError, build_world

Run = Callable[[Trial], Outcome]


def shrink(trial: Trial, failure: Failure, run: Run, *, tries: int = 1500) -> tuple[Trial, Failure]:
    """The smallest trial found that fails in the same way, and how it fails."""
    best, left = (trial, failure), [tries]
    progress = True
    while progress and left[0] > 0:
        before = best[0]
        for candidates in (operation_candidates, subgraph_candidates):
            best = _pass(best, run, candidates, left)
        progress = best[0] is not before
    return best


def _pass(
    best: tuple[Trial, Failure], run: Run, candidates: Callable[[Trial], Iterator[Trial]], left: list[int]
) -> tuple[Trial, Failure]:
    """Try each candidate once; after a success go on at the same place in the smaller trial."""
    position, pending = 0, candidates(best[0])
    while (candidate := next(pending, None)) is not None and left[0] > 0:
        left[0] -= 1
        outcome = _run_quietly(candidate, run)
        if isinstance(outcome, Failure) and outcome.kind == best[1].kind:
            best = (candidate, outcome)
            pending = islice(candidates(candidate), position, None)
        else:
            position += 1
    return best


def _run_quietly(candidate: Trial, run: Run) -> Outcome | None:
    """The outcome, or ``None`` if the candidate makes no sense."""
    try:
        world = build_world(candidate.sources)
        if validate(world.api, parse(candidate.operation.text)) or _has_idle_interface(world):
            return None
        return run(candidate)
    except (WorldError, GraphQLError, KeyError, IndexError, TypeError, AssertionError):
        return None


def _has_idle_interface(world: World) -> bool:
    """Whether some interface has no objects: shrinking likes to end there, and it is another problem."""
    types = world.monolith.type_map.values()
    return any(is_interface_type(each) and not world.monolith.get_possible_types(each) for each in types)


# --- candidates ----------------------------------------------------------------------------------------------------


def operation_candidates(trial: Trial) -> Iterator[Trial]:
    """The trial with something less in its operation."""
    document = parse(trial.operation.text, no_location=True)
    fragments = {each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)}

    def edits(node: Node) -> Iterator[Node]:
        yield from _operation_edits(node)
        yield from _inlined(node, fragments)

    for changed in _rewritten(document, edits):
        case = _without_unused(changed, trial.operation)
        if case.text != trial.operation.text:
            yield replace(trial, operation=case)


def subgraph_candidates(trial: Trial) -> Iterator[Trial]:
    """The trial with something less in its subgraphs."""
    sources = trial.sources
    for index in range(len(sources)):
        yield replace(trial, sources=(*sources[:index], *sources[index + 1 :]))
    documents = [parse(source.body, no_location=True) for source in sources]
    for name in dict.fromkeys(each.name.value for document in documents for each in _definitions(document)):
        yield replace(trial, sources=_without_type(sources, name))
    for name, field in _fields(documents):
        yield replace(trial, sources=_without_field(sources, name, field))
    for index, document in enumerate(documents):
        for edited in _rewritten(document, _schema_edits):
            text = _print(edited)
            if text is not None:
                changed = SubgraphSource(sources[index].name, with_link(text))
                yield replace(trial, sources=(*sources[:index], changed, *sources[index + 1 :]))


def _rewritten(node: Node, edits: Callable[[Node], Iterator[Node]]) -> Iterator[Node]:
    """Copies of a tree, each with one edit somewhere: large ones first."""
    yield from edits(node)
    for key in node.keys:
        value = getattr(node, key, None)
        if isinstance(value, Node):
            for changed in _rewritten(value, edits):
                yield _with(node, key, changed)
        elif isinstance(value, tuple):
            for index, child in enumerate(value):
                for changed in _rewritten(child, edits):
                    yield _with(node, key, (*value[:index], changed, *value[index + 1 :]))


def _with(node: Node, attribute: str, value: object) -> Node:
    """A copy of a node with one attribute changed; ``Any``, because the attribute is only known at run time."""
    changes: dict[str, Any] = {attribute: value}
    return replace(node, **changes)


def _print(document: Node) -> str | None:
    return print_ast(document) if isinstance(document, DocumentNode) and document.definitions else None


def _operation_edits(node: Node) -> Iterator[Node]:
    if isinstance(node, SelectionSetNode):
        yield from _without_each(node, "selections")
        yield from _hoisted(node)
    yield from _without_each(node, "arguments")
    yield from _without_each(node, "directives")
    if isinstance(node, FieldNode) and node.alias is not None:
        yield replace(node, alias=None)
    if isinstance(node, OperationDefinitionNode) and node.name is not None:
        yield replace(node, name=None)


def _hoisted(node: SelectionSetNode) -> Iterator[Node]:
    """An inline fragment replaced by what is in it."""
    for index, child in enumerate(node.selections):
        if isinstance(child, InlineFragmentNode):
            inner = child.selection_set.selections
            yield replace(node, selections=(*node.selections[:index], *inner, *node.selections[index + 1 :]))


def _inlined(node: Node, fragments: Mapping[str, FragmentDefinitionNode]) -> Iterator[Node]:
    """A fragment spread replaced by an inline fragment."""
    for index, child in enumerate(node.selections if isinstance(node, SelectionSetNode) else ()):
        if isinstance(child, FragmentSpreadNode) and isinstance(node, SelectionSetNode):
            fragment = fragments[child.name.value]
            inner = InlineFragmentNode(
                type_condition=fragment.type_condition,
                directives=child.directives,
                selection_set=fragment.selection_set,
            )
            yield replace(node, selections=(*node.selections[:index], inner, *node.selections[index + 1 :]))


def _schema_edits(node: Node) -> Iterator[Node]:
    for attribute in ("definitions", "fields", "interfaces", "types", "directives", "arguments"):
        if not isinstance(node, DirectiveNode):
            yield from _without_each(node, attribute)


def _without_each(node: Node, attribute: str) -> Iterator[Node]:
    children: tuple[Node, ...] = getattr(node, attribute, None) or ()
    if attribute == "selections" and len(children) == 1:
        return
    for index in range(len(children)):
        yield _with(node, attribute, (*children[:index], *children[index + 1 :]))


def _without_unused(document: Node, case: OperationCase) -> OperationCase:
    """The operation without variables and fragments that nothing uses any more."""
    assert isinstance(document, DocumentNode)
    used = {node.name.value for node in _walk(document) if isinstance(node, FragmentSpreadNode)}
    kept: list[DefinitionNode] = []
    for each in document.definitions:
        if isinstance(each, OperationDefinitionNode):
            bare = replace(each, variable_definitions=())
            printed = "\n".join(print_ast(bare if other is each else other) for other in document.definitions)
            variables = [one for one in each.variable_definitions or () if f"${one.variable.name.value}" in printed]
            kept.append(replace(each, variable_definitions=tuple(variables)))
        elif isinstance(each, FragmentDefinitionNode) and each.name.value in used:
            kept.append(each)
    text = print_ast(replace(document, definitions=tuple(kept)))
    return OperationCase(text, {name: value for name, value in case.variables.items() if f"${name}" in text})


def _walk(node: Node) -> Iterator[Node]:
    yield node
    for key in node.keys:
        value = getattr(node, key, None)
        for child in value if isinstance(value, tuple) else (value,):
            if isinstance(child, Node):
                yield from _walk(child)


Fielded = ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode


def _fields(documents: Sequence[DocumentNode]) -> list[tuple[str, str]]:
    """Every type and field of the subgraphs, once."""
    found = {
        (definition.name.value, child.name.value): None
        for document in documents
        for definition in document.definitions
        if isinstance(definition, Fielded)
        for child in definition.fields or ()
    }
    return list(found)


def _definitions(document: DocumentNode) -> list[TypeDefinitionNode]:
    return [each for each in document.definitions if isinstance(each, TypeDefinitionNode)]


def _without_type(sources: Sequence[SubgraphSource], name: str) -> tuple[SubgraphSource, ...]:
    """The subgraphs without a type, and without what mentions it."""
    changed = []
    for source in sources:
        document = parse(source.body, no_location=True)
        kept = [_without_mentions(each, name) for each in document.definitions if name != _name_of(each)]
        if kept:
            text = print_ast(replace(document, definitions=tuple(kept)))
            changed.append(SubgraphSource(source.name, with_link(text)))
    return tuple(changed)


def _name_of(node: Node) -> str | None:
    return node.name.value if isinstance(node, TypeDefinitionNode) else None


def _without_mentions(node: DefinitionNode, name: str) -> DefinitionNode:
    if isinstance(node, Fielded):
        fields = tuple(child for child in node.fields or () if base_name(type_from_node(child.type)) != name)
        interfaces = tuple(each for each in node.interfaces or () if each.name.value != name)
        return replace(node, fields=fields, interfaces=interfaces)
    if isinstance(node, UnionTypeDefinitionNode):
        return replace(node, types=tuple(each for each in node.types or () if each.name.value != name))
    return node


def _without_field(sources: Sequence[SubgraphSource], name: str, field: str) -> tuple[SubgraphSource, ...]:
    """The subgraphs without a field, in all of them."""
    changed = []
    for source in sources:
        document = parse(source.body, no_location=True)
        definitions = [
            replace(each, fields=tuple(child for child in each.fields or () if child.name.value != field))
            if isinstance(each, Fielded) and each.name.value == name
            else each
            for each in document.definitions
        ]
        text = print_ast(replace(document, definitions=tuple(definitions)))
        changed.append(SubgraphSource(source.name, with_link(text)))
    return tuple(changed)
