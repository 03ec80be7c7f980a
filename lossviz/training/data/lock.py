"""One preparing process at a time in a folder: two would write the same downloads."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

_LOOK_AGAIN_SECONDS = 0.1


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock file; wait while another process holds it. The system frees it when its holder ends.

    Args:
        path: The lock file; made if it is not there, and left there.

    Yields:
        Nothing.

    Raises:
        OSError: The file cannot be made.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file:
        while not _try(file):
            time.sleep(_LOOK_AGAIN_SECONDS)
        yield


if sys.platform == "win32":
    import msvcrt

    def _try(file: IO[bytes]) -> bool:
        try:
            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _try(file: IO[bytes]) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
