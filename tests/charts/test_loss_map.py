"""The map of a loss over two knobs: every cell is torch's, and one drag moves both knobs."""

from __future__ import annotations

import json

import pytest

from lossviz.charts import loss_map, picture
from lossviz.losses.call import exact
from lossviz.losses.catalogue import catalogue
from lossviz.losses.lattice import lattice, strides

GAUSSIAN = catalogue()["GaussianNLLLoss"]


def test_its_axes_are_the_first_knob_and_the_other_learned_one() -> None:
    assert [knob.key for knob in loss_map.knobs(GAUSSIAN)] == ["prediction", "var"]
    with pytest.raises(ValueError, match="second learned knob"):
        loss_map.knobs(catalogue()["MSELoss"])


def test_a_cell_finds_torchs_loss_in_the_lattice() -> None:
    cells, table, stride = (
        loss_map.datasets(GAUSSIAN, (), ())["cells"],
        lattice(GAUSSIAN),
        strides(GAUSSIAN.knobs),
    )
    target = next(knob for knob in GAUSSIAN.knobs if knob.key == "target")
    # They cover the map without a gap or an overlap.
    area = (cells["right"] - cells["left"]) * (cells["top"] - cells["bottom"])
    wide, high = cells["right"].max() - cells["left"].min(), cells["top"].max() - cells["bottom"].min()
    assert area.sum() == pytest.approx(wide * high)
    for place in range(0, len(cells), 97):
        cell = cells.iloc[place]
        key = cell["column"] + stride["target"] * target.index(1) + stride["var"] * cell["row"]
        settings = GAUSSIAN.defaults | {"prediction": cell["prediction"], "target": 1, "var": cell["var"]}
        assert table.iloc[int(key)]["loss"] == pytest.approx(
            exact(GAUSSIAN, settings).loss, rel=1e-5, abs=2e-6
        )


def test_the_best_variance_of_the_lattice_is_the_squared_error() -> None:
    cells = loss_map.datasets(GAUSSIAN, (), ())["cells"]
    target, stride = GAUSSIAN.knob_defaults["target"], strides(GAUSSIAN.knobs)
    offset = stride["target"] * next(k for k in GAUSSIAN.knobs if k.key == "target").index(target)
    keys = cells["column"] + offset + stride["var"] * cells["row"]
    losses = lattice(GAUSSIAN)["loss"].to_numpy()[keys]
    best = cells.loc[cells.assign(loss=losses).groupby("column")["loss"].idxmin()]
    inside = best[(best["row"] > 0) & (best["row"] < best["row"].max())]
    assert len(inside) > 5
    squared = (inside["prediction"] - target) ** 2
    assert (inside["var"] - squared).abs().max() <= loss_map.knobs(GAUSSIAN)[1].step


def test_one_drag_moves_both_knobs_and_the_map_carries_the_sliders() -> None:
    assert set(loss_map.drags(GAUSSIAN)) == {"prediction", "var"}
    params = {param["name"]: param for param in picture.spec(GAUSSIAN)["params"]}
    assert set(params) == {"prediction_knob", "target_knob", "var_knob"}
    # The prediction is also moved by the curve below, whose axis it is.
    on_the_map = params["var_knob"]["select"]["on"]
    assert "map_grip" in on_the_map
    assert params["prediction_knob"]["select"]["on"].startswith(f"{on_the_map}, ")
    assert params["prediction_knob"]["select"]["on"] != params["target_knob"]["select"]["on"]


def test_the_map_speaks_without_numbers_of_the_moment() -> None:
    said = loss_map.alt_text(GAUSSIAN)
    assert "prediction" in said
    assert "var" in said
    assert not any(character.isdigit() for character in said)


def test_nothing_that_an_option_changes_is_in_the_spec() -> None:
    written = json.dumps(loss_map.draw(GAUSSIAN, ())[0].to_dict())
    assert "full" not in written
    assert "eps" not in written
