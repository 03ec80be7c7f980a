"""The view for a projector: it fills the window, can be read from the last row, and is as live as the panel."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from lossviz.losses.catalogue import catalogue
from lossviz.losses.entry import LossEntry
from tests.browser.panel import CHART, HANDLES, expect_knob, expect_torch, open_panel, reading, slider
from tests.browser.test_one_screen import KINDS
from tests.browser.visitors import Visitors, expect_whole_page

SMOOTH = catalogue()["SmoothL1Loss"]

WORDS = """
() => {
  const found = [];
  const words = document.createTreeWalker(document.querySelector(".stApp"), NodeFilter.SHOW_TEXT);
  while (words.nextNode()) {
    const node = words.currentNode.parentElement;
    // The small parts of a formula, as of every formula, and what only a screen reader or a press finds.
    const small = ".katex .msupsub, .katex .mfrac, .katex-mathml";
    const unseen = "style, script, .st-key-panel-title, [data-testid=stIconMaterial], body a";
    if (!/[^\\s\\u200b]/.test(words.currentNode.textContent) || node.closest(`${small}, ${unseen}`)) continue;
    const box = node.getBoundingClientRect();
    if (!node.checkVisibility() || box.bottom < 0 || !box.width) continue;
    const size = parseFloat(getComputedStyle(node).fontSize) * node.currentCSSZoom;
    found.push([words.currentNode.textContent.trim(), size]);
  }
  return found;
}
"""
"""Every piece of text that is shown, and the size of its letters on the screen."""

CONTRASTS = """
() => {
  const light = colour => colour.match(/[\\d.]+/g).slice(0, 3).map(part => part / 255)
    .map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, place) => sum + part * [0.2126, 0.7152, 0.0722][place], 0);
  const paper = light(getComputedStyle(document.querySelector(".stApp")).backgroundColor);
  return [...document.querySelectorAll(".role-axis text")].map(node => {
    const ink = light(getComputedStyle(node).fill);
    return (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
  });
}
"""
"""The contrast of the words of every axis, as WCAG defines it."""


def show(page: Page, app_url: str, entry: LossEntry) -> Page:
    """A panel on a projector."""
    open_panel(page, f"{app_url}/{entry.category}?loss={entry.name}&projector=1", entry.axis.key)
    expect(page.locator(".st-key-projector-leave")).to_be_visible()
    expect(page.locator(".st-key-formula .katex").first).to_be_visible()
    expect_whole_page(page)
    return page


@pytest.fixture
def projector(visitors: Visitors) -> Page:
    """A fresh page on a projector."""
    return visitors.open(1280, 720)


@pytest.mark.parametrize("name", ["SmoothL1Loss", "BCEWithLogitsLoss", "TripletMarginLoss", "CTCLoss"])
def test_every_word_can_be_read_from_afar(projector: Page, app_url: str, name: str) -> None:
    show(projector, app_url, catalogue()[name])
    words = projector.evaluate(WORDS)
    assert len(words) > 20
    assert [word for word in words if word[1] < 20] == []
    assert min(projector.evaluate(CONTRASTS) or [21]) >= 4.5


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_picture_and_the_number_fill_the_window(visitors: Visitors, app_url: str, scheme: str) -> None:
    page = show(visitors.open(1280, 720, color_scheme=scheme), app_url, SMOOTH)
    main = page.get_by_test_id("stMain")
    box = main.bounding_box()
    assert box == {"x": 0, "y": 0, "width": 1280, "height": 720}
    assert main.evaluate(
        "main => main.scrollHeight <= main.clientHeight && main.scrollWidth <= main.clientWidth"
    )
    for hidden in ("[data-testid=stHeader]", ".st-key-panel-head", "[data-testid=stCode]", ".st-key-section"):
        for part in page.locator(hidden).all():
            expect(part).to_be_hidden()
    picture = page.locator(CHART).first.bounding_box()
    assert picture is not None
    assert picture["width"] > 600
    assert picture["height"] > 500
    numbers = page.get_by_test_id("stMetricValue").evaluate_all(
        "found => found.map(node => parseFloat(getComputedStyle(node).fontSize) * node.currentCSSZoom)"
    )
    assert numbers[0] > 60 > numbers[1] > 20
    assert min(page.evaluate(CONTRASTS)) >= 4.5


FITS = """
() => {
  const main = document.querySelector("[data-testid=stMain]");
  return main.scrollHeight <= main.clientHeight;
}
"""
"""Whether nothing of the page has to be scrolled to."""


@pytest.mark.parametrize("name", [*KINDS, "complete_box_iou_loss", "TripletMarginWithDistanceLoss"])
def test_every_example_fits_the_window(projector: Page, app_url: str, name: str) -> None:
    entry = catalogue()[name]
    show(projector, app_url, entry)
    lesson = projector.locator(".st-key-projector-lesson")
    seen = lesson.inner_text()
    for _ in entry.presets:
        projector.get_by_role("button", name="Next").click()
        expect(lesson).not_to_have_text(seen)
        seen = lesson.inner_text()
        expect_whole_page(projector)
        projector.wait_for_function(FITS)


def test_the_point_follows_the_hand_and_the_link_keeps_the_view(projector: Page, app_url: str) -> None:
    show(projector, app_url, SMOOTH)
    point = projector.locator(HANDLES).first.bounding_box()
    assert point is not None
    x, y = point["x"] + point["width"] / 2, point["y"] + point["height"] / 2
    plot = projector.locator(".concat_0_group > g > .background").bounding_box()
    assert plot is not None
    projector.mouse.move(x, y)
    projector.mouse.down()
    # The axis goes from -5 to 5.
    projector.mouse.move(plot["x"] + 0.65 * plot["width"], y, steps=5)
    expect(reading(projector)).to_have_text("loss 1 · ∂loss/∂x 1")
    projector.mouse.up()
    expect_torch(projector, "1", "1")
    moved = projector.locator(HANDLES).first.bounding_box()
    assert moved is not None
    assert abs(moved["x"] + moved["width"] / 2 - plot["x"] - 0.65 * plot["width"]) < 2
    expect(projector).to_have_url(re.compile(r"prediction=1\.5&.*projector=1"))
    projector.reload()
    expect_knob(projector, "prediction", "1.5")
    expect(projector.locator(".st-key-projector-leave")).to_be_visible()


def test_one_press_leads_there_and_one_back(projector: Page, app_url: str) -> None:
    open_panel(projector, f"{app_url}/regression?loss=SmoothL1Loss", "prediction")
    slider(projector, "prediction").press("ArrowLeft")
    expect(projector.get_by_test_id("stMetricValue").first).to_have_text("1.9")
    projector.get_by_role("button", name="Projector", exact=True).click()
    expect(projector.locator(".st-key-projector-leave")).to_be_visible()
    expect_knob(projector, "prediction", "2.4")
    expect(projector).to_have_url(re.compile("projector=1"))
    projector.wait_for_function("document.fullscreenElement === document.documentElement")
    projector.get_by_role("button", name="Leave projector").click()
    expect(projector.locator(".st-key-examples")).to_be_visible()
    expect(projector.get_by_test_id("stHeader")).to_be_visible()
    expect_knob(projector, "prediction", "2.4")
    expect(projector).not_to_have_url(re.compile("projector"))
    projector.wait_for_function("document.fullscreenElement === null")


def test_the_key_escape_leads_back(projector: Page, app_url: str) -> None:
    show(projector, app_url, SMOOTH)
    projector.keyboard.press("Escape")
    expect(projector.locator(".st-key-examples")).to_be_visible()


def test_the_number_is_hidden_in_the_picture_until_it_is_revealed(projector: Page, app_url: str) -> None:
    show(projector, app_url, SMOOTH)
    expect(reading(projector)).to_be_visible()
    projector.get_by_role("button", name="Hide the number").click()
    expect_torch(projector, "?", "?")
    expect(reading(projector)).to_be_hidden()
    slider(projector, "prediction").press("ArrowRight")
    expect(projector).to_have_url(re.compile("prediction=2.6&"))
    expect(reading(projector)).to_be_hidden()
    projector.get_by_role("button", name="Reveal the number").click()
    expect_torch(projector, "2.1", "1")
    expect(reading(projector)).to_be_visible()
