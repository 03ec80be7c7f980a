"""The store of runs: what is written is written whole or not at all, bounded, and shared by several servers."""

from __future__ import annotations

import secrets
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lossviz.training.limits import Limits
from lossviz.training.store import database, files, lease
from lossviz.training.store.errors import StoreDamagedError, StoreError, translated
from lossviz.training.store.files import KeptFile
from lossviz.training.store.rows import RunRow, from_values, to_values

MEGABYTE = 1_000_000
ENDED_STATES = ("stopped", "finished", "failed")
INTERRUPTED = "Interrupted: the server stopped while this run was training."
NEVER_BEGUN = "Interrupted: the server stopped before this run began."
INTERRUPTED_ADVICE = "What is shown is what was kept until then. Train again."

_SERVERS = "servers"
_FREE_SHARE = 0.25  # of the file may be free before it is made smaller
_ROW_BYTES = 500  # a run's row and its place in the indices, about
_PUT = """
INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (run_id) DO UPDATE SET
    server = excluded.server, name = excluded.name, pinned = excluded.pinned, state = excluded.state,
    ending = excluded.ending, message = excluded.message, advice = excluded.advice, notes = excluded.notes,
    begun = excluded.begun, elapsed = excluded.elapsed,
    summary = CASE length(excluded.summary) WHEN 0 THEN summary ELSE excluded.summary END
"""
_MEASURE = """
UPDATE runs SET size = ? + length(settings) + length(summary)
    + (SELECT coalesce(sum(length(lines)), 0) FROM batches WHERE batches.run_id = runs.run_id)
    + (SELECT coalesce(sum(files.size), 0) FROM files WHERE files.run_id = runs.run_id)
WHERE run_id = ?
"""
_INTERRUPT = """
UPDATE runs SET state = 'failed', ending = 'interrupted', advice = ?, message = CASE begun WHEN 1 THEN ? ELSE ? END
WHERE server = ? AND state NOT IN ('stopped', 'finished', 'failed')
"""
_GOING = "SELECT DISTINCT server FROM runs WHERE state NOT IN ('stopped', 'finished', 'failed')"
# How many of its owner's runs stay before each: the pinned ones, then the newer ones.
_TOO_MANY = """
SELECT run_id FROM (
    SELECT run_id, pinned, state,
        row_number() OVER (PARTITION BY owner ORDER BY pinned DESC, created DESC, rowid DESC) AS place
    FROM runs
)
WHERE place > ? AND NOT pinned AND state IN ('stopped', 'finished', 'failed')
"""
_OLDEST = """
SELECT run_id, size FROM runs
WHERE NOT pinned AND state IN ('stopped', 'finished', 'failed')
ORDER BY created, rowid
"""


@dataclass(frozen=True, slots=True)
class Piece:
    """What is new of one run.

    Attributes:
        row: The run as it stands.
        first: Number of the first of the packs; a run's first is 0.
        packs: Its new events, packed (`lossviz.training.store.rows.pack`).
        kept: The files it left.
    """

    row: RunRow
    first: int = 0
    packs: Sequence[bytes] = ()
    kept: Sequence[KeptFile] = field(default=())


class Store:
    """The runs under one home. Thread-safe; readers and the writer have a connection each.

    Args:
        home: Where lossviz keeps its things; must be there.
        limits: How many runs, and how much of them, are kept.

    Attributes:
        server: This server's id, for the rows of its runs.
        notice: What had to be set aside when it was opened, or None.

    Raises:
        StoreError: It cannot be opened.
    """

    def __init__(self, home: Path, limits: Limits) -> None:
        self.server = secrets.token_hex(8)
        self.notice: str | None = None
        self._home = home
        self._limits = limits
        self._path = home / database.FILE
        self._writing, self._reading = threading.Lock(), threading.Lock()
        try:
            self._lease = lease.Lease(home / _SERVERS / self.server)
        except (sqlite3.Error, OSError) as error:
            raise StoreError(
                f"Runs cannot be kept in {home} ({error}). Runs go on, but are lost when the server ends."
            ) from error
        try:
            self._open()
        except StoreError:
            self._lease.free(remove=True)
            raise
        try:
            self.settle()
            lease.sweep(home / _SERVERS)
            files.sweep(home, {run_id for (run_id,) in self._read("SELECT run_id FROM runs")})
        except StoreError:
            self.close()
            raise

    def renew(self) -> None:
        """Open it again: a damaged file is set aside, another server's new file is taken.

        Raises:
            StoreError: It cannot be opened.
        """
        with self._writing, self._reading:
            self._close()
            self._open()

    def close(self) -> None:
        """Let it go; runs of this server that have not ended count as interrupted from now on."""
        with self._writing, self._reading:
            self._close()
        self._lease.free(remove=True)

    def write(self, pieces: Sequence[Piece]) -> None:
        """Keep what is new of some runs, all of it or nothing; the oldest runs go where it is too much.

        Raises:
            StoreError: Nothing was written.
        """
        with self._transaction() as connection:
            for piece in pieces:
                connection.execute(_PUT, to_values(piece.row))
                run_id = piece.row.run_id
                connection.executemany(
                    "INSERT OR REPLACE INTO batches VALUES (?, ?, ?)",
                    [(run_id, number, pack) for number, pack in enumerate(piece.packs, start=piece.first)],
                )
                connection.executemany(
                    "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?)",
                    [(run_id, kept.artefact, kept.file, kept.size, kept.sha256) for kept in piece.kept],
                )
                connection.execute(_MEASURE, (_ROW_BYTES, run_id))
            gone = self._evict(connection)
        if gone:
            self._gone(gone)

    def change(self, run_id: str, *, name: str | None = None, pinned: bool | None = None) -> None:
        """Give a run another name, or pin it, or let it go.

        Raises:
            StoreError: Nothing was written.
        """
        with self._transaction() as connection:
            if name is not None:
                connection.execute("UPDATE runs SET name = ? WHERE run_id = ?", (name, run_id))
            if pinned is not None:
                connection.execute("UPDATE runs SET pinned = ? WHERE run_id = ?", (int(pinned), run_id))

    def remove(self, run_id: str) -> None:
        """Remove a run with its events and its files.

        Raises:
            StoreError: Nothing was removed.
        """
        with self._transaction() as connection:
            connection.execute("DELETE FROM runs WHERE run_id = ?", (run_id,))
        self._gone([run_id])

    def settle(self) -> None:
        """Show the unended runs of servers that are gone as what they are: interrupted.

        Raises:
            StoreError: The store cannot be used.
        """
        servers = self._read(_GOING)
        dead = [server for (server,) in servers if not self._lives(server)]
        if not dead:
            return
        with self._transaction() as connection:
            for server in dead:
                connection.execute(_INTERRUPT, (INTERRUPTED_ADVICE, INTERRUPTED, NEVER_BEGUN, server))
        for server in dead:
            (self._home / _SERVERS / server).unlink(missing_ok=True)

    def row(self, run_id: str) -> RunRow | None:
        """A run without its events, or None where it is not kept. One whose server is gone has been settled.

        Raises:
            StoreError: The store cannot be used.
        """
        for settled in (False, True):
            found = self._read("SELECT * FROM runs WHERE run_id = ?", run_id)
            row = from_values(found[0]) if found else None
            if settled or row is None or row.state in ENDED_STATES or self._lives(row.server):
                return row
            self.settle()
        return None

    def rows(self, owner: str) -> list[RunRow]:
        """An owner's runs without their events, newest first.

        Raises:
            StoreError: The store cannot be used.
        """
        query = "SELECT * FROM runs WHERE owner = ? ORDER BY created DESC, rowid DESC"
        rows = [from_values(values) for values in self._read(query, owner)]
        if any(row.state not in ENDED_STATES and not self._lives(row.server) for row in rows):
            self.settle()
            rows = [from_values(values) for values in self._read(query, owner)]
        return rows

    def last(self, count: int) -> list[RunRow]:
        """The newest finished runs without their events, newest first.

        Raises:
            StoreError: The store cannot be used.
        """
        query = "SELECT * FROM runs WHERE ending = 'finished' ORDER BY created DESC LIMIT ?"
        return [from_values(values) for values in self._read(query, count)]

    def packs(self, run_id: str) -> list[bytes]:
        """A run's events, packed, in their order.

        Raises:
            StoreError: The store cannot be used.
        """
        found = self._read("SELECT lines FROM batches WHERE run_id = ? ORDER BY number", run_id)
        return [bytes(lines) for (lines,) in found]

    def files(self, run_id: str) -> list[KeptFile]:
        """The files that a run left.

        Raises:
            StoreError: The store cannot be used.
        """
        query = "SELECT artefact, file, size, sha256 FROM files WHERE run_id = ?"
        return [KeptFile(*values) for values in self._read(query, run_id)]

    def pins(self) -> int:
        """How many runs are pinned, whoever pinned them.

        Raises:
            StoreError: The store cannot be used.
        """
        return int(self._read("SELECT count(*) FROM runs WHERE pinned")[0][0])

    def _evict(self, connection: sqlite3.Connection) -> list[str]:
        """Remove the oldest runs, until what is left is within the limits. Pinned and unended ones stay."""
        limits = self._limits
        gone = [run_id for (run_id,) in connection.execute(_TOO_MANY, (limits.runs_kept_each,))]
        connection.executemany("DELETE FROM runs WHERE run_id = ?", [(run_id,) for run_id in gone])
        number, size = connection.execute("SELECT count(*), coalesce(sum(size), 0) FROM runs").fetchone()
        most = limits.megabytes_kept * MEGABYTE
        if number > limits.runs_kept or size > most:
            for run_id, its_size in connection.execute(_OLDEST).fetchall():
                if number <= limits.runs_kept and size <= most:
                    break
                connection.execute("DELETE FROM runs WHERE run_id = ?", (run_id,))
                gone.append(run_id)
                number, size = number - 1, size - its_size
        return gone

    def _gone(self, runs: Sequence[str]) -> None:
        """Some runs are in the store no more: so are the files that they left, and the room that they took."""
        files.remove(self._home, runs)
        with self._writing, suppress(sqlite3.Error):  # room that cannot be given back now is used again
            pages, free = (
                self._writer.execute(f"PRAGMA {what}").fetchone()[0]
                for what in ("page_count", "freelist_count")
            )
            if free > pages * _FREE_SHARE:
                self._writer.executescript("PRAGMA incremental_vacuum")

    def _lives(self, server: str) -> bool:
        return server == self.server or lease.is_held(self._home / _SERVERS / server)

    def _open(self) -> None:
        # Rows and indices take more than the sizes that are counted: a quarter more is room enough.
        opened = database.open_database(self._home, self._limits.megabytes_kept * MEGABYTE * 5 // 4)
        self._writer, self._identity = opened.connection, opened.identity
        self._reader = database.connect(self._path)
        self.notice = opened.notice or self.notice

    def _close(self) -> None:
        self._writer.close()
        self._reader.close()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._writing:
            self._same_file()
            connection = self._writer
            try:
                connection.execute("BEGIN IMMEDIATE")
                yield connection
                connection.execute("COMMIT")
            except sqlite3.Error as error:
                raise translated(error, str(self._path)) from error
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    def _read(self, query: str, *values: object) -> list[Any]:
        with self._reading:
            self._same_file()
            try:
                return self._reader.execute(query, values).fetchall()
            except sqlite3.Error as error:
                raise translated(error, str(self._path)) from error

    def _same_file(self) -> None:
        """See that the open file is still the one at its path: another server may have set it aside."""
        if database.identity(self._path) != self._identity:
            raise StoreDamagedError(f"{self._path} is not the file any more that was opened.")
