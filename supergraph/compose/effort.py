"""How much satisfiability has looked at, and how much it may.

The counts do not depend on the machine, so tests assert on them: they grow about linearly with the subgraphs' types.
"""

from supergraph.errors import FederationError

MAX_SATISFIABILITY_PATHS = 1_000_000


class TooManyPathsError(FederationError):
    """More paths through subgraphs than the limit allows."""

    code = "MAX_VALIDATION_SUBGRAPH_PATHS_EXCEEDED"


class Effort:
    """Counts; raises ``TooManyPathsError`` at the limit.

    Attributes:
        paths: Ways into subgraphs: for each state of the walk, the nodes in which its object is available.
        states: Places of the API at which the walk has stopped.
        questions: What had to be found out about keys and ``@requires``, repetitions included.
    """

    __slots__ = ("limit", "paths", "questions", "states")

    def __init__(self, limit: int = MAX_SATISFIABILITY_PATHS) -> None:
        self.limit = limit
        self.paths = 0
        self.states = 0
        self.questions = 0

    def count_state(self, paths: int) -> None:
        """A state is about to be left."""
        self.states += 1
        self.paths += paths
        self._check()

    def count_question(self) -> None:
        """A question is about to be answered."""
        self.questions += 1
        self._check()

    def _check(self) -> None:
        if max(self.paths, self.questions) > self.limit:
            message = (
                f"Checking that every operation can be answered takes more than {self.limit:,} paths through the "
                "subgraphs, which is the limit"
            )
            raise TooManyPathsError(message)
