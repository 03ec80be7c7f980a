"""Bars by class: each group on its own scale, each bar with its number, the true classes marked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from lossviz.charts import bars, picture, roles
from lossviz.losses.catalogue import catalogue
from lossviz.losses.entry import BarGroup, LossEntry

WITH_BARS = [entry for entry in catalogue().values() if "bars" in entry.views]
every_entry = pytest.mark.parametrize("entry", WITH_BARS, ids=lambda entry: entry.name)
CROSS_ENTROPY = catalogue()["CrossEntropyLoss"]
UP, DOWN, BOTH = (
    BarGroup(title, ("logit_0", "logit_1", "logit_2"), ("0", "1", "2"), domain)
    for title, domain in (("up", (0, 1)), ("down", (-10, 0)), ("both", (-6, 6)))
)


def with_bars(*rows: tuple[BarGroup, ...]) -> LossEntry:
    """Cross-entropy with other bars."""
    return replace(CROSS_ENTROPY, bars=rows)


def layers(part: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - a part of a JSON document
    """Every layer of a spec that has a mark."""
    if isinstance(part, dict):
        here = [part] if "mark" in part else []
        return [*here, *(layer for value in part.values() for layer in layers(value))]
    return [layer for value in part for layer in layers(value)] if isinstance(part, list) else []


@every_entry
def test_every_bar_is_a_row_and_finds_its_number(entry: LossEntry) -> None:
    data = bars.datasets(entry, (), ())
    answers = {column for probe in entry.probes for column in probe.columns} | {"loss", "gradient"}
    options = {name for option in entry.options for name in option.symbols}
    for row, frame in zip(entry.bars, data.values(), strict=True):
        assert list(frame["column"]) == [column for group in row for column in group.columns]
        assert set(frame["column"]) <= answers | options | set(entry.knob_defaults)
        assert set(frame["bar_role"]) | set(frame["label_role"]) <= set(roles.ROLES)


@every_entry
def test_the_bars_change_with_the_options_in_data_alone(entry: LossEntry) -> None:
    before = [plot.to_dict() for plot in bars.draw(entry, ())]
    last = tuple((option.key, list(option.choices)[-1]) for option in entry.options)
    for first, then in zip(
        bars.datasets(entry, (), ()).values(), bars.datasets(entry, last, ()).values(), strict=True
    ):
        assert list(first.dtypes) == list(then.dtypes)
        assert list(first["place"]) == list(then["place"])
    assert [plot.to_dict() for plot in bars.draw(entry, ())] == before


def test_a_gap_parts_two_groups() -> None:
    (frame,) = bars.datasets(with_bars((UP, BOTH)), (), ()).values()
    assert list(frame["place"]) == [0, 1, 2, 4, 5, 6]
    assert list(frame["title"]) == ["up", "", "", "both", "", ""]
    assert list(frame["middle"].unique()) == [1, 5]


def test_each_group_uses_the_whole_height_on_its_own_scale() -> None:
    (frame,) = bars.datasets(with_bars((UP, DOWN, BOTH)), (), ()).values()
    up, down, both = (frame[frame["place"].between(start, start + 2)].iloc[0] for start in (0, 4, 8))
    assert up["zero"] == up["floor"]
    assert down["zero"] == down["ceiling"]
    assert both["zero"] == pytest.approx((both["floor"] + both["ceiling"]) / 2)
    for group in (up, down, both):
        assert group["zero"] + group["high"] * group["unit"] == pytest.approx(group["ceiling"])
        assert group["zero"] + group["low"] * group["unit"] == pytest.approx(group["floor"])
    # Only where a bar can point is there room for its number.
    assert up["ceiling"] == both["ceiling"] < down["ceiling"]
    assert down["floor"] == both["floor"] > up["floor"]


def test_a_row_without_negative_numbers_is_lower() -> None:
    flat, tall = (bars.drawn_row(with_bars((UP,), (UP, BOTH)), place) for place in (0, 1))
    assert flat.to_dict()["height"] < tall.to_dict()["height"]


@pytest.mark.parametrize(("target", "true"), [("0", [0]), ("2", [2]), ("-100", [])])
def test_the_true_class_is_marked_in_words_and_colour(target: str, true: list[int]) -> None:
    frame = bars.datasets(with_bars((BOTH,)), (("target", target),), ())["bars_0"]
    assert [place for place, label in enumerate(frame["label"]) if label.startswith("✓")] == true
    assert [place for place, role in enumerate(frame["label_role"]) if role == roles.TARGET] == true


def test_a_list_of_labels_ends_at_the_first_negative_one() -> None:
    entry = catalogue()["MultiLabelMarginLoss"]
    frame = bars.datasets(entry, (("labels", "0,2"),), ())["bars_0"]
    assert list(frame["label"]) == ["✓ 0", "1", "✓ 2"] * 2


def test_groups_that_do_not_stand_for_the_classes_are_not_marked() -> None:
    two = BarGroup("two", ("loss", "gradient"), ("loss", "gradient"), (0, 1))
    frame = bars.datasets(with_bars((two,)), (("target", "0"),), ())["bars_0"]
    assert list(frame["label"]) == ["loss", "gradient"]


def test_the_numbers_of_an_option_are_bars_too() -> None:
    entry = catalogue()["KLDivLoss"]
    frame = bars.datasets(entry, (("target", "0.7,0.2,0.1"),), ())["bars_0"]
    assert list(frame["given"][:3]) == [0.7, 0.2, 0.1]


@every_entry
def test_no_layer_has_an_axis(entry: LossEntry) -> None:
    # Vega-Lite fails where one layer of a plot has an axis and another has none.
    for plot in bars.draw(entry, ()):
        for layer in layers(plot.to_dict()):
            for channel in ("x", "y"):
                place = layer["encoding"].get(channel, {})
                assert "value" in place or place["axis"] is None


@every_entry
def test_the_words_for_those_who_do_not_see_name_every_group(entry: LossEntry) -> None:
    assert all(group.title in picture.alt_text(entry) for row in entry.bars for group in row)
    assert bars.drags(entry) == {}
