"""Where a supergraph comes from, as it may be written."""

from pathlib import Path

import pytest
import yaml

from router.config.load import load_config
from router.config.problems import ConfigError
from router.config.show import show_config
from router.config.supergraph import SupergraphSource


def source_of(folder: Path, text: str) -> object:
    path = folder / "router.yaml"
    path.write_text(f"supergraph: {{source: {text}}}")
    return load_config([path], {}).supergraph.source


def test_a_url_is_polled_every_ten_seconds_by_default(tmp_path: Path) -> None:
    assert source_of(tmp_path, '{url: "https://x/y"}') == SupergraphSource(url="https://x/y", poll_interval=10.0)


def test_how_often_a_url_is_polled_can_be_said(tmp_path: Path) -> None:
    source = source_of(tmp_path, '{url: "https://x/y", poll_interval: 1m}')
    assert source == SupergraphSource(url="https://x/y", poll_interval=60.0)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("{}", "exactly one of file and url", id="nothing"),
        pytest.param('{file: x, url: "http://x"}', "exactly one of file and url", id="both"),
        pytest.param("{url: x}", "pattern", id="no URL"),
        pytest.param('{url: "http://x", poll_interval: 5}', "a number with a unit", id="no unit"),
        pytest.param('{url: "http://x", poll_interval: 0s}', "greater than 0", id="all the time"),
        pytest.param("{fiel: x}", 'did you mean "file"', id="a typing mistake"),
    ],
)
def test_what_is_no_source_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        source_of(tmp_path, text)


@pytest.mark.parametrize("text", ["{file: x.graphql}", '{url: "http://x"}'])
def test_a_source_that_is_shown_can_be_read_again(tmp_path: Path, text: str) -> None:
    source = source_of(tmp_path, text)
    shown = yaml.safe_load(show_config(load_config([tmp_path / "router.yaml"], {})))
    assert source_of(tmp_path, yaml.safe_dump(shown["supergraph"]["source"], default_flow_style=True)) == source


def test_a_working_supergraph_cannot_be_given_up_for_a_broken_one(tmp_path: Path) -> None:
    path = tmp_path / "router.yaml"
    path.write_text("supergraph: {on_composition_error: serve_nothing}")
    with pytest.raises(ConfigError, match="keep_last"):
        load_config([path], {})
