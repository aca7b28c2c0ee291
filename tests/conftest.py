"""Options of the test suite."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Register the options of the execution oracle and of the text cases."""
    group = parser.getgroup("supergate")
    group.addoption("--oracle-budget", type=int, default=2000, help="trials of the execution oracle")
    group.addoption("--oracle-seed", type=int, default=1, help="where the execution oracle starts")
    group.addoption("--brute-force-budget", type=int, default=240, help="operations planned against an enumeration")
    group.addoption("--update-cases", action="store_true", help="rewrite the expected blocks of text cases")
