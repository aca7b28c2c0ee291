"""The fast ways of running a program, the fastest first.

runs ──▶ ways ──▶ SplicedRun | CompiledRun
▲ you are here
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from router.executor.compiled.compiled_plan import compile_plan
from router.executor.compiled.compiled_run import CompiledRun
from router.executor.program import Program
from router.executor.speculative_run import FastRun

try:
    from router.executor.spliced.cutting import splice_plan
    from router.executor.spliced.spliced_run import SplicedRun
except ImportError:  # there was no C compiler when Supergate was installed
    CAN_SPLICE = False
else:
    CAN_SPLICE = True

Start = Callable[[Mapping[str, object]], FastRun]
"""Starts an execution with coerced variables."""

Way = Callable[[Program, int], Start]
"""Prepares a program under one truth of its conditions; raises ``NotCompilableError`` if it cannot."""


def spliced(program: Program, bits: int) -> Start:
    """Answers are cut to pieces."""
    return partial(SplicedRun, splice_plan(program, bits))


def compiled(program: Program, bits: int) -> Start:
    """Answers are decoded into typed objects."""
    return partial(CompiledRun, compile_plan(program, bits))


WAYS: Final[tuple[Way, ...]] = (spliced, compiled) if CAN_SPLICE else (compiled,)
