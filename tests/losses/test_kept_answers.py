"""Answers that are kept are torch's own, and computed once."""

from __future__ import annotations

import pytest

from lossviz.losses import call, equations, kept_answers, worked
from lossviz.losses.catalogue import catalogue
from lossviz.losses.entry import LossEntry, Settings

every_preset = pytest.mark.parametrize(
    ("entry", "settings"),
    [
        pytest.param(entry, entry.defaults | dict(preset.settings), id=f"{entry.name}-{preset.key}")
        for entry in catalogue().values()
        for preset in entry.presets[:2]
    ],
)


@every_preset
def test_what_is_kept_is_what_torch_says(entry: LossEntry, settings: Settings) -> None:
    said = call.exact(entry, settings)
    assert repr(kept_answers.exact(entry, settings)) == repr(said)
    work = equations.at_work(entry, settings, said)
    assert kept_answers.at_work(entry, settings) == work
    parts = worked.worked_definitions(entry, settings, work.digits)
    assert kept_answers.worked_definitions(entry, settings, work.digits) == parts


def test_a_setting_is_asked_once_in_whatever_order_it_is_given() -> None:
    entry = catalogue()["SmoothL1Loss"]
    settings = dict(entry.defaults)
    turned = dict(reversed(settings.items()))
    assert kept_answers.exact(entry, settings) is kept_answers.exact(entry, turned)
    assert kept_answers.exact(entry, settings) is not kept_answers.exact(entry, {**settings, "beta": 2.0})
