"""Everyone can use the pages: axe finds no fault on them that it does not find in Streamlit alone."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from lossviz.losses.catalogue import CATEGORIES, catalogue
from tests.browser.panel import expect_to_rest, open_panel, slider
from tests.browser.visitors import Visitors, expect_whole_page
from tests.live_server import live_server
from tests.patience import PATIENCE

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    "rules": {"heading-order": {"enabled": True}},
    "resultTypes": ["violations"],
}
"""WCAG 2.2, levels A and AA, and the order of headings."""

PART = """
css => {
  const node = document.querySelector(css);
  const part = node && node.closest("[data-testid]");
  return part ? part.dataset.testid : "page";
}
"""
"""The part of Streamlit that an element belongs to."""


def faults(page: Page) -> dict[tuple[str, ...], str]:
    """What axe finds on a page: by rule, part of Streamlit and colours, the first element and what is wrong with it."""
    found: dict[tuple[str, ...], str] = {}
    for violation in Axe().run(page, options=RULES).response["violations"]:
        for node in violation["nodes"]:
            colours = [check["data"] for check in node["any"] if check["id"] == "color-contrast"]
            pairs = [f"{data['fgColor']} on {data['bgColor']}" for data in colours]
            kind = violation["id"], page.evaluate(PART, node["target"][0]), *pairs
            found.setdefault(kind, f"{node['target']}: {node['failureSummary']} {node['html'][:300]}")
    return found


@pytest.fixture(scope="module")
def streamlit_alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a page of Streamlit's parts, with the app's theme and nothing else of it."""
    home = tmp_path_factory.mktemp("alone")
    with live_server(home, script=Path(__file__).with_name("streamlit_alone.py")) as live:
        yield live.url


PANELS = {
    "a curve": "SmoothL1Loss",
    "a map": "GaussianNLLLoss",
    "bars": "CrossEntropyLoss",
    "vectors": "CosineEmbeddingLoss",
    "a plane": "TripletMarginLoss",
    "paths": "CTCLoss",
    "a tree": "AdaptiveLogSoftmaxWithLoss",
    "boxes": "generalized_box_iou_loss",
    "two distributions": "KLDivLoss",
}
"""A loss for each kind of picture."""


def expect_no_fault_but(page: Page, known: dict[tuple[str, ...], str]) -> None:
    """Wait until the page has none but these: a picture or a formula may come a moment later."""
    found: dict[tuple[str, ...], str] = {}
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = {kind: what for kind, what in faults(page).items() if kind not in known}
        if not found:
            return
        page.wait_for_timeout(500)
    assert found == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_fault_that_is_not_streamlits(
    visitors: Visitors, app_url: str, streamlit_alone: str, scheme: str
) -> None:
    page = visitors.open(1280, 720, color_scheme=scheme)
    page.goto(streamlit_alone)
    expect(page.locator("[data-testid=stVegaLiteChart] svg")).to_be_visible()
    expect(page.locator("[data-testid=stCode] .token").first).to_be_visible()
    expect_whole_page(page)
    streamlits = faults(page)
    # Of Streamlit's there are some, or axe has not looked.
    assert ("color-contrast", "stCaptionContainer") in {kind[:2] for kind in streamlits} or scheme == "dark"
    for path in ("/", "/training"):
        page.goto(app_url + path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect_whole_page(page)
        expect_no_fault_but(page, streamlits)
    for name in PANELS.values():
        entry = catalogue()[name]
        open_panel(page, f"{app_url}/{entry.category}?loss={name}", entry.axis.key)
        expect(page.locator("[data-testid=stCode] .token").first).to_be_attached()
        expect_to_rest(page)
        expect_no_fault_but(page, streamlits)
    assert {catalogue()[name].category for name in PANELS.values()} == set(CATEGORIES)


def test_the_headings_of_a_panel_lead_through_it(browser_page: Page, app_url: str) -> None:
    open_panel(browser_page, f"{app_url}/regression?loss=SmoothL1Loss", "prediction")
    expect_to_rest(browser_page)
    expect(browser_page.get_by_role("heading", level=2)).to_have_text(
        ["Examples", "torch says", "The code", "When to use it", "When not"]
    )
    expect(browser_page.get_by_role("heading", level=1)).to_have_text("Regression losses")


def test_a_slider_says_its_value_with_the_loss(browser_page: Page, app_url: str) -> None:
    open_panel(browser_page, f"{app_url}/regression?loss=SmoothL1Loss", "prediction")
    prediction = browser_page.get_by_role("slider", name="prediction x", exact=True)
    expect(prediction).to_have_attribute("aria-valuetext", "2.5, loss 2 · ∂loss/∂x 1")
    prediction.press("ArrowLeft")
    expect(prediction).to_have_attribute("aria-valuetext", "2.4, loss 1.9 · ∂loss/∂x 1")
    # Another slider says the new loss when it is reached.
    browser_page.keyboard.press("Tab")
    beta = browser_page.get_by_role("slider", name="target y", exact=True)
    expect(beta).to_be_focused()
    expect(beta).to_have_attribute("aria-valuetext", "0, loss 1.9 · ∂loss/∂x 1")


def test_what_torch_says_is_told_when_the_hand_rests(browser_page: Page, app_url: str) -> None:
    open_panel(browser_page, f"{app_url}/regression?loss=SmoothL1Loss", "prediction")
    told = browser_page.get_by_role("status").filter(has_text="torch says")
    expect(told).to_have_text("torch says: loss 2, ∂loss/∂x 1")
    slider(browser_page, "prediction").press("ArrowLeft")
    expect(told).to_have_text("torch says: loss 1.9, ∂loss/∂x 1")
    browser_page.get_by_role("button", name="Beta is not delta", exact=True).click()
    expect(browser_page.locator(".st-key-lesson p")).to_contain_text("Beta is not delta")
    said = browser_page.get_by_test_id("stMetricValue").first.inner_text().strip()
    expect(told).to_have_text(re.compile(f"^torch says: loss {re.escape(said)}, "))


def test_a_picture_is_described_once(browser_page: Page, app_url: str) -> None:
    open_panel(browser_page, f"{app_url}/regression?loss=SmoothL1Loss", "prediction")
    buttons = browser_page.locator("[class*=st-key-picture-] [data-testid=stElementToolbar] button")
    for place, name in enumerate(("Show data", "Download as PNG", "Copy Vega-Lite spec", "Fullscreen")):
        expect(buttons.nth(place)).to_have_attribute("aria-label", name)


LOOK = """
async () => {
  const look = node => { const { outline, boxShadow, borderColor, backgroundColor, color } = getComputedStyle(node);
    return [outline, boxShadow, borderColor, backgroundColor, color].join(); };
  const focused = document.activeElement;
  const above = [focused.parentElement, focused.parentElement.parentElement].filter(Boolean);
  const around = [focused, ...above, ...focused.querySelectorAll("*")];
  const frame = () => new Promise(requestAnimationFrame);
  const looks = async () => {
    // What is drawn by a script is drawn by the second frame.
    await frame(); await frame();
    around.forEach(look);
    // A border may take a fifth of a second to change its colour; what never ends cannot be finished.
    for (const change of document.getAnimations()) if (change instanceof CSSTransition) change.finish();
    return around.map(look).join("; ");
  };
  const name = focused.getAttribute("aria-label") || focused.name || focused.textContent.slice(0, 40);
  const before = await looks();
  focused.blur();
  const seen = before !== await looks();
  focused.focus({ focusVisible: true });
  return [focused.tagName, name, seen];
}
"""
"""What has the focus, and whether it looks another way with it."""


DRAWN = """
() => !document.querySelector("[data-testid=stSkeleton]")
  && getComputedStyle(document.querySelector(".stApp")).getPropertyValue("--lossviz-focus") !== ""
"""
"""Whether all parts are there, the style sheets too: the browser loads Streamlit's code for a kind of part when the
first one comes."""


@pytest.mark.parametrize(
    ("path", "last"),
    [("/", "complete_box_iou_loss"), ("/regression?loss=SmoothL1Loss", "Edges"), ("/training", "Network")],
)
def test_the_focus_is_seen_wherever_it_goes(browser_page: Page, app_url: str, path: str, last: str) -> None:
    browser_page.goto(app_url + path)
    expect(
        browser_page.get_by_test_id("stMain").get_by_text(last).locator("visible=true").first
    ).to_be_visible()
    expect_whole_page(browser_page)
    browser_page.wait_for_function(DRAWN)
    unseen, names = [], set()
    for _ in range(60):
        browser_page.keyboard.press("Tab")
        tag, name, seen = browser_page.evaluate(LOOK)
        if tag == "BODY":
            break
        names.add(name)
        if not seen:
            unseen.append((tag, name))
    assert len(names) > 10
    assert unseen == []


def test_colours_of_the_readers_system_keep_what_is_chosen_and_moved(
    visitors: Visitors, app_url: str
) -> None:
    page = visitors.open(1280, 720, forced_colors="active")
    open_panel(page, f"{app_url}/regression?loss=SmoothL1Loss", "prediction")
    expect(slider(page, "prediction")).to_have_css("appearance", "auto")
    backgrounds = page.locator(".st-key-panel-head [role=radio]").evaluate_all(
        "found => found.map(node => [node.ariaChecked, getComputedStyle(node).backgroundColor])"
    )
    chosen = {colour for checked, colour in backgrounds if checked == "true"}
    others = {colour for checked, colour in backgrounds if checked == "false"}
    assert len(chosen) == len(others) == 1
    assert chosen != others
    page.goto(app_url)
    card = page.locator("[class*=st-key-map_] a:visible").first
    expect(card).to_be_visible()
    curve, paper = card.evaluate(
        "card => [getComputedStyle(card, '::before').backgroundColor, getComputedStyle(document.body).backgroundColor]"
    )
    assert curve != paper
