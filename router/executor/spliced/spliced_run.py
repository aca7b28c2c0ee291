"""One execution of a spliced plan, without I/O, in the usual case.

    SplicedPlan, variables ──▶ SplicedRun ──▶ response
                               ▲ you are here

It makes the requests of ``PlanRun``, and its response says the same. Whatever is unusual raises ``GiveUpError``.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from router.executor.outcome import ExecutionResult, FetchRequest
from router.executor.readiness import OrderedRun
from router.executor.spliced._cutter import fill, number_values
from router.executor.spliced.spliced_plan import (
    Run,
    SplicedCall,
    SplicedFetch,
    SplicedPlan,
    Value,
)
from router.executor.usual import GiveUpError, variable_entries

Cut = tuple[list[bytes | None], tuple[list[Any], ...]]
"""Pieces and columns: see ``Cutter``."""

Entities = tuple[Sequence[int], list[int] | None]
"""What a call is made for: where the objects of each target begin among all objects, and where the last ones end; and
which entities stand for the objects, unless each object has one of its own."""

_NO_ENTITIES: Final[Entities] = ((), None)


class SplicedRun(OrderedRun[SplicedFetch]):
    """One execution; used once. Every method raises ``GiveUpError`` when the interpreter is needed."""

    __slots__ = ("_cuts", "_entities", "_known", "_plan", "_variables", "_whole")

    def __init__(self, plan: SplicedPlan, variables: Mapping[str, object]) -> None:
        super().__init__(plan.order, plan.fetches)
        self._plan = plan
        self._variables = variables
        self._cuts: list[Cut | None] = [None] * len(plan.fetches)
        self._known = [0] * plan.calls  # how many entities each call is about
        self._entities: list[Entities] = [_NO_ENTITIES] * plan.calls
        self._whole: bytes | None = None

    def receive(self, request: FetchRequest, body: bytes) -> None:
        """Take the body of a successful answer."""
        fetch_id = request.fetch.id
        fetch = self._fetches[fetch_id]
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
                if len(cut[1][call.counted]) != self._known[call.number]:
                    raise GiveUpError
            self._cuts[fetch_id] = cut
        self._finish(fetch_id)

    def response(self) -> ExecutionResult:
        """What the client gets, when nothing is ready and nothing is out."""
        if self._whole is not None:
            return ExecutionResult(self._whole)
        # What is put into an answer came later than the answer.
        for fetch in reversed(self._fetches):
            cut = None if fetch is None else self._cuts[fetch.id]
            if fetch is not None and cut is not None:
                for call in fetch.calls:
                    self._fill(cut, call)
        parts: list[Any] = []
        for each in self._plan.response:
            if isinstance(each, bytes):
                parts.append(each)
            else:
                parts += self._root_parts(*each)
        return ExecutionResult(b"".join(parts))

    def _root_parts(self, fetch_id: int, run: Run) -> Sequence[bytes | None]:
        """What a run of a root fetch consists of."""
        cut = self._cuts[fetch_id]
        assert cut is not None, "a root fetch is made, or its fields are not in the response"
        pieces, columns = cut
        return columns[run.column] if run.end is None else pieces[columns[run.column][0] : columns[run.end][0]]

    def _fill(self, cut: Cut, call: SplicedCall) -> None:
        """Put the entities into the objects that they stand for."""
        texts = [_texts(cut, run) for run in call.runs]
        starts, numbers = self._entities[call.number]
        for index, target in enumerate(call.targets):
            into = self._cuts[target.creator]
            if into is not None:
                pieces, columns = into
                theirs = starts[index] if numbers is None else numbers[starts[index] : starts[index + 1]]
                for hole, run in target.holes:
                    fill(pieces, columns[hole], texts[run], theirs)

    def _start(self, fetch: SplicedFetch) -> FetchRequest | None:
        compiled = fetch.compiled
        entries = variable_entries(compiled, self._variables)
        total = 0
        for call in fetch.calls:
            known = self._find_entities(call)
            total += len(known)
            if not known:
                entries.append(call.head + b"[]")
                continue
            begin, between, end = call.words
            texts = known if call.template is None else [call.template % values for values in known]
            entries.append(begin + between.join(texts) + end)
        if fetch.calls:
            limit = self._plan.program.options.max_representations
            if limit is not None and total > limit:
                raise GiveUpError
            if total == 0:
                return None
        return FetchRequest(compiled.fetch, compiled.prefix + b",".join(entries) + b"}}")

    def _find_entities(self, call: SplicedCall) -> Collection[Any]:
        """What tells the representations of a call apart; which stands for which object is noted.

        That is for each object the value that it is represented by, a tuple of them, or the whole representation.
        """
        objects: list[Any] = []
        starts = [0]
        for target in call.targets:
            values = self._column(target.values[0])
            if len(target.values) > 1:
                values = list(zip(values, *map(self._column, target.values[1:]), strict=True))
            if target.template is not None:
                values = [target.template % value for value in values]
            objects = objects + values if objects else values
            starts.append(len(objects))
        known, numbers = (objects, None) if len(objects) < 2 else number_values(objects)
        self._known[call.number] = len(known)
        self._entities[call.number] = (starts, None if len(known) == len(objects) else numbers)
        return known

    def _column(self, value: Value) -> list[Any]:
        cut = self._cuts[value.fetch]
        if cut is None:
            return []
        column = cut[1][value.column]
        if value.refuses_null and b"null" in column:
            raise GiveUpError
        link = value.through
        if link is None:
            return column
        starts, numbers = self._entities[link.call]
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
