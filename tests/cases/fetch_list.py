"""A plan as a list of its requests: short enough to be written by hand, exact enough to be a golden test.

One line for each request, in order of stages (a request's stage is one more than the latest of those it needs):

    1 a { order { buyer { id } } }                   a root request: what it selects
    2 b@order.buyer (User: id => name)               an entity request: where, from which inputs, what it selects
    2 b@x.@ (A: id => n | B: id code<-__1 => m)      two types; B's key field `code` is read from store key `__1`
    3 c@them (U as N: id => nick) @include($v)       objects of type U, sent as N; only if $v

Selections are sorted and without ``__typename``, unless there is nothing else. Several entity fields of one request are
joined by ``+``, several places of one entity field by ``&``. Type guards at the end of a path are left out, since the
inputs name the types.
"""

from collections.abc import Iterable, Mapping, Sequence

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

from supergraph.plan import EntityCall, Fetch, InputField, InputObject, Path, QueryPlan

Fragments = Mapping[str, FragmentDefinitionNode]


def list_fetches(plan: QueryPlan) -> str:
    """The requests of a plan, one a line."""
    stages: dict[int, int] = {}
    for fetch in plan.fetches:
        stages[fetch.id] = 1 + max((stages[needed] for needed in fetch.needs), default=0)
    lines = sorted((stages[fetch.id], _print_fetch(fetch)) for fetch in plan.fetches)
    return "\n".join(f"{stage} {text}" for stage, text in lines)


def _print_fetch(fetch: Fetch) -> str:
    document = parse(fetch.operation)
    fragments = {each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)}
    operation = next(each for each in document.definitions if isinstance(each, OperationDefinitionNode))
    conditions = "".join(f" {'@include' if each.wanted else '@skip'}(${each.variable})" for each in fetch.conditions)
    if not fetch.entities:
        keyword = "" if fetch.kind == "query" else f" {fetch.kind}"
        place = f"@{_print_path(fetch.path)}" if fetch.path else ""
        body = _print_selections(operation.selection_set.selections, fragments)
        return f"{fetch.subgraph}{place}{keyword} {{ {body} }}{conditions}"
    roots = {_response_key(root): root for root in operation.selection_set.selections if isinstance(root, FieldNode)}
    calls = [f"@{_print_call(call, roots[call.alias], fragments)}" for call in fetch.entities]
    return f"{fetch.subgraph}{' + '.join(sorted(calls))}{conditions}"


def _print_call(call: EntityCall, root: FieldNode, fragments: Fragments) -> str:
    paths = " & ".join(sorted(_print_path(path) for path in call.paths))
    asked = dict(_by_type(root.selection_set, fragments))
    parts: dict[tuple[str, str], list[str]] = {}
    for template in call.templates:
        inputs = _print_inputs(template.fields)
        outputs = asked.get(template.typename or "", "")
        parts.setdefault((inputs, outputs), []).append(_print_types(template))
    shown = [f"{', '.join(sorted(names))}: {inputs} => {outputs}" for (inputs, outputs), names in parts.items()]
    return f"{paths} ({' | '.join(sorted(shown))})"


def _print_types(template: InputObject) -> str:
    """The type that is sent, and which objects are sent as it if none of them is called so."""
    if not template.types or template.typename in template.types:
        return f"{template.typename}"
    return f"{','.join(sorted(template.types))} as {template.typename}"


def _by_type(selection: SelectionSetNode | None, fragments: Fragments) -> Iterable[tuple[str, str]]:
    merged: dict[str, list[SelectionNode]] = {}
    for node in selection.selections if selection else ():
        if isinstance(node, InlineFragmentNode) and node.type_condition:
            merged.setdefault(node.type_condition.name.value, []).extend(node.selection_set.selections)
        elif isinstance(node, FragmentSpreadNode):
            fragment = fragments[node.name.value]
            merged.setdefault(fragment.type_condition.name.value, []).extend(fragment.selection_set.selections)
    for name, nodes in merged.items():
        yield name, _print_selections(nodes, fragments)


def _print_inputs(fields: Sequence[InputField]) -> str:
    return " ".join(sorted(_print_input(field) for field in fields))


def _print_input(field: InputField) -> str:
    name = field.name if field.name == field.store_key else f"{field.name}<-{field.store_key}"
    if not field.selection:
        return name
    if len(field.selection) == 1:
        return f"{name} {{ {_print_inputs(field.selection[0].fields)} }}"
    inside = " ".join(sorted(_print_template(template) for template in field.selection))
    return f"{name} {{ {inside} }}"


def _print_template(template: InputObject) -> str:
    return f"... on {','.join(sorted(template.types))} {{ {_print_inputs(template.fields)} }}"


def _print_path(path: Path) -> str:
    steps = [str(step) for step in path]
    if path:
        steps[-1] = "@" if path[-1].key is None else path[-1].key
    return ".".join(steps)


def _print_selections(nodes: Sequence[SelectionNode], fragments: Fragments) -> str:
    fields, casts = [], []
    for node in nodes:
        match node:
            case FieldNode():
                fields.append(_print_field(node, fragments))
            case InlineFragmentNode(type_condition=condition, selection_set=inner):
                on = f"... on {condition.name.value}" if condition else "..."
                casts.append(f"{on}{_print_directives(node)} {{ {_print_selections(inner.selections, fragments)} }}")
            case FragmentSpreadNode():
                fragment = fragments[node.name.value]
                inside = _print_selections(fragment.selection_set.selections, fragments)
                on = f"... on {fragment.type_condition.name.value}"
                casts.append(f"{on}{_print_directives(node)} {{ {inside} }}")
            case _:
                raise TypeError(node)
    shown = sorted(text for text in fields if text != "__typename") + sorted(casts)
    return " ".join(shown) or "__typename"


def _print_field(node: FieldNode, fragments: Fragments) -> str:
    alias = f"{node.alias.value}: " if node.alias else ""
    arguments = ", ".join(print_ast(each) for each in node.arguments or ())
    head = f"{alias}{node.name.value}{f'({arguments})' if arguments else ''}{_print_directives(node)}"
    if node.selection_set is None:
        return head
    return f"{head} {{ {_print_selections(node.selection_set.selections, fragments)} }}"


def _print_directives(node: FieldNode | InlineFragmentNode | FragmentSpreadNode) -> str:
    return "".join(f" {print_ast(each)}" for each in node.directives or ())


def _response_key(node: FieldNode) -> str:
    return node.alias.value if node.alias else node.name.value
