"""Why a field cannot be reached from the nodes that an object is available in."""

from collections.abc import Iterator

from supergraph.compose.reachability import Nodes, Reachability, by_rank
from supergraph.query_graph import ROOT_TYPES, Node


def reasons_text(reach: Reachability, type_name: str, nodes: Nodes, name: str | None) -> str:
    """One bullet for each subgraph the object is available in; ``name`` is ``None`` if a cast to the type failed."""
    by_subgraph: dict[str, list[str]] = {}
    for node in by_rank(nodes):
        subgraph = reach.graph.subgraphs[node.graph].name
        found = by_subgraph.setdefault(subgraph, [])
        for reason in _reasons(reach, type_name, node, nodes, name):
            if reason not in found:
                found.append(reason)
    lines = []
    for subgraph, reasons in by_subgraph.items():
        if len(reasons) == 1:
            lines.append(f'- from subgraph "{subgraph}": {reasons[0]}.')
        else:
            lines.append(f'- from subgraph "{subgraph}":')
            lines += [f"  - {reason}." for reason in reasons]
    return "\n".join(lines)


def _reasons(reach: Reachability, type_name: str, node: Node, nodes: Nodes, name: str | None) -> Iterator[str]:
    if name is None:
        yield from _cast_reasons(reach, type_name, node, nodes)
        return
    yield _why_not_here(reach, node, nodes, name)
    yield from _why_not_elsewhere(reach, type_name, node, nodes, name)


def _why_not_here(reach: Reachability, node: Node, nodes: Nodes, name: str) -> str:
    graph = reach.graph
    type_view = graph.type_view(node.graph, node.type)
    view = type_view.fields.get(name) if type_view else None
    coordinate = f"{node.type}.{name}"
    if view is None:
        return f'cannot find field "{coordinate}"'
    if not graph.is_active(view):
        return (
            f'field "{coordinate}" is not resolvable because it is overridden under the label "{view.override_label}"'
        )
    wanted = graph.wanted_requires(node.graph, node.type, name)
    if wanted is not None and wanted.contextual is not None:
        return (
            f'cannot fill the contextual arguments of field "{coordinate}": required context not found or not readable'
        )
    if wanted is not None:
        if reach.satisfies(nodes, wanted.selection):
            return (
                f'@require condition on field "{coordinate}" can be satisfied but missing usable key on "{node.type}" '
                f'in subgraph "{graph.subgraphs[node.graph].name}" to resume query'
            )
        return f'cannot satisfy @require conditions on field "{coordinate}" (please ensure that it is reachable)'
    if view.external:
        return f'field "{coordinate}" is not resolvable because marked @external or overridden'
    return f'field "{coordinate}" is not resolvable on every implementation of "{node.type}"'


def _why_not_elsewhere(reach: Reachability, type_name: str, node: Node, nodes: Nodes, name: str) -> Iterator[str]:
    graph = reach.graph
    here = {available.graph for available in nodes}
    targets = {target.graph: target for target in graph.targets(type_name)}
    for index, subgraph in enumerate(graph.subgraphs):
        view = subgraph.types.get(type_name)
        if index in here or type_name in ROOT_TYPES:
            continue
        target = targets.get(index)
        if target is not None:
            if not graph.type_view(index, target.type) or name not in graph.subgraphs[index].types[target.type].fields:
                continue
            for key in target.keys:
                yield (
                    f'cannot move to subgraph "{subgraph.name}" using @key(fields: "{key.text}") of "{target.type}", '
                    f'the key field(s) cannot be resolved from subgraph "{graph.subgraphs[node.graph].name}"'
                )
        elif view is not None and name in view.fields:
            keys = "none of the @key defined on type" if view.keys else "no @key is defined on type"
            end = f'"{type_name}" in subgraph "{subgraph.name}"' + (" are resolvable" if view.keys else "")
            yield (
                f'cannot move to subgraph "{subgraph.name}", which has field "{type_name}.{name}", because {keys} {end}'
            )


def _cast_reasons(reach: Reachability, type_name: str, node: Node, nodes: Nodes) -> Iterator[str]:
    graph = reach.graph
    if graph.is_interface_object(node):
        yield (f'no subgraph can be reached to resolve the implementation type of @interfaceObject type "{node.type}"')
        here = {available.graph for available in nodes}
        for index, subgraph in enumerate(graph.subgraphs):
            view = subgraph.types.get(node.type)
            if index not in here and view is not None and view.kind == "interface" and not view.keys:
                yield (f'cannot move to subgraph "{subgraph.name}", because interface "{node.type}" has no @key there')
    else:
        yield f'cannot find type "{type_name}"'
