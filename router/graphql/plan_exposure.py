"""Showing a client the plan of its operation, where the configuration allows it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from multidict import CIMultiDictProxy

from supergraph.plan import QueryPlan

_HEADERS: Mapping[str, Literal["apolloQueryPlan", "queryPlan"]] = {
    "apollo-expose-query-plan": "apolloQueryPlan",
    "hive-expose-query-plan": "queryPlan",
}


@dataclass(frozen=True, slots=True)
class PlanExposure:
    """What the client wants to see.

    Attributes:
        key: The entry of ``extensions`` that its tools look at.
        dry_run: The plan alone is wanted; nothing is fetched.
    """

    key: Literal["apolloQueryPlan", "queryPlan"]
    dry_run: bool

    def extension(self, plan: QueryPlan) -> dict[str, object]:
        """The entry of ``extensions``."""
        if self.key == "queryPlan":
            return {self.key: plan.to_json()}
        return {self.key: {"object": plan.to_json(), "text": plan.pretty()}}


def wanted_exposure(headers: CIMultiDictProxy[str]) -> PlanExposure | None:
    """What the request's headers ask for: ``true`` beside the answer, ``dry-run`` instead of it."""
    for header, key in _HEADERS.items():
        value = headers.get(header)
        if value is not None and value.lower() in ("true", "dry-run"):
            return PlanExposure(key, dry_run=value.lower() == "dry-run")
    return None
