"""What the document on plugins shows is true: its plugin, its tests, its configurations."""

import inspect
import re
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
import yaml

from router.cli import app
from router.config.model import Config
from router.policy.pipeline import Policy
from router.policy.policies import PolicyTools, build_pipeline
from router.telemetry import Telemetry
from router.telemetry.metrics import Metrics

DOCUMENT = (Path(__file__).parents[1] / "docs" / "plugins.md").read_text(encoding="utf-8")


def blocks(kind: str) -> list[str]:
    """The fenced blocks of a kind, such as ``python tests``."""
    return re.findall(rf"^```{kind}\n(.*?)^```$", DOCUMENT, flags=re.MULTILINE | re.DOTALL)


def module(name: str, text: str) -> ModuleType:
    made = ModuleType(name)
    exec(compile(text, f"docs/plugins.md, {name}", "exec"), made.__dict__)  # noqa: S102 - the text is ours
    return made


@pytest.fixture
def tenants() -> Iterator[None]:
    """The plugin, where its tests and configurations look for it."""
    package, plugin = ModuleType("my_company"), module("my_company.tenants", *blocks("python plugin"))
    package.tenants = plugin  # type: ignore[attr-defined] # as an import would do
    sys.modules |= {"my_company": package, "my_company.tenants": plugin}
    yield
    del sys.modules["my_company"], sys.modules["my_company.tenants"]


NAMES = re.findall(r"^async def (test_\w+)", "".join(blocks("python tests")), flags=re.MULTILINE)


@pytest.mark.usefixtures("tenants")
@pytest.mark.parametrize("name", NAMES)
async def test_the_tests_of_the_plugin_pass(name: str) -> None:
    test: Callable[[], Awaitable[None]] = getattr(module("test_tenants", *blocks("python tests")), name)
    await test()


@pytest.mark.usefixtures("tenants")
@pytest.mark.parametrize("text", blocks("yaml config"))
def test_the_configurations_can_be_used(text: str) -> None:
    config = Config.model_validate(yaml.safe_load(text))
    pipeline = build_pipeline(config, PolicyTools(telemetry=Telemetry(metrics=Metrics())))
    assert any(policy.name.startswith("tenants") for policy in pipeline.policies)


@pytest.mark.parametrize("hook", re.findall(r"^\| `(\w+)\((.*?)\)`", DOCUMENT, flags=re.MULTILINE))
def test_the_hooks_are_those_that_there_are(hook: tuple[str, str]) -> None:
    name, parameters = hook
    given = list(inspect.signature(getattr(Policy, name)).parameters)[1:]
    assert given == re.findall(r"\w+", parameters)


def test_no_hook_is_left_out() -> None:
    hooks = {name for name, value in vars(Policy).items() if inspect.isfunction(value) and not name.startswith("_")}
    assert hooks == {name for name, _ in re.findall(r"^\| `(\w+)\((.*?)\)`", DOCUMENT, flags=re.MULTILINE)}


def test_the_commands_are_there() -> None:
    assert "supergate policies test" in DOCUMENT
    assert any(group.name == "policies" for group in app.registered_groups)
