"""What a test says becomes a configuration and a supergraph."""

from collections.abc import Mapping
from functools import lru_cache

import orjson
from pydantic import ValidationError

from router.config.model import Config
from router.config.problems import ConfigError, ConfigProblem
from router.testing.network import url_of
from router.testing.subgraphs import FakeSubgraph
from supergraph import Subgraph, Supergraph, compose, read_supergraph


def config_of(values: Mapping[str, object] | Config) -> Config:
    """The configuration; raises ``ConfigError``."""
    if isinstance(values, Config):
        return values
    try:
        # As a file is read: "15" is not a number, and a list is a tuple.
        return Config.model_validate_json(orjson.dumps(values), strict=True)
    except ValidationError as error:
        raise ConfigError(
            [_problem(".".join(map(str, each["loc"])), each["msg"]) for each in error.errors()]
        ) from error


def without_network(config: Config, supergraph: Supergraph) -> Config:
    """The configuration with every subgraph in the test's own process, and counters in its memory."""
    storage = config.ratelimit.storage.model_copy(update={"redis": None})
    return config.model_copy(
        update={
            "subgraphs": {},
            "override_subgraph_url": {name: url_of(name) for name in supergraph.subgraphs},
            "ratelimit": config.ratelimit.model_copy(update={"storage": storage}),
        }
    )


def compose_fakes(subgraphs: Mapping[str, FakeSubgraph]) -> Supergraph:
    """The supergraph of fake subgraphs; raises ``ConfigError`` if they do not compose."""
    return _compose(tuple((name, fake.sdl) for name, fake in subgraphs.items()))


@lru_cache(maxsize=32)  # tests build gateways again and again, of few schemas
def _compose(sdls: tuple[tuple[str, str], ...]) -> Supergraph:
    composition = compose([Subgraph(name=name, url=url_of(name), sdl=sdl) for name, sdl in sdls])
    if composition.sdl is None:
        raise ConfigError([_problem(error.code, error.message) for error in composition.errors])
    return read_supergraph(composition.sdl)


def _problem(place: str, text: str) -> ConfigProblem:
    return ConfigProblem("", 0, 0, f"{place}: {text}")
