"""One execution of a spliced plan, without I/O, in the usual case.

    SplicedPlan, variables ──▶ SplicedRun ──▶ response
                               ▲ you are here

It makes the requests of ``PlanRun``, and its response says the same. Whatever is unusual raises ``GiveUpError``.
"""

from collections.abc import Mapping

from router.executor.outcome import ExecutionResult, FetchRequest
from router.executor.readiness import OrderedRun
from router.executor.spliced._splicer import Splice
from router.executor.spliced.spliced_plan import SplicedFetch, SplicedPlan
from router.executor.usual import variable_entries


class SplicedRun(OrderedRun[SplicedFetch]):
    """One execution; used once. Every method raises ``GiveUpError`` when the interpreter is needed."""

    __slots__ = ("_splice", "_variables")

    def __init__(self, plan: SplicedPlan, variables: Mapping[str, object]) -> None:
        super().__init__(plan.order, plan.fetches)
        self._variables = variables
        self._splice = Splice(plan.splicer)

    def receive(self, request: FetchRequest, body: bytes) -> None:
        """Take the body of a successful answer."""
        fetch_id = request.fetch.id
        self._splice.take(fetch_id, body)
        self._finish(fetch_id)

    def response(self) -> ExecutionResult:
        """What the client gets, when nothing is ready and nothing is out."""
        return ExecutionResult(self._splice.response())

    def _start(self, fetch: SplicedFetch) -> FetchRequest | None:
        compiled = fetch.compiled
        body = self._splice.request(compiled.fetch.id, variable_entries(compiled, self._variables))
        return None if body is None else FetchRequest(compiled.fetch, body)
