"""What a scrape shows."""

import re

from router.telemetry.metrics import OVERFLOW, Metrics
from tests.fake_clock import FakeClock


def finish(
    metrics: Metrics,
    *,
    method: str = "POST",
    route: str = "/graphql",
    status: int = 200,
    consumer: str = "ada",
    codes: tuple[str, ...] = (),
    seconds: float = 0.2,
) -> None:
    metrics.request_started()
    metrics.request_finished(method=method, route=route, status=status, consumer=consumer, codes=codes, seconds=seconds)


def lines(metrics: Metrics, name: str) -> list[str]:
    """The samples of one metric."""
    return [line for line in metrics.text().decode().splitlines() if re.match(rf"{name}[{{ ]", line)]


def test_durations_have_the_promised_name_labels_and_buckets() -> None:
    metrics = Metrics()
    finish(metrics, seconds=0.2)
    samples = lines(metrics, "api_request_duration_seconds_bucket")
    bounds = [match[1] for line in samples if (match := re.search(r'le="([^"]+)"', line))]
    assert bounds == ["0.01", "0.05", "0.1", "0.25", "0.5", "1.0", "2.5", "5.0", "10.0", "+Inf"]
    assert (
        'api_request_duration_seconds_bucket{le="0.1",method="POST",route="/graphql",status_code="200"} 0.0' in samples
    )
    assert (
        'api_request_duration_seconds_bucket{le="0.25",method="POST",route="/graphql",status_code="200"} 1.0' in samples
    )


def test_requests_are_counted_by_consumer() -> None:
    metrics = Metrics()
    finish(metrics)
    finish(metrics, consumer="")
    assert sorted(lines(metrics, "api_requests_total")) == [
        'api_requests_total{consumer="",method="POST",route="/graphql",status_code="200"} 1.0',
        'api_requests_total{consumer="ada",method="POST",route="/graphql",status_code="200"} 1.0',
    ]


def test_errors_are_counted_by_code() -> None:
    metrics = Metrics()
    finish(metrics, route="/api/v1/things/{id}", status=401, codes=("TOKEN_EXPIRED",))
    assert lines(metrics, "api_errors_total") == [
        'api_errors_total{error_type="TOKEN_EXPIRED",method="POST",route="/api/v1/things/{id}"} 1.0'
    ]


def test_requests_in_progress_are_shown() -> None:
    metrics = Metrics()
    metrics.request_started()
    assert lines(metrics, "api_active_connections") == ["api_active_connections 1.0"]
    metrics.request_started()
    finish(metrics)
    assert lines(metrics, "api_active_connections") == ["api_active_connections 2.0"]


def test_of_a_rate_limit_the_lowest_remainder_since_the_last_scrape_is_shown() -> None:
    metrics = Metrics()
    for remaining in (7, 3, 9):
        metrics.rate_limit_remaining("global", remaining)
    assert lines(metrics, "api_rate_limit_remaining") == ['api_rate_limit_remaining{policy="global"} 3.0']
    assert lines(metrics, "api_rate_limit_remaining") == ['api_rate_limit_remaining{policy="global"} 3.0']
    metrics.rate_limit_remaining("global", 8)
    assert lines(metrics, "api_rate_limit_remaining") == ['api_rate_limit_remaining{policy="global"} 8.0']


def test_consumers_beyond_the_limit_are_counted_together() -> None:
    metrics = Metrics(cardinality_limit=2)
    for consumer in ("a", "b", "c", "d", "a"):
        finish(metrics, consumer=consumer)
    counted = {line.split('"')[1]: line.rsplit(" ", 1)[1] for line in lines(metrics, "api_requests_total")}
    assert counted == {"a": "2.0", "b": "1.0", OVERFLOW: "2.0"}


def test_codes_that_subgraphs_make_up_are_bounded_too() -> None:
    metrics = Metrics(cardinality_limit=3)
    finish(metrics, codes=tuple(f"CODE_{number}" for number in range(100)))
    assert len(lines(metrics, "api_errors_total")) == 4


def test_methods_that_clients_make_up_are_one_label() -> None:
    metrics = Metrics()
    for method in ("BREW", "FOO"):
        finish(metrics, method=method)
    assert lines(metrics, "api_requests_total") == [
        'api_requests_total{consumer="ada",method="_OTHER",route="/graphql",status_code="200"} 2.0'
    ]


def test_fetches_plans_and_caches_are_measured() -> None:
    metrics = Metrics()
    metrics.fetch_finished("users", 0.02, None)
    metrics.fetch_finished("users", 0.02, "GATEWAY_TIMEOUT")
    metrics.graphql_error("GATEWAY_TIMEOUT", subgraph="users", operation="Me")
    metrics.plan_finished(0.003)
    metrics.cache_observer("plan", "hit")()
    metrics.jwks_refreshed("failure")
    metrics.rate_limit_store_failed()
    metrics.log_line_dropped()
    text = metrics.text().decode()
    for sample in (
        'http_client_request_duration_seconds_count{error_type="",subgraph_name="users"} 1.0',
        'http_client_request_duration_seconds_count{error_type="GATEWAY_TIMEOUT",subgraph_name="users"} 1.0',
        'graphql_errors_total{code="GATEWAY_TIMEOUT",operation="Me",subgraph="users"} 1.0',
        "router_plan_duration_seconds_count 1.0",
        'router_cache_requests_total{cache="plan",result="hit"} 1.0',
        'router_jwks_refresh_total{result="failure"} 1.0',
        "router_ratelimit_storage_errors_total 1.0",
        "router_access_log_dropped_total 1.0",
    ):
        assert sample in text


def test_there_are_no_series_of_when_others_were_made() -> None:
    metrics = Metrics()
    finish(metrics)
    assert b"_created" not in metrics.text()


def test_two_gateways_in_one_process_count_apart() -> None:
    first, second = Metrics(), Metrics()
    finish(first)
    assert lines(second, "api_requests_total") == []


def test_reloads_are_counted_by_result() -> None:
    metrics = Metrics()
    metrics.reloaded("success")
    assert lines(metrics, "router_supergraph_reloads_total") == [
        'router_supergraph_reloads_total{result="success"} 1.0'
    ]


def test_the_age_of_the_supergraph_is_shown() -> None:
    metrics, clock = Metrics(), FakeClock()
    metrics.supergraph_taken(clock)
    clock.advance(90)
    assert lines(metrics, "router_supergraph_age_seconds") == ["router_supergraph_age_seconds 90.0"]


def test_a_cache_that_was_not_asked_is_not_shown() -> None:
    metrics = Metrics()
    _, miss = (metrics.cache_observer("plan", result) for result in ("hit", "miss"))
    assert "router_cache_requests_total{" not in metrics.text().decode()
    miss()
    miss()
    shown = metrics.text().decode()
    assert 'router_cache_requests_total{cache="plan",result="miss"} 2.0' in shown
    assert 'result="hit"' not in shown
