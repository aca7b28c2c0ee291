"""Which fetches of a plan can start: those whose needs have arrived.

plan ──▶ Order ──▶ OrderedRun ──▶ compiled and spliced runs
▲ you are here
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from router.executor.outcome import FetchRequest
from router.executor.program import CompiledFetch


@dataclass(frozen=True, slots=True)
class Order:
    """What waits for what.

    Attributes:
        needs: For each fetch how many others it waits for.
        dependants: For each fetch those that wait for it.
        first: Those that wait for none.
    """

    needs: tuple[int, ...]
    dependants: tuple[tuple[int, ...], ...]
    first: tuple[int, ...]


def order_of(fetches: Sequence[CompiledFetch]) -> Order:
    """The order of a plan's fetches."""
    needs = tuple(len(set(compiled.fetch.needs)) for compiled in fetches)
    first = tuple(fetch_id for fetch_id, count in enumerate(needs) if count == 0)
    return Order(needs, tuple(compiled.dependants for compiled in fetches), first)


def arrived_before(needs: Iterable[Collection[int]]) -> list[frozenset[int]]:
    """For each fetch, by what it needs, those whose answers have arrived when it is made."""
    before: list[frozenset[int]] = []
    for fetch_id, needed in enumerate(needs):
        assert all(need < fetch_id for need in needed)
        before.append(frozenset(needed).union(*(before[need] for need in needed)))
    return before


class Startable(Protocol):
    """A prepared fetch."""

    @property
    def request(self) -> FetchRequest | None:
        """What it sends, where that is always the same."""


F = TypeVar("F", bound=Startable)


class OrderedRun(Generic[F]):
    """One execution that starts each fetch when its needs have arrived, in the order of the plan.

    Args:
        fetches: ``None`` for a fetch that is not made.
    """

    __slots__ = ("_dependants", "_fetches", "_missing", "_startable")

    def __init__(self, order: Order, fetches: Sequence[F | None]) -> None:
        self._fetches = fetches
        self._dependants = order.dependants
        self._missing = list(order.needs)
        self._startable = list(order.first)

    def ready(self) -> list[FetchRequest]:
        """The requests whose inputs have arrived, in the order of the plan; each is given once."""
        requests: list[FetchRequest] = []
        startable = self._startable
        while startable:
            fetch_id = startable.pop(0)
            fetch = self._fetches[fetch_id]
            request = None if fetch is None else fetch.request or self._start(fetch)
            if request is None:
                self._finish(fetch_id)
            else:
                requests.append(request)
        return requests

    def _start(self, fetch: F) -> FetchRequest | None:
        """The request; ``None`` if there is nothing to ask for."""
        raise NotImplementedError

    def _finish(self, fetch_id: int) -> None:
        """Its answer has arrived, or it was not made."""
        missing, startable = self._missing, self._startable
        for dependant in self._dependants[fetch_id]:
            missing[dependant] -= 1
            if missing[dependant] == 0:
                startable.append(dependant)
        if len(startable) > 1:
            startable.sort()
