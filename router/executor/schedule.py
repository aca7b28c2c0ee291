"""Driving a run: the asynchronous shell around ``PlanRun``, and a synchronous one for tests and tools.

    PlanRun ◀──▶ schedule ◀──▶ send (upstream)
                 ▲ you are here

There is no task for a request: a callback feeds the answer back and sends what has become ready, and whoever waits for
the operation is woken once. Limits of concurrency belong to ``send``, which answers with an outcome in any
case: an exception in it is a bug. It ends the operation, and so does the cancellation of whoever waits for it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from contextvars import Context, copy_context
from typing import Any, Protocol

from router.executor.deadlines import Deadlines
from router.executor.defer import Increment
from router.executor.outcome import ExecutionResult, FetchOutcome, FetchRequest, PromptAnswer, Send

SendAsync = Callable[[FetchRequest], Coroutine[Any, Any, FetchOutcome]]
SendSync = Callable[[FetchRequest], FetchOutcome]


class Run(Protocol):
    """One execution of a plan; see ``PlanRun``."""

    @property
    def has_next(self) -> bool:
        """Whether deferred parts are still to be delivered."""

    @property
    def has_increments(self) -> bool:
        """Whether ``increments`` would give any."""

    def ready(self) -> list[FetchRequest]:
        """The requests whose inputs have arrived, each given once."""

    def receive(self, request: FetchRequest, outcome: FetchOutcome) -> None:
        """Take what became of a request."""

    def time_out(self) -> None:
        """Give up what has not arrived."""

    def response(self) -> ExecutionResult:
        """What the client gets of what has arrived."""

    def increments(self) -> tuple[Increment, ...]:
        """The deferred parts that have become ready, each given once."""


class Deliver(Protocol):
    """Takes deferred parts that are ready; ``has_next`` says whether more will come."""

    def __call__(self, increments: Sequence[Increment], *, has_next: bool) -> Awaitable[None]:
        """Deliver them."""


def in_tasks(send: SendAsync) -> Send:
    """A coroutine function as ``Send``: each request is a task, which belongs to the operation that sends it."""

    def start(request: FetchRequest) -> asyncio.Future[FetchOutcome]:
        return asyncio.get_running_loop().create_task(send(request))

    return start


async def execute(
    run: Run, send: Send, *, deadline: float | None = None, deadlines: Deadlines | None = None
) -> ExecutionResult:
    """Send what is ready, feed back what arrives, until the plan is done.

    At ``deadline``, in loop time, what is out is cancelled, and the result is what has arrived with one error.
    ``deadlines`` are those of other operations, with which this one's is watched.
    """
    driver = _Driver(run, send, copy_context())
    watching = Deadlines() if deadlines is None else deadlines
    if deadline is not None:
        watching.add(driver.time_out, deadline)
    try:
        driver.start_ready()
        await driver.until_idle()
    finally:
        watching.drop(driver.time_out)
        if deadlines is None:
            watching.close()
        if driver.has_loose_ends:
            await driver.close()
    return run.response()


async def execute_deferred(run: Run, send: Send, deliver: Deliver, *, context: Context | None = None) -> None:
    """After the response: send what the deferred parts need, and deliver each as it becomes ready.

    ``context`` is what requests are sent in; by default the current one.
    """
    context = copy_context() if context is None else context
    driver = _Driver(run, send, context)
    try:
        context.run(driver.start_ready)
        while run.has_next:
            await driver.until(lambda: run.has_increments)
            await deliver(run.increments(), has_next=run.has_next)
        driver.check()
    finally:
        await driver.close()  # what is still out is for objects that the client did not get


class _Driver:
    """The requests of one operation that are out.

    Their callbacks run in ``context``, and with them everything that is sent because of an answer.
    """

    __slots__ = ("_context", "_given_up", "_out", "_problem", "_reached", "_run", "_send", "_waiter")

    def __init__(self, run: Run, send: Send, context: Context) -> None:
        self._run = run
        self._send = send
        self._context = context
        self._out: dict[asyncio.Future[FetchOutcome], FetchRequest] = {}
        self._given_up: list[asyncio.Future[FetchOutcome]] = []
        self._problem: Exception | None = None
        self._reached: Callable[[], bool] | None = None
        self._waiter: asyncio.Future[None] | None = None

    @property
    def has_loose_ends(self) -> bool:
        """Whether there is anything to ``close``."""
        return bool(self._out or self._given_up)

    def start_ready(self) -> None:
        """Send what has become ready."""
        for request in self._run.ready():
            answer = self._send(request)
            self._out[answer] = request
            if isinstance(answer, PromptAnswer):
                answer.receiver, answer.context = self._arrived, self._context
            else:
                answer.add_done_callback(self._arrived, context=self._context)

    async def until_idle(self) -> None:
        """Wait until nothing is out, or until time is up; ``check`` on the way."""
        self.check()
        if self._out:
            # The loop of an answer: to ask which one runs is a system call.
            self._waiter = next(iter(self._out)).get_loop().create_future()
            await self._waiter
            self.check()

    async def until(self, reached: Callable[[], bool]) -> None:
        """As ``until_idle``, until ``reached``, which is asked after each answer."""
        self.check()
        if not reached():
            assert self._out, "nothing is out, and nothing will come"
            self._reached = reached
            try:
                await self.until_idle()
            finally:
                self._reached = None

    def check(self) -> None:
        """Raise what went wrong in a callback."""
        if self._problem is not None:
            raise self._problem

    def time_out(self) -> None:
        """Do not wait for what is out any longer."""
        if self._out:
            self._give_up()
            try:
                self._run.time_out()
            except Exception as error:
                self._fail(error)
            self._wake()

    async def close(self) -> None:
        """Cancel what is out, and wait until it has ended."""
        self._give_up()
        # A connection's future ends when it is cancelled, a task some time later.
        ending = [answer for answer in self._given_up if not answer.done()]
        if ending:
            await asyncio.wait(ending)

    def _arrived(self, answer: asyncio.Future[FetchOutcome]) -> None:
        request = self._out.pop(answer, None)
        if request is None:
            return  # it was given up
        try:
            self._run.receive(request, answer.result())
            self.start_ready()
            if not self._out if self._reached is None else self._reached():
                self._wake()
        except asyncio.CancelledError:
            self._fail(RuntimeError("a request was cancelled, and not by whoever sent it"))
        except Exception as error:
            self._fail(error)

    def _fail(self, error: Exception) -> None:
        """What goes wrong in a callback is for whoever waits for the operation, and ends it."""
        self._problem = error
        self._give_up()
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _give_up(self) -> None:
        for answer in self._out:
            answer.cancel()
        self._given_up.extend(self._out)
        self._out.clear()


def run_deferred_sync(
    run: Run, send: SendSync, *, choose: Callable[[int], int] = lambda _: 0
) -> Iterator[tuple[Increment, ...]]:
    """As ``execute_deferred``, one request after the other; see ``run_sync``."""
    waiting = run.ready()
    while run.has_next:
        increments = run.increments()
        if increments:
            yield increments
            continue
        request = waiting.pop(choose(len(waiting)))
        run.receive(request, send(request))
        waiting.extend(run.ready())


def run_sync(run: Run, send: SendSync, *, choose: Callable[[int], int] = lambda _: 0) -> ExecutionResult:
    """As ``execute``, one request after the other.

    Args:
        run: What to drive.
        send: Answers a request.
        choose: Which of so many waiting requests is answered next; by default the oldest.
    """
    waiting = run.ready()
    while waiting:
        request = waiting.pop(choose(len(waiting)))
        run.receive(request, send(request))
        waiting.extend(run.ready())
    return run.response()
