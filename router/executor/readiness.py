"""Which fetches of a plan can start: those whose needs have arrived.

plan ──▶ Order ──▶ Readiness ──▶ compiled and spliced runs
▲ you are here
"""

from collections.abc import Sequence
from dataclasses import dataclass

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


class Readiness:
    """The fetches that can start, in one execution.

    Attributes:
        startable: Their ids, in the order of the plan; whoever starts one takes it out.
    """

    __slots__ = ("_dependants", "_missing", "startable")

    def __init__(self, order: Order) -> None:
        self._dependants = order.dependants
        self._missing = list(order.needs)
        self.startable = list(order.first)

    def finish(self, fetch_id: int) -> None:
        """Its answer has arrived, or it was not made."""
        missing, startable = self._missing, self.startable
        for dependant in self._dependants[fetch_id]:
            missing[dependant] -= 1
            if missing[dependant] == 0:
                startable.append(dependant)
        if len(startable) > 1:
            startable.sort()
