"""A plan as JSON, in the shape that existing viewers of query plans read.

Entity fetches with one ``_entities`` field at one path are ``Flatten`` and ``Fetch``; others are ``BatchFetch``, a
shape shared with other gateways that batch by alias. In ``requires``, ``name`` is what is sent, and ``alias`` the store
key that it is read from where that is another.
"""

from collections.abc import Iterable, Mapping

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

Json = Mapping[str, object]


def encode_plan(node: PlanNode | None) -> Json:
    """The whole plan."""
    return {"kind": "QueryPlan"} | ({"node": encode_node(node)} if node is not None else {})


def encode_node(node: PlanNode) -> Json:
    """One node with everything below."""
    match node:
        case FetchNode(fetch, is_awaited):
            return _encode_fetch(fetch, is_awaited=is_awaited)
        case SequenceNode(nodes):
            return {"kind": "Sequence", "nodes": [encode_node(inner) for inner in nodes]}
        case ParallelNode(nodes):
            return {"kind": "Parallel", "nodes": [encode_node(inner) for inner in nodes]}
        case ConditionNode(variable, then, otherwise):
            clauses = {"ifClause": then, "elseClause": otherwise}
            branches = {name: encode_node(clause) for name, clause in clauses.items() if clause is not None}
            return {"kind": "Condition", "condition": variable} | branches
        case SubscriptionNode(primary, rest):
            followed = {"rest": encode_node(rest)} if rest is not None else {}
            return {"kind": "Subscription", "primary": _encode_fetch(primary.fetch)} | followed
        case DeferNode(subselection=subselection, primary=primary, deferred=deferred):
            first = _present(subselection=subselection, node=encode_node(primary) if primary is not None else None)
            return {"kind": "Defer", "primary": first, "deferred": [_encode_part(part) for part in deferred]}


def encode_path(path: Path) -> list[str]:
    """A path as its segments: keys, ``@`` for every list element, ``|[A,B]`` for a guard."""
    return [str(step) for step in path]


def _encode_part(part: DeferredPart) -> Json:
    depends = {"depends": [{"id": str(needed)} for needed in part.depends]}
    node = encode_node(part.node) if part.node is not None else None
    place = {"queryPath": encode_path(part.path)}
    return {**depends, **_present(label=part.label), **place, **_present(subselection=part.subselection, node=node)}


def _present(**entries: object) -> dict[str, object]:
    return {name: value for name, value in entries.items() if value}


def _encode_fetch(fetch: Fetch, *, is_awaited: bool = False) -> Json:
    if len(fetch.entities) > 1 or any(len(call.paths) > 1 for call in fetch.entities):
        return _encode_batch(fetch, is_awaited=is_awaited)
    encoded: dict[str, object] = {"kind": "Fetch", "serviceName": fetch.subgraph, **_id(fetch, is_awaited=is_awaited)}
    path = fetch.path
    if fetch.entities:
        (call,) = fetch.entities
        (path,) = call.paths
        encoded["requires"] = _encode_templates(call.templates)
    encoded |= _request(fetch)
    if fetch.entities:
        encoded |= _rewrites(call)
    return {"kind": "Flatten", "path": encode_path(path), "node": encoded} if path else encoded


def _request(fetch: Fetch) -> Json:
    request: dict[str, object] = {
        "variableUsages": list(fetch.variables),
        "operation": fetch.operation,
        "operationKind": fetch.kind,
    }
    if fetch.operation_name is not None:
        request["operationName"] = fetch.operation_name
    if fetch.renames:
        request["outputRewrites"] = [
            {"kind": "KeyRenamer", "path": [*encode_path(each.path), each.key], "renameKeyTo": each.renamed}
            for each in fetch.renames
        ]
    return request


def _id(fetch: Fetch, *, is_awaited: bool) -> Json:
    return {"id": fetch.id} if is_awaited else {}


def _encode_batch(fetch: Fetch, *, is_awaited: bool) -> Json:
    aliases: list[Json] = [
        {
            "alias": call.alias,
            "representationsVariableName": call.variable,
            "paths": [encode_path(path) for path in call.paths],
            "requires": _encode_templates(call.templates),
            **_rewrites(call),
        }
        for call in fetch.entities
    ]
    batch = {"entityBatch": {"aliases": aliases}}
    head = {"kind": "BatchFetch", "serviceName": fetch.subgraph, **_id(fetch, is_awaited=is_awaited)}
    return {**head, **_request(fetch), **batch}


def _encode_templates(templates: Iterable[InputObject]) -> list[Json]:
    return [
        {
            "kind": "InlineFragment",
            "typeCondition": type_name,
            "selections": [{"kind": "Field", "name": "__typename"}, *_encode_fields(template.fields)],
        }
        for template in templates
        for type_name in template.types
    ]


def _encode_fields(fields: Iterable[InputField]) -> list[Json]:
    encoded: list[Json] = []
    for field in fields:
        entry: dict[str, object] = {"kind": "Field", "name": field.name}
        if field.store_key != field.name:
            entry["alias"] = field.store_key
        if field.selection:
            entry["selections"] = _encode_nested(field.selection)
        encoded.append(entry)
    return encoded


def _encode_nested(templates: tuple[InputObject, ...]) -> list[Json]:
    if len(templates) == 1:
        typename = [{"kind": "Field", "name": "__typename"}] if templates[0].typename else []
        return [*typename, *_encode_fields(templates[0].fields)]
    return _encode_templates(templates)


def _rewrites(call: EntityCall) -> Json:
    """Type names that differ from the object's own (an interface object's), and values from further up."""
    rewrites = [
        {"kind": "ValueSetter", "path": [f"... on {type_name}", "__typename"], "setValueTo": template.typename}
        for template in call.templates
        for type_name in template.types
        if template.typename != type_name
    ]
    encoded: dict[str, object] = {"inputRewrites": rewrites} if rewrites else {}
    if call.contexts:
        encoded["contextRewrites"] = [
            {
                "kind": "KeyRenamer",
                "path": [*[".."] * _objects_up(call.paths[0][context.depth :]), f"... on {type_name}", *value.keys],
                "renameKeyTo": context.variable,
            }
            for context in call.contexts
            for value in context.values
            for type_name in value.types
        ]
    return encoded


def _objects_up(steps: Path) -> int:
    """How many fields lie between an object and one that contains it; list elements are no steps up."""
    return sum(step.key is not None for step in steps)
