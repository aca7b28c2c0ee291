"""What each policy said to one request.

Pipeline ──▶ WatchedModes ──▶ Modes
▲ you are here: every policy asks for its mode first, and every refusal meets it
"""

from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Literal

from router.config.policies import Mode
from router.errors import RequestError
from router.policy.modes import Modes
from router.policy.request import Request, Response
from router.telemetry.metrics import Metrics

Outcome = Literal["pass", "answer", "refuse", "would refuse", "off", "not reached"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one policy said.

    ``pass`` let the request through, maybe changed; ``answer`` answered it, so those behind were not reached;
    ``refuse`` ended it; ``would refuse`` would have, but only measures; ``off`` did not look.

    Attributes:
        code: Of the error, or of the answer.
        message: Why it was refused, as the log may say.
    """

    policy: str
    outcome: Outcome
    code: str = ""
    message: str = ""


_LET_PASS: ContextVar[list[str]] = ContextVar("policies that have let the current request pass")


class WatchedMetrics(Metrics):
    """Metrics, and a note of what was let pass by policies that have a mode for each of their parts."""

    def policy_would_reject(self, stage: str, route: str, consumer: str) -> None:
        """Count it, and note it for the request that is under way."""
        super().policy_would_reject(stage, route, consumer)
        if (noted := _LET_PASS.get(None)) is not None:
            noted.append(stage)


class WatchedModes(Modes):
    """The modes of ``modes``, and a note of every verdict on requests that are watched."""

    def __init__(self, modes: Modes) -> None:
        super().__init__({}, on_would_reject=lambda *_: None)
        self._modes = modes
        self._notes: dict[Request, dict[str, Verdict]] = {}

    def watch(self, request: Request) -> None:
        """Take notes on this request."""
        self._notes[request] = {}
        _LET_PASS.set([])

    def notes(self, request: Request) -> Mapping[str, Verdict]:
        """What was noted, in the order in which policies were asked; nothing more is noted from now on."""
        notes = self._notes.pop(request)
        for name in _LET_PASS.get([]):
            policy, _, part = name.partition(".")
            if part and policy in notes and notes[policy].outcome == "pass":
                notes[policy] = Verdict(policy, "would refuse", message=name)
        return notes

    def concern(self, policy: str) -> bool:  # noqa: ARG002 - whichever it is
        """Every policy, so that each asks, and is noted."""
        return True

    def mode(self, policy: str, request: Request) -> Mode:
        """As ``modes`` says."""
        mode = self._modes.mode(policy, request)
        if (notes := self._notes.get(request)) is not None:
            notes.setdefault(policy, Verdict(policy, "off" if mode == "off" else "pass"))
        return mode

    def refuse(self, policy: str, request: Request, error: RequestError) -> None:
        """As ``modes`` says."""
        try:
            super().refuse(policy, request, error)
        except RequestError:
            self._note(request, Verdict(policy, "refuse", error.code, str(error)))
            raise

    def let_pass(self, policy: str, request: Request, error: RequestError) -> None:
        """As ``modes`` does."""
        self._note(request, Verdict(policy, "would refuse", error.code, str(error)))
        self._modes.let_pass(policy, request, error)

    def _note(self, request: Request, verdict: Verdict) -> None:
        if (notes := self._notes.get(request)) is not None:
            notes[verdict.policy] = verdict


def all_verdicts(
    notes: Mapping[str, Verdict], policies: Iterable[str], response: Response, *, got_through: bool
) -> dict[str, Verdict]:
    """One verdict for each policy, in order.

    Args:
        notes: What was noted.
        policies: Their names.
        response: What the client got.
        got_through: Whether somebody behind the policies was asked.
    """
    found = {name: notes.get(name) or Verdict(name, "not reached") for name in policies}
    last = next((name for name in reversed(found) if name in notes), None)
    if not got_through and last is not None and found[last].outcome == "pass":
        code = response.error_codes[0] if response.error_codes else str(response.status)
        found[last] = Verdict(last, "answer", code)
    return found
