"""Tables on stdout, never cut: a pipe has no width, and a narrow terminal folds lines by itself."""

from rich.console import Console
from rich.table import Table

_WIDEST = 1000


def print_table(table: Table) -> None:
    """Print a table as wide as it is."""
    console = Console()
    wide = console.options.update(max_width=_WIDEST)
    console.width = max(console.width, console.measure(table, options=wide).maximum)
    console.print(table)
