"""The usual case, which fast runs are made for; whatever else happens is for the interpreter.

usual ──▶ compiled and spliced runs
▲ you are here
"""

from collections.abc import Mapping
from typing import Final

from router.executor.codec import encode_json
from router.executor.outcome import FetchAnswer, FetchOutcome
from router.executor.program import CompiledFetch


class GiveUpError(Exception):
    """This run is not the usual case: the interpreter has to take over."""


_JSON_TYPES: Final = frozenset(
    media_type + charset
    for media_type in ("application/json", "application/graphql-response+json")
    for charset in ("", "; charset=utf-8", ";charset=utf-8", "; charset=UTF-8", ";charset=UTF-8")
)
"""Other spellings are for the interpreter."""


def usual_body(outcome: FetchOutcome) -> bytes:
    """The body of a successful answer; raises ``GiveUpError`` if ``outcome`` is anything else."""
    if not isinstance(outcome, FetchAnswer) or outcome.status != 200 or outcome.content_type not in _JSON_TYPES:
        raise GiveUpError
    return outcome.body


def variable_entries(compiled: CompiledFetch, variables: Mapping[str, object]) -> list[bytes]:
    """The client's variables that a fetch sends, as entries of a JSON object."""
    if not compiled.variables:
        return []
    return [head + encode_json(variables[name]) for name, head in compiled.variables if name in variables]
