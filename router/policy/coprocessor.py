"""A service beside the gateway that is told of requests and answers, and may change or end them.

    request ──▶ {version, stage, control, id, headers, body, context} ──▶ service
            ◀── the same, changed; control {"break": 401} ends it    ◀──

What it sends back replaces what it was sent: headers whole, a body, entries of the context. A service that fails or is
late ends the request: it may be there to refuse it.
https://www.apollographql.com/docs/graphos/routing/customization/coprocessor
"""

import logging
from collections.abc import Awaitable, Callable, Mapping

import orjson
from multidict import CIMultiDict, CIMultiDictProxy

from router.config.coprocessor import (
    CoprocessorSection,
    RouterRequestStage,
    RouterResponseStage,
    SubgraphRequestStage,
    SubgraphResponseStage,
)
from router.errors import CoprocessorError
from router.executor.outcome import FetchAnswer, FetchFailure, FetchOutcome
from router.policy.pipeline import Policy
from router.policy.request import Request, Response
from router.policy.subgraph_call import SubgraphCall

_log = logging.getLogger(__name__)

Message = dict[str, object]

PostJson = Callable[[str, bytes, float], Awaitable[bytes]]
"""POST JSON to a URL within so many seconds: the body of a 200; raises ``OSError``."""

_NEVER_SENT_BACK = frozenset({"content-length", "transfer-encoding", "connection", "host"})


async def cannot_post(url: str, _body: bytes, _timeout_seconds: float) -> bytes:
    """The ``PostJson`` of a gateway without network."""
    raise OSError(f"no network to ask {url}")


class Coprocessor(Policy):
    """Tells the service of the stages that the configuration names."""

    name = "coprocessor"
    priority = 2480

    def __init__(self, section: CoprocessorSection, post: PostJson) -> None:
        self._section = section
        self._post = post

    async def on_request(self, request: Request) -> Response | None:
        """Stage ``RouterRequest``."""
        stage = self._section.router.request
        if stage is None:
            return None
        answer = await self._tell(request, "RouterRequest", self._of_request(request, stage))
        ended = _ended(answer)
        if ended is not None:
            return ended
        if stage.headers and "headers" in answer:
            request.headers = CIMultiDictProxy(_headers(answer))
        if stage.body and "body" in answer:
            request.body = _body(answer)
        return None

    async def on_answer(self, request: Request, response: Response) -> None:
        """Stage ``RouterResponse``; deferred parts that come later are not told of."""
        stage = self._section.router.response
        if stage is None:
            return
        answer = await self._tell(request, "RouterResponse", self._of_response(request, response, stage))
        if stage.headers and "headers" in answer:
            response.headers = CIMultiDict(_headers(answer))
        if stage.body and "body" in answer and response.rest is None:
            response.body = _body(answer)
        status = answer.get("statusCode")
        if stage.status_code and isinstance(status, int) and 200 <= status < 600:
            response.status = status

    async def on_subgraph_request(self, request: Request, call: SubgraphCall) -> FetchOutcome | None:
        """Stage ``SubgraphRequest``."""
        stage = self._section.subgraph.all.request
        if stage is None:
            return None
        answer = await self._tell(request, "SubgraphRequest", self._of_call(request, call, stage))
        ended = _ended(answer)
        if ended is not None:
            return FetchAnswer(ended.status, "application/json", ended.body)
        if stage.headers and "headers" in answer:
            call.headers = _headers(answer)
        if stage.body and "body" in answer:
            call.body = _body(answer)
        return None

    async def on_subgraph_response(
        self, request: Request, call: SubgraphCall, outcome: FetchOutcome
    ) -> FetchOutcome | None:
        """Stage ``SubgraphResponse``; a subgraph that did not answer has none."""
        stage = self._section.subgraph.all.response
        if stage is None or isinstance(outcome, FetchFailure):
            return None
        message = self._of_outcome(request, call, outcome, stage)
        answer = await self._tell(request, "SubgraphResponse", message)
        if not stage.body or "body" not in answer:
            return None
        return FetchAnswer(outcome.status, "application/json", _body(answer))

    def _of_request(self, request: Request, stage: RouterRequestStage) -> Message:
        message = self._context(request, stage.context)
        if stage.headers:
            message["headers"] = _lists(request.headers)
        if stage.body:
            message["body"] = request.body.decode("utf-8", "replace")
        if stage.path:
            message["path"] = request.path
        if stage.method:
            message["method"] = request.method
        return message

    def _of_response(self, request: Request, response: Response, stage: RouterResponseStage) -> Message:
        message = self._context(request, stage.context)
        if stage.headers:
            message["headers"] = _lists(response.headers)
        if stage.body:
            message["body"] = response.body.decode("utf-8", "replace")
        if stage.status_code:
            message["statusCode"] = response.status
        return message

    def _of_call(self, request: Request, call: SubgraphCall, stage: SubgraphRequestStage) -> Message:
        message = self._context(request, stage.context)
        if stage.headers:
            message["headers"] = _lists(call.headers)
        if stage.body:
            message["body"] = _json(call.body)
        if stage.service_name:
            message["serviceName"] = call.subgraph
        return message

    def _of_outcome(
        self, request: Request, call: SubgraphCall, outcome: FetchAnswer, stage: SubgraphResponseStage
    ) -> Message:
        message = self._context(request, stage.context)
        if stage.body:
            message["body"] = _json(outcome.body)
        if stage.service_name:
            message["serviceName"] = call.subgraph
        if stage.status_code:
            message["statusCode"] = outcome.status
        return message

    def _context(self, request: Request, wanted: str) -> Message:
        return {} if wanted == "none" else {"context": {"entries": request.context}}

    async def _tell(self, request: Request, stage: str, message: Message) -> Message:
        whole = {"version": 1, "stage": stage, "control": "continue", "id": request.id, **message}
        try:
            answer = orjson.loads(await self._post(self._section.url, orjson.dumps(whole), self._section.timeout))
        except (OSError, orjson.JSONDecodeError) as error:
            raise _failure(stage, str(error) or type(error).__name__, request) from error
        if not isinstance(answer, dict) or answer.get("version", 1) != 1:
            raise _failure(stage, "the answer is no message of version 1", request)
        context = answer.get("context")
        entries = context.get("entries") if isinstance(context, dict) else None
        if isinstance(entries, dict):
            request.context = entries
        return answer


def _failure(stage: str, detail: str, request: Request) -> CoprocessorError:
    _log.error("coprocessor failed", extra={"stage": stage, "detail": detail, "request_id": request.id})
    return CoprocessorError()


def _ended(answer: Message) -> Response | None:
    control = answer.get("control")
    status = control.get("break") if isinstance(control, dict) else None
    if not isinstance(status, int) or not 200 <= status < 600:
        return None
    headers = _headers(answer)
    headers.setdefault("content-type", "application/json")
    return Response(status=status, body=_body(answer), headers=headers, error_codes=("COPROCESSOR_BREAK",))


def _lists(headers: Mapping[str, str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in headers.items():
        found.setdefault(name.lower(), []).append(value)
    return found


def _headers(answer: Message) -> CIMultiDict[str]:
    found: CIMultiDict[str] = CIMultiDict()
    headers = answer.get("headers")
    for name, values in headers.items() if isinstance(headers, dict) else ():
        if name.lower() not in _NEVER_SENT_BACK:
            for value in values if isinstance(values, list) else [values]:
                found.add(name, str(value))
    return found


def _json(body: bytes) -> object:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return body.decode("utf-8", "replace")


def _body(answer: Message) -> bytes:
    body = answer.get("body")
    if body is None:
        return b""
    return body.encode() if isinstance(body, str) else orjson.dumps(body)
