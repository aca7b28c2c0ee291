"""One execution of a compiled plan, without I/O, in the usual case.

    CompiledPlan, variables ──▶ CompiledRun ──▶ response
                                ▲ you are here

It has the steps of ``PlanRun`` and its requests, byte for byte. Whatever is unusual raises ``GiveUpError``; nothing
that was sent is lost by that, for the interpreter takes the answers again.
"""

from collections import Counter
from collections.abc import Mapping
from itertools import islice

import msgspec

from router.executor.compiled.collecting import Find, Groups, Kept
from router.executor.compiled.compiled_plan import CompiledPlan, FetchCode, RootCode
from router.executor.outcome import ExecutionResult, FetchRequest, with_only
from router.executor.readiness import OrderedRun
from router.executor.room import Room, TooLargeError
from router.executor.usual import GiveUpError, variable_entries

_encode = msgspec.json.Encoder().encode

_CAUGHT = (
    GiveUpError,
    TooLargeError,
    msgspec.MsgspecError,
    ValueError,
    TypeError,  # what UNSET gives, like the next one: a plan reads what none of its earlier fetches brings
    AttributeError,
    OverflowError,
    RecursionError,
)

_NOTHING_KEPT: Kept = ([], [])

_ONCE = [0]
"""The data of a root fetch is its only entity."""


class CompiledRun(OrderedRun[FetchCode]):
    """One execution; used once. Every method raises ``GiveUpError`` when the interpreter is needed."""

    __slots__ = ("_code", "_kept", "_room", "_root", "_variables", "_waiting")

    def __init__(self, plan: CompiledPlan, variables: Mapping[str, object]) -> None:
        super().__init__(plan.order, plan.fetches)
        self._code = plan
        self._variables = variables
        self._root = plan.root()
        # For all that the answers come to, once for each place where they stand.
        self._room = Room(plan.program.options.max_response_bytes)
        self._kept: list[Kept] = [_NOTHING_KEPT] * plan.kept
        # For each call of a fetch that is out: how many representations it has, and the objects that wait for them.
        self._waiting: dict[int, list[tuple[int, Groups]]] = {}

    def receive(self, request: FetchRequest, body: bytes) -> None:
        """Take the body of a successful answer."""
        fetch_id = request.fetch.id
        code = self._fetches[fetch_id]
        assert code is not None
        try:
            if code.root is None:
                self._take_entities(code, [decode(body).data for decode in code.decode], len(body))
            else:
                self._take_data(code, code.root, code.decode[0](body).data, len(body))
        except _CAUGHT as error:
            raise GiveUpError from error
        self._finish(fetch_id)

    def response(self) -> ExecutionResult:
        """What the client gets, when nothing is ready and nothing is out."""
        finish = self._code.finish
        try:
            if finish is not None:
                finish(self._root)
            encoded = _encode(self._root)
        except _CAUGHT as error:
            raise GiveUpError from error
        if len(encoded) > self._code.program.options.max_response_bytes:
            raise GiveUpError
        return ExecutionResult(with_only(encoded))

    def _start(self, fetch: FetchCode) -> FetchRequest | None:
        compiled = fetch.compiled
        entries = variable_entries(compiled, self._variables)
        try:
            if fetch.root is None:
                if not self._represent(fetch, entries):
                    return None
            elif fetch.root.find is not None and not self._find(compiled.fetch.id, fetch.root.find):
                return None
        except _CAUGHT as error:
            raise GiveUpError from error
        return FetchRequest(compiled.fetch, compiled.prefix + b",".join(entries) + b"}}")

    def _find(self, fetch_id: int, find: Find) -> bool:
        """Note the objects that a root fetch is for; whether there are any."""
        found = find(self._root)
        self._waiting[fetch_id] = [(1, [(objects, [0] * len(objects)) for objects in found])]
        return any(found)

    def _represent(self, code: FetchCode, entries: list[bytes]) -> bool:
        """Note the objects that an entity fetch is for, and add what represents them; whether there are any."""
        total = 0
        waiting: list[tuple[int, Groups]] = []
        for call in code.calls:
            count, representations, groups = call.collect(self._root, self._kept)
            total += count
            waiting.append((count, groups))
            entries.append(call.head + representations)
        limit = self._code.program.options.max_representations
        if limit is not None and total > limit:
            raise GiveUpError
        self._waiting[code.compiled.fetch.id] = waiting
        return total > 0

    def _take_data(self, code: FetchCode, root: RootCode, data: object, size_bytes: int) -> None:
        groups: Groups = (([self._root], _ONCE),)
        if root.find is not None:
            ((_, groups),) = self._waiting.pop(code.compiled.fetch.id)
        self._room.take(size_bytes * sum(len(objects) for objects, _ in groups))
        for (objects, indices), (_, assign) in zip(groups, root.assigns, strict=True):
            assign(objects, indices, [data])

    def _take_entities(self, code: FetchCode, answers: list[object], size_bytes: int) -> None:
        for call, (count, groups) in zip(code.calls, self._waiting.pop(code.compiled.fetch.id), strict=True):
            if len(getattr(answers[0], call.attribute)) != count:
                raise GiveUpError
            groups = self._take_room(count, groups, size_bytes)
            for (objects, indices), (reader, assign) in zip(groups, call.assigns, strict=True):
                assign(objects, indices, getattr(answers[reader], call.attribute))

    def _take_room(self, count: int, groups: Groups, size_bytes: int) -> Groups:
        """Take room for ``count`` entities in the places of ``groups``, which are given back."""
        places = sum(len(objects) for objects, _ in groups)
        most = places - count + 1  # that one of them can have
        if most > 1 and size_bytes * most > self._room.left:
            groups = [(objects, list(islice(indices, len(objects)))) for objects, indices in groups]
            most = max(Counter(index for _, indices in groups for index in indices).values())
        self._room.take(size_bytes * most)
        return groups
