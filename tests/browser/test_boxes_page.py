"""What only a browser shows of the plane of boxes: the hand moves a box, and a unit is as long up as across."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from lossviz.losses.call import exact
from lossviz.losses.catalogue import catalogue
from lossviz.losses.digits import shown
from tests.browser.panel import CHART, WORDS, open_panel, slider
from tests.browser.visitors import Visitors

GIOU = "generalized_box_iou_loss"


def open_boxes(page: Page, url: str, link: str) -> None:
    """Open a panel and wait for its sliders and torch's answer."""
    open_panel(page, f"{url}/boxes?{link}", "x")


def said(page: Page, start: str) -> Locator:
    """A text in the picture."""
    return page.locator(WORDS, has_text=re.compile(f"^{start}"))


def centre(page: Page, name: str) -> tuple[float, float]:
    """Where the name of a box stands: the middle of its text, in pixels."""
    box = said(page, name).first.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def expect_torch(page: Page, settings: dict[str, float]) -> None:
    """Wait for what torch says of a setting."""
    entry = catalogue()[GIOU]
    answer = exact(entry, entry.defaults | settings)
    expect(page.get_by_test_id("stMetricValue")).to_have_text([shown(answer.loss), shown(answer.gradient)])


def test_the_box_can_be_dragged_over_the_plane(browser_page: Page, app_url: str) -> None:
    open_boxes(browser_page, app_url, f"loss={GIOU}&x=2&y=3")
    expect(said(browser_page, "IoU")).to_have_text("IoU 0")
    # Both names stand at a known distance from their boxes, so they tell where a unit lies.
    own_x, own_y = centre(browser_page, "prediction")
    unit = (centre(browser_page, "target")[0] - own_x) / 3
    grip = own_y - unit
    browser_page.mouse.move(own_x, grip)
    browser_page.mouse.down()
    browser_page.mouse.move(own_x + unit, grip - unit / 4)
    browser_page.mouse.move(own_x + 2 * unit, grip - unit)
    x, y = (float(slider(browser_page, knob).input_value()) for knob in ("x", "y"))
    assert x == pytest.approx(4, abs=0.25)
    assert 3.5 <= y <= 4.5
    # The picture answers before the hand rests.
    entry = catalogue()[GIOU]
    overlap = exact(entry, entry.defaults | {"x": x, "y": y}).probes["iou"][0]
    expect(said(browser_page, "IoU")).to_have_text(f"IoU {overlap:.6g}")
    browser_page.mouse.up()
    expect(browser_page).to_have_url(re.compile(rf"x={x:g}&y={y:g}&"))
    expect_torch(browser_page, {"x": x, "y": y})


@pytest.mark.parametrize("width", [1400, 390])
def test_a_square_is_drawn_as_a_square(visitors: Visitors, app_url: str, width: int) -> None:
    page = visitors.open(width)
    open_boxes(page, app_url, f"loss={GIOU}&x=2&y=3&width=2&height=2")
    shapes = page.locator(f"{CHART} path[aria-roledescription='rect mark']").evaluate_all(
        "marks => marks.map(mark => { const box = mark.getBBox(); return [box.width, box.height]; })"
    )
    # The true box and the predicted one are both two by two, filled and outlined.
    squares = [size for size in shapes if size[0] > 30 and abs(size[0] - size[1]) < 0.01 * size[0]]
    assert len(squares) >= 4


def test_without_overlap_the_plain_loss_is_flat_and_the_picture_says_where_giou_pulls(
    browser_page: Page, app_url: str
) -> None:
    open_boxes(browser_page, app_url, f"loss={GIOU}")
    browser_page.get_by_role("button", name="No overlap").click()
    # A preset draws a new chart, and the old one stays until the page has been run to its end.
    expect(said(browser_page, "loss 1.36 · ∂loss/∂x -0.128")).to_have_count(1)
    expect(said(browser_page, "1 − IoU").first).to_be_visible()
    expect(said(browser_page, "no pull")).to_have_count(0)
    browser_page.get_by_role("button", name="A cross").click()
    expect(said(browser_page, "loss 1.24444 · ∂loss/∂x 0").first).to_be_visible()
    expect(said(browser_page, "no pull").first).to_be_visible()


@pytest.mark.parametrize("name", [e.name for e in catalogue().values() if e.category == "boxes"])
def test_the_target_can_be_chosen_and_the_picture_follows(
    browser_page: Page, app_url: str, name: str
) -> None:
    open_boxes(browser_page, app_url, f"loss={name}&x=5&y=3&width=3&height=1")
    browser_page.get_by_test_id("stMain").get_by_text("wide", exact=True).click()
    expect(said(browser_page, "IoU")).to_have_text(["IoU 1"])
    expect(browser_page).to_have_url(re.compile("target=wide"))
