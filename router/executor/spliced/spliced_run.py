"""One execution of a spliced plan, without I/O, in the usual case.

    SplicedPlan, variables ──▶ SplicedRun ──▶ response
                               ▲ you are here

It makes the requests of ``PlanRun``, and its response says the same. Whatever is unusual raises ``GiveUpError``.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from router.executor.outcome import ExecutionResult, FetchOutcome, FetchRequest
from router.executor.readiness import Readiness
from router.executor.spliced._cutter import fill, number_values
from router.executor.spliced.spliced_plan import (
    Run,
    SplicedCall,
    SplicedFetch,
    SplicedPlan,
    SplicedTarget,
    Value,
)
from router.executor.usual import GiveUpError, usual_body, variable_entries

Cut = tuple[list[bytes | None], tuple[list[Any], ...]]
"""Pieces and columns: see ``Cutter``."""

_NOTHING: Final[Cut] = ([], ())

Entities = tuple[int, Sequence[int], list[int] | None]
"""What a call is made for: how many entities there are; where the objects of each target begin among all objects, and
where the last ones end; and which entities stand for the objects, unless each object has one of its own."""

_NO_ENTITIES: Final[Entities] = (0, (), None)


class SplicedRun:
    """One execution; used once. Every method raises ``GiveUpError`` when the interpreter is needed."""

    __slots__ = ("_cuts", "_entities", "_plan", "_readiness", "_variables", "_whole")

    def __init__(self, plan: SplicedPlan, variables: Mapping[str, object]) -> None:
        self._plan = plan
        self._variables = variables
        self._readiness = Readiness(plan.order)
        self._cuts: list[Cut] = [_NOTHING] * len(plan.fetches)
        self._entities: list[Entities] = [_NO_ENTITIES] * plan.calls
        self._whole: bytes | None = None

    def ready(self) -> list[FetchRequest]:
        """The requests whose inputs have arrived, in the order of the plan; each is given once."""
        requests: list[FetchRequest] = []
        startable = self._readiness.startable
        while startable:
            fetch_id = startable.pop(0)
            fetch = self._plan.fetches[fetch_id]
            request = None if fetch is None else fetch.request or self._start(fetch)
            if request is None:
                self._readiness.finish(fetch_id)
            else:
                requests.append(request)
        return requests

    def receive(self, request: FetchRequest, outcome: FetchOutcome) -> None:
        """Take what became of ``request``."""
        body = usual_body(outcome)
        fetch_id = request.fetch.id
        fetch = self._plan.fetches[fetch_id]
        assert fetch is not None
        if fetch.is_whole:
            found = fetch.cutter.locate(body)
            if found is None:
                raise GiveUpError
            self._whole = body[found[0] : found[1]]
        else:
            cut = fetch.cutter.cut(body)
            if cut is None:
                raise GiveUpError
            for call in fetch.calls:
                if len(cut[1][call.counted]) != self._entities[call.number][0]:
                    raise GiveUpError
            self._cuts[fetch_id] = cut
        self._readiness.finish(fetch_id)

    def response(self) -> ExecutionResult:
        """What the client gets, when nothing is ready and nothing is out."""
        if self._whole is not None:
            return ExecutionResult(self._whole)
        root_texts: dict[tuple[int, int], bytes] = {}
        # What is put into an answer came later than the answer.
        for fetch in reversed(self._plan.fetches):
            if fetch is None:
                continue
            fetch_id = fetch.compiled.fetch.id
            cut = self._cuts[fetch_id]
            if cut is _NOTHING:
                continue
            for index, run in enumerate(fetch.runs):
                (root_texts[fetch_id, index],) = _texts(cut, run)
            for call in fetch.calls:
                self._fill(cut, call)
        response = self._plan.response
        return ExecutionResult(b"".join([each if isinstance(each, bytes) else root_texts[each] for each in response]))

    def _fill(self, cut: Cut, call: SplicedCall) -> None:
        """Put the entities into the objects that they stand for."""
        texts = [_texts(cut, run) for run in call.runs]
        _, starts, numbers = self._entities[call.number]
        for index, target in enumerate(call.targets):
            pieces, columns = self._cuts[target.creator]
            if columns:
                theirs = starts[index] if numbers is None else numbers[starts[index] : starts[index + 1]]
                for hole, run in target.holes:
                    fill(pieces, columns[hole], texts[run], theirs)

    def _start(self, fetch: SplicedFetch) -> FetchRequest | None:
        """The request; ``None`` if there is nothing to ask for."""
        compiled = fetch.compiled
        entries = variable_entries(compiled, self._variables)
        total = 0
        for call in fetch.calls:
            known = self._find_entities(call)
            total += len(known)
            entries.append(_representations(call, known))
        if fetch.calls:
            limit = self._plan.program.options.max_representations
            if limit is not None and total > limit:
                raise GiveUpError
            if total == 0:
                return None
        return FetchRequest(compiled.fetch, b"%b%b}}" % (compiled.prefix, b",".join(entries)))

    def _find_entities(self, call: SplicedCall) -> Collection[Any]:
        """What tells the representations of a call apart; which stands for which object is noted."""
        first, *others = call.targets
        objects, starts = self._values(first), [0]
        for target in others:
            starts.append(len(objects))
            objects = [*objects, *self._values(target)]
        starts.append(len(objects))
        known, numbers = number_values(objects)
        self._entities[call.number] = (len(known), starts, None if len(known) == len(objects) else numbers)
        return known

    def _values(self, target: SplicedTarget) -> list[Any]:
        """For each object the value that it is represented by, a tuple of them, or the whole representation."""
        first, *others = target.values
        values: list[Any] = self._column(first)
        if others:
            values = list(zip(values, *map(self._column, others), strict=True))
        return values if target.template is None else [target.template % value for value in values]

    def _column(self, value: Value) -> list[bytes]:
        columns = self._cuts[value.fetch][1]
        if not columns:
            return []
        column: list[bytes] = columns[value.column]
        if value.refuses_null and b"null" in column:
            raise GiveUpError
        link = value.through
        if link is None:
            return column
        _, starts, numbers = self._entities[link.call]
        begin, end = starts[link.target], starts[link.target + 1]
        return column[begin:end] if numbers is None else list(map(column.__getitem__, numbers[begin:end]))


def _texts(cut: Cut, run: Run) -> list[bytes]:
    """The JSON of a run for each entity."""
    pieces, columns = cut
    column: list[Any] = columns[run.column]
    if run.end is None:
        return column
    filled: list[Any] = pieces  # every hole has its text by now
    return [b"".join(filled[begin:end]) for begin, end in zip(column, columns[run.end], strict=True)]


def _representations(call: SplicedCall, known: Collection[Any]) -> bytes:
    """The entry of a request's variables that is the representations."""
    if not known:
        return call.head + b"[]"
    begin, between, end = call.words
    texts = known if call.template is None else [call.template % values for values in known]
    return b"%b%b%b%b" % (call.head, begin, between.join(texts), end)
