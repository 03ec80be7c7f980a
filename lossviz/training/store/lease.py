"""Which servers live: each holds a lock that the system frees however the server ends.

The lock is SQLite's own, on an empty file. So it works wherever the store itself works, and a process id that the
system has given to another process since is never mistaken for a server.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

_NEW_SECONDS = 86_400.0


class Lease:
    """Held from the moment it is made until it is freed or its process ends.

    Args:
        path: The file to lock; made with its folder.
        seconds: How long to wait for another holder.

    Raises:
        sqlite3.Error: It cannot be had.
        OSError: The folder cannot be made.
    """

    def __init__(self, path: Path, seconds: float = 0.0) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._connection = sqlite3.connect(
            path, timeout=seconds, isolation_level=None, check_same_thread=False
        )
        try:
            _lock(self._connection)
        except sqlite3.Error:
            self._connection.close()
            raise

    def free(self, *, remove: bool) -> None:
        """Let it go.

        Args:
            remove: Whether the file goes too; only where nobody can be waiting for it.
        """
        if remove:
            with suppress(OSError):  # where an open file cannot be removed, it stays and is free
                self._path.unlink(missing_ok=True)
        self._connection.close()


@contextmanager
def holding(path: Path, seconds: float) -> Iterator[None]:
    """Hold a lease for a while; see `Lease`."""
    lease = Lease(path, seconds)
    try:
        yield
    finally:
        lease.free(remove=False)


def sweep(folder: Path) -> None:
    """Remove the files of leases that nobody holds. Not the newest: theirs may be about to be taken."""
    with suppress(OSError):
        for path in folder.iterdir():
            if time.time() - path.stat().st_mtime > _NEW_SECONDS and not is_held(path):
                path.unlink()


def is_held(path: Path) -> bool:
    """Whether some process holds the lease. Where that cannot be told: yes, so that nobody's run is taken away."""
    try:
        with closing(
            sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", timeout=0.0, uri=True)
        ) as connection:
            connection.isolation_level = None
            _lock(connection)
    except sqlite3.Error:
        return path.exists()
    return False


def _lock(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA journal_mode = MEMORY")  # nothing is written, so no journal is to lie about
    connection.execute("BEGIN EXCLUSIVE")
