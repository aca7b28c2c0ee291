"""``pytest tests/attacks --target http://host:port/graphql`` attacks that; without it, a gateway that is started here.

Against another target the attacks that need a configuration of their own are left out.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from tests.attacks.target import Target
from tests.live_gateway import live_gateway


@pytest.fixture
async def target(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Target]:
    """What is attacked."""
    url = request.config.getoption("--target")
    if url is not None:
        async with aiohttp.ClientSession() as session:
            yield Target(str(url), session)
        return
    async with live_gateway(tmp_path) as gateway:
        yield Target(f"{gateway.url}/graphql", gateway.session)
