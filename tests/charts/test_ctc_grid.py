"""The picture of CTC: the paths that it draws add up to torch's loss."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pytest

from lossviz.charts import ctc_grid
from lossviz.losses.catalogue import catalogue
from lossviz.losses.entry import Chosen
from lossviz.losses.lattice import lattice

CTC = catalogue()["CTCLoss"]
TARGET, FRAMES, _ = CTC.options
EVERY = [
    CTC.chosen({"target": target, "frames": frames})
    for target, frames in itertools.product(TARGET.choices, FRAMES.choices)
]
every_choice = pytest.mark.parametrize("chosen", EVERY, ids=lambda chosen: "-".join(v for _, v in chosen))


@every_choice
def test_the_paths_add_up_to_the_loss(chosen: Chosen) -> None:
    steps, table = ctc_grid.datasets(CTC, chosen, ())["ctc_paths"], lattice(CTC, chosen)
    for place in random.Random(1).sample(range(len(table)), 20):
        row = table.iloc[place]
        if len(steps) == 0:
            assert np.isposinf(row["loss"])
            continue
        # Each cell of a path is there twice.
        logs = row[steps["column"]].astype(float).to_numpy() / 2
        weights = np.exp(steps.assign(log=logs).groupby("path")["log"].sum())
        assert len(weights) == steps["count"].iloc[0]
        assert -np.log(weights.sum()) == pytest.approx(row["loss"], rel=1e-5, abs=1e-5)


@every_choice
def test_what_is_chosen_changes_rows_and_nothing_else(chosen: Chosen) -> None:
    usual, here = ctc_grid.datasets(CTC, CTC.chosen({}), ()), ctc_grid.datasets(CTC, chosen, ())
    assert list(usual) == list(here)
    for name, frame in here.items():
        assert list(frame.dtypes) == list(usual[name].dtypes)
        assert list(frame.columns) == list(usual[name].columns)


def test_without_a_path_the_picture_says_why() -> None:
    none = ctc_grid.datasets(CTC, CTC.chosen({"target": "aa", "frames": "2"}), ())["ctc_none"]
    assert none["short"].tolist() == ["No path of 2 frames spells aa: it needs 3."]
    assert none["why"].tolist() == ["Two equal symbols need a blank between them."]
    none = ctc_grid.datasets(CTC, CTC.chosen({"target": "ab", "frames": "1"}), ())["ctc_none"]
    assert none["short"].tolist() == ["No path of 1 frame spells ab: it needs 2."]
    assert none["why"].tolist() == [""]
    none = ctc_grid.datasets(CTC, CTC.chosen({"target": "ab", "frames": "2"}), ())["ctc_none"]
    assert none["short"].tolist() == [""]


def test_frames_beyond_the_input_length_are_not_read() -> None:
    cells = ctc_grid.datasets(CTC, CTC.chosen({"frames": "4"}), ())["ctc_cells"]
    assert cells.groupby("frame")["used"].all().tolist() == [True] * 4 + [False] * 2


def test_the_picture_stays_vector_graphics() -> None:
    # Streamlit takes a canvas for more than 2,000 marks, and then nothing in the picture can be read out.
    assert max(sum(map(len, ctc_grid.datasets(CTC, chosen, ()).values())) for chosen in EVERY) < 1_500
