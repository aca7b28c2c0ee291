"""Options of the test suite, and what holds for every test."""

from collections.abc import Generator

import pytest

from tests.checked_plans import check_every_plan, take_problems
from tests.virtual_time import virtual_time

__all__ = ["virtual_time"]

check_every_plan()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Register the options of the execution oracle and of the text cases."""
    group = parser.getgroup("supergate")
    group.addoption("--oracle-budget", type=int, default=2000, help="trials of the execution oracle")
    group.addoption("--oracle-seed", type=int, default=1, help="where the execution oracle starts")
    group.addoption("--brute-force-budget", type=int, default=240, help="operations planned against an enumeration")
    group.addoption("--target", default=None, help="URL of the GraphQL endpoint that tests/attacks is run against")
    group.addoption("--update-cases", action="store_true", help="rewrite the expected blocks of text cases")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Generator[None, object, object]:
    """Fail a test that made a plan which does not answer its operation, its fixtures included."""
    result = yield
    _fail_on_problems()
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown() -> Generator[None, object, object]:
    """The same for what is planned while fixtures are torn down."""
    result = yield
    _fail_on_problems()
    return result


def _fail_on_problems() -> None:
    if problems := take_problems():
        pytest.fail("A plan does not answer its operation:\n" + "\n".join(problems), pytrace=False)
