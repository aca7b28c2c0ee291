from pathlib import Path

from router.config.load import load_config
from router.config.show import show_config
from router.redaction import REDACTED

CONFIG = """
ratelimit: {storage: {redis: {urls: ["redis://:hunter2@localhost:6379"]}}, global: {capacity: 1, interval: 1m}}
authentication: {router: {jwt: {jwks: [{keys: [{kty: oct, k: c2VjcmV0}], algorithms: [HS256]}]}}}
subgraphs: {a: {routing_url: "http://a", schema: {sdl: "type Query { a: Int }"}}}
"""


def shown(folder: Path, text: str) -> str:
    path = folder / "router.yaml"
    path.write_text(text)
    return show_config(load_config([path], {}))


def test_secrets_are_not_shown(tmp_path: Path) -> None:
    text = shown(tmp_path, CONFIG)
    assert "hunter2" not in text
    assert "c2VjcmV0" not in text
    assert text.count(REDACTED) == 2


def test_defaults_are_shown_with_units(tmp_path: Path) -> None:
    assert "grace_period: 20s" in shown(tmp_path, "version: 1")


def test_what_is_shown_can_be_read_again(tmp_path: Path) -> None:
    text = shown(tmp_path, "limits: {max_depth: 7}\nsubgraphs: {a: {routing_url: 'http://a', schema: {sdl: x}}}")
    assert shown(tmp_path, text) == text
