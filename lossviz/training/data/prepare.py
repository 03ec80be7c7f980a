"""The short process that finds, fetches, verifies or draws the data: `python -m lossviz.training.data.prepare`.

It alone may load torchvision. It tells what it does in events on standard output, the last one `data-ready` or
`failed`, and leaves at once when its standard input ends: then whoever started it is gone.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable

from lossviz.training.child import leave_with_parent, step_back, take_output
from lossviz.training.data.locate import DataError, Search
from lossviz.training.data.lock import locked
from lossviz.training.events import DataReady, Event, Failed, Preparing, to_line
from lossviz.training.home import HomeError, home
from lossviz.training.settings import DATA

_TELL_SECONDS = 0.2


def main() -> int:
    """Prepare the data that the command line names.

    Returns:
        Exit status: 0 where the data is ready, 1 where it is not.
    """
    arguments = argparse.ArgumentParser(prog="python -m lossviz.training.data.prepare", description=__doc__)
    arguments.add_argument("kind", choices=DATA, nargs="?", default="auto")
    arguments.add_argument("--keep-going", action="store_true", help="do not leave when standard input ends")
    asked = arguments.parse_args()
    output = take_output()
    if not asked.keep_going:
        leave_with_parent()
        step_back()

    def emit(event: Event) -> None:
        print(to_line(event), file=output, flush=True)

    result = prepare(asked.kind, emit)
    emit(result)
    return 0 if isinstance(result, DataReady) else 1


def prepare(kind: str, emit: Callable[[Event], None]) -> DataReady | Failed:
    """Find, fetch or draw the data.

    Args:
        kind: "auto", "fashion-mnist" or "drawn-garments".
        emit: Told what is being done, a few times a second.

    Returns:
        Where the data is, or why it is not to be had.
    """
    last = 0.0

    def tell(event: Preparing) -> None:
        nonlocal last
        now = time.monotonic()
        if event.done in (0, event.total) or now - last > _TELL_SECONDS:
            last = now
            emit(event)

    try:
        folder = home()
        search = Search(folder, tell=tell)
        with locked(folder / "datasets" / ".lock"):
            return search.find(kind)
    except HomeError as error:
        return Failed(str(error), "Then try again.")
    except DataError as error:
        return Failed(str(error), error.advice)
    except OSError as error:
        return Failed(
            f"The data could not be kept ({error}).",
            "Make room on the disk, or set LOSSVIZ_HOME to a folder that you may write to.",
        )


if __name__ == "__main__":
    sys.exit(main())
