"""The last good copy of what running subgraphs said, for when one of them is away."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from router.sources.replace_file import replace_file

FOLDER = ".supergate"


@dataclass(frozen=True, slots=True)
class Copy:
    """An SDL as it was at ``time``, in local time."""

    sdl: str
    path: Path
    time: datetime


@dataclass(frozen=True, slots=True)
class Copies:
    """A folder of SDL files, one for each subgraph. What cannot be written is not kept, and that is no failure."""

    folder: Path

    def keep(self, subgraph: str, sdl: str) -> None:
        """Remember what ``subgraph`` said just now."""
        with suppress(OSError):
            self.folder.mkdir(exist_ok=True)
            ignore = self.folder / ".gitignore"
            if not ignore.exists():
                ignore.write_text("*\n", encoding="utf-8")
            replace_file(self._path(subgraph), sdl)

    def find(self, subgraph: str) -> Copy | None:
        """What ``subgraph`` said last."""
        path = self._path(subgraph)
        try:
            time = datetime.fromtimestamp(path.stat().st_mtime).astimezone()
            return Copy(path.read_text(encoding="utf-8"), path, time)
        except (OSError, UnicodeDecodeError):
            return None

    def _path(self, subgraph: str) -> Path:
        return self.folder / f"{quote(subgraph, safe=' ')}.graphql"
