"""``supergate contract``: a supergraph that shows part of another one."""

from pathlib import Path
from typing import Annotated

import typer

from router.cli.console import Exit, fail, user_errors
from router.cli.writing import write_result
from router.sources.supergraph_file import load_supergraph_file
from supergraph.api.contract import Contract, contract_sdl, is_tag_name
from supergraph.errors import SupergraphError


def contract_command(
    supergraph: Annotated[Path, typer.Option(metavar="FILE", help="A composed supergraph SDL.")],
    include: Annotated[
        list[str] | None, typer.Option(metavar="TAG", help="Show only what has this tag; may be repeated.")
    ] = None,
    exclude: Annotated[
        list[str] | None, typer.Option(metavar="TAG", help="Hide what has this tag; may be repeated, and wins.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write the result here, not to stdout.")
    ] = None,
    *,
    hide_unreachable: Annotated[
        bool, typer.Option("--hide-unreachable", help="Also hide types that no visible field leads to.")
    ] = False,
) -> None:
    """Make a supergraph that shows only part of another one, chosen by @tag.

    What the contract hides becomes @inaccessible: clients do not see it, and the subgraphs go on using it. If something
    visible would need something hidden, the message says which tag to add, and the exit code is 1.

    Example:  supergate contract --supergraph supergraph.graphql --include public -o public.graphql
    """
    tags = [*(include or ()), *(exclude or ())]
    if not tags and not hide_unreachable:
        fail("say what to hide: --include TAG, --exclude TAG or --hide-unreachable", code=Exit.BAD_USAGE)
    for tag in tags:
        if not is_tag_name(tag):
            fail(f'"{tag}" is no tag: letters, digits, - / and _, at most 128 of them', code=Exit.BAD_USAGE)
    contract = Contract(
        include=frozenset(include or ()), exclude=frozenset(exclude or ()), hide_unreachable=hide_unreachable
    )
    with user_errors():
        whole = load_supergraph_file(supergraph)
    try:
        sdl = contract_sdl(whole, contract)
    except SupergraphError as error:
        fail(f"{supergraph}: {error.code}: {error}")
    write_result(sdl, output)
