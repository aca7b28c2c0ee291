"""A clock of the event loop that moves only when nothing else is to be done: timers are exact on any machine.

For tests without sockets and threads: ``pytestmark = pytest.mark.usefixtures("virtual_time")``.
"""

import asyncio
from selectors import SelectorKey

import pytest


@pytest.fixture
async def virtual_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the loop of a test jump to its next timer instead of waiting for it."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, asyncio.SelectorEventLoop)
    selector = loop._selector  # type: ignore[attr-defined]
    select, now = selector.select, loop.time()

    def jump(timeout: float | None) -> list[tuple[SelectorKey, int]]:
        nonlocal now
        found: list[tuple[SelectorKey, int]] = select(timeout if timeout is None else 0)
        if not found and timeout is not None:
            now += max(timeout, 0.0)
        return found

    monkeypatch.setattr(selector, "select", jump)
    monkeypatch.setattr(loop, "time", lambda: now)
