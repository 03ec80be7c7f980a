"""Colours: what is laid over a loss never looks like the loss."""

from __future__ import annotations

import tomllib
from math import dist

import pytest

from lossviz.charts import bars, roles
from lossviz.losses.catalogue import catalogue
from lossviz.losses.entry import LossEntry
from tests.live_server import ROOT

_THEMES = tomllib.loads((ROOT / ".streamlit/config.toml").read_text())["theme"]
_CLEARLY_APART = 35
"""In CIELAB, where two colours that hardly differ lie 2 apart. Shades of one blue lie 8 to 20 apart."""


def lab(colour: str) -> tuple[float, float, float]:
    """A colour such as #0072B2 in CIELAB, under the light of a screen (D65)."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    white_x, white_z = 0.95047, 1.08883
    xyz = (
        (0.4124 * r + 0.3576 * g + 0.1805 * b) / white_x,
        0.2126 * r + 0.7152 * g + 0.0722 * b,
        (0.0193 * r + 0.1192 * g + 0.9505 * b) / white_z,
    )
    x, y, z = (v ** (1 / 3) if v > (6 / 29) ** 3 else v * (29 / 6) ** 2 / 3 + 4 / 29 for v in xyz)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def test_the_measure_knows_black_white_and_grey() -> None:
    assert lab("#000000") == pytest.approx((0, 0, 0), abs=0.1)
    assert lab("#FFFFFF") == pytest.approx((100, 0, 0), abs=0.1)
    assert lab("#0000FF") == pytest.approx((32.3, 79.2, -107.9), abs=0.1)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("entry", list(catalogue().values()), ids=lambda entry: entry.name)
def test_what_is_laid_over_a_loss_has_a_colour_of_its_own(entry: LossEntry, theme: str) -> None:
    colours = dict(zip(roles.ROLES, _THEMES[theme]["chartCategoricalColors"], strict=True))
    worn = [colours[roles.overlay_role(entry, name)] for name in entry.overlays]
    assert len(set(worn)) == len(worn)
    own = lab(colours[roles.LOSS])
    assert all(dist(lab(colour), own) > _CLEARLY_APART for colour in worn), worn


def test_the_bar_of_the_other_direction_has_the_colour_of_its_curve() -> None:
    entry = catalogue()["KLDivLoss"]
    above, below = (
        bars.datasets(entry, (), ())[f"bars_{row}"].set_index("column")["bar_role"] for row in (0, 1)
    )
    assert above["kl_q_p"] == roles.overlay_role(entry, "directions swapped")
    # The same column stands in two groups, as the loss and as a part of cross-entropy.
    assert (above["kl_p_q"], below["kl_p_q"]) == (roles.LOSS, roles.INK)
