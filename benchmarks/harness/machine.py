"""What numbers were measured on."""

import platform
from pathlib import Path

from benchmarks.harness.processes import Shares


def describe_machine(shares: Shares) -> str:
    """One line: processor, cores, Python, and who ran where."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    name = names[0] if names else platform.machine()
    who = "the gateway has its own" if shares.are_apart else "shared by gateway, subgraphs and clients"
    used = len(shares.gateway | shares.others)
    return f"{name}, {used} cores ({who}), Linux {platform.release()}, Python {platform.python_version()}"


def load_average() -> float:
    """How many processes wanted to run in the last minute; what is not ours makes numbers worse."""
    return float(Path("/proc/loadavg").read_text().split()[0])
