"""Jobs that run beside requests."""

import asyncio
from collections.abc import Coroutine


async def work_together(*jobs: Coroutine[None, None, None]) -> None:
    """Run jobs side by side until all are done, or until cancelled."""
    async with asyncio.TaskGroup() as tasks:
        for job in jobs:
            tasks.create_task(job)
