"""The picture of a loss: one spec whatever the knobs say, and data that it can find."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest

from lossviz.charts import loss_curve, roles
from lossviz.charts.knob_params import chosen, expression, starting_at
from lossviz.losses.catalogue import catalogue
from lossviz.losses.entry import LossEntry

ENTRIES = list(catalogue().values())
every_entry = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
SMOOTH = catalogue()["SmoothL1Loss"]


def named_data(part: Any) -> set[str]:  # noqa: ANN401 - a part of a JSON document
    """The names of all datasets that a spec draws from."""
    if isinstance(part, dict):
        here = {part["data"]["name"]} if isinstance(part.get("data"), dict) else set()
        return here.union(*(named_data(value) for value in part.values()))
    return set[str]().union(*(named_data(value) for value in part)) if isinstance(part, list) else set()


@every_entry
def test_the_spec_finds_its_data(entry: LossEntry) -> None:
    data = loss_curve.datasets(entry, tuple(entry.overlays))
    assert named_data(loss_curve.spec(entry)) == set(data)
    assert all(isinstance(frame, pd.DataFrame) and len(frame) for frame in data.values())


@every_entry
def test_an_overlay_changes_data_and_nothing_else(entry: LossEntry) -> None:
    off, on = loss_curve.datasets(entry, ()), loss_curve.datasets(entry, tuple(entry.overlays))
    assert list(off) == list(on)
    for name in off:
        assert list(off[name].columns) == list(on[name].columns)
        assert list(off[name].dtypes) == list(on[name].dtypes)
        assert (len(off[name]) == 0) == name.startswith("overlay_")


def test_an_overlay_of_no_sibling_is_refused() -> None:
    with pytest.raises(KeyError):
        loss_curve.datasets(SMOOTH, ("CTCLoss",))


@every_entry
def test_there_is_a_slider_for_every_knob_on_its_lattice(entry: LossEntry) -> None:
    params = {param["name"]: param for param in loss_curve.spec(entry)["params"]}
    assert set(params) == {f"{knob.key}_knob" for knob in entry.knobs}
    for knob in entry.knobs:
        bound = params[f"{knob.key}_knob"]["bind"]
        assert (bound["input"], bound["min"], bound["max"], bound["step"]) == (
            "range",
            knob.low,
            knob.high,
            knob.step,
        )


@every_entry
def test_a_start_moves_the_sliders_and_leaves_the_cached_spec_alone(entry: LossEntry) -> None:
    before = json.dumps(loss_curve.spec(entry))
    start = {knob.key: knob.high for knob in entry.knobs}
    moved = starting_at(loss_curve.spec(entry), start)
    assert json.dumps(loss_curve.spec(entry)) == before
    assert {p["name"]: p["value"] for p in moved["params"]} == {
        f"{k}_knob": [{k: v}] for k, v in start.items()
    }
    assert {**moved, "params": None} == {**loss_curve.spec(entry), "params": None}


@every_entry
def test_the_alternative_text_names_the_loss_and_holds_no_number_of_the_moment(entry: LossEntry) -> None:
    text = loss_curve.alt_text(entry)
    assert entry.name in text
    assert not any(character.isdigit() for character in text.replace(entry.name, ""))


def test_what_the_browser_reports_is_snapped_and_rubbish_is_left_out() -> None:
    knobs = SMOOTH.knobs
    assert chosen({"prediction_knob": [{"prediction": 1.2300001}]}, knobs) == {"prediction": 1.2}
    assert chosen({"beta_knob": [{"beta": 99}], "target_knob": {}}, knobs) == {"beta": 4}
    rubbish: Any
    for rubbish in (
        [],
        [{}],
        [{"beta": "1"}],
        [{"beta": None}],
        [{"beta": float("nan")}],
        "x",
        3,
        [{"x": 1}],
    ):
        assert chosen({"beta_knob": rubbish}, knobs) == {}


def test_only_formulas_in_the_knobs_place_marks() -> None:
    assert expression("target + 2 * beta", SMOOTH.knobs) == "target_knob_target + 2 * beta_knob_beta"
    with pytest.raises(KeyError):
        expression("target + gamma", SMOOTH.knobs)


def test_siblings_differ_in_colour_and_in_dash() -> None:
    assert len({roles.sibling_role(entry) for entry in ENTRIES}) == len(ENTRIES)
    assert len({tuple(roles.sibling_dash(entry)) for entry in ENTRIES}) == len(ENTRIES)
