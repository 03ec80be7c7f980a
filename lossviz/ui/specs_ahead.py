"""The specs of all pictures, written ahead by a process of its own: ``python -m lossviz.ui.specs_ahead FOLDER``.

On a server that has none, Altair would write each when somebody first asks for it, and let the whole class wait
meanwhile. This process writes them on the other core and ends with its server.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import get_args

from lossviz.charts import (
    confusion,
    embedding_plane,
    gradient_norms,
    kept_specs,
    landscape,
    loss_histogram,
    picture,
    probabilities,
    range_test,
    reliability,
    run_overlay,
    training_curves,
)
from lossviz.charts.altair_when_drawn import alt
from lossviz.charts.kept_specs import Spec
from lossviz.losses.catalogue import CATEGORIES, catalogue, in_category
from lossviz.training.child import leave_with_parent, step_back
from lossviz.training.child_process import ChildProcess
from lossviz.training.classes import CLASS_NAMES

_LOG = logging.getLogger(__name__)


def write_ahead(folder: Path) -> ChildProcess | None:
    """Start to write the specs that a server will need, if it has not got them yet.

    Args:
        folder: Where they are kept, as `kept_specs.keep_in` was told.

    Returns:
        The process, which ends when all is written, or with this one. None where there is none: all is written
        already, or no process can be started, and each spec is written when it is first asked for.
    """
    if kept_specs.Shelf(folder).complete:
        return None
    command = (sys.executable, "-m", __name__, str(folder))
    try:
        return ChildProcess(command, on_event=lambda *_: None, on_end=_ended)
    except OSError as error:
        _LOG.warning("No picture is drawn ahead; each is drawn when it is first shown: %s", error)
        return None


def every_spec() -> Iterator[Callable[[], Spec]]:
    """What writes each spec of the app: first those that a class sees first, the first loss of each page."""
    first = [in_category(category)[0] for category in CATEGORIES]
    others = [entry for entry in catalogue().values() if entry not in first]
    yield from (partial(picture.spec, entry) for entry in first)
    yield from (training_curves.loss_spec, training_curves.accuracy_spec, training_curves.embed_spec)
    yield from (partial(picture.spec, entry) for entry in others)
    yield from (partial(run_overlay.spec, kind) for kind in get_args(run_overlay.Kind))
    yield from (partial(chart.spec, CLASS_NAMES) for chart in (confusion, embedding_plane, probabilities))
    yield from (gradient_norms.spec, landscape.spec, loss_histogram.spec, range_test.spec, reliability.spec)


def _ended(_: ChildProcess, status: int, errors: str) -> None:
    if status:
        _LOG.warning(
            "Not every picture was drawn ahead; the others are drawn when they are first shown. %s", errors
        )


def main() -> None:
    """Write all that is missing; the only argument is the folder."""
    leave_with_parent()
    # The page comes first; a training run, which has the lowest priority, can wait for these few seconds.
    step_back(by=1)
    folder = Path(sys.argv[1])
    kept_specs.keep_in(folder)
    # Each part of a picture would be checked when it is made; the tests do that.
    with alt.utils.schemapi.debug_mode(arg=False):
        for write in every_spec():
            write()
    kept_specs.Shelf(folder).note_complete()


if __name__ == "__main__":
    main()
