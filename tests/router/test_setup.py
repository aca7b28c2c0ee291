"""What a gateway is told, and whether that has changed."""

from pathlib import Path

import pytest
import yaml

from router.config.load import load_config
from router.setup import Setup, needs_restart
from tests.live_gateway import Json


def setup_of(folder: Path, settings: Json) -> Setup:
    path = folder / "router.yaml"
    path.write_text(yaml.safe_dump(settings))
    return Setup.of(load_config([path], {}), {}, files=[path])


@pytest.fixture
def routes(tmp_path: Path) -> Json:
    (tmp_path / "me.graphql").write_text("{ me { name } }")
    return {"rest": {"routes": [{"name": "me", "method": "GET", "path": "/me", "operation": "me.graphql"}]}}


def test_equal_configurations_mean_the_same(tmp_path: Path, routes: Json) -> None:
    assert setup_of(tmp_path, routes).means_the_same_as(setup_of(tmp_path, routes))


def test_another_configuration_means_something_else(tmp_path: Path, routes: Json) -> None:
    assert not setup_of(tmp_path, {}).means_the_same_as(setup_of(tmp_path, routes))


def test_another_operation_means_something_else(tmp_path: Path, routes: Json) -> None:
    before = setup_of(tmp_path, routes)
    (tmp_path / "me.graphql").write_text("{ me { id name } }")
    assert not setup_of(tmp_path, routes).means_the_same_as(before)


def test_the_configuration_and_what_it_names_is_watched(tmp_path: Path, routes: Json) -> None:
    (tmp_path / "keys.json").write_text("{}")
    keys: Json = {"authentication": {"router": {"jwt": {"jwks": [{"file": "keys.json"}]}}}}
    watched = setup_of(tmp_path, routes | keys).watched
    assert watched == {tmp_path / "router.yaml", tmp_path / "me.graphql", tmp_path / "keys.json"}


def test_other_subgraphs_keep_the_policies(tmp_path: Path, routes: Json) -> None:
    subgraphs = {"a": {"routing_url": "http://a", "schema": {"sdl": "type Query { a: Int }"}}}
    before, after = setup_of(tmp_path, routes), setup_of(tmp_path, routes | {"subgraphs": subgraphs})
    assert after.has_the_policies_of(before)
    assert not after.means_the_same_as(before)


def test_another_limit_makes_other_policies(tmp_path: Path) -> None:
    before, after = setup_of(tmp_path, {}), setup_of(tmp_path, {"limits": {"max_depth": 3}})
    assert not after.has_the_policies_of(before)


def test_where_it_listens_cannot_change_while_it_runs(tmp_path: Path) -> None:
    before = setup_of(tmp_path, {}).config
    after = setup_of(tmp_path, {"supergraph": {"listen": "127.0.0.1:4444"}, "limits": {"max_depth": 3}}).config
    assert needs_restart(before, after) == ("supergraph.listen",)
