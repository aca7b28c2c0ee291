import pytest

from router.http.health import HealthCheck


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        ("/health", "", 200),
        ("/health", "live", 200),
        ("/health/live", "", 200),
        ("/health", "ready", 503),
        ("/health", "READY=", 503),
        ("/health/ready", "", 503),
        ("/readiness", "", 503),
    ],
)
def test_what_is_not_ready_is_alive(path: str, query: str, status: int) -> None:
    health = HealthCheck("/health", is_ready=lambda: False)
    assert health.answers(path)
    assert health.respond(path, query).status == status


def test_another_path_moves_its_children_along() -> None:
    health = HealthCheck("/status/", is_ready=lambda: True)
    assert [path for path in ("/status/", "/status/ready", "/health", "/readiness") if health.answers(path)] == [
        "/status/",
        "/status/ready",
        "/readiness",
    ]
