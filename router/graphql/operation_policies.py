"""The policies that decide with an operation in hand."""

from dataclasses import dataclass

from router.graphql.authorization import FieldAuthorization
from router.graphql.demand import DemandControl
from router.policy.hooks import Hooks


@dataclass(frozen=True, slots=True)
class OperationPolicies:
    """Those of one snapshot.

    Attributes:
        hooks: What policies of the pipeline do with operations and plans.
        authorization: What callers may see.
        demand: What operations may cost.
    """

    hooks: Hooks
    authorization: FieldAuthorization
    demand: DemandControl
