"""Whether a policy refuses, only counts what it would refuse, or does not look.

A policy is tried out in ``measure`` before it is enforced: what it would have refused passes, is logged, and is counted
in ``router_policy_would_reject_total``.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from router.config.policies import Mode, ModeSection, PoliciesSection
from router.errors import RequestError
from router.policy.request import Request
from router.policy.scope import EVERYWHERE, Scope

_log = logging.getLogger(__name__)

WouldReject = Callable[[str, str, str], None]
"""Told the policy, the route and the consumer."""


@dataclass(frozen=True, slots=True)
class ScopedMode:
    """What a policy does where it is asked."""

    section: ModeSection
    scope: Scope = EVERYWHERE


class Modes:
    """The modes of all policies of one snapshot.

    Args:
        sections: By policy; those that are not there enforce.
        on_would_reject: Told of each request that ``measure`` let pass.
    """

    def __init__(self, sections: Mapping[str, ModeSection | ScopedMode], *, on_would_reject: WouldReject) -> None:
        enforcing = ScopedMode(ModeSection())
        scoped = {name: each if isinstance(each, ScopedMode) else ScopedMode(each) for name, each in sections.items()}
        self._sections = {name: mode for name, mode in scoped.items() if mode != enforcing}
        self._on_would_reject = on_would_reject

    @staticmethod
    def of(section: PoliciesSection, own: Mapping[str, ScopedMode], *, on_would_reject: WouldReject) -> "Modes":
        """Those of a configuration, and ``own`` for the plugins."""
        sections = {name: getattr(section, name) for name in PoliciesSection.model_fields}
        return Modes({**own, **sections}, on_would_reject=on_would_reject)

    def mode(self, policy: str, request: Request) -> Mode:
        """What ``policy`` does with this request."""
        scoped = self._sections.get(policy)
        return "enforce" if scoped is None else _mode(scoped, request)

    def concern(self, policy: str) -> bool:
        """Whether there are requests for which ``policy`` does anything but enforce."""
        return policy in self._sections

    def refuse(self, policy: str, request: Request, error: RequestError) -> None:
        """End the request with ``error`` if ``policy`` enforces; tell of it if it only measures."""
        mode = self.mode(policy, request)
        if mode == "enforce":
            raise error
        if mode == "measure":
            self.let_pass(policy, request, error)

    def let_pass(self, policy: str, request: Request, error: RequestError) -> None:
        """Tell that ``policy`` would have refused the request with ``error``."""
        consumer = "" if request.identity is None else request.identity.id
        fields = {"policy": policy, "code": error.code, "route": request.route_name, "request_id": request.id}
        _log.info("policy would refuse", extra=fields)
        self._on_would_reject(policy, request.route_name, consumer)

    def decide(self, policy: str, request: Request, check: Callable[[], None]) -> None:
        """Run a check that refuses by raising, in the mode of ``policy``."""
        if self.mode(policy, request) == "off":
            return
        try:
            check()
        except RequestError as error:
            self.refuse(policy, request, error)


def _mode(scoped: ScopedMode, request: Request) -> Mode:
    if not scoped.scope.covers(request.route_name):
        return "off"
    section = scoped.section
    mode = section.doors.get(request.door, section.mode)
    mode = section.routes.get(request.route_name, mode)
    plan = None if request.identity is None else request.identity.plan
    return mode if plan is None else section.plans.get(plan, mode)


EVERYTHING_ENFORCES = Modes({}, on_would_reject=lambda *_: None)
