"""``supergate plan``: what an operation would fetch, from where, in which order."""

from functools import partial
from typing import Annotated

import orjson
import typer
from rich.console import Console
from rich.text import Text

from router.cli.console import give
from router.cli.operation_file import Format, OperationFile, OperationName, SupergraphFile, with_operation
from supergraph import plan


def plan_command(
    operation_file: OperationFile,
    supergraph: SupergraphFile,
    operation_name: OperationName = None,
    format_: Annotated[
        Format, typer.Option("--format", help="text: for people; json: Apollo's query plan JSON.")
    ] = Format.TEXT,
    *,
    defer: Annotated[bool, typer.Option("--defer", help="As for a client that takes deferred parts.")] = False,
) -> None:
    """Print the query plan of an operation.

    Nothing is fetched: subgraphs need not run.

    Example:  supergate plan --supergraph supergraph.graphql dashboard.graphql
    """
    query_plan = with_operation(supergraph, operation_file, operation_name, partial(plan, defer=defer))
    if format_ is Format.JSON:
        give(orjson.dumps(query_plan.to_json(), option=orjson.OPT_INDENT_2).decode())
    else:
        Console(soft_wrap=True).print(_coloured(query_plan.pretty()))


def _coloured(text: str) -> Text:
    """The plan, its kinds of node and its subgraphs in colour where that is wanted."""
    coloured = Text(text)
    coloured.highlight_regex(r"(?m)^ *\w+(?=[ (].*[{]$)|^QueryPlan\b", "bold")
    coloured.highlight_regex(r'(?<=service: )"[^"]*"', "cyan")
    coloured.highlight_regex(r'(?<=path: )"[^"]*"', "green")
    return coloured
