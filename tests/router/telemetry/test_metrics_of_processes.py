"""What one scrape shows of several processes."""

import os

from router.telemetry.metrics import Metrics, MetricsMemory, bury
from tests.fake_clock import FakeClock


def workers(count: int) -> list[Metrics]:
    return [Metrics(memory=memory) for memory in MetricsMemory.of_processes(count)]


def samples(metrics: Metrics, name: str) -> dict[str, str]:
    """The samples of one metric, by their labels."""
    lines = [line for line in metrics.text().decode().splitlines() if line.startswith((f"{name}{{", f"{name} "))]
    return {line.removeprefix(name).rpartition(" ")[0]: line.rpartition(" ")[2] for line in lines}


def answer(metrics: Metrics, *, seconds: float = 0.2, consumer: str = "ada") -> None:
    metrics.request_started()
    metrics.request_finished(method="POST", route="/graphql", status=200, consumer=consumer, codes=(), seconds=seconds)


def test_counts_are_added_up_whoever_is_asked() -> None:
    first, second = workers(2)
    answer(first)
    answer(second)
    answer(second, consumer="bob")
    expected = {
        '{consumer="ada",method="POST",route="/graphql",status_code="200"}': "2.0",
        '{consumer="bob",method="POST",route="/graphql",status_code="200"}': "1.0",
    }
    assert samples(first, "api_requests_total") == expected
    assert samples(second, "api_requests_total") == expected


def test_histograms_are_added_up() -> None:
    first, second = workers(2)
    answer(first, seconds=0.25)
    answer(second, seconds=0.5)
    labels = 'method="POST",route="/graphql",status_code="200"'
    buckets = samples(first, "api_request_duration_seconds_bucket")
    assert [buckets[f'{{le="{bound}",{labels}}}'] for bound in ("0.1", "0.25", "0.5", "+Inf")] == [
        "0.0",
        "1.0",
        "2.0",
        "2.0",
    ]
    assert samples(first, "api_request_duration_seconds_sum") == {f"{{{labels}}}": "0.75"}


def test_an_observation_is_shown_under_both_names() -> None:
    (metrics,) = workers(1)
    answer(metrics, seconds=0.02)
    labels = 'http_request_method="POST",http_response_status_code="200",http_route="/graphql"'
    buckets = samples(metrics, "http_server_request_duration_seconds_bucket")
    assert buckets[f'{{{labels},le="0.01"}}'] == "0.0"
    assert buckets[f'{{{labels},le="0.025"}}'] == "1.0"
    counts = samples(metrics, "api_request_duration_seconds_count")
    assert list(counts.values()) == ["1.0"]


def test_what_a_process_counted_before_it_died_stays() -> None:
    memory, other = MetricsMemory.of_processes(2)
    answer(Metrics(memory=memory))
    restarted = Metrics(memory=memory)
    answer(restarted)
    assert list(samples(Metrics(memory=other), "api_requests_total").values()) == ["2.0"]


def test_requests_of_a_process_that_died_are_not_in_progress() -> None:
    memory, other = MetricsMemory.of_processes(2)
    Metrics(memory=memory).request_started()
    survivor = Metrics(memory=other)
    survivor.request_started()
    bury(memory)
    assert samples(survivor, "api_active_connections") == {"": "1.0"}


def test_who_takes_the_place_of_a_process_begins_with_no_request_in_progress() -> None:
    (memory,) = MetricsMemory.of_processes(1)
    Metrics(memory=memory).request_started()
    successor = Metrics(memory=memory)
    successor.request_started()
    assert samples(successor, "api_active_connections") == {"": "1.0"}


def test_the_lowest_remainder_is_that_of_all() -> None:
    first, second = workers(2)
    first.rate_limit_remaining("global", 7)
    second.rate_limit_remaining("global", 5)
    assert samples(first, "api_rate_limit_remaining") == {'{policy="global"}': "5.0"}
    first.rate_limit_remaining("global", 9)
    assert samples(second, "api_rate_limit_remaining") == {'{policy="global"}': "9.0"}
    assert samples(second, "api_rate_limit_remaining") == {'{policy="global"}': "9.0"}


def test_the_age_is_that_of_the_oldest_supergraph() -> None:
    (first, second), clock = workers(2), FakeClock()
    first.supergraph_taken(clock)
    clock.advance(10)
    second.supergraph_taken(clock)
    clock.advance(5)
    assert samples(second, "router_supergraph_age_seconds") == {"": "15.0"}
    first.supergraph_taken(clock)
    assert samples(second, "router_supergraph_age_seconds") == {"": "5.0"}


def test_a_gateway_without_a_supergraph_has_no_age() -> None:
    (metrics,) = workers(1)
    assert samples(metrics, "router_supergraph_age_seconds") == {}


def test_a_forked_process_counts_for_all() -> None:
    own, others = MetricsMemory.of_processes(2)
    child = os.fork()
    if child == 0:
        answer(Metrics(memory=others))
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    assert list(samples(Metrics(memory=own), "api_requests_total").values()) == ["1.0"]


def test_a_bound_fetch_is_counted_as_others_are() -> None:
    (metrics,) = workers(1)
    observe = metrics.fetch_observer("users")
    observe(0.02, None)
    observe(0.02, "GATEWAY_TIMEOUT")
    metrics.fetch_finished("users", 0.02, None)
    assert samples(metrics, "http_client_request_duration_seconds_count") == {
        '{error_type="",subgraph_name="users"}': "2.0",
        '{error_type="GATEWAY_TIMEOUT",subgraph_name="users"}': "1.0",
    }


def test_a_consumer_that_utf_8_cannot_express_breaks_no_scrape() -> None:
    (metrics,) = workers(1)
    answer(metrics, consumer="a\ud800")
    assert list(samples(metrics, "api_requests_total")) == [
        '{consumer="a?",method="POST",route="/graphql",status_code="200"}'
    ]
