"""What only a browser shows of the ranking losses: points on a plane that follow the hand."""

from __future__ import annotations

import re

import pytest
import torch
from playwright.sync_api import Page, expect

from lossviz.losses.call import exact
from lossviz.losses.catalogue import catalogue, in_category
from tests.browser.panel import (
    CHART,
    WORDS,
    expect_knob,
    expect_to_rest,
    expect_torch,
    open_panel,
    reading,
    rests,
    sent_frames,
    slider,
    watch_the_hand,
)
from tests.browser.visitors import expect_to_fit

PLANE_HEIGHT, REACH = 370, 3.25


def open_ranking(page: Page, url: str, link: str, knob: str) -> None:
    """Open a ranking panel and wait until its sliders and torch's answer are there."""
    open_panel(page, f"{url}/ranking?{link}", knob)


def on_plane(page: Page, x: float, y: float) -> tuple[float, float]:
    """Where a point of the plane lies on the page."""
    box = page.locator(CHART).bounding_box()
    assert box is not None
    unit = min(box["width"], PLANE_HEIGHT) / (2 * REACH)
    return box["x"] + box["width"] / 2 + x * unit, box["y"] + PLANE_HEIGHT / 2 - y * unit


def values(page: Page) -> dict[str, float]:
    """Where the sliders say that the two points are."""
    keys = ("negative_x", "negative_y", "positive_x", "positive_y")
    return {key: float(slider(page, key).input_value()) for key in keys}


def torchs_loss(at: dict[str, float]) -> float:
    """The loss of the triplet with the anchor in the middle."""
    points = ((0.0, 0.0), (at["positive_x"], at["positive_y"]), (at["negative_x"], at["negative_y"]))
    loss: float = torch.nn.TripletMarginLoss()(*(torch.tensor([point]) for point in points)).item()
    return loss


def test_the_negative_follows_the_hand_and_the_server_hears_of_it_at_rest(
    browser_page: Page, app_url: str
) -> None:
    sent = sent_frames(browser_page)
    open_ranking(browser_page, app_url, "loss=TripletMarginLoss", "negative_x")
    expect_to_rest(browser_page)
    expect(reading(browser_page)).to_contain_text("loss 0.292892 ")
    before = values(browser_page)
    watch_the_hand(browser_page)
    browser_page.mouse.move(*on_plane(browser_page, 1, -1))
    browser_page.mouse.down()
    at_rest = len(sent)
    for place in ((0.5, -0.5), (-0.5, -0.5), (-1.5, 0.5)):
        browser_page.mouse.move(*on_plane(browser_page, *place))
        now = values(browser_page)
        assert (now["negative_x"], now["negative_y"]) == place
        assert (now["positive_x"], now["positive_y"]) == (before["positive_x"], before["positive_y"])
        expect(reading(browser_page)).to_contain_text(f"loss {torchs_loss(now):.6g} ")
        assert len(sent) - at_rest <= rests(browser_page)
    browser_page.mouse.up()
    expect(browser_page).to_have_url(re.compile("negative_x=-1.5&negative_y=0.5"))
    expect(browser_page.get_by_test_id("stMetricValue").first).to_have_text(f"{torchs_loss(now):.6g}")


def test_the_positive_is_dragged_where_it_lies_and_stays_in_its_range(
    browser_page: Page, app_url: str
) -> None:
    open_ranking(browser_page, app_url, "loss=TripletMarginLoss", "negative_x")
    browser_page.mouse.move(*on_plane(browser_page, 0.5, 0.5))
    browser_page.mouse.down()
    browser_page.mouse.move(*on_plane(browser_page, 0, 0.5))
    browser_page.mouse.move(*on_plane(browser_page, -1, 0.5))
    assert values(browser_page) == {"negative_x": 1, "negative_y": -1, "positive_x": -1, "positive_y": 0.5}
    browser_page.mouse.move(*on_plane(browser_page, -2.5, 2.5))
    now = values(browser_page)
    assert (now["positive_x"], now["positive_y"]) == (-1, 1)
    browser_page.mouse.up()
    expect(browser_page.get_by_test_id("stMetricValue").first).to_have_text(f"{torchs_loss(now):.6g}")
    # The next press elsewhere moves the negative again.
    browser_page.mouse.click(*on_plane(browser_page, 2, 2))
    now = values(browser_page)
    assert (now["negative_x"], now["negative_y"], now["positive_x"]) == (2, 2, -1)


def test_swap_changes_the_answer_and_leaves_the_points(browser_page: Page, app_url: str) -> None:
    link = "loss=TripletMarginLoss&negative_x=2.5&negative_y=1.5&positive_x=1&positive_y=1"
    open_ranking(browser_page, app_url, link, "negative_x")
    expect_torch(browser_page, "0", "0")
    browser_page.get_by_text("on", exact=True).click()
    expect_torch(browser_page, "0.833075", "-0.948683")
    expect(reading(browser_page)).to_have_text("loss 0.833075 · ∂loss/∂n₀ -0.948683")
    expect_knob(browser_page, "negative_x", "2.5")


def test_the_tip_of_a_vector_is_dragged_to_an_angle_and_a_length(browser_page: Page, app_url: str) -> None:
    open_ranking(browser_page, app_url, "loss=CosineEmbeddingLoss&angle=60&length=2", "angle")
    name = browser_page.locator(WORDS, has_text="input2").bounding_box()
    assert name is not None
    # The name stands under the tip of the second vector, which is one unit long.
    unit = 230 / 4.1
    start_x, start_y = name["x"] + name["width"] / 2 - unit, name["y"] + name["height"] / 2 - 14
    browser_page.mouse.move(start_x + 40, start_y - 70)
    browser_page.mouse.down()
    browser_page.mouse.move(start_x + 4, start_y - 100)
    browser_page.mouse.move(start_x - 110, start_y - 110)
    angle, length = (float(slider(browser_page, key).input_value()) for key in ("angle", "length"))
    assert angle == pytest.approx(135, abs=6)
    assert length == pytest.approx(2.8, abs=0.5)
    cosine = catalogue()["CosineEmbeddingLoss"]
    loss = exact(cosine, {**cosine.defaults, "angle": angle, "length": length}).loss
    expect(reading(browser_page)).to_contain_text(f"loss {loss:.6g} ")
    browser_page.mouse.up()
    expect(browser_page).to_have_url(re.compile(f"angle={angle:g}"))


@pytest.mark.parametrize("name", [entry.name for entry in in_category("ranking")])
def test_each_panel_fits_a_phone(browser_page: Page, app_url: str, name: str) -> None:
    browser_page.set_viewport_size({"width": 390, "height": 900})
    open_ranking(
        browser_page,
        app_url,
        f"loss={name}",
        next(e for e in in_category("ranking") if e.name == name).axis.key,
    )
    expect(reading(browser_page)).to_be_visible()
    expect_to_fit(browser_page, CHART, 390)
