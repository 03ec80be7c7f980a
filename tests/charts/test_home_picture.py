"""The live picture of the home page, as it is kept: torch's numbers, and the panel's picture."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from lossviz.charts import picture
from lossviz.charts.home_picture import FILE, LOSS, STILL, home_picture
from lossviz.charts.home_picture_file import draw
from lossviz.charts.slider_state import SUFFIX
from lossviz.charts.stage import EXACT, LATTICE
from lossviz.losses.call import exact
from lossviz.losses.catalogue import catalogue
from lossviz.losses.digits import shown
from lossviz.losses.held import held
from tests.charts.flat_layers import flat_layers

WRITE_IT = "run: python -m lossviz.charts.home_picture_file"
ENTRY = held(catalogue()[LOSS], STILL)


def table(name: str) -> pd.DataFrame:
    """One of the tables in the file."""
    found: pd.DataFrame = pa.ipc.open_stream(home_picture().tables[name]).read_all().to_pandas()
    return found


def settings() -> tuple[np.ndarray, np.ndarray]:
    """Prediction and beta of every row of the lattice."""
    beta, prediction = np.meshgrid(ENTRY.knobs[1].values, ENTRY.axis.values, indexing="ij")
    return prediction.ravel(), beta.ravel()


def plain(spec: Any) -> Any:  # noqa: ANN401 - JSON
    """A spec with tuples as lists."""
    if isinstance(spec, dict):
        return {key: plain(value) for key, value in spec.items()}
    return [plain(value) for value in spec] if isinstance(spec, list | tuple) else spec


def test_the_file_holds_what_torch_and_the_panel_draw_now() -> None:
    now, kept = draw(), home_picture()
    assert plain(now.spec) == kept.spec, WRITE_IT
    assert set(kept.tables) == set(now.tables)
    for name, stream in now.tables.items():
        drawn = pa.ipc.open_stream(stream).read_all()
        found = pa.ipc.open_stream(kept.tables[name]).read_all()
        assert found.schema == drawn.schema, WRITE_IT
        assert found.equals(drawn), WRITE_IT
    assert FILE.stat().st_size < 100_000


def test_the_numbers_are_those_of_the_formula() -> None:
    found, (prediction, beta) = table(LATTICE), settings()
    assert list(found["key"]) == list(range(len(prediction)))
    error = np.abs(prediction)
    squared = error < beta
    # Beside the squared zone what is divided by 0 is not used.
    with np.errstate(divide="ignore", invalid="ignore"):
        loss = np.where(squared, error**2 / (2 * beta), error - beta / 2)
        gradient = np.where(squared, prediction / beta, np.sign(prediction))
    assert found["loss"].to_numpy() == pytest.approx(loss, rel=1e-6, abs=1e-7)
    assert found["gradient"].to_numpy() == pytest.approx(gradient, rel=1e-6, abs=1e-7)


def test_a_single_call_of_torch_says_the_same_at_every_setting() -> None:
    # So the table that corrects the picture where the hand rests can stay empty.
    assert table(EXACT).empty
    found = table(LATTICE)[["loss", "gradient"]].to_numpy()
    for (loss, gradient), prediction, beta in zip(found, *settings(), strict=True):
        said = exact(ENTRY, {"prediction": prediction, "beta": beta, "target": "0"})
        assert (shown(loss), shown(gradient)) == (shown(said.loss), shown(said.gradient))


def test_what_is_left_out_of_the_panels_picture_would_draw_nothing() -> None:
    assert np.isfinite(table(LATTICE)[["loss", "gradient"]].to_numpy()).all()
    whole, kept = picture.spec(ENTRY), home_picture().spec
    for before, after in zip(whole["vconcat"], kept["vconcat"], strict=True):
        layers, left = flat_layers(plain(before["layer"])), flat_layers(after["layer"])
        gone = [layer for layer in layers if layer not in left]
        assert len(gone) == len(layers) - len(left)
        assert gone
        assert all({"filter": "datum.kind != ''"} in layer["transform"] for layer in gone)


def test_it_has_two_sliders_whose_steps_are_those_of_the_panel() -> None:
    sliders = {param["name"]: param["bind"] for param in home_picture().spec["params"] if "bind" in param}
    assert set(sliders) == {"prediction" + SUFFIX, "beta" + SUFFIX}
    for key in ("prediction", "beta"):
        knob, bound = catalogue()[LOSS].knob(key), sliders[key + SUFFIX]
        assert (bound["min"], bound["max"], bound["step"]) == (knob.low, knob.high, knob.step)
