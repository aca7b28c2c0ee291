"""Stage 2: federation 1 subgraphs are rewritten as federation 2 ones.

Federation 1 had no ``@shareable``, demanded ``@external`` on keys of extensions, and forgave a good deal. Several steps
look at the other subgraphs, so all are upgraded together; federation 2 subgraphs are only looked at.
"""

from collections.abc import Iterator, Sequence

from graphql import EnumValueNode, ListValueNode, StringValueNode

from supergraph.compose.definitions import Expected, check_definitions
from supergraph.compose.problems import Problems
from supergraph.compose.subgraph import LoadedSubgraph, canonical_names
from supergraph.compose.usage import Usage
from supergraph.sdl.field_set import FieldSet, FieldSetError, Selected, parse_field_set, print_field_set
from supergraph.sdl.model import COMPOSITE, INTERFACE, OBJECT, Applied, Element, Field, TypeDef
from supergraph.sdl.parse import DEFAULT_ROOTS
from supergraph.sdl.types import base_name
from supergraph.sdl.values import normal_text, to_node
from supergraph.spec.federation import FEDERATION_1, UPGRADED, directives_of
from supergraph.spec.link import FEDERATION, FeatureUrl, Link, LinkError, check_claims

_ROOTS = frozenset(DEFAULT_ROOTS.values())
_FIELD_SETS = ("key", "requires", "provides")


def upgrade_subgraphs(subgraphs: Sequence[LoadedSubgraph], problems: Problems) -> None:
    """Upgrade every federation 1 subgraph in place."""
    old = [subgraph for subgraph in subgraphs if subgraph.version is None]
    for subgraph in old:
        _check_bases(subgraph, subgraphs, problems)
    if problems.errors:
        return
    for subgraph in old:
        _normalise_field_sets(subgraph)
        _drop_meaningless_external(subgraph)
        _free_keys_of_extensions(subgraph, subgraphs)
    for subgraph in old:
        _prune_local_selections(subgraph)
        _close_extensions(subgraph)
        _clean_interfaces(subgraph)
        _drop_needless_provides(subgraph)
        _drop_unused_external(subgraph, problems)
        _link_federation(subgraph, problems)
    if problems.errors:
        return
    usage = {subgraph.name: Usage(subgraph) for subgraph in subgraphs}
    for subgraph in old:
        _add_shareable(subgraph, usage)
    for subgraph in old:
        _drop_repeated_tags(subgraph, subgraphs)


def is_extension(subgraph: LoadedSubgraph, type_def: TypeDef) -> bool:
    """Is the type one that federation 1 treats as belonging to another subgraph?"""
    if type_def.kind not in (OBJECT, INTERFACE) or type_def.name in _ROOTS:
        return False
    return not type_def.defined or subgraph.has(type_def, "extends")


def _check_bases(subgraph: LoadedSubgraph, subgraphs: Sequence[LoadedSubgraph], problems: Problems) -> None:
    for type_def in subgraph.schema.types.values():
        if not is_extension(subgraph, type_def):
            continue
        declared = [
            (other, other.schema.types[type_def.name]) for other in subgraphs if type_def.name in other.schema.types
        ]
        if not any(found.defined and not other.has(found, "extends") for other, found in declared):
            message = (
                f'Type "{type_def.name}" is an extension type, but there is no type definition for it in any subgraph'
            )
            name = type_def.name
            problems.error_in(subgraph.name, "EXTENSION_WITH_NO_BASE", message, type_def.node, coordinate=name)


def _normalise_field_sets(subgraph: LoadedSubgraph) -> None:
    """Federation 1 took lists of strings, and names without quotes."""
    for element in subgraph.schema.elements():
        for directive in _FIELD_SETS:
            for applied in subgraph.applications(element, directive):
                value = applied.arguments.get("fields")
                if isinstance(value, ListValueNode):
                    items = [getattr(item, "value", None) for item in value.values]
                    if all(isinstance(item, str) for item in items):
                        applied.arguments["fields"] = to_node(" ".join(str(item) for item in items))
                elif isinstance(value, EnumValueNode):
                    applied.arguments["fields"] = to_node(value.value)


def _remove(subgraph: LoadedSubgraph, element: Element, directive: str) -> None:
    canonical = subgraph.canonical
    element.applied = [applied for applied in element.applied if canonical.get(applied.name) != directive]


def _drop_meaningless_external(subgraph: LoadedSubgraph) -> None:
    for type_def in subgraph.schema.types.values():
        if type_def.kind == OBJECT:
            _remove(subgraph, type_def, "external")
        elif type_def.kind == INTERFACE:
            for field in type_def.fields.values():
                _remove(subgraph, field, "external")


def _free_keys_of_extensions(subgraph: LoadedSubgraph, subgraphs: Sequence[LoadedSubgraph]) -> None:
    """The key fields of an extension are not external: the extension has to know them."""
    for type_def in subgraph.schema.types.values():
        if not is_extension(subgraph, type_def):
            continue
        keys = [_fields_of(applied) for applied in subgraph.applications(type_def, "key")]
        if not keys:
            keys = list(_first_keys_elsewhere(type_def.name, subgraph, subgraphs))
        for key in keys:
            for item in key:
                if item.name in type_def.fields:
                    _remove(subgraph, type_def.fields[item.name], "external")


def _first_keys_elsewhere(
    name: str, subgraph: LoadedSubgraph, subgraphs: Sequence[LoadedSubgraph]
) -> Iterator[FieldSet]:
    for other in subgraphs:
        if other is not subgraph and name in other.schema.types:
            keys = other.applications(other.schema.types[name], "key")
            if keys:
                yield _fields_of(keys[0])


def _fields_of(applied: Applied) -> FieldSet:
    try:
        return parse_field_set(applied.text("fields") or "")
    except FieldSetError:
        return ()


def _prune_local_selections(subgraph: LoadedSubgraph) -> None:
    """Federation 1 allowed ``@requires`` and ``@provides`` to name fields that the subgraph has anyway."""
    for type_def in subgraph.schema.types.values():
        for field in type_def.fields.values():
            for directive, parent in (("provides", base_name(field.type)), ("requires", type_def.name)):
                for applied in subgraph.applications(field, directive):
                    _prune(subgraph, field, applied, parent)


def _prune(subgraph: LoadedSubgraph, field: Field, applied: Applied, parent: str) -> None:
    selected = _fields_of(applied)
    if not selected or applied.text("fields") is None:
        return
    kept = _external_part(subgraph, parent, selected)
    if not kept:
        field.applied.remove(applied)
    elif kept != selected:
        applied.arguments["fields"] = StringValueNode(value=print_field_set(kept), block=False)


def _external_part(subgraph: LoadedSubgraph, parent: str, selected: FieldSet) -> FieldSet:
    kept: list[Selected] = []
    for item in selected:
        type_def = subgraph.schema.types.get(parent)
        field = type_def.fields.get(item.name) if type_def else None
        if item.is_fragment:
            below = item.condition or parent
        elif field is None or subgraph.has(field, "external"):
            kept.append(item)  # what does not exist is for validation to report
            continue
        else:
            below = base_name(field.type)
        children = _external_part(subgraph, below, item.children or ())
        if children:
            kept.append(item if children == item.children else item.with_children(children))
    return tuple(kept)


def _close_extensions(subgraph: LoadedSubgraph) -> None:
    for type_def in subgraph.schema.types.values():
        if is_extension(subgraph, type_def):
            type_def.defined = True
            for element in (type_def, *type_def.fields.values()):
                for applied in element.applied:
                    applied.declaration = 0
            for field in type_def.fields.values():
                field.declaration = 0
        _remove(subgraph, type_def, "extends")


def _clean_interfaces(subgraph: LoadedSubgraph) -> None:
    for type_def in subgraph.schema.types.values():
        if type_def.kind != INTERFACE:
            continue
        if subgraph.has(type_def, "key"):
            subgraph.fed1_interface_keys.add(type_def.name)
            _remove(subgraph, type_def, "key")
        for field in type_def.fields.values():
            _remove(subgraph, field, "provides")
            _remove(subgraph, field, "requires")


def _drop_needless_provides(subgraph: LoadedSubgraph) -> None:
    for type_def in subgraph.schema.types.values():
        for field in type_def.fields.values():
            base = subgraph.schema.types.get(base_name(field.type))
            if base is None or base.kind not in COMPOSITE:
                _remove(subgraph, field, "provides")


def _drop_unused_external(subgraph: LoadedSubgraph, problems: Problems) -> None:
    usage = Usage(subgraph)
    emptied = []
    for type_def in subgraph.schema.types.values():
        if type_def.kind not in (OBJECT, INTERFACE) or not type_def.fields:
            continue
        kept = {
            name: field
            for name, field in type_def.fields.items()
            if not usage.is_external(field) or field.coordinate in usage.used
        }
        if not kept:
            emptied.append(type_def)
        type_def.fields = kept
    for type_def in emptied:
        if _is_referenced(subgraph, type_def.name):
            message = (
                f"Type {type_def.name} contains only external fields and all those fields are unused: "
                "it does not contribute anything, yet it is used as the type of something"
            )
            code = "TYPE_WITH_ONLY_UNUSED_EXTERNAL"
            problems.error_in(subgraph.name, code, message, type_def.node, coordinate=type_def.name)
        else:
            del subgraph.schema.types[type_def.name]


def _is_referenced(subgraph: LoadedSubgraph, name: str) -> bool:
    return any(
        name in type_def.members or any(base_name(field.type) == name for field in type_def.fields.values())
        for type_def in subgraph.schema.types.values()
    )


def _link_federation(subgraph: LoadedSubgraph, problems: Problems) -> None:
    """Federation 2 names its directives as federation 1 did, so nothing in the document has to be renamed."""
    names = ["@" + name for name in directives_of(UPGRADED)]
    url = FeatureUrl(FEDERATION, "federation", UPGRADED)
    link = Link(url, "federation", {name: name for name in names}, Applied("link", {}))
    subgraph.links.by_identity[FEDERATION] = link
    try:
        check_claims(subgraph.links)
    except LinkError as error:
        problems.error_in(subgraph.name, error.code, error.message, subgraph.schema.node, coordinate="schema")
    # A definition of its own has made a directive usable that federation 1 did not know: it must be the right one.
    known = {spec.name for spec in FEDERATION_1}
    own = {name: (spec, link) for name, spec in directives_of(UPGRADED).items() if name not in known}
    check_definitions(Expected(own, {}), subgraph.schema, problems, subgraph.name, lenient=False)
    subgraph.version = UPGRADED
    subgraph.upgraded = True
    subgraph.canonical = canonical_names(subgraph.links, UPGRADED)


def _add_shareable(subgraph: LoadedSubgraph, usage: dict[str, Usage]) -> None:
    """What several subgraphs resolve was always allowed; now it has to be said."""
    own = usage[subgraph.name]
    key_fields = own.key_fields()
    others = [other for name, other in usage.items() if name != subgraph.name]
    for type_def in subgraph.schema.types.values():
        if type_def.kind != OBJECT or type_def.name == "Subscription":
            continue
        if not own.keys.get(type_def.name) and type_def.name not in _ROOTS:
            shared = any(type_def.name in other.subgraph.schema.types for other in others)
            if shared and not subgraph.has(type_def, "shareable"):
                _share_type(type_def)
            continue
        for field in type_def.fields.values():
            if field.coordinate in key_fields or own.is_external(field) or subgraph.has(field, "shareable"):
                continue
            if any(_resolves(other, type_def.name, field.name) for other in others):
                field.applied.append(Applied("shareable", {}, declaration=field.declaration))


def _share_type(type_def: TypeDef) -> None:
    for declaration in sorted({field.declaration for field in type_def.fields.values()}):
        type_def.applied.append(Applied("shareable", {}, declaration=declaration))


def _resolves(usage: Usage, type_name: str, field_name: str) -> bool:
    type_def = usage.subgraph.schema.types.get(type_name)
    field = type_def.fields.get(field_name) if type_def else None
    return field is not None and not usage.is_fully_external(field)


def _drop_repeated_tags(subgraph: LoadedSubgraph, subgraphs: Sequence[LoadedSubgraph]) -> None:
    """A tag on an external field may only repeat what the field's owner says; the owner's is enough."""
    for type_def in subgraph.schema.types.values():
        for field in type_def.fields.values():
            if not subgraph.has(field, "external"):
                continue
            elsewhere = set(_tags_elsewhere(subgraph, subgraphs, type_def.name, field.name))
            field.applied = [
                applied
                for applied in field.applied
                if subgraph.canonical.get(applied.name) != "tag"
                or normal_text(applied.arguments.get("name")) not in elsewhere
            ]


def _tags_elsewhere(
    subgraph: LoadedSubgraph, subgraphs: Sequence[LoadedSubgraph], type_name: str, field_name: str
) -> Iterator[str]:
    for other in subgraphs:
        type_def = other.schema.types.get(type_name)
        field = type_def.fields.get(field_name) if type_def and other is not subgraph else None
        if field is not None and not other.has(field, "external"):
            yield from (normal_text(applied.arguments.get("name")) for applied in other.applications(field, "tag"))
