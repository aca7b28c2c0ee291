"""Showing a client the plan of its operation, and why it is as it is, where the configuration allows it."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from multidict import CIMultiDictProxy

from supergraph.plan import QueryPlan
from supergraph.planner.explain import Explanation

_HEADERS: Mapping[str, Literal["apolloQueryPlan", "queryPlan"]] = {
    "apollo-expose-query-plan": "apolloQueryPlan",
    "hive-expose-query-plan": "queryPlan",
}
_EXPLAIN_HEADER = "router-explain"
_EXPLANATION = "explanation"


@dataclass(frozen=True, slots=True)
class PlanExposure:
    """What the client wants to see.

    Attributes:
        key: The entry of ``extensions`` that its tools look for a plan at; ``None`` if it wants no plan.
        dry_run: The plan alone is wanted; nothing is fetched.
        explains: The reasons are wanted, under ``explanation``.
    """

    key: Literal["apolloQueryPlan", "queryPlan"] | None
    dry_run: bool
    explains: bool = False

    def extension(self, plan: QueryPlan) -> dict[str, object]:
        """The plan's entry of ``extensions``."""
        if self.key is None:
            return {}
        if self.key == "queryPlan":
            return {self.key: plan.to_json()}
        return {self.key: {"object": plan.to_json(), "text": plan.pretty()}}

    async def extensions(self, plan: QueryPlan, explain: Callable[[], Explanation]) -> dict[str, object]:
        """All entries of ``extensions``; ``explain`` plans several times, so it is called in a thread."""
        found = self.extension(plan)
        if self.explains:
            found[_EXPLANATION] = (await asyncio.to_thread(explain)).to_json()
        return found


def wanted_exposure(headers: CIMultiDictProxy[str]) -> PlanExposure | None:
    """What the request's headers ask for: ``true`` beside the answer, ``dry-run`` instead of it."""
    explain = headers.get(_EXPLAIN_HEADER, "").lower()
    explains = explain in ("true", "dry-run")
    for header, key in _HEADERS.items():
        value = headers.get(header, "").lower()
        if value in ("true", "dry-run"):
            return PlanExposure(key, dry_run="dry-run" in (value, explain), explains=explains)
    return PlanExposure(None, dry_run=explain == "dry-run", explains=True) if explains else None
