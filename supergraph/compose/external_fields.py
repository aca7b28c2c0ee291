"""External fields are promises about fields of others: hold them against the merged field."""

from collections.abc import Sequence

from supergraph.compose.references import is_subtype
from supergraph.compose.state import Merge, Source
from supergraph.sdl.model import Argument, Field
from supergraph.sdl.values import coerced_text, normal_text


def check_external(state: Merge, element: Field, sources: Sequence[Source[Field]]) -> None:
    """Report external declarations that do not fit ``element``, or that carry directives that would be merged."""
    for source in sources:
        _check_directives(state, source)
        field = source.element
        if field.type != element.type and not is_subtype(element.type, field.type, state.schema):
            message = f'it has type "{field.type}" but type "{element.type}" where it is resolved'
            _report(state, source, "EXTERNAL_TYPE_MISMATCH", element.coordinate, message)
        for argument in element.arguments.values():
            _check_argument(state, source, argument)


def _check_directives(state: Merge, source: Source[Field]) -> None:
    if not source.subgraph.has(source.element, "external"):
        return
    for applied in source.element.applied:
        merged = state.composed.merged(source.subgraph, applied.name)
        if merged is not None and merged.feature is not None:
            coordinate = source.element.coordinate
            message = f'Cannot apply merged directive @{applied.name} to external field "{coordinate}"'
            code = "MERGED_DIRECTIVE_APPLICATION_ON_EXTERNAL"
            state.problems.error_in(source.name, code, message, applied.node, coordinate=coordinate)


def _check_argument(state: Merge, source: Source[Field], argument: Argument) -> None:
    external = source.element.arguments.get(argument.name)
    if external is None:
        message = f'the argument "{argument.coordinate}" is missing'
        _report(state, source, "EXTERNAL_ARGUMENT_MISSING", argument.coordinate, message)
        return
    if external.type != argument.type and not is_subtype(argument.type, external.type, state.schema):
        message = f'its argument "{argument.coordinate}" has type "{external.type}" instead of "{argument.type}"'
        _report(state, source, "EXTERNAL_ARGUMENT_TYPE_MISMATCH", argument.coordinate, message)
    if coerced_text(external.default, argument.type) != coerced_text(argument.default, argument.type):
        given, wanted = normal_text(external.default) or "none", normal_text(argument.default) or "none"
        message = f'its argument "{argument.coordinate}" has default {given} instead of {wanted}'
        _report(state, source, "EXTERNAL_ARGUMENT_DEFAULT_MISMATCH", argument.coordinate, message)


def _report(state: Merge, source: Source[Field], code: str, coordinate: str, message: str) -> None:
    text = f'External field "{source.element.coordinate}" does not fit the field it stands for: {message}'
    state.problems.error_in(source.name, code, text, source.element.node, coordinate=coordinate)
