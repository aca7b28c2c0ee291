"""One execution of a compiled plan, without I/O, in the usual case.

    CompiledPlan, variables ──▶ CompiledRun ──▶ response
                                ▲ you are here

It has the steps of ``PlanRun`` and its requests, byte for byte. Whatever is unusual raises ``GiveUpError``; nothing
that was sent is lost by that, for the interpreter takes the answers again.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
import orjson

from router.executor.codec import encode_json
from router.executor.compiled.collecting import Objects
from router.executor.compiled.compiled_plan import CompiledPlan, EntityCode, FetchCode, RootCode
from router.executor.compiled.source import GiveUpError
from router.executor.outcome import ExecutionResult, FetchAnswer, FetchOutcome, FetchRequest

_JSON_TYPES: Final = frozenset(
    {
        "application/json",
        "application/graphql-response+json",
        "application/json; charset=utf-8",
        "application/graphql-response+json; charset=utf-8",
    }
)
"""Other spellings are for the interpreter."""

_encode = msgspec.json.Encoder().encode

_CAUGHT = (GiveUpError, msgspec.MsgspecError, ValueError, TypeError, OverflowError, RecursionError)

_Waiting = list[tuple[int, Sequence[tuple[Objects, list[int]]]]]
"""For each call how many representations were sent, and for each group of objects which of them stand for it."""


class CompiledRun:
    """One execution; used once. Every method raises ``GiveUpError`` when the interpreter is needed."""

    __slots__ = ("_code", "_encoded_variables", "_missing_needs", "_root", "_startable", "_variables", "_waiting")

    def __init__(self, plan: CompiledPlan, variables: Mapping[str, object]) -> None:
        self._code = plan
        self._variables = variables
        self._root = plan.root()
        self._missing_needs = list(plan.needs)
        self._startable = list(plan.first)
        self._waiting: dict[int, _Waiting] = {}

    def ready(self) -> list[FetchRequest]:
        """The requests whose inputs have arrived, in the order of the plan; each is given once."""
        requests: list[FetchRequest] = []
        startable = self._startable
        while startable:
            fetch_id = startable.pop(0)
            code = self._code.fetches[fetch_id]
            body = None if code is None else self._start(code)
            if code is None or body is None:
                self._finish(fetch_id)
            else:
                requests.append(FetchRequest(code.compiled.fetch, body))
        return requests

    def receive(self, request: FetchRequest, outcome: FetchOutcome) -> None:
        """Take what became of ``request``."""
        if type(outcome) is not FetchAnswer or outcome.status != 200 or outcome.content_type not in _JSON_TYPES:
            raise GiveUpError
        fetch_id = request.fetch.id
        code = self._code.fetches[fetch_id]
        assert code is not None
        try:
            answers = [decode(outcome.body).data for decode in code.decode]
        except _CAUGHT as error:
            raise GiveUpError from error
        try:
            self._assign(code, answers)
        except _CAUGHT as error:
            raise GiveUpError from error
        self._finish(fetch_id)

    def response(self) -> ExecutionResult:
        """What the client gets, when nothing is ready and nothing is out."""
        finish = self._code.finish
        if finish is not None:
            finish(self._root)
        try:
            return ExecutionResult(_encode(self._root))
        except _CAUGHT as error:
            raise GiveUpError from error

    def _start(self, code: FetchCode) -> bytes | None:
        """The request's body; ``None`` if there is nothing to ask for."""
        variables = self._variables
        compiled = code.compiled
        entries = [head + encode_json(variables[name]) for name, head in compiled.variables if name in variables]
        try:
            if code.root is not None:
                if not self._find(compiled.fetch.id, code.root):
                    return None
            elif not self._represent(compiled.fetch.id, code.calls, entries):
                return None
        except _CAUGHT as error:
            raise GiveUpError from error
        return compiled.prefix + b",".join(entries) + b"}}"

    def _find(self, fetch_id: int, code: RootCode) -> bool:
        """Note the objects that a root fetch is for, unless it is the root; whether there are any."""
        if code.find is None:
            return True
        found = code.find(self._root)
        self._waiting[fetch_id] = [(1, [(objects, [0] * len(objects)) for objects in found])]
        return any(found)

    def _represent(self, fetch_id: int, calls: tuple[EntityCode, ...], entries: list[bytes]) -> bool:
        """Note the objects that an entity fetch is for, and add what represents them; whether there are any."""
        total = 0
        waiting: _Waiting = []
        for call in calls:
            representations, groups = call.collect(self._root)
            total += len(representations)
            waiting.append((len(representations), groups))
            entries.append(call.head + orjson.dumps(representations))
        limit = self._code.program.options.max_representations
        if limit is not None and total > limit:
            raise GiveUpError
        self._waiting[fetch_id] = waiting
        return total > 0

    def _assign(self, code: FetchCode, answers: list[object]) -> None:
        if code.root is not None:
            groups: Sequence[tuple[Objects, list[int]]] = (([self._root], [0]),)
            if code.root.find is not None:
                ((_, groups),) = self._waiting[code.compiled.fetch.id]
            for (objects, indices), (reader, assign) in zip(groups, code.root.assigns, strict=True):
                assign(objects, indices, [answers[reader]])
            return
        for call, (count, groups) in zip(code.calls, self._waiting.pop(code.compiled.fetch.id), strict=True):
            lists: list[list[object]] = [getattr(answer, call.attribute, []) for answer in answers]
            if len(lists[0]) != count:
                raise GiveUpError
            for (objects, indices), (reader, assign) in zip(groups, call.assigns, strict=True):
                assign(objects, indices, lists[reader])

    def _finish(self, fetch_id: int) -> None:
        for dependant in self._code.program.fetches[fetch_id].dependants:
            self._missing_needs[dependant] -= 1
            if self._missing_needs[dependant] == 0:
                self._startable.append(dependant)
                self._startable.sort()
