"""The ``extensions`` of subgraphs' responses, as far as clients may see them.

    send ──▶ SubgraphExtensions ──▶ execute ──▶ GraphqlResult
             ▲ you are here

Answers are looked at on their way to the executor, which does not know extensions. They are merged in the order of the
plan, whatever arrives first. What belongs to deferred parts is dropped: the response is out by then.
"""

import asyncio
from collections.abc import Mapping
from functools import partial

from router.config.response_extensions import ExtensionPropagation
from router.executor.codec import MalformedJSONError, decode_json, fits_in_response
from router.executor.outcome import FetchAnswer, FetchOutcome, FetchRequest, Send

RESERVED = frozenset(
    {
        "apolloQueryPlan",
        "explanation",
        "cost",
        "ftv1",
        "queryPlan",
        "request_id",
        "traces",
        "tracing",
        "valueCompletion",
    }
)
"""Keys that only the gateway may write."""

Json = dict[str, object]


class SubgraphExtensions:
    """Those of one operation."""

    __slots__ = ("_found", "_options", "_sent")

    def __init__(self, options: ExtensionPropagation) -> None:
        self._options = options
        self._sent = 0
        self._found: dict[tuple[int, int], tuple[str, Json]] = {}

    def sending(self, send: Send) -> Send:
        """As ``send``, with a look at the answers."""

        def start(request: FetchRequest) -> asyncio.Future[FetchOutcome]:
            answer = send(request)
            # One fetch may make several requests; they are sent in the order of the plan.
            place = (request.fetch.id, self._sent)
            self._sent += 1
            answer.add_done_callback(partial(self._look, place, request.fetch.subgraph))
            return answer

        return start

    def merged(self) -> Json:
        """What the client gets."""
        result: Json = {}
        for _, (subgraph, extensions) in sorted(self._found.items(), key=lambda item: item[0]):
            for key, value in extensions.items():
                if self._is_allowed(key):
                    self._put(result, key, value, subgraph)
        return result

    def _look(self, place: tuple[int, int], subgraph: str, answer: asyncio.Future[FetchOutcome]) -> None:
        outcome = None if answer.cancelled() or answer.exception() else answer.result()
        if isinstance(outcome, FetchAnswer) and b'"extensions"' in outcome.body:
            extensions = _read_extensions(outcome.body)
            if extensions:
                self._found[place] = (subgraph, extensions)

    def _is_allowed(self, key: str) -> bool:
        allowed = self._options.allow
        return key not in RESERVED and (allowed is None or key in allowed)

    def _put(self, result: Json, key: str, value: object, subgraph: str) -> None:
        match self._options.algorithms.get(key, self._options.algorithm):
            case "first":
                result.setdefault(key, value)
            case "last":
                result[key] = value
            case "merge":
                result[key] = merge(result[key], value) if key in result else value
            case "by_service":
                services = result.setdefault(key, {})
                assert isinstance(services, dict)
                services[subgraph] = value


def merge(old: object, new: object) -> object:
    """Objects key by key, lists one behind the other; of everything else the new value."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return {**old, **{key: merge(old[key], value) if key in old else value for key, value in new.items()}}
    if isinstance(old, list) and isinstance(new, list):
        return [*old, *new]
    return new


def _read_extensions(body: bytes) -> Json | None:
    try:
        response = decode_json(body)
    except MalformedJSONError:
        return None
    extensions = response.get("extensions") if isinstance(response, dict) else None
    return extensions if isinstance(extensions, dict) and fits_in_response(extensions) else None
