"""Merging what several subgraphs say about one element: its type, its default value, its description."""

import re
from collections.abc import Callable, Sequence

from graphql import IntValueNode, StringValueNode, ValueNode

from supergraph.compose.state import E, Merge, Source, places
from supergraph.compose.wording import distribution
from supergraph.sdl.model import INTERFACE, UNION, Argument, Element, Field, Schema
from supergraph.sdl.types import ListOf, Named, NonNull, TypeRef, base_name
from supergraph.sdl.values import coerced_text, normal_text

Typed = Argument | Field
_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)\Z")


def is_subtype(sub: TypeRef, sup: TypeRef, schema: Schema) -> bool:
    """May a value of ``sub`` stand where ``sup`` is expected? By the supergraph's interfaces and unions."""
    if sub == sup:
        return True
    if isinstance(sub, NonNull):
        return is_subtype(sub.of, sup.of if isinstance(sup, NonNull) else sup, schema)
    if isinstance(sub, ListOf) and isinstance(sup, ListOf):
        return is_subtype(sub.of, sup.of, schema)
    if isinstance(sub, Named) and isinstance(sup, Named):
        above = schema.types.get(sup.name)
        below = schema.types.get(sub.name)
        if above is None or below is None:
            return False
        if above.kind == UNION:
            return sub.name in above.members
        return above.kind == INTERFACE and sup.name in below.interfaces
    return False


def merge_type(state: Merge, element: Typed, sources: Sequence[Source[Field]] | Sequence[Source[Argument]]) -> None:
    """Give ``element`` the type that suits all sources: the widest of an output, the narrowest of an input."""
    types = [source.element.type for source in sources]
    element.type = types[0]
    if all(type_ref == types[0] for type_ref in types):
        return
    is_argument = isinstance(element, Argument)
    is_input = is_argument or _is_input_field(state, element)
    merged = _fitting(types, state.schema, narrowest=is_input)
    described = distribution((source.name, str(source.element.type)) for source in sources)
    if merged is None:
        code = "FIELD_ARGUMENT_TYPE_MISMATCH" if is_argument else "FIELD_TYPE_MISMATCH"
        message = f'Type of "{element.coordinate}" is incompatible across subgraphs: it has type {described}'
        state.problems.error(code, message, places(sources), coordinate=element.coordinate)
        return
    element.type = merged
    code = f"INCONSISTENT_BUT_COMPATIBLE_{'ARGUMENT' if is_argument else 'FIELD'}_TYPE"
    message = (
        f'Type of "{element.coordinate}" is inconsistent but compatible across subgraphs: '
        f'will use type "{merged}"; it has type {described}'
    )
    state.problems.hint(code, message, places(sources), coordinate=element.coordinate)


def _is_input_field(state: Merge, element: Typed) -> bool:
    parent = state.schema.types.get(element.parent)
    return parent is not None and parent.kind == "input"


def _fitting(types: Sequence[TypeRef], schema: Schema, *, narrowest: bool) -> TypeRef | None:
    for candidate in types:
        if all(
            is_subtype(candidate, other, schema) if narrowest else is_subtype(other, candidate, schema)
            for other in types
        ):
            return candidate
    return None


def merge_default(state: Merge, element: Typed, sources: Sequence[Source[Field]] | Sequence[Source[Argument]]) -> None:
    """Keep a default value that all sources have."""
    given = [(source, source.element.default) for source in sources if source.element.default is not None]
    if not given:
        return
    texts = {coerced_text(default, element.type) for _, default in given}
    kind = "FIELD_ARGUMENT" if isinstance(element, Argument) else "INPUT_FIELD"
    described = distribution((source.name, _shown(source.element.default)) for source in sources)
    if len(texts) > 1:
        message = f'"{element.coordinate}" has incompatible default values across subgraphs: it has {described}'
        state.problems.error(f"{kind}_DEFAULT_MISMATCH", message, places(sources), coordinate=element.coordinate)
    elif len(given) < len(sources):
        message = (
            f'"{element.coordinate}" has a default value in only some subgraphs: '
            f"none will be used in the supergraph; it has {described}"
        )
        code = "INCONSISTENT_DEFAULT_VALUE_PRESENCE"
        state.problems.hint(code, message, places(sources), coordinate=element.coordinate)
    else:
        element.default = _canonical_id(given[0][1], element)


def _canonical_id(value: ValueNode, element: Typed) -> ValueNode:
    """An ID that looks like a number is printed as one, as the reference composition does; it means the same."""
    if base_name(element.type) == "ID" and isinstance(value, StringValueNode) and _INTEGER.match(value.value):
        return IntValueNode(value=value.value)
    return value


def _shown(value: ValueNode | None) -> str:
    return "no default" if value is None else normal_text(value)


def merge_description(state: Merge, element: Element, sources: Sequence[Source[E]]) -> None:
    """Use the most frequent description; on a tie, that of the first subgraph."""
    texts = [source.element.description for source in sources if source.element.description]
    if not texts:
        return
    distinct = list(dict.fromkeys(texts))
    element.description = max(distinct, key=texts.count)
    if len(distinct) > 1:
        message = (
            f'"{element.coordinate}" has inconsistent descriptions across subgraphs. The supergraph will use: '
            f'"{element.description}"'
        )
        code = "INCONSISTENT_DESCRIPTION"
        state.problems.hint(code, message, places(sources), coordinate=element.coordinate)


def ordered_names(sources: Sequence[Source[E]], names: Callable[[E], Sequence[str]]) -> list[str]:
    """The names that any source has, in order of first appearance."""
    return list(dict.fromkeys(name for source in sources for name in names(source.element)))
