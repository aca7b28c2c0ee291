"""Rules about callers."""

import pytest

from router.config.authorization import Rule
from router.identity.identity import Identity
from router.importing import ImportProblemError
from router.policy.request import Request
from router.policy.rules import RuleProblemError, compile_rule
from tests.requests_in import request_in

CLAIMS = {"roles": ["support", "ops"], "org": {"tier": "gold"}, "words": "a b", "admin": True, "level": 1}
ADA = Identity(id="ada", method="jwt", plan="pro", scopes=frozenset({"x", "y"}), claims=CLAIMS)


def holds(rule: dict[str, object], identity: Identity | None = ADA) -> bool:
    return compile_rule(Rule.model_validate(rule))(identity, request_in())


def is_ada(identity: Identity | None, _request: Request) -> bool:
    return identity is not None and identity.id == "ada"


def fails(_identity: Identity | None, _request: Request) -> bool:
    raise ZeroDivisionError


def says_yes(_identity: Identity | None, _request: Request) -> str:
    return "yes"


async def waits(_identity: Identity | None, _request: Request) -> bool:
    return True


@pytest.mark.parametrize(
    "rule",
    [
        {"claim": "roles", "contains": "support"},
        {"claim": "words", "contains": "b"},
        {"claim": "org.tier", "equals": "gold"},
        {"claim": "org.tier", "one_of": ["silver", "gold"]},
        {"claim": "admin", "equals": True},
        {"claim": "level", "equals": 1},
        {"claim": "roles", "exists": True},
        {"claim": "missing", "exists": False},
        {"scopes": [["z"], ["x", "y"]]},
        {"plans": ["free", "pro"]},
        {"methods": ["jwt"]},
        {"authenticated": True},
        {"plans": ["pro"], "scopes": [["x"]]},
        {"any": [{"plans": ["free"]}, {"scopes": [["x"]]}]},
        {"all": [{"plans": ["pro"]}, {"scopes": [["x"]]}]},
        {"not": {"plans": ["free"]}},
        {"python": f"{__name__}:is_ada"},
    ],
)
def test_a_caller_meets_a_rule(rule: dict[str, object]) -> None:
    assert holds(rule)


@pytest.mark.parametrize(
    "rule",
    [
        {"claim": "roles", "contains": "supp"},
        {"claim": "words", "contains": "a b"},
        {"claim": "org", "contains": "gold"},
        {"claim": "org.tier.deep", "equals": "gold"},
        {"claim": "admin", "equals": 1},
        {"claim": "level", "equals": True},
        {"claim": "missing", "equals": "x"},
        {"claim": "roles", "exists": False},
        {"scopes": [["x", "z"]]},
        {"plans": ["free"]},
        {"methods": ["api_key"]},
        {"authenticated": False},
        {"plans": ["pro"], "scopes": [["z"]]},
        {"any": [{"plans": ["free"]}, {"scopes": [["z"]]}]},
        {"all": [{"plans": ["pro"]}, {"scopes": [["z"]]}]},
        {"not": {"plans": ["pro"]}},
        {"python": f"{__name__}:fails"},
        {"python": f"{__name__}:says_yes"},
    ],
)
def test_a_caller_does_not_meet_a_rule(rule: dict[str, object]) -> None:
    assert not holds(rule)


@pytest.mark.parametrize(
    "rule",
    [
        {"claim": "missing", "exists": False},
        {"scopes": [["x"]]},
        {"plans": ["pro"]},
        {"methods": ["jwt"]},
        {"authenticated": True},
        {"python": f"{__name__}:is_ada"},
    ],
)
def test_an_anonymous_caller_meets_no_condition(rule: dict[str, object]) -> None:
    assert not holds(rule, None)


def test_a_rule_can_be_for_anonymous_callers_only() -> None:
    assert holds({"authenticated": False}, None)


@pytest.mark.parametrize(
    "rule",
    [{}, {"claim": "a"}, {"equals": "b"}, {"claim": "a", "equals": "b", "contains": "c"}, {"scopes": [[]]}],
)
def test_a_rule_that_says_nothing_or_too_much_is_refused(rule: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"claim is tested|needs a condition|at least 1 item"):
        Rule.model_validate(rule)


def test_a_rule_in_python_has_to_be_there() -> None:
    with pytest.raises(ImportProblemError, match="cannot be imported"):
        holds({"python": "no.such:rule"})


def test_a_rule_in_python_cannot_wait() -> None:
    with pytest.raises(RuleProblemError, match="async"):
        holds({"python": f"{__name__}:waits"})
