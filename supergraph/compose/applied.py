"""Merging the directives that subgraphs apply to one element."""

from collections.abc import Sequence
from typing import TypeAlias

from graphql import NameNode, ObjectFieldNode, ObjectValueNode, ValueNode

from supergraph.compose.composed import MergedDirective
from supergraph.compose.problems import Place
from supergraph.compose.state import E, Merge, Source, places
from supergraph.compose.wording import distribution
from supergraph.sdl.model import Applied, Element
from supergraph.sdl.print import print_applied
from supergraph.sdl.values import EnumName, Plain, coerced_text, normal_text, to_node, to_plain

Application: TypeAlias = tuple[Source[E], Applied]


def merge_applied(state: Merge, element: Element, sources: Sequence[Source[E]]) -> None:
    """Put on ``element`` the directives of its sources that the supergraph keeps."""
    found: dict[str, list[tuple[Source[E], Applied]]] = {}
    for source in sources:
        for applied in source.element.applied:
            directive = state.composed.merged(source.subgraph, applied.name)
            if directive is not None:
                found.setdefault(directive.name, []).append((source, applied))
    for name, applications in found.items():
        directive = state.composed.by_name[name]
        if directive.repeatable:
            element.applied += _union(directive, applications)
        else:
            element.applied.append(_one(state, element, directive, applications))
    _carry(state, element, sources)


def _union(directive: MergedDirective, applications: Sequence[Application[E]]) -> list[Applied]:
    kept: dict[str, Applied] = {}
    for source, applied in applications:
        arguments = dict(applied.arguments)
        if directive.element == "context":
            arguments["name"] = to_node(f"{source.name}__{applied.text('name')}")
        copy = Applied(directive.name, arguments, applied.node)
        kept.setdefault(_signature(directive, copy), copy)
    return list(kept.values())


def _signature(directive: MergedDirective, applied: Applied) -> str:
    """Equal for applications that mean the same once defaults are filled in."""
    names = sorted({*applied.arguments, *directive.defaults})
    parts = []
    for name in names:
        value = applied.arguments.get(name, directive.defaults.get(name))
        type_ref = directive.types.get(name)
        parts.append(f"{name}:{coerced_text(value, type_ref) if type_ref else normal_text(value)}")
    return ",".join(parts)


def _one(state: Merge, element: Element, directive: MergedDirective, applications: Sequence[Application[E]]) -> Applied:
    involved = places([source for source, _ in applications])
    return combine(state, element, directive, [(source.name, applied) for source, applied in applications], involved)


def combine(
    state: Merge,
    element: Element,
    directive: MergedDirective,
    applications: Sequence[tuple[str, Applied]],
    involved: Sequence[Place],
) -> Applied:
    """The one application that stands for several of a non-repeatable directive; each comes with who applied it."""
    signatures = [_signature(directive, applied) for _, applied in applications]
    first = applications[0][1]
    if len(set(signatures)) == 1:
        return Applied(directive.name, dict(first.arguments), first.node)
    described = distribution(
        (name, print_applied(Applied(directive.name, applied.arguments))) for name, applied in applications
    )
    if directive.strategies and all(name in directive.strategies for name in directive.types):
        merged = _combined(directive, [applied for _, applied in applications])
        message = (
            f'Directive "@{directive.name}" is applied to "{element.coordinate}" with different arguments, which are '
            f"merged to {print_applied(merged)}; it is applied as {described}"
        )
        code = "MERGED_NON_REPEATABLE_DIRECTIVE_ARGUMENTS"
        state.problems.hint(code, message, involved, coordinate=element.coordinate)
        return merged
    chosen = applications[signatures.index(max(signatures, key=signatures.count))][1]
    message = (
        f'Non-repeatable directive "@{directive.name}" is applied to "{element.coordinate}" with incompatible '
        f"arguments: the supergraph will use {print_applied(chosen)}; it is applied as {described}"
    )
    code = "INCONSISTENT_NON_REPEATABLE_DIRECTIVE_ARGUMENTS"
    state.problems.hint(code, message, involved, coordinate=element.coordinate)
    return Applied(directive.name, dict(chosen.arguments), chosen.node)


def _combined(directive: MergedDirective, applications: Sequence[Applied]) -> Applied:
    arguments: dict[str, ValueNode] = {}
    for name, strategy in directive.strategies.items():
        values: list[Plain] = [
            to_plain(applied.arguments.get(name, directive.defaults.get(name))) for applied in applications
        ]
        value = strategy(values)
        if value is not None:
            arguments[name] = to_node(value)
    return Applied(directive.name, arguments)


def _carry(state: Merge, element: Element, sources: Sequence[Source[E]]) -> None:
    """Keep directives that the router reads with the subgraph they come from, as ``@join__directive``."""
    groups: dict[tuple[str, str], tuple[Applied, list[str]]] = {}
    for source in sources:
        for applied in source.element.applied:
            name = state.composed.carried(source.subgraph, applied)
            if name is None:
                continue
            signature = ",".join(f"{key}:{normal_text(value)}" for key, value in sorted(applied.arguments.items()))
            group = groups.setdefault((name, signature), (applied, []))
            group[1].append(state.graphs[source.name])
    for (name, _), (applied, graphs) in groups.items():
        arguments: dict[str, ValueNode] = {
            "graphs": to_node([EnumName(graph) for graph in dict.fromkeys(graphs)]),
            "name": to_node(name),
        }
        if applied.arguments:
            arguments["args"] = object_node(applied.arguments)
        element.applied.append(Applied("join__directive", arguments))


def object_node(arguments: dict[str, ValueNode]) -> ValueNode:
    """The arguments of an application as one object value."""
    fields = tuple(ObjectFieldNode(name=NameNode(value=name), value=value) for name, value in arguments.items())
    return ObjectValueNode(fields=fields)
