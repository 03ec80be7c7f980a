"""Arrays kept on disk, whole or not at all: a folder of .npy files and a list of their checksums."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

ABOUT = "about.json"
_FORMAT = 1
_PART = ".part-"


class ArrayFileError(ValueError):
    """A kept array that is damaged; `path` and the message name the file."""

    def __init__(self, path: Path, what: str) -> None:
        super().__init__(f"{path} {what}")
        self.path = path


def write(folder: Path, arrays: Mapping[str, NDArray[np.uint8]], about: Mapping[str, Any]) -> None:
    """Keep arrays in a folder. Whoever looks sees the old folder or the new one, never a half.

    Args:
        folder: The folder; an older one of that name is replaced.
        arrays: Names to uint8 arrays.
        about: What else to keep with them, as JSON has it.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(prefix=_PART, dir=folder.parent))
    try:
        listed = {}
        for name, array in arrays.items():
            path = part / f"{name}.npy"
            np.save(path, array, allow_pickle=False)
            _settle(path)
            listed[name] = {"shape": list(array.shape), "bytes": path.stat().st_size, "sha256": _sha256(path)}
        whole = {"format": _FORMAT, **about, "arrays": listed}
        (part / ABOUT).write_text(json.dumps(whole, indent=1), encoding="utf-8")
        _settle(part / ABOUT)
        remove(folder)
        part.replace(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def about(folder: Path) -> dict[str, Any] | None:
    """What was kept with the arrays of a folder.

    Args:
        folder: A folder that `write` made.

    Returns:
        The values, "arrays" among them; None where there is no such folder or it is not one of ours.
    """
    try:
        values = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return values if isinstance(values, dict) and values.get("format") == _FORMAT else None


def read(folder: Path, *, verify: bool = True) -> dict[str, NDArray[np.uint8]]:
    """Map the arrays of a folder into memory, read-only; processes that map the same file share it.

    Args:
        folder: A folder that `write` made.
        verify: Whether to compare checksums too (about 0.1 s for FashionMNIST), not only sizes and shapes.

    Returns:
        Names to uint8 arrays.

    Raises:
        ArrayFileError: A file is missing, of another size or shape, or of another checksum.
    """
    listed = (about(folder) or {}).get("arrays")
    if not isinstance(listed, dict):
        raise ArrayFileError(folder / ABOUT, "is missing or cannot be read")
    return {
        str(name): _map(folder / f"{name}.npy", expected, verify=verify) for name, expected in listed.items()
    }


def remove(folder: Path) -> None:
    """Remove a kept folder, and what unfinished writes left beside it."""
    shutil.rmtree(folder, ignore_errors=True)


def sweep(parent: Path) -> None:
    """Remove what unfinished writes left in a folder; only while no other process writes there."""
    for part in parent.glob(f"{_PART}*"):
        shutil.rmtree(part, ignore_errors=True)


def _map(path: Path, expected: Mapping[str, Any], *, verify: bool) -> NDArray[np.uint8]:
    try:
        if path.stat().st_size != expected["bytes"]:
            raise ArrayFileError(path, "is not of the size that was written")
        if verify and _sha256(path) != expected["sha256"]:
            raise ArrayFileError(path, "does not have the checksum that was written")
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except ArrayFileError:
        raise
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ArrayFileError(path, f"cannot be read ({error})") from error
    if array.dtype != np.uint8 or list(array.shape) != expected.get("shape"):
        raise ArrayFileError(path, "does not hold the array that was written")
    return array  # type: ignore[no-any-return]  # np.load is typed Any; dtype and shape were just checked


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _settle(path: Path) -> None:
    """Have the system put a file on disk before it is renamed into place."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())
