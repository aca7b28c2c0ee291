"""URLs of one Redis server, of sentinels and of clusters."""

import pytest

from router.config.redis_urls import RedisServers, parse_redis_urls


@pytest.mark.parametrize("url", ["redis://localhost", "rediss://u:p@host:6380/2", "unix:///run/redis.sock?db=1"])
def test_a_single_server_is_named_by_its_url(url: str) -> None:
    assert parse_redis_urls([url]) == RedisServers(kind="single", url=url, tls=url.startswith("rediss"))


def test_sentinels_are_listed_before_the_service() -> None:
    assert parse_redis_urls(["redis+sentinel://u:p%40x@one,two:26380,[::1]/main/3"]) == RedisServers(
        kind="sentinel",
        nodes=(("one", 26379), ("two", 26380), ("::1", 26379)),
        service="main",
        database=3,
        username="u",
        password="p@x",  # noqa: S106 - a test's
    )


def test_a_cluster_is_one_url_or_several() -> None:
    nodes = (("one", 6379), ("two", 7000))
    assert parse_redis_urls(["redis+cluster://one,two:7000"]) == RedisServers(kind="cluster", nodes=nodes)
    assert parse_redis_urls(["redis://one", "redis://two:7000"]) == RedisServers(kind="cluster", nodes=nodes)
    assert parse_redis_urls(["redis+cluster://one", "redis+cluster://two:7000"]).nodes == nodes


def test_a_user_and_tls_are_those_of_all_nodes() -> None:
    servers = parse_redis_urls(["rediss://:secret@one", "rediss://:secret@two"])
    assert (servers.kind, servers.username, servers.password, servers.tls) == ("cluster", None, "secret", True)


@pytest.mark.parametrize(
    ("urls", "problem"),
    [
        (["http://one"], "begins with one of"),
        (["redis://"], "names a host"),
        (["redis+sentinel://one:26379"], "name of the service"),
        (["redis+sentinel://one/main/x"], "number of a database"),
        (["redis+cluster://one/1"], "no databases"),
        (["redis+cluster://one,,two"], "divided by commas"),
        (["redis+cluster://one:port"], "divided by commas"),
        (["redis://one", "redis+sentinel://two/main"], "list sentinels in one"),
        (["redis://one", "unix:///run/redis.sock"], "list sentinels in one"),
        (["redis://:a@one", "redis://:b@two"], "one password"),
        (["redis://one", "rediss://two"], "all or none of them TLS"),
    ],
)
def test_urls_that_make_no_sense_are_refused(urls: list[str], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        parse_redis_urls(urls)
