"""What a request costs, and what it was charged for that: what rate limits and cost control tell each other."""

from dataclasses import dataclass, field

from router.stores.limits import Charge, Decision


@dataclass(slots=True, eq=False)
class OperationCost:
    """The cost of a request's operation.

    Attributes:
        estimated: Before it is run; ``None`` while there is no operation.
        actual: What came back; ``None`` if nothing was executed, or nobody has counted yet.
    """

    estimated: float | None = None
    actual: float | None = None


@dataclass(slots=True, eq=False)
class Spending:
    """What rate limits said to a request.

    Attributes:
        decisions: Those that the client is told of.
        estimated: Charges for an estimated cost, which may turn out too high.
    """

    decisions: list[Decision] = field(default_factory=list)
    estimated: list[tuple[Charge, Decision]] = field(default_factory=list)
