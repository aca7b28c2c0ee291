"""A plan as text for people, in the notation that the field's routers print."""

from collections.abc import Iterable, Iterator

from graphql import parse, print_ast

from supergraph.plan.nodes import (
    ConditionNode,
    DeferNode,
    DeferredPart,
    EntityCall,
    Fetch,
    FetchNode,
    InputField,
    InputObject,
    ParallelNode,
    Path,
    PlanNode,
    SequenceNode,
    SubscriptionNode,
)

Lines = Iterator[str]


def print_plan(node: PlanNode | None) -> str:
    """The whole plan."""
    if node is None:
        return "QueryPlan {}"
    return "\n".join(["QueryPlan {", *_indent(_node(node)), "}"])


def path_text(path: Path) -> str:
    """A path with its segments joined by dots."""
    return ".".join(map(str, path))


def _indent(lines: Iterable[str]) -> Lines:
    return (f"  {line}" for line in lines)


def _node(node: PlanNode) -> Lines:
    match node:
        case FetchNode(fetch, is_awaited):
            yield from _fetch(fetch, f", id: {fetch.id}" if is_awaited else "")
        case SequenceNode(nodes):
            yield from _block("Sequence", (line for inner in nodes for line in _node(inner)))
        case ParallelNode(nodes):
            yield from _block("Parallel", (line for inner in nodes for line in _node(inner)))
        case ConditionNode(variable, then, None) if then is not None:
            yield from _block(f"Include(if: ${variable})", _node(then))
        case ConditionNode(variable, None, otherwise) if otherwise is not None:
            yield from _block(f"Skip(if: ${variable})", _node(otherwise))
        case ConditionNode(variable, then, otherwise):
            clauses = [("Then", then), ("Else", otherwise)]
            inner = (line for name, clause in clauses if clause is not None for line in _block(name, _node(clause)))
            yield from _block(f"Condition(if: ${variable})", inner)
        case SubscriptionNode(primary, rest):
            yield from _block("Subscription", _subscription(primary, rest))
        case DeferNode(subselection=subselection, primary=primary, deferred=deferred):
            yield from _block("Defer", _defer(subselection, primary, deferred))


def _defer(subselection: str, primary: PlanNode | None, deferred: Iterable[DeferredPart]) -> Lines:
    yield from _block("Primary", _delivery(subselection, primary))
    yield "["
    for part in deferred:
        label = "" if part.label is None else f', label: "{part.label}"'
        depends = ", ".join(map(str, part.depends))
        head = f'Deferred(depends: [{depends}], path: "{path_text(part.path)}"{label})'
        yield from _indent(_block(head, _delivery(part.subselection, part.node)))
    yield "],"


def _delivery(subselection: str, node: PlanNode | None) -> Lines:
    if subselection:
        *lines, last = print_ast(parse(subselection)).splitlines()
        yield from lines
        yield f"{last}:" if node is not None else last
    if node is not None:
        yield from _node(node)


def _subscription(primary: FetchNode, rest: PlanNode | None) -> Lines:
    yield from _block("Primary:", _node(primary))
    if rest is not None:
        yield from _block("Rest:", _node(rest))


def _block(head: str, lines: Iterable[str]) -> Lines:
    yield f"{head} {{"
    yield from _indent(lines)
    yield "},"


def _fetch(fetch: Fetch, shown_id: str = "") -> Lines:
    if len(fetch.entities) == 1:
        (call,) = fetch.entities
        body = _block(f'Fetch(service: "{fetch.subgraph}"{shown_id})', _call(call))
        yield from _block(f"Flatten({_paths(call)})", body)
    elif fetch.entities:
        calls = (line for call in fetch.entities for line in _block(f"Flatten({_paths(call)})", _call(call)))
        yield from _block(f'BatchFetch(service: "{fetch.subgraph}"{shown_id})', calls)
    else:
        body = _block(f'Fetch(service: "{fetch.subgraph}"{shown_id})', _root_selection(fetch))
        yield from _block(f'Flatten(path: "{path_text(fetch.path)}")', body) if fetch.path else body


def _paths(call: EntityCall) -> str:
    if len(call.paths) == 1:
        return f'path: "{path_text(call.paths[0])}"'
    return "paths: [" + ", ".join(f'"{path_text(path)}"' for path in call.paths) + "]"


def _root_selection(fetch: Fetch) -> Lines:
    text = fetch.operation[fetch.operation.index("{") :] if not fetch.variables else _without_head(fetch.operation)
    return iter(print_ast(parse(text)).splitlines())


def _without_head(operation: str) -> str:
    """The selection of an operation whose head may contain braces in default values."""
    printed = print_ast(parse(operation))
    return printed[printed.index(" {\n") + 1 :]


def _call(call: EntityCall) -> Lines:
    yield "{"
    for template in call.templates:
        for type_name in template.types:
            yield f"  ... on {type_name} {{"
            yield "    __typename"
            yield from _indent(_indent(_fields(template.fields)))
            yield "  }"
    yield "} =>"
    yield from print_ast(parse(call.selection)).splitlines()


def _fields(fields: Iterable[InputField]) -> Lines:
    for field in fields:
        head = field.name if field.name == field.store_key else f"{field.name}: {field.store_key}"
        if not field.selection:
            yield head
            continue
        yield f"{head} {{"
        yield from _indent(_nested(field.selection))
        yield "}"


def _nested(templates: tuple[InputObject, ...]) -> Lines:
    if len(templates) == 1:
        if templates[0].typename:
            yield "__typename"
        yield from _fields(templates[0].fields)
        return
    for template in templates:
        for type_name in template.types:
            yield f"... on {type_name} {{"
            yield "  __typename"
            yield from _indent(_fields(template.fields))
            yield "}"
