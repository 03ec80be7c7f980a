"""A projector of 1280 x 720 shows the whole idea of every loss at once, and narrower windows cut nothing."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

from lossviz.losses.catalogue import catalogue
from lossviz.losses.entry import LossEntry
from tests.browser.panel import expect_to_rest, open_panel
from tests.browser.visitors import Visitors

OUTSIDE = """
([plots, wanted]) => {
  const parts = {
    "switch and summary": ".st-key-panel-head",
    "presets": ".st-key-examples",
    "lesson": ".st-key-lesson p",
    "knobs": "form.vega-bindings input",
    "picture": Array.from({ length: plots }, (_, place) =>
      `.concat_${place}_group > g > .background, .concat_${place}_group .role-axis text`).join(", "),
    "torch's numbers": "[data-testid=stMetric]",
    "formula": ".st-key-formula",
  };
  const problems = [];
  for (const [name, css] of Object.entries(parts)) {
    if (wanted.length && !wanted.includes(name)) continue;
    const boxes = [...document.querySelectorAll(css)].map(node => node.getBoundingClientRect());
    const left = Math.min(...boxes.map(box => box.left)), right = Math.max(...boxes.map(box => box.right));
    const top = Math.min(...boxes.map(box => box.top)), bottom = Math.max(...boxes.map(box => box.bottom));
    if (!(0 <= left && left < right && right <= innerWidth && 0 <= top && top < bottom && bottom <= innerHeight))
      problems.push(`${name}: ${left} to ${right} across, ${top} to ${bottom} down`);
  }
  return problems;
}
"""
"""The parts of a panel that the window does not show whole, or that are not there."""

KINDS = [
    "SmoothL1Loss",
    "GaussianNLLLoss",
    "CrossEntropyLoss",
    "CosineEmbeddingLoss",
    "TripletMarginLoss",
    "CTCLoss",
    "AdaptiveLogSoftmaxWithLoss",
    "generalized_box_iou_loss",
]
"""A loss for each kind of picture."""


def address(app_url: str, entry: LossEntry) -> str:
    return f"{app_url}/{entry.category}?loss={entry.name}"


def plots_of_the_idea(page: Page, entry: LossEntry) -> int:
    """How many plots a first look needs: all but the rows of bars that stand below the rest on purpose."""
    plots = page.locator("[data-testid=stVegaLiteChart] svg [class*=concat_][class*=_group]").evaluate_all(
        "groups => new Set(groups.flatMap(group => [...group.classList].filter("
        "name => /^concat_\\d+_group$/.test(name)))).size"
    )
    return int(plots) - (len(entry.bars) - 1 if "more_bars" in entry.views else 0)


def expect_on_one_screen(page: Page, entry: LossEntry, *parts: str) -> None:
    """Wait until the window shows the parts whole, by default all: a formula or a font may come a moment later."""
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    asked = [plots_of_the_idea(page, entry), list(parts)]
    try:
        page.wait_for_function(f"asked => !({OUTSIDE})(asked).length", arg=asked)
    except PlaywrightTimeoutError:
        assert page.evaluate(OUTSIDE, asked) == []


@pytest.mark.parametrize("name", list(catalogue()))
def test_a_projector_shows_the_whole_idea_at_every_preset(
    visitors: Visitors, app_url: str, name: str
) -> None:
    entry = catalogue()[name]
    page = visitors.open(1280, 720)
    open_panel(page, address(app_url, entry), entry.axis.key)
    expect_to_rest(page)
    expect_on_one_screen(page, entry)
    for preset in entry.presets:
        page.get_by_role("button", name=preset.title, exact=True).click()
        expect(page.locator(".st-key-lesson p")).to_contain_text(preset.title)
        expect(page.locator("[role=graphics-document]").first).to_have_attribute(
            "aria-label", re.compile(f"^{name}. ")
        )
        expect_on_one_screen(page, entry)


@pytest.mark.parametrize("name", KINDS)
def test_a_smaller_projector_shows_picture_and_number(visitors: Visitors, app_url: str, name: str) -> None:
    entry = catalogue()[name]
    page = visitors.open(1024, 768)
    open_panel(page, address(app_url, entry), entry.axis.key)
    expect_to_rest(page)
    expect_on_one_screen(page, entry, "picture", "torch's numbers")


@pytest.mark.parametrize("name", KINDS)
def test_nothing_is_cut_at_one_and_a_half_times_the_size(visitors: Visitors, app_url: str, name: str) -> None:
    entry = catalogue()[name]
    # What a browser makes of a window of 1280 x 720 at a zoom of 150 %.
    page = visitors.open(853, 480, device_scale_factor=1.5)
    open_panel(page, address(app_url, entry), entry.axis.key)
    expect_to_rest(page)
    for css in ("[data-testid=stMain]", ".st-key-panel-head", ".st-key-examples", ".st-key-torch-numbers"):
        page.wait_for_function(
            "css => { const part = document.querySelector(css); return part.scrollWidth <= part.clientWidth; }",
            arg=css,
        )
    cut = page.locator(".stApp :is(button, a, p)").evaluate_all(
        "found => found.filter(node => node.checkVisibility() && getComputedStyle(node).overflowX !== 'visible' && "
        "node.scrollWidth > node.clientWidth + 1 && node.clientWidth > 1).map(node => node.textContent)"
    )
    assert cut == []
