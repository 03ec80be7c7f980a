"""The one rule for a number: the page and the code write it alike."""

from __future__ import annotations

from lossviz.losses.call import exact
from lossviz.losses.catalogue import catalogue
from lossviz.losses.code import program
from lossviz.losses.digits import shown
from lossviz.losses.snippet import run


def test_minus_zero_is_zero() -> None:
    entry = catalogue()["MarginRankingLoss"]
    settings = (
        entry.defaults | dict(entry.presets[0].settings) | {"score_1": 2.0, "score_2": -2.0, "margin": 0.0}
    )
    said = exact(entry, settings)
    assert str(said.gradient) == "-0.0"
    assert shown(said.gradient) == "0"
    assert run(program(entry, settings)).said == "0"
    assert run(program(entry, settings, whole=True)).said.splitlines()[-2:] == ["gradient 0", "0"]


def test_what_is_small_is_not_zero() -> None:
    assert [shown(v) for v in (-1.52582e-9, 6e-6, -1e-45)] == ["-1.52582e-09", "6e-06", "-1e-45"]
