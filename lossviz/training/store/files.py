"""The files that runs leave: measured when the run ends, checked when they are wanted, removed with the run."""

from __future__ import annotations

import hashlib
import re
import shutil
import time
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

FOLDER = "runs"
ORPHANED_SECONDS = 7 * 86_400.0
"""A folder that no run of the store claims is removed after so long: its store may have been set aside."""

_OURS = re.compile(
    r"[\w-]{22}"
)  # a run id of the server; the command line's are shorter, and its user's to keep


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file that a run left.

    Attributes:
        artefact: What it is, as the run's result calls it: "predictions".
        file: Its name in the run's folder.
        size: Its bytes.
        sha256: Their digest.
    """

    artefact: str
    file: str
    size: int
    sha256: bytes


def measure(folder: Path, artefacts: Mapping[str, str | None], most_bytes: int) -> list[KeptFile]:
    """What is to be remembered of the files of a run's result.

    Args:
        folder: The run's folder.
        artefacts: What they are -> their paths.
        most_bytes: A file larger than this is removed.

    Returns:
        The files that are there, in the run's own folder, and not too large.
    """
    found = []
    for artefact, named in artefacts.items():
        path = Path(named) if named else None
        if path is None or path.parent != folder:
            continue
        try:
            size = path.stat().st_size
            if size > most_bytes:
                path.unlink()
                continue
            found.append(KeptFile(artefact, path.name, size, _digest(path)))
        except OSError:
            continue  # not there: nothing to remember
    return found


def located(home: Path, run_id: str, kept: KeptFile, *, closely: bool) -> Path | None:
    """Where a file is, if it is still what the run left.

    Args:
        home: Where lossviz keeps its things.
        run_id: The run.
        kept: What is remembered of the file.
        closely: Whether to read it and compare its digest, or its size alone.

    Returns:
        Its path, or None.
    """
    path = home / FOLDER / run_id / kept.file
    try:
        if path.stat().st_size != kept.size or (closely and _digest(path) != kept.sha256):
            return None
    except OSError:
        return None
    return path


def remove(home: Path, runs: Collection[str]) -> None:
    """Remove what runs left; what cannot be removed now is an orphan, and goes later."""
    for run_id in runs:
        if _OURS.fullmatch(run_id):
            shutil.rmtree(home / FOLDER / run_id, ignore_errors=True)


def sweep(home: Path, known: Collection[str]) -> None:
    """Remove what runs left that no store has known for long.

    Args:
        home: Where lossviz keeps its things.
        known: The runs of the store.
    """
    with suppress(OSError):
        for folder in (home / FOLDER).iterdir():
            if folder.name in known or not _OURS.fullmatch(folder.name):
                continue
            with suppress(OSError):
                if time.time() - folder.stat().st_mtime > ORPHANED_SECONDS:
                    shutil.rmtree(folder, ignore_errors=True)


def _digest(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()
