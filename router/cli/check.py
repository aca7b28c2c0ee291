"""``supergate check``: what a new supergraph would break for the clients of the one in use."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import orjson
import typer

from router.cli.composing import compose_file
from router.cli.console import Exit, fail, give, user_errors
from router.cli.operation_file import Format
from router.cli.report import Format as ReportFormat
from router.cli.report import report
from router.sources.sdl import SdlLoader
from router.sources.supergraph_file import load_supergraph_file
from supergraph import Supergraph, read_supergraph
from supergraph.api.changes import Change, find_changes
from supergraph.diagnostics import Severity
from supergraph.errors import SupergraphError


def check_command(
    against: Annotated[Path, typer.Option(metavar="FILE", help="The supergraph in use: a composed SDL.")],
    supergraph: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The new supergraph, composed; or give --config.")
    ] = None,
    config: Annotated[
        Path | None, typer.Option(metavar="SUPERGRAPH_YAML", help="The new subgraphs, which are composed first.")
    ] = None,
    format_: Annotated[
        Format, typer.Option("--format", help="text: a line for each change; json: breaking and dangerous changes.")
    ] = Format.TEXT,
) -> None:
    """Name the changes of a supergraph that break clients.

    Compares what clients see. A breaking change (something removed, retyped or newly required) makes the exit code 1.
    Dangerous changes (something a client may not expect, such as a new enum value) are named, and do not.

    Example:  supergate check --against supergraph.graphql --config supergraph.yaml
    """
    if (supergraph is None) == (config is None):
        fail(
            "give the new supergraph as --supergraph FILE or --config SUPERGRAPH_YAML, one of them", code=Exit.BAD_USAGE
        )
    with user_errors():
        before = load_supergraph_file(against)
        after = load_supergraph_file(supergraph) if supergraph is not None else None
        if after is None:
            assert config is not None
            after = _compose(config)
    changes = find_changes(before.api_schema, after.api_schema)
    give(_as_json(changes) if format_ is Format.JSON else _as_text(changes))
    if any(change.is_breaking for change in changes):
        raise typer.Exit(Exit.BAD_INPUT)


def _compose(config: Path) -> Supergraph:
    """Compose, with errors told on stderr; hints are not what this command is for."""
    composed = compose_file(config, SdlLoader())
    if composed.composition.sdl is None:
        errors = [each for each in composed.diagnostics if each.severity is Severity.ERROR]
        report(errors, composed.composition, ReportFormat.TEXT)
        raise typer.Exit(Exit.BAD_INPUT)
    try:
        return read_supergraph(composed.composition.sdl)
    except SupergraphError as error:
        fail(f"{config}: {error} ({error.code})")


def _as_text(changes: Sequence[Change]) -> str:
    lines = [
        f"{'breaking' if each.is_breaking else 'dangerous'}[{each.kind}] {each.coordinate}: {each.message}"
        for each in changes
    ]
    breaking = sum(change.is_breaking for change in changes)
    counts = [_count(breaking, "breaking change"), _count(len(changes) - breaking, "dangerous change")]
    return "\n".join([*lines, ", ".join(counts)])


def _count(number: int, noun: str) -> str:
    return f"{number or 'no'} {noun}{'' if number == 1 else 's'}"


def _as_json(changes: Sequence[Change]) -> str:
    result = {
        "breaking": [_entry(change) for change in changes if change.is_breaking],
        "dangerous": [_entry(change) for change in changes if not change.is_breaking],
    }
    return orjson.dumps(result, option=orjson.OPT_INDENT_2).decode()


def _entry(change: Change) -> dict[str, str]:
    return {"kind": change.kind, "coordinate": change.coordinate, "message": change.message}
