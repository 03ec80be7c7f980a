"""What there is to see of a run that has ended: the views of each task, one at a time, and their words."""

from __future__ import annotations

import importlib
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from lossviz.training.calibration import sample_losses
from lossviz.training.events import Epoch
from lossviz.training.looking_inside import Landscape
from lossviz.training.results import Predictions, save_predictions
from lossviz.training.settings import Settings
from lossviz.training.tasks.looks import Pictures, Plane
from lossviz.ui.training.look_inside.calibration import calibration_words
from lossviz.ui.training.look_inside.gradients import gradient_table, gradient_words
from lossviz.ui.training.look_inside.landscape import landscape_words
from lossviz.ui.training.look_inside.loss_by_image import loss_words
from lossviz.ui.training.look_inside.reconstructions import reconstruction_errors
from tests.ui.fake_jobs import FakeJobs
from tests.ui.run_page import finished_page

CLASSIFY = Settings(epochs=2)
RECONSTRUCT = Settings(task="reconstruct", loss="MSELoss", epochs=2)
EMBED = Settings(task="embed", loss="TripletMarginLoss", epochs=2)
NORMS = {"1 Conv2d 1 → 16, 3x3": 0.02, "8 Linear 32 → 10": 0.5}


def open_tab(app: AppTest, tab: str) -> AppTest:
    """The page with this tab open."""
    app.session_state["training/look"] = tab
    app.run()
    assert not app.exception
    return app


def words(app: AppTest) -> str:
    """All sentences on the page."""
    return "\n".join(str(each.value) for each in [*app.markdown, *app.caption, *app.info])


def charts(app: AppTest) -> list[Any]:
    """The messages of the charts below the curves."""
    return [chart.proto for chart in app.get("vega_lite_chart")[2:]]


def captions(app: AppTest) -> list[str]:
    """What stands under the pictures of the open tab."""
    shown = [image.caption for group in app.get("image") for image in group.proto.imgs]
    return [each for each in shown if ": error " in each]


def tabs(app: AppTest) -> list[str]:
    """The names of the tabs."""
    return [tab.label for tab in app.tabs]


def with_epochs(jobs: FakeJobs, **looks: Any) -> None:  # noqa: ANN401 - fields of an epoch
    """The run's epochs saw this too."""
    run = jobs.runs["run-1"]
    jobs.runs["run-1"] = replace(run, epochs=tuple(replace(epoch, **looks) for epoch in run.epochs))


def without_looks(jobs: FakeJobs) -> None:
    """The run kept no pictures and no plane."""
    run = jobs.runs["run-1"]
    assert run.initial is not None
    jobs.runs["run-1"] = replace(run, initial=replace(run.initial, pictures=None, plane=None))
    with_epochs(jobs, pictures=None, plane=None)


def with_result(jobs: FakeJobs, **found: Any) -> None:  # noqa: ANN401 - fields of an outcome
    """The run came to this too."""
    run = jobs.runs["run-1"]
    assert run.result is not None
    jobs.runs["run-1"] = replace(run, result=replace(run.result, **found))


def predictions(probability: list[float], right: list[bool]) -> Predictions:
    """Images of class 0 whose named class has this probability."""
    rows = []
    for each, good in zip(probability, right, strict=True):
        row = np.full(10, (1 - each) / 9, np.float32)
        row[0 if good else 1] = each
        rows.append(row)
    count = len(probability)
    return Predictions(np.arange(count), np.zeros(count, np.int64), np.stack(rows))


def test_a_classifier_has_every_look(jobs: FakeJobs) -> None:
    assert tabs(finished_page(jobs, CLASSIFY)) == [
        "Confusion",
        "Worst mistakes",
        "Calibration",
        "Loss by image",
        "Gradients",
        "Landscape",
        "Try a picture",
        "Your own picture",
        "Take home",
    ]


@pytest.mark.parametrize(("settings", "first"), [(RECONSTRUCT, "Reconstructions"), (EMBED, "Plane")])
def test_what_does_not_apply_to_a_task_says_why(jobs: FakeJobs, settings: Settings, first: str) -> None:
    app = finished_page(jobs, settings)
    jobs.runs["run-1"] = replace(jobs.runs["run-1"], predictions=None)
    app.run()
    assert tabs(app) == [first, "Gradients", "Landscape", "Your own picture", "Take home"]
    assert "There is no confusion matrix" in words(app)
    assert "left no predictions" not in words(app)


def test_nothing_of_a_closed_tab_is_computed(jobs: FakeJobs, monkeypatch: pytest.MonkeyPatch) -> None:
    computed: list[str] = []
    for place in (
        "confusion.confusion",
        "loss_by_image.sample_losses",
        "calibration.reliability",
        "gradients.gradient_table",
        "worst_mistakes.worst_mistakes",
    ):
        module, name = place.split(".")
        within = importlib.import_module(f"lossviz.ui.training.look_inside.{module}")
        real = getattr(within, name)

        def note(*args: Any, _name: str = name, _real: Any = real) -> Any:  # noqa: ANN401 - as it is called
            computed.append(_name)
            return _real(*args)

        monkeypatch.setattr(within, name, note)
    app = finished_page(jobs, CLASSIFY)
    assert computed == ["confusion"]
    computed.clear()
    open_tab(app, "Loss by image")
    assert computed == ["sample_losses"]


def test_the_open_tab_is_remembered_over_a_visit_elsewhere(jobs: FakeJobs) -> None:
    app = finished_page(jobs, CLASSIFY)
    app.session_state["training"].kept["training/look"] = "Calibration"
    app.switch_page("pages/home.py").run()
    app.switch_page("pages/training.py").run()
    assert "Expected calibration error" in words(app)


def test_calibration_and_loss_by_image_are_told_in_the_runs_own_numbers(jobs: FakeJobs) -> None:
    app = open_tab(finished_page(jobs, CLASSIFY), "Calibration")
    assert "expected calibration error of 0." in words(app)
    assert any(each.name == "diagonal" for each in charts(app)[0].datasets)
    open_tab(app, "Loss by image")
    assert "**5 % of images with the largest loss carry" in words(app)
    assert "5 images," in words(app)
    assert any(b"100 validation images" in each.data.data for each in charts(app)[0].datasets)


def test_which_way_the_confidence_errs() -> None:
    sure = calibration_words(predictions([0.9] * 10, [True] * 5 + [False] * 5))
    assert "too sure of itself" in sure
    assert "90.0 %, and 50.0 % are right" in sure
    assert "40.0 percentage points" in sure
    assert "expected calibration error of 0.400" in sure
    assert "not sure enough" in calibration_words(predictions([0.6] * 4, [True] * 4))
    assert "as sure as it is right" in calibration_words(predictions([0.75] * 4, [True] * 3 + [False]))


def test_few_errors_carry_the_mean() -> None:
    found = loss_words(sample_losses(predictions([0.99] * 40, [True] * 38 + [False] * 2)))
    wrong, right = 2 * -math.log(0.01 / 9), 38 * -math.log(0.99)
    assert (
        f"5 % of images with the largest loss carry {wrong / (wrong + right) * 100:.0f} % of the mean"
        in found
    )
    assert "2 images, 2 of them classified wrongly" in found


def test_losses_without_a_mean_are_told() -> None:
    assert "1 image has an infinite loss" in loss_words(sample_losses(predictions([1.0, 0.9], [False, True])))
    assert loss_words(sample_losses(predictions([1.0], [True]))) == "Every image has a loss of 0."
    assert "no validation images" in loss_words(pd.DataFrame({"loss": [], "right": [], "carried": []}))


def test_a_diverged_network_names_no_class(jobs: FakeJobs) -> None:
    app = finished_page(jobs, CLASSIFY)
    path = jobs.runs["run-1"].predictions
    assert path is not None
    labels = np.arange(100) % 10
    save_predictions(Predictions(np.arange(100), labels, np.full((100, 10), np.nan, np.float32)), path)
    for tab in ("Confusion", "Calibration", "Loss by image"):
        assert "has diverged" in words(open_tab(app, tab))
    assert "Worst mistakes" not in tabs(app)


def test_gradients_by_layer(jobs: FakeJobs) -> None:
    app = finished_page(jobs, CLASSIFY)
    assert "did not measure its gradients" in words(open_tab(app, "Gradients"))
    with_epochs(jobs, gradient_norms=NORMS)
    app.run()
    assert "longest in layer 8, Linear 32 → 10 (0.5)" in words(app)
    assert "shortest in layer 1, Conv2d" in words(app)
    assert "a factor of 25 between them" in words(app)
    assert len(charts(app)) == 1
    assert set(gradient_table(jobs.runs["run-1"])["epoch"]) == {1, 2}


def table(**norms: float) -> pd.DataFrame:
    """Norms after the third epoch."""
    return pd.DataFrame({"epoch": [3] * len(norms), "layer": list(norms), "norm": list(norms.values())})


def test_gradients_that_are_gone_are_told() -> None:
    assert "exactly 0** in one" in gradient_words(table(one=0.0, two=1.0))
    assert "not finite" in gradient_words(table(one=math.nan, two=1.0))
    assert gradient_words(table(one=0.25)) == "After epoch 3 the gradient of one has a norm of 0.25."


def test_the_landscape_comes_with_its_caveat(jobs: FakeJobs) -> None:
    app = finished_page(jobs, CLASSIFY)
    assert "Switch on the loss landscape" in words(open_tab(app, "Landscape"))
    with_result(
        jobs, landscape=Landscape(1.0, 3, 64, 0.3, [2.0, 1.0, 2.0, 1.0, 0.3, 1.0, 2.0, 1.0, 2.0], 2.0)
    )
    app.run()
    assert "A slice is not the landscape" in words(app)
    assert "trained weights lie at **0.3**" in words(app)
    assert "64 training images" in words(app)
    assert len(charts(app)) == 1


def test_the_landscape_in_words() -> None:
    bowl = np.array([[2.0, 1.0], [1.0, 0.3]])
    assert "No point of the slice is lower" in landscape_words(bowl, 0.3)
    assert "they are no minimum" in landscape_words(bowl, 0.9)
    broken = landscape_words(np.array([[math.inf, 1.0], [math.nan, 0.3]]), 0.3)
    assert "At 1 point the loss is not finite" in broken
    assert "1 point was not measured" in broken
    assert "nothing to see" in landscape_words(bowl, math.nan)


def test_reconstructions_worst_first(jobs: FakeJobs) -> None:
    app = finished_page(jobs, RECONSTRUCT)
    without_looks(jobs)
    assert "left no reconstructions" in words(open_tab(app, "Reconstructions"))
    originals = np.zeros((2, 28, 28), np.uint8)
    drawn = np.stack([originals[0], np.full((28, 28), 255, np.uint8)])
    pictures = Pictures.pack([5, 6], [3, 8], originals, drawn)
    assert reconstruction_errors(pictures).tolist() == [0.0, 1.0]
    with_epochs(jobs, pictures=pictures)
    with_result(jobs, metrics={"mean squared error": 0.0347, "mean absolute error": 0.11})
    app.run()
    assert [metric.value for metric in app.metric][-2:] == ["0.0347", "0.1100"]
    assert captions(app) == ["Bag: error 1.0000", "Dress: error 0.0000"]


def test_an_epoch_before_the_last_can_be_looked_at(jobs: FakeJobs) -> None:
    app = open_tab(finished_page(jobs, RECONSTRUCT), "Reconstructions")
    without_looks(jobs)
    run = jobs.runs["run-1"]
    white, black = np.full((1, 28, 28), 255, np.uint8), np.zeros((1, 28, 28), np.uint8)
    looks = [Pictures.pack([5], [3], white, drawn) for drawn in (black, white)]
    epochs = tuple(replace(epoch, pictures=look) for epoch, look in zip(run.epochs, looks, strict=True))
    jobs.runs["run-1"] = replace(run, epochs=epochs)
    assert captions(app.run()) == ["Dress: error 0.0000"]
    app.select_slider(key="training/look/epoch/run-1").set_value(1).run()
    assert captions(app) == ["Dress: error 1.0000"]


def test_scores_are_not_taken_for_probabilities(jobs: FakeJobs) -> None:
    app = finished_page(jobs, Settings(epochs=2, loss="MultiMarginLoss"))
    for tab in ("Calibration", "Loss by image"):
        assert any("No probabilities" in each.value for each in open_tab(app, tab).warning)
    assert not open_tab(finished_page(jobs, CLASSIFY), "Calibration").warning


def test_the_plane_and_its_nearest_neighbours(jobs: FakeJobs) -> None:
    app = finished_page(jobs, EMBED)
    without_looks(jobs)
    assert "left no plane" in words(open_tab(app, "Plane"))
    with_epochs(jobs, plane=Plane.pack([1, 2], [3, 8], np.array([[0.0, 1.0], [1.0, 0.0]], np.float32)))
    with_result(jobs, metrics={"active share": 0.25})
    app.run()
    assert any(b"after epoch 2 of 2" in each.data.data for each in charts(app)[-1].datasets)
    assert "At the end the nearest neighbour of **84.1 %**" in words(app)
    assert "25.0 % of the validation triplets or pairs still have a loss" in words(app)


def test_an_epoch_has_the_fields_that_are_read() -> None:
    names = Epoch.__dataclass_fields__
    assert {"gradient_norms", "plane", "pictures", "metrics"} <= set(names)
