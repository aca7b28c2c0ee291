"""Where a result goes: into a file, or to stdout."""

from pathlib import Path

from router.cli.console import fail, give
from router.sources.replace_file import replace_file


def write_result(text: str, output: Path | None) -> None:
    """Write ``text`` to ``output``, or print it if that is ``None``."""
    if output is None:
        give(text.rstrip("\n"))
        return
    try:
        replace_file(output, text)
    except OSError as error:
        fail(f"{output}: cannot be written: {error.strerror}")
