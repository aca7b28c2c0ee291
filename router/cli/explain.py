"""``supergate explain``: why a plan asks whom for what, and what would save a request."""

from collections import Counter
from collections.abc import Iterator
from typing import Annotated

import orjson
import typer
from rich.console import Console
from rich.text import Text

from router.cli.console import give
from router.cli.operation_file import Format, OperationFile, OperationName, SupergraphFile, with_operation
from supergraph.planner import DEFAULT_LIMITS
from supergraph.planner.explain import Candidate, Explanation, Reason, Saving, explain


def explain_command(
    operation_file: OperationFile,
    supergraph: SupergraphFile,
    operation_name: OperationName = None,
    format_: Annotated[Format, typer.Option("--format", help="text: for people; json: for programs.")] = Format.TEXT,
) -> None:
    """Say for each fetch of an operation's plan why it is made, what else was possible, and what would save it.

    Nothing is fetched: subgraphs need not run.

    Example:  supergate explain --supergraph supergraph.graphql dashboard.graphql
    """
    explanation = with_operation(supergraph, operation_file, operation_name, explain)
    if format_ is Format.JSON:
        give(orjson.dumps(explanation.to_json(), option=orjson.OPT_INDENT_2).decode())
    else:
        Console(soft_wrap=True).print(Text("\n").join(_lines(explanation)))


def _lines(explanation: Explanation) -> Iterator[Text]:
    metrics = explanation.plan.metrics
    yield Text(f"{metrics.requests} requests in {metrics.stages} stages, each list counted as one object.", "bold")
    asked = Counter(fetch.subgraph for fetch in explanation.plan.fetches)
    yield Text(", ".join(f"{subgraph}: {count}" for subgraph, count in asked.items()))
    yield Text(
        f"{metrics.evaluations} combinations were tried, of {DEFAULT_LIMITS.evaluations} that are compared.", "dim"
    )
    for reason in explanation.reasons:
        yield Text()
        yield from _reason_lines(reason)
    if explanation.savings:
        yield Text()
        yield Text("What would save something:", "bold")
    for saving in explanation.savings:
        yield _saving_line(saving)


def _saving_line(saving: Saving) -> Text:
    given = f'(fields: "{saving.fields}")' if saving.fields else ""
    change = f"{saving.directive}{given} on {', '.join(saving.coordinates)} in {saving.subgraph}"
    gain = f"{saving.requests} fewer requests, {saving.stages} fewer stages"
    return Text.assemble("  ", (change, "green"), f": {gain}")


def _reason_lines(reason: Reason) -> Iterator[Text]:
    path = ".".join(reason.path) or "the root"
    yield Text.assemble((reason.subgraph, "bold cyan"), f" for {reason.type} at {path}, stage {reason.stage}")
    if reason.key is not None:
        yield Text(f"  by the key {{ {reason.key} }}")
    for required in reason.requires:
        yield Text(f"  with what is required: {{ {required} }}")
    yield Text(f"  for {', '.join(reason.forced_by) or 'what other requests need'}")
    for candidate in reason.candidates:
        yield Text(f"  {_candidate(candidate)}", "" if candidate.chosen else "dim")


def _candidate(candidate: Candidate) -> str:
    who = " + ".join(candidate.subgraphs) or "none"
    verdict = "chosen" if candidate.chosen else "possible" if candidate.complete else "does not answer all"
    return f"{verdict}: {who} ({candidate.requests} requests from here down, stages {candidate.stages} in sum)"
