"""``supergate compose``: subgraphs to a supergraph, without serving it."""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from router.cli.composing import compose_file
from router.cli.console import Exit, user_errors
from router.cli.report import Format, report
from router.cli.watch import watch
from router.cli.writing import write_result
from router.sources.sdl import SdlLoader
from supergraph import Composition
from supergraph.diagnostics import Diagnostic, Severity, summary


class Hints(StrEnum):
    """Down to which severity hints are told."""

    NONE = "none"
    WARNING = "warning"
    INFO = "info"
    DEBUG = "debug"

    @property
    def lowest(self) -> Severity:
        """The last severity that is told."""
        return Severity.ERROR if self is Hints.NONE else Severity(self.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the command was asked for."""

    config: Path
    output: Path | None
    format: Format
    hints: Hints
    allow_missing: bool
    is_watching: bool

    @property
    def prints_sdl(self) -> bool:
        """Whether stdout is for the SDL."""
        return self.format is Format.TEXT and self.output is None and not self.is_watching


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How one composition ended, and which files it depends on."""

    is_good: bool
    words: str
    files: frozenset[Path] = field(default_factory=frozenset)


def compose_command(
    config: Annotated[
        Path, typer.Option(metavar="SUPERGRAPH_YAML", help="rover's supergraph.yaml: the subgraphs and their SDL.")
    ],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write the supergraph SDL here.")
    ] = None,
    format_: Annotated[
        Format,
        typer.Option(
            "--format",
            help="How errors and hints are told. text: on stderr, the SDL on stdout; json: SDL, errors and hints; "
            "sarif: for code scanning; github: for workflows.",
        ),
    ] = Format.TEXT,
    hints: Annotated[Hints, typer.Option(help="Which hints are told besides errors; json has them all.")] = Hints.INFO,
    *,
    allow_missing: Annotated[
        bool,
        typer.Option("--allow-missing", help="Take the last good SDL of a running subgraph that is away."),
    ] = False,
    watching: Annotated[
        bool, typer.Option("--watch", help="Compose again whenever a file changes, until Ctrl-C.")
    ] = False,
) -> None:
    """Compose subgraphs into a supergraph.

    Each error has its code, the file, line and column of each side, and a cure; with errors the exit code is 1 and the
    output is left as it was. What running subgraphs say is kept in .supergate/ beside the configuration.

    Example:  supergate compose --config supergraph.yaml -o supergraph.graphql
    """
    options = Options(
        config=config,
        output=output,
        format=format_,
        hints=hints,
        allow_missing=allow_missing,
        is_watching=watching,
    )
    if watching:
        watch(lambda: _compose_for_watch(options))
    elif not _compose(options, SdlLoader()).is_good:
        raise typer.Exit(Exit.BAD_INPUT)


def _compose_for_watch(options: Options) -> Outcome:
    """As ``_compose``; a failure is an outcome, too."""
    loader = SdlLoader(files={options.config.absolute()})
    try:
        return _compose(options, loader)
    except typer.Exit:  # the reasons have been told
        return Outcome(is_good=False, words="not composed", files=frozenset(loader.files))


def _compose(options: Options, loader: SdlLoader) -> Outcome:
    """Load, compose, report and write once."""
    loader.allow_missing = options.allow_missing
    with user_errors():
        composed = compose_file(options.config, loader)
        told = _told(composed.diagnostics, options)
        report(told, composed.composition, options.format)
        _write(composed.composition, options)
    counted = f"{composed.subgraph_count} subgraph{'s' if composed.subgraph_count > 1 else ''}, {summary(told)}"
    is_good = composed.composition.sdl is not None
    target = f" to {options.output}" if is_good and options.output is not None else ""
    words = f"{'composed' if is_good else 'not composed'}{target}: {counted}"
    return Outcome(is_good=is_good, words=words, files=frozenset(loader.files))


def _told(diagnostics: tuple[Diagnostic, ...], options: Options) -> list[Diagnostic]:
    if options.format is Format.JSON:
        return list(diagnostics)
    return [each for each in diagnostics if each.severity.rank <= options.hints.lowest.rank]


def _write(composition: Composition, options: Options) -> None:
    if composition.sdl is not None and (options.output is not None or options.prints_sdl):
        write_result(composition.sdl, options.output)
