"""Whether a policy refuses, only counts what it would refuse, or does not look.

A policy is tried out in ``measure`` before it is enforced: what it would have refused passes, is logged, and is counted
in ``router_policy_would_reject_total``.
"""

import logging
from collections.abc import Callable, Mapping

from router.config.policies import Mode, ModeSection, PoliciesSection
from router.errors import RequestError
from router.policy.request import Request

_log = logging.getLogger(__name__)

WouldReject = Callable[[str, str, str], None]
"""Told the policy, the route and the consumer."""


class Modes:
    """The modes of all policies of one snapshot.

    Args:
        sections: By policy; those that are not there enforce.
        on_would_reject: Told of each request that ``measure`` let pass.
    """

    def __init__(self, sections: Mapping[str, ModeSection], *, on_would_reject: WouldReject) -> None:
        enforcing = ModeSection()
        self._sections = {name: section for name, section in sections.items() if section != enforcing}
        self._on_would_reject = on_would_reject

    @staticmethod
    def of(section: PoliciesSection, own: Mapping[str, ModeSection], *, on_would_reject: WouldReject) -> "Modes":
        """Those of a configuration, and ``own`` for the plugins."""
        sections = {name: getattr(section, name) for name in PoliciesSection.model_fields}
        return Modes({**own, **sections}, on_would_reject=on_would_reject)

    def mode(self, policy: str, request: Request) -> Mode:
        """What ``policy`` does with this request."""
        section = self._sections.get(policy)
        return "enforce" if section is None else _mode(section, request)

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


def _mode(section: ModeSection, request: Request) -> Mode:
    mode = section.doors.get(request.door, section.mode)
    mode = section.routes.get(request.route_name, mode)
    plan = None if request.identity is None else request.identity.plan
    return mode if plan is None else section.plans.get(plan, mode)


EVERYTHING_ENFORCES = Modes({}, on_would_reject=lambda *_: None)
