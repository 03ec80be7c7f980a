"""The run doctor on the training page: its words, its mark in the picture, its thresholds; and the range test."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from lossviz.training.diagnosis import Thresholds
from lossviz.training.events import Epoch
from lossviz.training.looking_inside import RangeTest
from lossviz.training.settings import Settings
from lossviz.ui.training.doctor_part import diagnosis_of, marks, thresholds_of
from lossviz.ui.training.range_test_part import test_of as range_test_of
from lossviz.ui.training.state import TrainingState
from tests.ui.fake_jobs import FakeJobs
from tests.ui.run_page import finished_page

TRAIN = [1.0, 0.7, 0.5, 0.4, 0.3, 0.22, 0.16]
OVERFITS = [1.1, 0.9, 0.8, 0.85, 0.95, 1.05, 1.1]


def with_curves(jobs: FakeJobs, train: Sequence[float], validation: Sequence[float]) -> None:
    """The run measures these losses."""
    run = jobs.runs["run-1"]
    epochs = tuple(
        Epoch(number, t, t, 0.9, 900, v, 0.8, 100, 1000.0, 1.0)
        for number, (t, v) in enumerate(zip(train, validation, strict=True), start=1)
    )
    jobs.runs["run-1"] = replace(run, epochs=epochs)


def page(jobs: FakeJobs, train: Sequence[float] = TRAIN, validation: Sequence[float] = OVERFITS) -> AppTest:
    """The page of a run with these losses."""
    app = finished_page(jobs, Settings(epochs=len(train)))
    with_curves(jobs, train, validation)
    return good(app.run())


def good(app: AppTest) -> AppTest:
    """The app, if nothing was raised."""
    assert not app.exception
    return app


def doctor(app: AppTest) -> str:
    """What the doctor says."""
    (said,) = (each.value for each in app.markdown if each.value.startswith("**The doctor**"))
    return str(said)


def notes(app: AppTest) -> bytes:
    """The rows that the loss picture marks."""
    (found,) = (
        each.data.data for each in app.get("vega_lite_chart")[0].proto.datasets if each.name == "notes"
    )
    return bytes(found)


def test_the_verdict_stands_with_its_evidence_its_advice_and_its_mark(jobs: FakeJobs) -> None:
    app = page(jobs)
    said = doctor(app)
    assert "overfitting" in said
    assert "Overfitting since epoch 3" in said
    assert "best after epoch 3, 0\\.8" in said
    assert "Try: Stop there" in said
    assert b"overfitting since epoch 3" in notes(app)


def test_marks_are_data_alone(jobs: FakeJobs) -> None:
    app = page(jobs)
    before = app.get("vega_lite_chart")[0].proto
    with_curves(jobs, TRAIN, TRAIN)
    after = good(app.run()).get("vega_lite_chart")[0].proto
    assert (before.spec, before.alt) == (after.spec, after.alt)
    assert b"overfitting" not in notes(app)
    assert "healthy" in doctor(app)


def test_it_looks_after_each_epoch_while_the_run_goes(jobs: FakeJobs) -> None:
    app = finished_page(jobs, Settings(epochs=7))
    going = replace(jobs.runs["run-1"], state="running", result=None, predictions=None)
    jobs.runs["run-1"] = replace(going, epochs=going.epochs[:1])
    assert "too early" in doctor(good(app.run()))
    jobs.runs["run-1"] = replace(going, epochs=going.epochs[:2])
    assert "too early" not in doctor(good(app.run()))


def test_moving_a_threshold_diagnoses_anew_and_back(jobs: FakeJobs) -> None:
    app = page(jobs)
    app.session_state["training/doctor"] = True
    good(app.run())
    assert any("Teaching defaults, tuned on a few runs" in each.value for each in app.caption)
    app.slider(key="training/doctor/overfitting_rise").set_value(45).run()
    assert "overfitting" not in doctor(good(app))
    app.slider(key="training/doctor/noise").set_value(0.5).run()
    assert "noisy" in doctor(good(app))
    app.button(key="training/doctor/reset").click().run()
    assert "overfitting" in doctor(good(app))
    assert app.button(key="training/doctor/reset").disabled


def test_folded_thresholds_draw_no_slider_and_still_count(jobs: FakeJobs) -> None:
    app = page(jobs)
    assert not app.slider
    app.session_state["training/doctor"] = True
    app.run()
    app.slider(key="training/doctor/overfitting_epochs").set_value(9).run()
    app.session_state["training/doctor"] = False
    assert "overfitting" not in doctor(good(app.run()))


def test_every_threshold_can_be_moved_and_stands_at_its_default(jobs: FakeJobs) -> None:
    app = page(jobs)
    app.session_state["training/doctor"] = True
    good(app.run())
    assert len(app.slider) == len(Thresholds.__dataclass_fields__)
    state = TrainingState(owner="somebody")
    assert thresholds_of(state) == Thresholds()
    for slider in app.slider:
        state.kept[str(slider.key)] = slider.value
    assert thresholds_of(state) == Thresholds()


def test_early_stopping_is_told_with_the_best_epoch(jobs: FakeJobs) -> None:
    app = finished_page(jobs, Settings(epochs=20, early_stopping=3))
    run = jobs.runs["run-1"]
    assert run.result is not None
    jobs.runs["run-1"] = replace(run, result=replace(run.result, best_epoch=3, stopped_early=6))
    good(app.run())
    (told,) = (each.value for each in app.info if "Stopped early" in each.value)
    assert "after epoch 6 of 20" in told
    assert "for 3 epochs" in told
    assert "Epoch 3 was best" in told
    assert b"best: epoch 3" in notes(app)


def test_a_run_without_anything_measured_has_no_doctor(jobs: FakeJobs) -> None:
    run_id = jobs.submit(Settings(), "somebody")
    state = TrainingState(owner="somebody")
    assert diagnosis_of(state, jobs.runs[run_id]) is None
    assert marks(None, jobs.runs[run_id]) == []


def a_range_test(jobs: FakeJobs, found: RangeTest | None) -> AppTest:
    """The page of a range test that has ended."""
    app = finished_page(jobs, Settings(range_test=True))
    run = jobs.runs["run-1"]
    assert run.result is not None
    jobs.runs["run-1"] = replace(
        run,
        epochs=(),
        predictions=None,
        step_losses=tuple(2.3 - 0.01 * step for step in range(150)),
        result=replace(run.result, range_test=found),
    )
    return good(app.run())


RATES = [10.0 ** (step / 20 - 6) for step in range(100)]


def words(app: AppTest) -> str:
    """All sentences on the page."""
    return "\n".join(str(each.value) for each in [*app.markdown, *app.caption, *app.info])


def test_a_range_test_shows_its_picture_and_gives_its_suggestion_away(jobs: FakeJobs) -> None:
    app = a_range_test(jobs, RangeTest(RATES, [2.3] * 100, [2.3] * 100, 0.00312, 0.01, 0.2))
    assert "most steeply at **0.0031**" in words(app)
    assert "lowest at 0.01" in words(app)
    assert "At 0.2 it is back above its start" in words(app)
    assert "The doctor" not in words(app)
    assert len(app.get("vega_lite_chart")) == 1
    assert "trains no network to look into" in words(app)
    app.button(key="training/range/take").click().run()
    settings = good(app).session_state["training"].settings
    assert (settings.learning_rate, settings.range_test) == (0.0031, False)


@pytest.mark.parametrize(
    "found", [RangeTest(RATES, [2.3] * 100, [2.3] * 100), RangeTest([1e-6], [math.nan], [math.nan])]
)
def test_a_range_test_that_finds_nothing_suggests_nothing(jobs: FakeJobs, found: Any) -> None:  # noqa: ANN401 - a test
    app = a_range_test(jobs, found)
    assert "does not fall at any rate" in words(app)
    assert all(button.key != "training/range/take" for button in app.button)


def test_a_range_test_is_read_from_its_steps_while_it_goes(jobs: FakeJobs) -> None:
    run_id = jobs.submit(Settings(range_test=True), "somebody")
    run = replace(jobs.runs[run_id], step_losses=(2.3, 2.2, 2.1))
    assert len(range_test_of(run).rates) == 3
    assert range_test_of(replace(run, step_losses=())).rates == []
