"""The tokens of the overhead benchmark are real ones: else it would measure a refusal."""

from benchmarks.overhead import ALL_POLICIES, Tokens, new_request
from router.policy.pipeline import Policy
from router.policy.policies import PolicyTools, build_pipeline
from router.telemetry import Telemetry
from router.telemetry.metrics import Metrics


def policy_that_authenticates(tokens: Tokens) -> Policy:
    policies = build_pipeline(tokens.config(), PolicyTools(telemetry=Telemetry(metrics=Metrics()))).policies
    return next(policy for policy in policies if policy.name == "authenticate")


async def test_each_new_token_speaks_for_another_user() -> None:
    tokens = Tokens()
    policy = policy_that_authenticates(tokens)
    subjects = []
    for token in (tokens.new(), tokens.new()):
        request = new_request(token)
        await policy.on_request(request)
        assert request.identity is not None
        subjects.append(request.identity.id)
    assert subjects == ["user 1", "user 2"]


def test_what_is_off_by_default_is_on() -> None:
    policies = build_pipeline(ALL_POLICIES, PolicyTools(telemetry=Telemetry(metrics=Metrics()))).policies
    assert {"ip", "bots", "rate_limit"} <= {policy.name for policy in policies}
