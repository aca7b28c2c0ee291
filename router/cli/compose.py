"""``supergate compose``: subgraphs to a supergraph, without serving it."""

import asyncio
import os
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import orjson
import typer

from router.cli.console import Exit, fail, give, say, user_errors
from router.sources.subgraphs import describe, describe_errors, load_subgraphs, read_rover_file
from supergraph import Composition, compose
from supergraph.errors import CompositionError, Hint


class Format(StrEnum):
    """How a result is printed."""

    TEXT = "text"
    JSON = "json"


def compose_command(
    config: Annotated[
        Path, typer.Option(metavar="SUPERGRAPH_YAML", help="rover's supergraph.yaml: the subgraphs and their SDL.")
    ],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write the result here, not to stdout.")
    ] = None,
    format_: Annotated[
        Format, typer.Option("--format", help="text: the supergraph SDL; json: SDL, errors and hints.")
    ] = Format.TEXT,
) -> None:
    """Compose subgraphs into a supergraph.

    Prints the supergraph SDL. Errors and hints go to stderr, each with its code and subgraph:line:column; with errors
    the exit code is 1.

    Example:  supergate compose --config supergraph.yaml -o supergraph.graphql
    """
    with user_errors():
        subgraphs = asyncio.run(load_subgraphs(read_rover_file(config, os.environ)))
    composition = compose(subgraphs)
    if format_ is Format.JSON:
        _emit(_as_json(composition), output)
    else:
        for hint in composition.hints:
            say(f"hint: {describe(hint)}")
        if composition.sdl is not None:
            _emit(composition.sdl.rstrip("\n"), output)
    if composition.sdl is None:
        for line in describe_errors(composition).splitlines():
            say(f"error: {line}")
        raise typer.Exit(Exit.BAD_INPUT)


def _emit(text: str, output: Path | None) -> None:
    if output is None:
        give(text)
        return
    try:
        output.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        fail(f"{output}: cannot be written: {error.strerror}")


def _as_json(composition: Composition) -> str:
    result = {
        "sdl": composition.sdl,
        "errors": [_entry(error) for error in composition.errors],
        "hints": [{**_entry(hint), "level": hint.level.name} for hint in composition.hints],
    }
    return orjson.dumps(result, option=orjson.OPT_INDENT_2).decode()


def _entry(entry: CompositionError | Hint) -> dict[str, object]:
    return {
        "code": entry.code,
        "message": entry.message,
        "coordinate": entry.coordinate,
        "locations": [asdict(place) for place in entry.locations],
    }
