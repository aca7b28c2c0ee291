"""Executing plans: a core without I/O (``PlanRun``), and thin shells that drive it.

plan ──▶ compile_program ──▶ Program ──▶ PlanRun ◀──▶ execute ◀──▶ send ──▶ subgraphs
"""

from router.executor.outcome import ExecutionResult, FetchAnswer, FetchFailure, FetchOutcome, FetchRequest, Send
from router.executor.program import ExecutionOptions, Program, compile_program
from router.executor.run import PlanRun
from router.executor.schedule import SendSync, execute, run_sync

__all__ = [
    "ExecutionOptions",
    "ExecutionResult",
    "FetchAnswer",
    "FetchFailure",
    "FetchOutcome",
    "FetchRequest",
    "PlanRun",
    "Program",
    "Send",
    "SendSync",
    "compile_program",
    "execute",
    "run_sync",
]
