import pytest

from router.config.documented import NOT_YET, is_documented
from router.config.keys import known_keys, nearest_key
from router.config.model import Config


@pytest.mark.parametrize("entry", NOT_YET)
def test_a_key_that_the_model_knows_is_not_listed_as_missing(entry: str) -> None:
    *parents, key = entry.split(".")
    assert key not in known_keys(Config, tuple(parents))


def test_a_wildcard_stands_for_one_index() -> None:
    assert is_documented(("rest", "routes", 3, "cache"))
    assert not is_documented(("rest", "routes", "cache"))


def test_keys_are_known_through_lists_mappings_and_alternatives() -> None:
    assert "url" in known_keys(Config, ("authentication", "router", "jwt", "jwks", 0))
    assert known_keys(Config, ("subgraphs", "anything", "schema"))[:2] == ("file", "subgraph_url")
    assert known_keys(Config, ("supergraph", "source")) == ("file", "url", "poll_interval")


def test_any_key_may_stand_in_a_mapping_of_names() -> None:
    assert known_keys(Config, ("override_subgraph_url",)) == ()


def test_the_nearest_key_knows_aliases() -> None:
    assert nearest_key(Config, ("ratelimit", "globl")) == "global"
