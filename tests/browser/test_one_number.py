"""Wherever the hand rests, picture, reading, metric, formula, code, link and sliders say the same number.

A walk over each loss: presses, drags, keys, a finger, the window, the theme, the panel's buttons and the browser's
own, in an order drawn from a seed. `LOSSVIZ_WALK_SEED` gives another seed, `LOSSVIZ_WALK_STEPS` another number of
operations a loss.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from lossviz.losses.catalogue import catalogue
from lossviz.losses.entry import LossEntry
from tests.browser.visitors import Visitors
from tests.browser.walk.hand import DisagreementError
from tests.browser.walk.operations import OPERATIONS, fitting
from tests.browser.walk.walker import Walker, Way, walk, way_from_environment
from tests.live_server import ROOT, live_server

every_entry = pytest.mark.parametrize("entry", list(catalogue().values()), ids=lambda entry: entry.name)


@pytest.fixture(scope="module")
def way() -> Way:
    """The walk to walk."""
    return way_from_environment()


@pytest.fixture(scope="module")
def walker(browser: Browser, app_url: str, way: Way) -> Iterator[Walker]:
    """One visitor for all losses."""
    came = Visitors(browser)
    yield Walker(came, app_url, way.seed)
    came.close()


@every_entry
def test_everything_says_one_number_wherever_the_hand_rests(
    walker: Walker, way: Way, entry: LossEntry
) -> None:
    with walker.at(entry) as hand:
        walk(hand, way.plan(entry))


@every_entry
def test_a_walk_meets_every_operation_that_a_loss_allows(entry: LossEntry) -> None:
    assert sorted(Way(11).plan(entry)) == sorted(fitting(entry))
    missing = {"option"} if not entry.options else set()
    missing |= {"overlay"} if not set(entry.overlays) - {entry.reference} else set()
    assert set(fitting(entry)) == set(OPERATIONS) - missing


def test_a_seed_and_a_length_make_a_walk_repeatable(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = catalogue()["HuberLoss"]
    monkeypatch.setenv("LOSSVIZ_WALK_SEED", "5")
    monkeypatch.setenv("LOSSVIZ_WALK_STEPS", "60")
    way = way_from_environment()
    assert way == Way(5, 60)
    assert len(way.plan(entry)) == 60
    assert way.plan(entry) == way.plan(entry) != Way(6, 60).plan(entry)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("LOSSVIZ_WALK_SEED", "x", "LOSSVIZ_WALK_SEED must be a whole number, not 'x'"),
        ("LOSSVIZ_WALK_STEPS", "2.5", "LOSSVIZ_WALK_STEPS must be a whole number, not '2.5'"),
        ("LOSSVIZ_WALK_STEPS", "0", "LOSSVIZ_WALK_STEPS must be 1 or more, not 0"),
    ],
)
def test_a_seed_or_length_that_is_none_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValueError, match=said):
        way_from_environment()


FAULT = """
import copy

from lossviz.charts import slider_state

whole = slider_state.starting_at

def with_the_fault(spec, knobs):
    drawn = copy.deepcopy(whole(spec, knobs))
    for param in drawn["params"]:
        if "pointermove" in param.get("select", {}).get("on", ""):
            every_press = "pointerdown, [pointerdown, window:pointerup] > pointermove"
            param["select"] = {**param["select"], "on": every_press}
    first, *others = drawn["vconcat"]
    for plot in others:
        plot["layer"] = [layer for layer in plot["layer"] if layer.get("mark", {}).get("opacity") != 0]
    return {**drawn, "vconcat": [first, *others]}

slider_state.starting_at = with_the_fault
"""
"""What was once wrong: sliders that hear every press in the picture, and a lower plot without their values."""


def test_a_walk_fails_where_a_press_sets_a_knob_to_nothing(
    browser: Browser, tmp_path: Path, server_home: Path
) -> None:
    # Python runs a module of this name before anything else.
    (tmp_path / "sitecustomize.py").write_text(FAULT)
    paths = os.pathsep.join([str(tmp_path), str(ROOT)])
    came = Visitors(browser)
    with (
        live_server(server_home, env={"PYTHONPATH": paths}) as server,
        Walker(came, server.url, 11).at(catalogue()["SmoothL1Loss"]) as hand,
    ):
        walk(hand, ["key_on_a_slider"])
        # What does not come is not waited for as long.
        hand.patience = 10
        with pytest.raises(DisagreementError) as failure:
            walk(hand, ["press_in_the_last_plot"])
        # Whatever a busy machine had not shown by then: the knob has lost its number.
        hand.page.wait_for_function(
            "[...document.querySelectorAll('.vega-bind input + span')].some(said => said.textContent === '')"
        )
    came.close()
    told = str(failure.value)
    assert "press in the last plot" in told
    assert "slider prediction" in told
    assert "reading" in told
    assert "seed 11" in told
