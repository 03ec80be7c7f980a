"""The store's file: opened, checked, set aside where it is damaged.

The journal is a rollback journal and every commit waits for the disk (`synchronous=FULL`). A write-ahead log would
commit faster, but needs memory that processes share, which a home folder on a network does not have; and commits
happen once a second in a thread that nobody waits for.
"""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from lossviz.training.store.errors import StoreDamagedError, StoreError, translated
from lossviz.training.store.lease import holding

FILE = "runs.sqlite"
VERSION = 1
BUSY_SECONDS = 5.0
"""How long a reader or writer waits for another one, in this process or in another server."""

_APPLICATION = 0x6C_6F_73_76  # "losv"
_GATE = "runs.opening"
_SET_ASIDE_KEPT = 3
_PAGE = 4096

_SCHEMA = f"""
CREATE TABLE runs (
    run_id TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    server TEXT NOT NULL,
    name TEXT NOT NULL,
    pinned INTEGER NOT NULL,
    settings TEXT NOT NULL,
    state TEXT NOT NULL,
    ending TEXT,
    message TEXT,
    advice TEXT,
    notes TEXT NOT NULL,
    created REAL NOT NULL,
    begun INTEGER NOT NULL,
    elapsed REAL NOT NULL,
    summary BLOB NOT NULL,
    size INTEGER NOT NULL
);
CREATE INDEX runs_by_owner ON runs (owner, created);
CREATE INDEX runs_by_age ON runs (created);
CREATE TABLE batches (
    run_id TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
    number INTEGER NOT NULL,
    lines BLOB NOT NULL,
    PRIMARY KEY (run_id, number)
);
CREATE TABLE files (
    run_id TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
    artefact TEXT NOT NULL,
    file TEXT NOT NULL,
    size INTEGER NOT NULL,
    sha256 BLOB NOT NULL,
    PRIMARY KEY (run_id, artefact)
);
PRAGMA application_id = {_APPLICATION};
PRAGMA user_version = {VERSION};
"""


@dataclass(frozen=True, slots=True)
class Opened:
    """The store's file, open.

    Attributes:
        connection: To read and write with; commits nothing by itself.
        identity: Device and number of the file, to see whether it is still the one at its path.
        notice: What had to be set aside, in a sentence or two; usually nothing.
    """

    connection: sqlite3.Connection
    identity: tuple[int, int]
    notice: str | None = None


def open_database(folder: Path, most_bytes: int) -> Opened:
    """Open the store of a folder, make it where there is none, set it aside where it is damaged.

    Args:
        folder: Where lossviz keeps its things.
        most_bytes: How large the file may become; the database refuses to grow beyond.

    Returns:
        The open store.

    Raises:
        StoreError: It cannot be opened, or a newer lossviz has written it. Nothing was changed then.
    """
    path = folder / FILE
    try:
        # One server opens at a time: two that find the same damage would each set the other's new file aside.
        with holding(folder / _GATE, 6 * BUSY_SECONDS):
            try:
                return _open(path, most_bytes)
            except StoreDamagedError as damage:
                aside = _set_aside(path)
                notice = (
                    f"{damage} The file was set aside as {aside.name}, and a new one was begun: earlier runs are "
                    "not shown, new ones are kept."
                )
                opened = _open(path, most_bytes)
                return Opened(opened.connection, opened.identity, notice)
    except sqlite3.Error as error:
        raise translated(error, str(path)) from error
    except OSError as error:
        raise StoreError(
            f"Runs cannot be kept in {path} ({error}). Runs go on, but are lost when the server ends."
        ) from error


def connect(path: Path) -> sqlite3.Connection:
    """Another connection to the file at a path, which must be there."""
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw",
        uri=True,
        timeout=BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )


def identity(path: Path) -> tuple[int, int]:
    """Device and number of the file at a path; (0, 0) where there is none."""
    try:
        status = path.stat()
    except OSError:
        return 0, 0
    return status.st_dev, status.st_ino


def _open(path: Path, most_bytes: int) -> Opened:
    path.touch()
    connection = connect(path)
    try:
        _check(connection, path)
        connection.execute("PRAGMA journal_mode = TRUNCATE")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA cell_size_check = ON")
        connection.execute("PRAGMA trusted_schema = OFF")
        page = connection.execute("PRAGMA page_size").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {max(16, most_bytes // page)}")
    except sqlite3.Error as error:
        connection.close()
        raise translated(error, str(path)) from error
    except StoreError:
        connection.close()
        raise
    return Opened(connection, identity(path))


def _check(connection: sqlite3.Connection, path: Path) -> None:
    """See that the file is whole and ours; an empty one becomes ours."""
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    ours = connection.execute("PRAGMA application_id").fetchone()[0] == _APPLICATION
    if ours and version > VERSION:
        raise StoreError(
            f"A newer lossviz has kept runs in {path}; they are left as they are. Runs go on, but are not kept: take "
            "that lossviz, or set LOSSVIZ_HOME to another folder."
        )
    if not ours and not connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
        connection.execute(f"PRAGMA page_size = {_PAGE}")
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")  # so that the file shrinks as runs go
        connection.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} COMMIT;")
        return
    if not ours:
        raise StoreDamagedError(f"{path} is not a store of lossviz.")
    connection.execute("BEGIN")  # so that no other server writes while the file is measured
    found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if path.stat().st_size % connection.execute("PRAGMA page_size").fetchone()[0]:
        found = "its end is missing"
    connection.execute("COMMIT")
    if found != "ok":
        raise StoreDamagedError(f"The runs kept in {path} are damaged ({str(found)[:200]}).")


def _set_aside(path: Path) -> Path:
    """Rename a damaged file, its journal with it: another server may hold it open, and it may be mended by hand."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    names = (
        path.with_name(f"{path.stem}-damaged-{stamp}{more}.sqlite")
        for more in ("", *map("-{}".format, range(2, 99)))
    )
    aside = next(name for name in names if not name.exists())
    journal = path.with_name(f"{path.name}-journal")
    path.rename(aside)
    if journal.exists():
        journal.rename(aside.with_name(f"{aside.name}-journal"))
    for old in sorted(path.parent.glob(f"{path.stem}-damaged-*.sqlite"))[:-_SET_ASIDE_KEPT]:
        with suppress(OSError):
            old.unlink()
            old.with_name(f"{old.name}-journal").unlink(missing_ok=True)
    return aside
