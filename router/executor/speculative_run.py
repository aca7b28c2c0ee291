"""Starts with a fast run, and goes on with the interpreter when something is unusual.

    Program, variables ──▶ SpeculativeRun ──▶ SplicedRun | CompiledRun
                           ▲ you are here  └─▶ PlanRun

Both make the same requests. So when the fast run gives up, the interpreter is given every answer that has arrived,
and takes over the requests that are out: nothing is asked twice, which matters for mutations.
"""

from collections.abc import Callable, Mapping
from typing import Protocol

from router.executor.defer import Increment
from router.executor.outcome import ExecutionResult, FetchOutcome, FetchRequest
from router.executor.program import Program
from router.executor.run import PlanRun
from router.executor.usual import GiveUpError, usual_body


class FastRun(Protocol):
    """An execution in the usual case; every method raises ``GiveUpError`` when it is not."""

    def ready(self) -> list[FetchRequest]:
        """The requests whose inputs have arrived, in the order of the plan; each is given once."""

    def receive(self, request: FetchRequest, body: bytes) -> None:
        """Take the body of a successful answer."""

    def response(self) -> ExecutionResult:
        """What the client gets, when nothing is ready and nothing is out."""


class SpeculativeRun:
    """One execution of a program that has a fast way; used as ``PlanRun`` is.

    Args:
        fast: How it starts.
        gave_up: Called when the interpreter takes over.
    """

    __slots__ = (
        "_adopted",
        "_answers",
        "_fast",
        "_gave_up",
        "_interpreted",
        "_program",
        "_sent",
        "_unsent",
        "_variables",
    )

    def __init__(
        self,
        program: Program,
        variables: Mapping[str, object],
        fast: FastRun,
        gave_up: Callable[[], None] = lambda: None,
    ) -> None:
        self._gave_up = gave_up
        self._program = program
        self._variables = variables
        self._fast = fast
        self._interpreted: PlanRun | None = None
        self._answers: list[tuple[FetchRequest, FetchOutcome]] = []
        self._sent: list[FetchRequest] = []
        # By the id of a request that is out: the interpreter's, or None if its answer is not wanted any more.
        self._adopted: dict[int, FetchRequest | None] = {}
        self._unsent: list[FetchRequest] = []

    @property
    def is_interpreted(self) -> bool:
        """Whether the interpreter has taken over."""
        return self._interpreted is not None

    @property
    def has_next(self) -> bool:
        """Operations with deferred parts are interpreted."""
        return False

    @property
    def has_increments(self) -> bool:
        """Never: see ``has_next``."""
        return False

    def increments(self) -> tuple[Increment, ...]:
        """None ever: see ``has_next``."""
        return ()

    def ready(self) -> list[FetchRequest]:
        """The requests whose inputs have arrived, in the order of the plan; each is given once."""
        if self._interpreted is None:
            try:
                requests = self._fast.ready()
            except GiveUpError:
                self._give_up()
            else:
                self._sent += requests
                return requests
        assert self._interpreted is not None
        unsent, self._unsent = self._unsent, []
        return [*unsent, *self._interpreted.ready()]

    def receive(self, request: FetchRequest, outcome: FetchOutcome) -> None:
        """Take what became of ``request``, which ``ready`` gave and which was not received before."""
        if self._interpreted is not None:
            adopted = self._adopted.pop(id(request), request)
            if adopted is not None:
                self._interpreted.receive(adopted, outcome)
            return
        self._answers.append((request, outcome))
        try:
            self._fast.receive(request, usual_body(outcome))
        except GiveUpError:
            self._give_up()

    def response(self) -> ExecutionResult:
        """What the client gets of what has arrived; asked for once, when nothing is ready and nothing is out."""
        if self._interpreted is None:
            try:
                return self._fast.response()
            except GiveUpError:
                self._give_up()
        assert self._interpreted is not None
        return self._interpreted.response()

    def time_out(self) -> None:
        """Give up what has not arrived: which values are missing then is for the interpreter to say."""
        if self._interpreted is None:
            self._interpret()
        assert self._interpreted is not None
        self._unsent.clear()
        self._interpreted.time_out()

    def _give_up(self) -> None:
        self._gave_up()
        self._interpret()

    def _interpret(self) -> None:
        run = self._interpreted = PlanRun(self._program, self._variables)
        asked = {(request.fetch.id, request.body): request for request in run.ready()}
        # In the order of their arrival: where two subgraphs contradict each other, it decides.
        for request, outcome in self._answers:
            wanted = asked.pop((request.fetch.id, request.body), None)
            if wanted is not None:
                run.receive(wanted, outcome)
                asked.update(((ready.fetch.id, ready.body), ready) for ready in run.ready())
        answered = {request.fetch.id for request, _ in self._answers}
        out = {request.fetch.id: request for request in self._sent if request.fetch.id not in answered}
        for request in asked.values():
            sent = out.get(request.fetch.id)
            if sent is not None and sent.body == request.body:
                self._adopted[id(sent)] = request
                del out[request.fetch.id]
            else:
                self._unsent.append(request)
        # What is still out is not what the interpreter asks for.
        self._adopted.update((id(sent), None) for sent in out.values())
        self._answers.clear()
