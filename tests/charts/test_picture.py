"""The picture of a loss: one spec whatever the knobs say, and data that it can find."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from lossviz.charts import picture, roles
from lossviz.charts.knob_params import expression
from lossviz.charts.slider_state import chosen, starting_at
from lossviz.charts.stage import EXACT, answer_columns
from lossviz.losses.call import Exact, exact
from lossviz.losses.catalogue import catalogue
from lossviz.losses.entry import LossEntry
from lossviz.losses.lattice import lattice, overlay_knobs, overlay_lattice, strides
from lossviz.losses.plain_symbol import gradient_name, named

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
    data = picture.datasets(entry, (), tuple(entry.overlays))
    assert named_data(picture.spec(entry)) == {*data, EXACT}
    assert all(isinstance(frame, pd.DataFrame) and len(frame) for frame in data.values())


@every_entry
def test_an_overlay_changes_data_and_nothing_else(entry: LossEntry) -> None:
    off, on = picture.datasets(entry), picture.datasets(entry, (), tuple(entry.overlays))
    assert list(off) == list(on)
    for name in off:
        assert list(off[name].columns) == list(on[name].columns)
        assert list(off[name].dtypes) == list(on[name].dtypes)
        # The one that the curve always shows is there from the start.
        assert (len(off[name]) == 0) == (name.startswith("overlay_") and not entry.reference)


@every_entry
def test_every_line_laid_over_finds_its_own_answers(entry: LossEntry) -> None:
    chosen, names = entry.chosen({}), tuple(entry.overlays)
    data = picture.datasets(entry, chosen, names)
    for name in names:
        (line,) = (part for label, part in data["overlay_lines"].groupby("name") if label == name)
        own = overlay_lattice(entry, name, chosen)
        place = {knob.key: knob.index(knob.default) for knob in entry.knobs[1:]}
        key = line["base"] + line["index"] + sum(line[f"stride_{k}"] * at for k, at in place.items())
        stride = strides(overlay_knobs(entry, name))
        first = sum(stride[k] * at for k, at in place.items() if k in stride)
        expected = own["loss"].to_numpy()[first : first + entry.axis.count]
        found = data["overlay_answers"].set_index("key").loc[key, "loss"].to_numpy()
        assert np.array_equal(found, expected, equal_nan=True)


def test_an_overlay_of_no_sibling_is_refused() -> None:
    with pytest.raises(KeyError):
        picture.datasets(SMOOTH, (), ("CTCLoss",))


@every_entry
def test_there_is_a_slider_for_every_knob_on_its_lattice(entry: LossEntry) -> None:
    params = {param["name"]: param for param in picture.spec(entry)["params"] if "bind" in param}
    assert set(params) == {f"{knob.key}_knob" for knob in entry.knobs}
    for knob in entry.knobs:
        bound = params[f"{knob.key}_knob"]["bind"]
        assert (bound["input"], bound["min"], bound["max"], bound["step"], bound["name"]) == (
            "range",
            knob.low,
            knob.high,
            knob.step,
            f"{named(knob)} ",
        )


@every_entry
def test_a_start_moves_the_sliders_and_leaves_the_cached_spec_alone(entry: LossEntry) -> None:
    before = json.dumps(picture.spec(entry))
    start = {knob.key: knob.high for knob in entry.knobs}
    moved = starting_at(picture.spec(entry), start)
    assert json.dumps(picture.spec(entry)) == before
    assert {p["name"]: p["value"] for p in moved["params"] if "bind" in p} == {
        f"{k}_knob": [{k: v}] for k, v in start.items()
    }
    assert {**moved, "params": None} == {**picture.spec(entry), "params": None}


def test_the_reference_of_focal_loss_is_drawn_whatever_is_laid_over() -> None:
    entry = catalogue()["sigmoid_focal_loss"]
    lines = picture.datasets(entry)["overlay_lines"]
    assert set(lines["name"]) == {"BCEWithLogitsLoss"} == {entry.reference}
    assert lines.equals(picture.datasets(entry, (), ("BCEWithLogitsLoss",))["overlay_lines"])


def test_a_preset_brings_a_window_that_holds_what_its_lesson_says() -> None:
    entry = catalogue()["SmoothL1Loss"]
    outlier = next(preset for preset in entry.presets if preset.key == "outlier")
    row = picture.framed_tables(entry, (), outlier)["one"].to_pylist()[0]
    # An error of 8: MSE costs 64 and pulls with 16.
    assert row["loss_low"] <= 0 < 64 < row["loss_high"]
    assert row["gradient_low"] < 0 < 16 < row["gradient_high"]
    assert "loss_high" not in picture.tables(entry, (), ())["one"].column_names
    assert picture.framed_tables(entry, (), None) == {} == picture.framed_tables(entry, (), entry.presets[1])
    edges = {param["name"]: param["expr"] for param in picture.spec(entry)["params"] if "expr" in param}
    assert set(edges) == {"loss_low", "loss_high", "gradient_low", "gradient_high"}
    assert edges["loss_high"].endswith(f": {entry.loss_window[1]}")


@every_entry
def test_the_gradient_goes_by_its_name(entry: LossEntry) -> None:
    name = gradient_name(entry)
    spec = json.dumps(picture.spec(entry), ensure_ascii=False)
    assert f" + ' · {name} ' + " in spec
    if "curve" in entry.views:
        assert f'"title": "{name}"' in spec
        assert f" {name}, " in picture.alt_text(entry)
    assert '"title": "gradient"' not in spec


@every_entry
def test_the_alternative_text_names_the_loss_and_every_view(entry: LossEntry) -> None:
    text = picture.alt_text(entry)
    assert text.startswith(f"{entry.name}. ")
    assert all(picture.VIEWS[name].alt_text(entry) in text for name in entry.views)


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


def test_options_are_fields_of_the_row() -> None:
    placed = expression("target - log(p) >= 0 and p == 2", SMOOTH.knobs, ("p",))
    assert placed == "target_knob_target - log(datum.p) >= 0 && datum.p == 2"


@every_entry
def test_what_is_laid_over_differs_in_colour_and_in_dash(entry: LossEntry) -> None:
    assert len({roles.overlay_role(entry, name) for name in entry.overlays}) == len(entry.overlays)
    assert len({tuple(roles.overlay_dash(entry, name)) for name in entry.overlays}) == len(entry.overlays)


@every_entry
def test_options_change_data_and_nothing_else(entry: LossEntry) -> None:
    for option in entry.options:
        for label in option.choices:
            changed = picture.datasets(entry, ((option.key, label),))
            for name, frame in picture.datasets(entry).items():
                assert list(changed[name].columns) == list(frame.columns), (name, label)
                assert list(changed[name].dtypes) == list(frame.dtypes), (name, label)


@every_entry
def test_what_torch_says_at_rest_overrides_the_lattice_where_its_digits_are_others(entry: LossEntry) -> None:
    settings = entry.defaults | dict(entry.presets[-1].settings)
    said = exact(entry, settings)
    # One digit that is seen is another: the whole row is said.
    other = replace(said, gradient=1.5 if said.gradient != 1.5 else 2.5)
    (row,) = picture.exact_table(entry, settings, other).to_pylist()
    given = lattice(entry, entry.chosen(settings)).iloc[row.pop("key")]
    assert list(row) == [column for column in answer_columns(entry) if column != "segment"]
    assert (row.pop("loss"), row.pop("gradient")) == pytest.approx((said.loss, other.gradient), nan_ok=True)
    assert row == pytest.approx(
        {column: float(given[column]) for column in row}, rel=1e-4, abs=1e-5, nan_ok=True
    )
    # Where all are the lattice's own, nothing is said, so that nothing is sent.
    columns = {probe.key: probe.columns for probe in entry.probes}
    same = Exact(
        float(given["loss"]),
        float(given["gradient"]),
        {key: tuple(float(given[column]) for column in named) for key, named in columns.items()},
    )
    assert picture.exact_table(entry, settings, same).num_rows == 0
