"""What the documentation shows can be read, and keeps its secrets."""

from pathlib import Path

import pytest

from router.config.load import load_config
from router.config.show import show_config
from router.sources.subgraphs import read_rover_file

DOCUMENT = Path(__file__).parents[3] / "docs" / "composition.md"


@pytest.fixture
def example(tmp_path: Path) -> Path:
    path = tmp_path / "supergraph.yaml"
    path.write_text(DOCUMENT.read_text(encoding="utf-8").split("```yaml\n")[1].split("```")[0], encoding="utf-8")
    return path


def test_the_documented_file_is_read(example: Path) -> None:
    sections = read_rover_file(example, {"ORDERS_TOKEN": "abc"})
    assert list(sections) == ["users", "orders", "products", "reviews"]
    assert sections["orders"].schema_source.headers["authorization"].get_secret_value() == "Bearer abc"
    assert sections["orders"].schema_source.timeout == 5.0
    assert sections["products"].schema_source.python_path == str(example.parent / "src")


def test_headers_are_not_shown(example: Path) -> None:
    shown = show_config(load_config([example], {"ORDERS_TOKEN": "abc"}))
    assert "authorization" in shown
    assert "abc" not in shown
