"""The specs of all pictures, written ahead by a process of its own: ``python -m lossviz.ui.specs_ahead FOLDER``.

On a server that has none, Altair would write each when somebody first asks for it, and let the whole class wait
meanwhile. This process writes them in the background and ends with its server.
"""

from __future__ import annotations

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
from lossviz.charts.kept_specs import Spec
from lossviz.losses.catalogue import CATEGORIES, catalogue, in_category
from lossviz.training.child import leave_with_parent, step_back
from lossviz.training.classes import CLASS_NAMES


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
    yield from (partial(picture.projector_spec, entry) for entry in (*first, *others))


def main() -> None:
    """Write all that is missing; the only argument is the folder."""
    leave_with_parent()
    # The page comes first; a training run, which steps back further, is slowed for these few seconds.
    step_back(by=1)
    folder = Path(sys.argv[1])
    kept_specs.keep_in(folder)
    written = [write() for write in every_spec()]
    kept_specs.Shelf(folder).note_complete(len(written))


if __name__ == "__main__":
    main()
