"""A supergraph that was composed before."""

from pathlib import Path

from router.sources.errors import SourceError
from router.sources.garbage import collector_paused
from supergraph import Supergraph, read_supergraph
from supergraph.errors import SupergraphError


def read_text(path: Path, *, what: str) -> str:
    """The text of a file that the user named; raises ``SourceError``."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise SourceError(f"{path}: no such file ({what} was expected here)") from error
    except IsADirectoryError as error:
        raise SourceError(f"{path}: this is a folder, {what} was expected") from error
    except OSError as error:
        raise SourceError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SourceError(f"{path}: not UTF-8 text, {what} was expected") from error


def load_supergraph_file(path: Path) -> Supergraph:
    """Read the supergraph SDL in ``path``; raises ``SourceError``."""
    return read_supergraph_sdl(read_text(path, what="a supergraph SDL"), origin=str(path))


def read_supergraph_sdl(sdl: str, *, origin: str) -> Supergraph:
    """Read a supergraph SDL that came from ``origin``; raises ``SourceError``."""
    try:
        with collector_paused():
            return read_supergraph(sdl)
    except SupergraphError as error:
        raise SourceError(f"{origin}: {error} ({error.code})") from error
