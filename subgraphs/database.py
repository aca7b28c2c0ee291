"""The SQLite database of one example, and the one kind of query that data loaders need."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files


def open_database(package: str, path: str = ":memory:") -> sqlite3.Connection:
    """Open the database of an example and seed it from the package's ``seed.sql``.

    A file is seeded again at each start, so that an example always begins with the same data. Statements are committed
    one by one. The examples call SQLite on the event loop: a query over a few rows takes microseconds, less than
    handing it to a thread.

    Raises:
        sqlite3.Error: The file cannot be opened or is not a database.
    """
    connection = sqlite3.connect(path, isolation_level=None)
    connection.row_factory = sqlite3.Row
    connection.executescript(files(package).joinpath("seed.sql").read_text(encoding="utf-8"))
    return connection


def select_by_keys(
    connection: sqlite3.Connection, query: str, keys: Iterable[str]
) -> Mapping[str, Sequence[sqlite3.Row]]:
    """Run one query for many keys and group its rows by their column ``key``.

    Args:
        connection: An open database.
        query: Takes the keys as one JSON array, ``… WHERE id IN (SELECT value FROM json_each(?))``, and has a
            column named ``key``.
        keys: What to look for. A key without rows has an empty list in the result.
    """
    rows: dict[str, list[sqlite3.Row]] = defaultdict(list)
    for row in connection.execute(query, (json.dumps(list(keys)),)):
        rows[row["key"]].append(row)
    return rows
