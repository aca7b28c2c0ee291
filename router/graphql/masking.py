"""Subgraphs' errors, as far as clients may see them.

    execute ──▶ masking ──▶ response
                ▲ you are here

The one place where errors of subgraphs are hidden. What is hidden is logged, with the request's id, so that whoever
gets a report can find the cause.
"""

import logging
from collections.abc import Sequence

from router.config.masking import IncludeSubgraphErrors
from router.graphql.result import ErrorObject, error_code

logger = logging.getLogger(__name__)

MASKED_MESSAGE = "A subgraph could not answer this part of the request."


def mask_errors(
    errors: Sequence[ErrorObject], options: IncludeSubgraphErrors, *, request_id: str
) -> tuple[ErrorObject, ...]:
    """``errors`` with the messages and extensions of hidden subgraphs replaced; path and code stay.

    Errors without ``extensions.service`` are the gateway's own and are safe to show.
    """
    return tuple(_mask(error, options, request_id) for error in errors)


def _mask(error: ErrorObject, options: IncludeSubgraphErrors, request_id: str) -> ErrorObject:
    extensions = error.get("extensions")
    subgraph = extensions.get("service") if isinstance(extensions, dict) else None
    if not isinstance(subgraph, str) or options.shows(subgraph):
        return error
    logger.warning(
        "subgraph error masked", extra={"subgraph": subgraph, "request_id": request_id, "error": dict(error)}
    )
    masked: dict[str, object] = {"message": MASKED_MESSAGE}
    if "path" in error:
        masked["path"] = error["path"]
    masked["extensions"] = {"code": error_code(error)}
    return masked
