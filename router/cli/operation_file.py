"""What ``plan`` and ``explain`` share: an operation in a file, and a supergraph to plan it on."""

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from graphql import GraphQLError

from router.cli.console import Exit, fail, say, user_errors
from router.sources.supergraph_file import load_supergraph_file, read_text
from supergraph import Operation, Supergraph, prepare
from supergraph.errors import OperationError, PlanningError

Result = TypeVar("Result")

OperationFile = Annotated[
    Path, typer.Argument(metavar="OPERATION_FILE", help="A GraphQL document.", show_default=False)
]
SupergraphFile = Annotated[Path, typer.Option(metavar="FILE", help="A composed supergraph SDL.")]
OperationName = Annotated[
    str | None, typer.Option(metavar="NAME", help="Which operation, if the document has several.")
]


class Format(StrEnum):
    """How a result is printed."""

    TEXT = "text"
    JSON = "json"


def with_operation(
    supergraph_file: Path, operation_file: Path, name: str | None, use: Callable[[Supergraph, Operation], Result]
) -> Result:
    """What ``use`` makes of the operation; ends the command where a file or the operation is at fault."""
    with user_errors():
        supergraph = load_supergraph_file(supergraph_file)
        document = read_text(operation_file, what="a GraphQL operation")
    try:
        return use(supergraph, prepare(supergraph, document, name))
    except OperationError as error:
        for each in error.errors:
            say(f"error: {_place_of(operation_file, each)}: {each.message} ({error.code})")
        raise typer.Exit(Exit.BAD_INPUT) from error
    except PlanningError as error:
        fail(f"{operation_file}: {error} ({error.code})")


def _place_of(path: Path, error: GraphQLError) -> str:
    """Where in a file an error stands: ``file:line:column``."""
    if not error.locations:
        return str(path)
    place = error.locations[0]
    return f"{path}:{place.line}:{place.column}"
