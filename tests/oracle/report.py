"""A failure, told so that a person can reproduce and judge it."""

import json

from tests.oracle.trial import Failure, Trial


def describe(trial: Trial, failure: Failure, *, seed: str) -> str:
    """Everything about one failing trial, as text."""
    parts = [f"# {failure.kind} (seed {seed})", failure.detail]
    parts += [f"--- subgraph {source.name}\n{source.body}" for source in trial.sources]
    parts.append(f"--- operation\n{trial.operation.text}")
    if trial.operation.variables:
        parts.append(f"--- variables\n{json.dumps(dict(trial.operation.variables))}")
    if trial.labels:
        parts.append(f"--- labels\n{' '.join(sorted(trial.labels))}")
    if trial.fault:
        parts.append(f"--- fault\n{trial.fault[0]} at request {trial.fault[1]}")
    if failure.plan:
        parts.append(f"--- plan\n{failure.plan}")
    for exchange in failure.exchanges:
        body = {"query": exchange.query, "variables": dict(exchange.variables)}
        parts.append(f"--- request to {exchange.subgraph}\n{json.dumps(body)}\n=> {json.dumps(exchange.answer)}")
    if failure.expected is not None:
        parts.append(f"--- expected\n{json.dumps(failure.expected)}")
    if failure.actual is not None:
        actual = failure.actual if isinstance(failure.actual, str) else json.dumps(failure.actual)
        parts.append(f"--- actual\n{actual}")
    return "\n\n".join(parts) + "\n"
