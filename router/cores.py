"""How many processors this process may use, and so how many workers there are by default."""

import math
import os
import sys
from pathlib import Path

_QUOTA = Path("/sys/fs/cgroup/cpu.max")


def available_cores(quota: Path = _QUOTA) -> int:
    """At least one: those that it may run on, but no more than a container's ``quota`` pays for.

    https://docs.kernel.org/admin-guide/cgroup-v2.html#cpu-interface-files
    """
    if sys.platform == "win32":  # no fork, and so no workers
        return 1
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    try:
        granted, _, period = quota.read_text().strip().partition(" ")
        return min(cores, max(1, math.ceil(int(granted) / int(period))))
    except (OSError, ValueError):  # no such file, or "max"
        return cores
