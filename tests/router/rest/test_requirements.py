"""What REST routes require of their callers beside scopes."""

import pytest

from router.config.authorization import Rule
from router.config.rest import RestSection
from router.errors import ForbiddenError, UnauthenticatedError
from router.identity.identity import Identity
from router.policy.rules import RuleProblemError, compile_rules
from router.rest import requirements_of
from tests.requests_in import request_in

RULES = compile_rules({"support": Rule(claim="roles", contains="support")})


def require(wanted: dict[str, object], identity: Identity | None) -> None:
    route = {"name": "orders", "path": "/orders", "upstream": "http://orders.test", "require": wanted}
    section = RestSection.model_validate({"routes": [route]})
    requirements_of(section, RULES)["orders"](request_in("rest", identity=identity))


def caller(**claims: object) -> Identity:
    return Identity(id="ada", method="jwt", scopes=frozenset({"a"}), claims=claims)


@pytest.mark.parametrize(
    ("wanted", "claims"),
    [
        ({"groups": ["ops", "dev"]}, {"groups": ["dev"]}),
        ({"groups": ["dev"]}, {"groups": "qa dev"}),
        ({"groups": ["dev"], "groups_claim": "teams"}, {"teams": ["dev"]}),
        ({"policies": ["support"]}, {"roles": ["support"]}),
        ({"policies": ["support"], "scopes": [["a"]]}, {"roles": ["support"]}),
    ],
)
def test_a_caller_who_shows_everything_passes(wanted: dict[str, object], claims: dict[str, object]) -> None:
    require(wanted, caller(**claims))


@pytest.mark.parametrize(
    ("wanted", "claims"),
    [
        ({"groups": ["ops"]}, {"groups": ["dev"]}),
        ({"groups": ["ops"]}, {}),
        ({"policies": ["support"]}, {"roles": ["ops"]}),
        ({"policies": ["support"], "scopes": [["b"]]}, {"roles": ["support"]}),
    ],
)
def test_a_caller_who_lacks_something_is_refused(wanted: dict[str, object], claims: dict[str, object]) -> None:
    with pytest.raises(ForbiddenError):
        require(wanted, caller(**claims))


def test_a_route_may_ask_for_an_api_key() -> None:
    require({"api_key": True}, Identity(id="acme", method="api_key"))
    with pytest.raises(UnauthenticatedError):
        require({"api_key": True}, caller())


def test_an_anonymous_caller_is_asked_who_they_are() -> None:
    with pytest.raises(UnauthenticatedError):
        require({"groups": ["ops"]}, None)


def test_a_policy_without_a_rule_is_told() -> None:
    with pytest.raises(RuleProblemError, match="orders requires the policy missing"):
        require({"policies": ["missing"]}, caller())
