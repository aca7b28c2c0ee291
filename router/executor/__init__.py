"""Executing plans: a core without I/O (``PlanRun``), and thin shells that drive it.

plan ──▶ compile_program ──▶ Program ──▶ PlanRun ◀──▶ execute ◀──▶ send ──▶ subgraphs
"""

from router.executor.defer import Increment
from router.executor.outcome import ExecutionResult, FetchAnswer, FetchFailure, FetchOutcome, FetchRequest, Send
from router.executor.program import ExecutionOptions, Program, compile_program
from router.executor.run import PlanRun
from router.executor.schedule import (
    Deliver,
    Run,
    SendAsync,
    SendSync,
    execute,
    execute_deferred,
    in_tasks,
    run_deferred_sync,
    run_sync,
)

__all__ = [
    "Deliver",
    "ExecutionOptions",
    "ExecutionResult",
    "FetchAnswer",
    "FetchFailure",
    "FetchOutcome",
    "FetchRequest",
    "Increment",
    "PlanRun",
    "Program",
    "Run",
    "Send",
    "SendAsync",
    "SendSync",
    "compile_program",
    "execute",
    "execute_deferred",
    "in_tasks",
    "run_deferred_sync",
    "run_sync",
]
