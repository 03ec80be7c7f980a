"""The small curves in the file are what torch says now."""

from __future__ import annotations

import math

import pytest

from lossviz.charts.small_curve import HEIGHT, WIDTH, data_url, path, svg
from lossviz.losses.call import available, exact
from lossviz.losses.catalogue import catalogue
from lossviz.losses.entry import LossEntry
from lossviz.losses.small_curves import SmallCurve, measure, small_curves

every_entry = pytest.mark.parametrize("entry", catalogue().values(), ids=lambda entry: entry.name)


@every_entry
def test_the_file_holds_what_torch_says(entry: LossEntry) -> None:
    if not available(entry):
        pytest.skip(f"the installed torch has no {entry.name}")
    kept = small_curves().get(entry.name)
    assert kept is not None, "run: python -m lossviz.losses.small_curves"
    assert len(kept.losses) == entry.axis.count
    for place in range(0, entry.axis.count, 7):
        said = exact(entry, entry.defaults | {entry.axis.key: entry.axis.at(place)}).loss
        found = kept.losses[place]
        if math.isfinite(said):
            assert found == pytest.approx(said, rel=1e-3, abs=1e-6), (
                "run: python -m lossviz.losses.small_curves"
            )
        else:
            assert found is None
    now = measure(entry)
    assert (kept.low, kept.high) == pytest.approx((now.low, now.high), rel=1e-3, abs=1e-6)


def test_the_file_holds_nothing_else() -> None:
    assert set(small_curves()) <= set(catalogue())


def test_a_curve_is_one_stroke_within_the_picture() -> None:
    drawn = path(SmallCurve((2.0, 1.0, 0.0, 1.0, 2.0), 0, 2))
    assert drawn == "M3.0 3.0L31.5 24.0L60.0 45.0L88.5 24.0L117.0 3.0"
    assert max(map(float, drawn[1:].replace("L", " ").split()[::2])) < WIDTH


def test_a_loss_that_is_not_finite_leaves_a_gap_and_one_outside_stays_near() -> None:
    drawn = path(SmallCurve((0.0, None, 1.0, 1e30), 0, 1))
    assert drawn.count("M") == 2
    assert f"L117.0 {-HEIGHT:.1f}" in drawn


def test_a_long_curve_gives_up_points_but_not_its_ends() -> None:
    drawn = path(SmallCurve(tuple(float(place) for place in range(1001)), 0, 1000))
    assert drawn.startswith("M3.0 45.0L")
    assert drawn.endswith("L117.0 3.0")
    assert len(drawn) < 1000


def test_the_picture_can_stand_in_a_style_sheet() -> None:
    curve = SmallCurve((0.0, 1.0), 0, 1)
    assert "<path" in svg(curve)
    # Nothing in it ends the quoted URL or the style element around it.
    assert not set('"<>\\\n#') & set(data_url(curve))
