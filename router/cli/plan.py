"""``supergate plan``: what an operation would fetch, from where, in which order."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import orjson
import typer
from graphql import GraphQLError

from router.cli.console import Exit, fail, give, say, user_errors
from router.sources.supergraph_file import load_supergraph_file, read_text
from supergraph import plan, prepare
from supergraph.errors import OperationError, PlanningError


class Format(StrEnum):
    """How a plan is printed."""

    TEXT = "text"
    JSON = "json"


def plan_command(
    operation_file: Annotated[
        Path, typer.Argument(metavar="OPERATION_FILE", help="A GraphQL document.", show_default=False)
    ],
    supergraph: Annotated[Path, typer.Option(metavar="FILE", help="A composed supergraph SDL.")],
    operation_name: Annotated[
        str | None, typer.Option(metavar="NAME", help="Which operation, if the document has several.")
    ] = None,
    format_: Annotated[
        Format, typer.Option("--format", help="text: for people; json: Apollo's query plan JSON.")
    ] = Format.TEXT,
) -> None:
    """Print the query plan of an operation.

    Nothing is fetched: subgraphs need not run.

    Example:  supergate plan --supergraph supergraph.graphql dashboard.graphql
    """
    with user_errors():
        graph = load_supergraph_file(supergraph)
        document = read_text(operation_file, what="a GraphQL operation")
    try:
        query_plan = plan(graph, prepare(graph, document, operation_name))
    except OperationError as error:
        for each in error.errors:
            say(f"error: {place_of(operation_file, each)}: {each.message} ({error.code})")
        raise typer.Exit(Exit.BAD_INPUT) from error
    except PlanningError as error:
        fail(f"{operation_file}: {error} ({error.code})")
    if format_ is Format.JSON:
        give(orjson.dumps(query_plan.to_json(), option=orjson.OPT_INDENT_2).decode())
    else:
        give(query_plan.pretty())


def place_of(path: Path, error: GraphQLError) -> str:
    """Where in a file an error stands: ``file:line:column``."""
    if not error.locations:
        return str(path)
    place = error.locations[0]
    return f"{path}:{place.line}:{place.column}"
