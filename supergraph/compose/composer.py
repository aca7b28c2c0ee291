"""Composition from end to end: subgraphs in, a supergraph or the reasons why there is none out.

    load ─▶ upgrade federation 1 ─▶ validate each ─▶ merge ─▶ validate the whole ─▶ print ─▶ read back ─▶ satisfiability

A stage that finds errors is the last one. Nothing raises for a user's mistake.
"""

from collections.abc import Sequence

from supergraph.compose.composed import compose_directives
from supergraph.compose.effort import MAX_SATISFIABILITY_PATHS
from supergraph.compose.load import load_subgraph
from supergraph.compose.merge import merge
from supergraph.compose.post import Merged, validate_merged
from supergraph.compose.problems import Place, Problems
from supergraph.compose.read_back import ReadBack, read_back
from supergraph.compose.result import Composition, Subgraph
from supergraph.compose.satisfiability import check_satisfiability
from supergraph.compose.subgraph import LoadedSubgraph
from supergraph.compose.upgrade import upgrade_subgraphs
from supergraph.compose.usage import Usage
from supergraph.compose.validate import validate_subgraph
from supergraph.compose.versions import composition_version
from supergraph.errors import SupergraphError
from supergraph.sdl.print import print_schema


def compose(
    subgraphs: Sequence[Subgraph],
    *,
    satisfiability: bool = True,
    max_satisfiability_paths: int = MAX_SATISFIABILITY_PATHS,
) -> Composition:
    """Compose subgraphs into a supergraph.

    The order of ``subgraphs`` does not matter. With ``satisfiability=False`` nothing checks that every operation on
    the supergraph can be planned; a check that would take more than ``max_satisfiability_paths`` paths through the
    subgraphs is given up with an error. Raises ``ValueError`` if two subgraphs have the same name or there is none.
    """
    if not subgraphs:
        raise ValueError("compose() needs at least one subgraph")
    names = [subgraph.name for subgraph in subgraphs]
    if len(set(names)) < len(names):
        raise ValueError(f"two subgraphs have the same name: {', '.join(sorted(names))}")
    problems = Problems()
    max_paths = max_satisfiability_paths if satisfiability else None
    sdl = _compose(sorted(subgraphs, key=lambda subgraph: subgraph.name), problems, max_paths)
    return Composition(None if problems.errors else sdl, tuple(problems.errors), tuple(problems.hints))


def _compose(subgraphs: Sequence[Subgraph], problems: Problems, max_paths: int | None) -> str | None:
    loaded = [found for subgraph in subgraphs if (found := load_subgraph(subgraph, problems)) is not None]
    if problems.errors:
        return None
    upgrade_subgraphs(loaded, problems)
    if problems.errors:
        return None
    usage: dict[str, Usage] = {}
    for subgraph in loaded:
        usage[subgraph.name] = Usage(subgraph)
        validate_subgraph(usage[subgraph.name], problems)
    if problems.errors:
        return None
    return _merge(loaded, usage, problems, max_paths)


def _merge(
    loaded: Sequence[LoadedSubgraph], usage: dict[str, Usage], problems: Problems, max_paths: int | None
) -> str | None:
    version = composition_version(loaded, problems)
    composed = compose_directives(loaded, version, problems)
    if problems.errors:
        return None
    schema = merge(loaded, usage, composed, version, problems)
    if not problems.errors:
        validate_merged(Merged(loaded, usage, composed, schema), problems)
    if problems.errors:
        return None
    sdl = print_schema(schema)
    read = read_back(sdl, problems)
    if max_paths is not None and read is not None:
        _check_satisfiability(read, problems, max_paths)
    if problems.has_unlocated():
        problems.locate(_places(loaded))
    return sdl


def _check_satisfiability(read: ReadBack, problems: Problems, max_paths: int) -> None:
    try:
        check_satisfiability(read.api_schema, read.query_graphs, problems, max_paths=max_paths)
    except SupergraphError as error:
        problems.error("UNSUPPORTED_FEATURE", f"The supergraph cannot be planned on: {error}")


def _places(loaded: Sequence[LoadedSubgraph]) -> dict[str, list[Place]]:
    """Where the subgraphs declare each element of the supergraph, by its coordinate."""
    found: dict[str, list[Place]] = {}
    for subgraph in loaded:
        for element in subgraph.schema.elements():
            found.setdefault(element.coordinate, []).append(subgraph.place(element))
    return found
