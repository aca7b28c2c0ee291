"""What becomes of fields that a caller may not see."""

import logging

import pytest

from router.config.authorization import DirectivesSection, Rule
from router.config.policies import ModeSection
from router.errors import UnauthenticatedError
from router.graphql.authorization import FieldAuthorization, UnauthorizedError
from router.identity.identity import Identity
from router.policy.modes import Modes
from router.policy.rules import compile_rules
from supergraph import Subgraph, compose, prepare, read_supergraph
from supergraph.operation.authorization import Filtered
from tests.requests_in import request_in

SDL = """
extend schema @link(url: "https://specs.apollo.dev/federation/v2.9",
  import: ["@key", "@authenticated", "@requiresScopes", "@policy"])
type Query { me: User }
type User @key(fields: "id") {
  id: ID! name: String
  salary: Int @authenticated
  notes: String @policy(policies: [["support", "eu"], ["boss"]])
  secret: String @policy(policies: [["no_rule"]])
}
"""
COMPOSED = compose([Subgraph("users", "http://users", SDL)])
assert COMPOSED.sdl is not None, COMPOSED.errors
GRAPH = read_supergraph(COMPOSED.sdl)
RULES = compile_rules(
    {
        "support": Rule(claim="roles", contains="support"),
        "eu": Rule(claim="region", equals="eu"),
        "boss": Rule(claim="roles", contains="boss"),
    }
)
Counted = list[tuple[str, str, str]]


def authorization(counted: Counted | None = None, mode: str = "enforce", **options: object) -> FieldAuthorization:
    modes = Modes(
        {"field_authorization": ModeSection.model_validate({"mode": mode})},
        on_would_reject=lambda *labels: (counted if counted is not None else []).append(labels),
    )
    return FieldAuthorization(GRAPH, DirectivesSection.model_validate(options), rules=RULES, modes=modes)


def filtered(text: str, identity: Identity | None = None, made: FieldAuthorization | None = None) -> Filtered:
    return (made or authorization()).filter(prepare(GRAPH, text), request_in(identity=identity))


def denied(found: Filtered) -> list[str]:
    return [".".join(each.path) for each in found.denied]


def caller(**claims: object) -> Identity:
    return Identity(id="ada", method="jwt", claims=claims)


@pytest.mark.parametrize(
    ("identity", "expected"),
    [
        (caller(roles=["support"], region="eu"), []),
        (caller(roles=["boss"]), []),
        (caller(roles=["support"], region="us"), ["me.notes"]),
        (caller(), ["me.notes"]),
        (None, ["me.notes"]),
    ],
)
def test_a_policy_asks_what_its_rules_say(identity: Identity | None, expected: list[str]) -> None:
    assert denied(filtered("{ me { name notes } }", identity)) == expected


def test_nobody_meets_a_policy_without_a_rule() -> None:
    assert denied(filtered("{ me { secret } }", caller(roles=["boss"]))) == ["me.secret"]


def test_a_policy_without_a_rule_is_told_when_the_supergraph_is_taken(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        authorization()
    assert [getattr(record, "policy", None) for record in caplog.records] == ["no_rule"]


def test_callers_who_meet_different_rules_do_not_share_a_plan() -> None:
    made = authorization()
    boss = filtered("{ me { name notes } }", caller(roles=["boss"]), made)
    other = filtered("{ me { name notes } }", caller(), made)
    assert boss.operation.key != other.operation.key
    assert denied(filtered("{ me { name notes } }", caller(roles=["boss"]), made)) == []


def test_an_operation_can_be_refused_as_a_whole() -> None:
    made = authorization(reject_unauthorized=True)
    with pytest.raises(UnauthorizedError) as refused:
        filtered("{ me { name notes } }", caller(), made)
    assert (refused.value.code, refused.value.status) == ("UNAUTHORIZED_FIELD_OR_TYPE", 403)


def test_an_anonymous_caller_who_is_refused_is_asked_who_they_are() -> None:
    with pytest.raises(UnauthenticatedError):
        filtered("{ me { salary } }", None, authorization(reject_unauthorized=True))


@pytest.mark.parametrize("options", [{"dry_run": True}, {"mode": "measure"}])
def test_a_dry_run_leaves_nothing_out_and_counts(options: dict[str, object]) -> None:
    counted: Counted = []
    mode = str(options.pop("mode", "enforce"))
    assert denied(filtered("{ me { salary } }", None, authorization(counted, mode, **options))) == []
    assert counted == [("field_authorization", "graphql", "")]


@pytest.mark.parametrize("options", [{"enabled": False}, {"mode": "off"}])
def test_the_directives_can_be_switched_off(options: dict[str, object]) -> None:
    counted: Counted = []
    mode = str(options.pop("mode", "enforce"))
    assert denied(filtered("{ me { salary secret } }", None, authorization(counted, mode, **options))) == []
    assert counted == []


@pytest.mark.parametrize(
    ("response", "errors", "extensions"),
    [("errors", 1, []), ("extensions", 0, ["authorizationErrors"]), ("disabled", 0, [])],
)
def test_clients_are_told_where_the_configuration_says(response: str, errors: int, extensions: list[str]) -> None:
    made = authorization(errors={"response": response})
    told, extension = made.report(filtered("{ me { salary } }", None, made).denied, "r1")
    assert len(told) == errors
    assert list(extension) == extensions
