"""What comes after the response: payloads with deferred parts, within the time that a request has.

stage ──▶ response
└───▶ rest ──▶ payload, payload, …
▲ you are here
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextvars import copy_context

from router.config.supergraph import ValueCompletion
from router.errors import GatewayTimeoutError
from router.executor.codec import encode_json
from router.executor.defer import Increment
from router.executor.outcome import Send
from router.executor.schedule import Run, execute_deferred
from router.graphql.result import ErrorObject, Rest
from router.graphql.value_completion import EXTENSION, split
from router.policy.request import Write

ShowErrors = Callable[[Sequence[ErrorObject]], Sequence[ErrorObject]]


def switched_off(variables: frozenset[str], values: Mapping[str, object]) -> frozenset[str]:
    """Those of the variables of ``@defer(if:)`` that say no; one without a value says yes, as the directive does."""
    return frozenset(name for name in variables if values.get(name, True) is not True)


def rest_of(
    run: Run, send: Send, *, seconds: float, show: ShowErrors, value_completion: ValueCompletion = "errors"
) -> Rest:
    """What is left of a run after its response.

    Args:
        run: Its response was given, and it has more.
        send: Sends requests to subgraphs.
        seconds: After this time the client is told that nothing more comes.
        show: Makes of errors what the client may see.
        value_completion: Where the client is told why a value was made null.
    """
    context = copy_context()  # requests to subgraphs belong to the client's request, which is over by then

    async def write_rest(write: Write) -> None:
        async def deliver(increments: Sequence[Increment], *, has_next: bool) -> None:
            entries = b",".join(_encode_increment(each, show, value_completion) for each in increments)
            await write(b'{"incremental":[' + entries + b'],"hasNext":' + (b"true}" if has_next else b"false}"))

        try:
            async with asyncio.timeout(seconds):
                await execute_deferred(run, send, deliver, context=context)
        except TimeoutError:
            error = {"message": GatewayTimeoutError.title, "extensions": {"code": GatewayTimeoutError.code}}
            await write(encode_json({"errors": [error], "hasNext": False}))

    return write_rest


def _encode_increment(increment: Increment, show: ShowErrors, value_completion: ValueCompletion) -> bytes:
    parts = [b'"data":' + increment.data, b'"path":' + encode_json(increment.path)]
    if increment.label is not None:
        parts.append(b'"label":' + encode_json(increment.label))
    errors = tuple(show(increment.errors))
    if value_completion == "extensions":
        errors, completion = split(errors)
        if completion:
            parts.append(b'"extensions":' + encode_json({EXTENSION: completion}))
    if errors:
        parts.append(b'"errors":' + encode_json(errors))
    return b"{" + b",".join(parts) + b"}"
