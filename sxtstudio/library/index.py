"""What a workstation remembers of a library: what each file said, by name, size and time.

A SQLite file in the user's own cache folder, never on the share. Everything in it can be read anew
from the library, so a damaged one is thrown away.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_SCHEMA = 1
_WAIT_S = 20.0
_TABLE = (
    "CREATE TABLE IF NOT EXISTS file (kind TEXT NOT NULL, name TEXT NOT NULL, "
    "size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, text TEXT NOT NULL, "
    "PRIMARY KEY (kind, name)) WITHOUT ROWID"
)
_SELECT = "SELECT name, size, mtime_ns, text FROM file WHERE kind = ?"
_INSERT = "INSERT OR REPLACE INTO file VALUES (?, ?, ?, ?, ?)"
_DELETE = "DELETE FROM file WHERE kind = ? AND name = ?"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One file of a library and what it says (JSON)."""

    name: str
    size: int
    mtime_ns: int
    text: str


class Index:
    """Rows by kind and name; ``trouble`` says why nothing is kept, or is empty.

    Two programs may use the same file at once. One thread at a time may use an `Index`.
    """

    def __init__(self, path: Path) -> None:
        self.trouble = ""
        self._path = path
        self._connection: sqlite3.Connection | None = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = _open_or_renew(path)
        except (OSError, sqlite3.Error) as error:
            self._give_up(error)

    def rows(self, kind: str) -> list[Row]:
        """Return what is known."""
        if self._connection is None:
            return []
        try:
            found = self._connection.execute(_SELECT, (kind,)).fetchall()
        except sqlite3.Error as error:
            self._give_up(error)
            return []
        return [Row(name=it[0], size=it[1], mtime_ns=it[2], text=it[3]) for it in found]

    def put(self, kind: str, rows: Iterable[Row]) -> None:
        """Remember rows, in place of older ones of the same names."""
        self._change(_INSERT, [(kind, it.name, it.size, it.mtime_ns, it.text) for it in rows])

    def drop(self, kind: str, names: Iterable[str]) -> None:
        """Forget rows."""
        self._change(_DELETE, [(kind, name) for name in names])

    def _change(self, statement: str, values: Sequence[tuple[str | int, ...]]) -> None:
        if self._connection is None or not values:
            return
        try:
            with self._connection:
                self._connection.executemany(statement, values)
        except sqlite3.Error as error:
            self._give_up(error)

    def _give_up(self, error: Exception) -> None:
        """Go on without: what is known is in memory, and the next start reads the library anew."""
        self.close()
        self.trouble = (
            f"{self._path}: the index of the library cannot be kept there ({error}), so the "
            "library is read anew at each start; make room there, or remove that file."
        )

    def close(self) -> None:
        """Close the file."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(sqlite3.Error):
                connection.close()


def _open_or_renew(path: Path) -> sqlite3.Connection:
    try:
        return _open(path)
    except sqlite3.DatabaseError as error:
        if "locked" in str(
            error
        ):  # another program is at work there; it does no harm to be without
            raise
        for suffix in ("", "-journal"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        return _open(path)


def _open(path: Path) -> sqlite3.Connection:
    """Open an index and make sure that all of it can be read; any doubt is an error."""
    connection = sqlite3.connect(path, timeout=_WAIT_S, check_same_thread=False)
    try:
        connection.execute("PRAGMA synchronous = NORMAL")
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version == 0:
            connection.execute(_TABLE)
            connection.execute(f"PRAGMA user_version = {_SCHEMA}")
        elif version != _SCHEMA:
            raise sqlite3.DatabaseError(f"its schema is {version}")
        if connection.execute("PRAGMA quick_check").fetchone()[0] != "ok":
            raise sqlite3.DatabaseError("it is damaged")
        connection.execute(_SELECT, ("",))
    except sqlite3.Error:
        with suppress(sqlite3.Error):
            connection.close()
        raise
    return connection
