"""What can be wrong with the store; every message says what and what to do."""

from __future__ import annotations

import sqlite3


class StoreError(RuntimeError):
    """The store cannot be used now; runs go on in memory."""


class StoreFullError(StoreError):
    """There is no room for more; runs go on in memory."""


class StoreDamagedError(StoreError):
    """The store's file is damaged, or is no longer the one that was opened."""


def translated(error: sqlite3.Error, where: str) -> StoreError:
    """The error of the database as one of ours.

    Args:
        error: What the database raised.
        where: The file or folder.

    Returns:
        An error that says what to do.
    """
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the rest of it tells a finer reason
    if code == sqlite3.SQLITE_FULL:
        return StoreFullError(
            f"There is no room left for runs in {where}. Runs go on, but they are not kept until there is: "
            "make room on the disk."
        )
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return StoreDamagedError(f"The runs kept in {where} cannot be read ({error}).")
    return StoreError(
        f"Runs cannot be kept in {where} now ({error}). They go on, and are kept as soon as that works again."
    )
