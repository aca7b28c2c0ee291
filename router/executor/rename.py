"""Keys of a subgraph's answer get the names that the plan stores them under.

    subgraph ──▶ rename ──▶ merge
                 ▲ you are here, for plans that ask for it

Our own plans need no renaming: they ask subgraphs for the store keys in the first place. Plans from elsewhere may ask
for a field under one alias on one type and under another on the next, and have both stored under the same key.
"""

from collections.abc import Sequence

from router.executor.walk import Stored, StorePath, walk
from supergraph.plan import KeyRename


def rename_keys(data: Stored, renames: Sequence[KeyRename]) -> None:
    """Rename in place; a key that an object has already is left alone."""
    for rename in renames:
        for target in walk(data, rename.path):
            if rename.key in target and rename.renamed not in target:
                target[rename.renamed] = target.pop(rename.key)


def rename_path(path: StorePath, renames: Sequence[KeyRename]) -> StorePath:
    """An error's path with the same names. Types are not known here, so guards do not count."""
    for rename in renames:
        keys = tuple(step.key for step in rename.path if step.key is not None)
        place = _behind(path, keys)
        if place is not None and place < len(path) and path[place] == rename.key:
            path = (*path[:place], rename.renamed, *path[place + 1 :])
    return path


def _behind(path: StorePath, keys: tuple[str, ...]) -> int | None:
    """Where in ``path`` stands what is behind ``keys``, list positions aside."""
    wanted = iter(keys)
    missing = next(wanted, None)
    for index, segment in enumerate(path):
        if isinstance(segment, int):
            continue
        if missing is None:
            return index
        if segment != missing:
            return None
        missing = next(wanted, None)
    return None
