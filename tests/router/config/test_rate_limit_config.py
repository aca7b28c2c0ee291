"""What the block ``ratelimit`` may say."""

import pytest
from pydantic import ValidationError

from router.config.model import Config
from router.config.ratelimit import RateLimitSection, RedisStorage
from router.config.show import show_config

POLICY: dict[str, object] = {"name": "p", "key": "route"}
LIMIT: dict[str, object] = {"capacity": 1, "interval": "1s"}
QUOTA: dict[str, object] = {"limit": 5, "period": "day"}


def read(**policy: object) -> RateLimitSection:
    return RateLimitSection.model_validate({"policies": [POLICY | policy]})


@pytest.mark.parametrize(("rate", "seconds"), [("50/s", 2.0), ("300/m", 20.0), ("100 / h", 3600.0), ("0.5/s", 200.0)])
def test_a_rate_says_how_long_an_empty_bucket_takes_to_fill(rate: str, seconds: float) -> None:
    (policy,) = read(capacity=100, refill=rate).policies
    (window,) = policy.all_windows
    assert window.interval_seconds == pytest.approx(seconds)


def test_a_policy_may_have_a_quota_alone_or_beside_its_windows() -> None:
    assert read(quota=QUOTA).policies[0].all_windows == ()
    both = read(quota=QUOTA | {"timezone": "Europe/Berlin"}, **LIMIT).policies[0]
    assert (len(both.all_windows), both.quota is not None) == (1, True)


@pytest.mark.parametrize(
    ("policy", "problem"),
    [
        ({"capacity": 1, "interval": "1s", "refill": "1/s"}, "either interval or refill"),
        ({"refill": "1/s"}, "belong together"),
        ({"capacity": 1, "refill": "fast"}, "a rate is a number"),
        ({"capacity": 1, "refill": 5}, "a rate is a number"),
        ({"capacity": 1, "refill": "0/s"}, "greater than 0"),
        ({"capacity": 1, "refill": "1/s", "algorithm": "fixed_window"}, "refill is for a token_bucket"),
        ({**LIMIT, "windows": [LIMIT]}, "or windows"),
        ({"windows": [LIMIT, {"capacity": 2, "interval": "1s"}]}, "same interval"),
        ({"windows": [{"capacity": 2}]}, "either interval or refill"),
        ({"quota": QUOTA | {"timezone": "Mars/Olympus"}}, "no time zone"),
        ({"quota": QUOTA | {"timezone": "/etc/passwd"}}, "no time zone"),
        ({"quota": QUOTA | {"period": "year"}}, "'day' or 'month'"),
        ({**LIMIT, "plans": {"free": LIMIT}}, "or plans"),
        ({"plans": {"free": {}}}, "a plan has"),
        ({**LIMIT, "algorithm": "sliding_window", "cost": "operation_cost"}, "sliding_window_counter"),
        ({**LIMIT, "cost": 2}, "operation_cost"),
        ({**LIMIT, "key": "operation.cost"}, "pattern"),
        ({"capacity": 2**31, "interval": "1s"}, "less than or equal"),
    ],
)
def test_what_contradicts_itself_is_refused(policy: dict[str, object], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        read(**policy)


@pytest.mark.parametrize("name", ["p", "global"])
def test_each_limit_has_a_name_of_its_own(name: str) -> None:
    with pytest.raises(ValidationError, match="a name of its own"):
        RateLimitSection.model_validate({"policies": [POLICY | LIMIT, POLICY | LIMIT | {"name": name}]})


def test_a_quota_alone_is_a_plan() -> None:
    (policy,) = read(plans={"free": {"quota": QUOTA}}).policies
    assert policy.plans["free"].quota is not None


def test_modes_may_be_written_as_yaml_reads_them() -> None:
    assert read(**LIMIT, mode=False).policies[0].mode == "off"


def test_a_rate_that_is_shown_can_be_read_again() -> None:
    shown = show_config(Config(ratelimit=read(capacity=100, refill="100/h")))
    assert "refill: 0.027777777777777776/s" in shown


def test_urls_of_redis_are_checked() -> None:
    with pytest.raises(ValidationError, match="name of the service"):
        RedisStorage(urls=("redis+sentinel://one",))
