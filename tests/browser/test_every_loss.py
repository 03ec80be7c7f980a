"""Every loss in Chromium: its picture fits, reads in both themes, follows a key press, and asks nobody else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from lossviz.losses.call import exact
from lossviz.losses.catalogue import catalogue
from lossviz.losses.digits import shown
from lossviz.losses.entry import LossEntry
from tests.browser.panel import CHART, expect_torch, open_panel, slider
from tests.browser.visitors import Visitors

every_entry = pytest.mark.parametrize("entry", list(catalogue().values()), ids=lambda entry: entry.name)


def open_at_defaults(page: Page, url: str, entry: LossEntry) -> None:
    """Open a panel at its defaults and wait for its sliders and torch's answer."""
    open_panel(page, f"{url}/{entry.category}?loss={entry.name}", entry.axis.key)
    said = exact(entry, entry.defaults)
    expect_torch(page, shown(said.loss), shown(said.gradient))


def read_out(value: float) -> str:
    """A number as the picture writes it: with a minus sign, but none before zero."""
    written = f"{value:.4f}"
    return written.lstrip("-") if float(written) == 0 else written.replace("-", "−")


@pytest.fixture(scope="module")
def visitor(browser: Browser) -> Iterator[BrowserContext]:
    """One visitor for all losses, whose browser keeps what Streamlit's front end is made of."""
    came = Visitors(browser)
    yield came.open().context
    came.close()


@every_entry
def test_a_panel_follows_a_key_and_reads_at_any_width_in_both_themes(
    visitor: BrowserContext, app_url: str, tmp_path: Path, entry: LossEntry
) -> None:
    page = visitor.new_page()
    page.set_viewport_size({"width": 1400, "height": 1000})
    requests, errors = list[str](), list[str]()
    page.on("request", lambda request: requests.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    open_at_defaults(page, app_url, entry)
    named = page.locator("[role=graphics-document]").first
    expect(named).to_have_attribute("aria-label", re.compile(f"^{entry.name}. "))
    press_a_key(page, entry)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        for width in (1400, 390):
            page.set_viewport_size({"width": width, "height": 1000})
            # The page and its picture take a moment to follow: the conditions are waited for.
            page.wait_for_function(FITS, arg=[CHART, width])
            page.wait_for_function(WORDS_STAND_OUT, arg=[CHART, scheme == "dark"])
            assert page.screenshot(path=tmp_path / f"{width}-{scheme}.png")
    page.close()
    assert errors == []
    assert all(url.startswith((app_url, "data:", "blob:")) for url in requests)


def press_a_key(page: Page, entry: LossEntry) -> None:
    """Move the first knob by a step: the picture follows, then the address and torch's number."""
    axis = entry.axis
    up = axis.default < axis.high
    slider(page, axis.key).focus()
    page.keyboard.press("ArrowRight" if up else "ArrowLeft")
    moved = axis.snap(axis.default + (axis.step if up else -axis.step))
    said = exact(entry, entry.defaults | {axis.key: moved})
    reading = page.locator(f"{CHART} text", has_text=re.compile(r"^loss .* gradient"))
    expect(reading).to_contain_text(f"loss {read_out(said.loss)} · gradient {read_out(said.gradient)}")
    expect(page).to_have_url(re.compile(rf"[?&]{axis.key}={re.escape(f'{moved:g}')}(&|$)"))
    expect_torch(page, shown(said.loss), shown(said.gradient))


FITS = """
([css, width]) => {
  const box = document.querySelector(css)?.getBoundingClientRect();
  return box && box.left >= 0 && box.right <= width && document.documentElement.scrollWidth <= innerWidth;
}
"""
"""Whether the picture lies within the page, and nothing makes the page scroll sideways."""

WORDS_STAND_OUT = """
([css, dark]) => {
  const light = colour => {
    const hex = colour.startsWith('#') && colour.slice(1).match(/../g).map(part => parseInt(part, 16));
    const parts = hex || colour.match(/\\d+/g).slice(0, 3).map(Number);
    return parts[0] + parts[1] + parts[2];
  };
  const words = [...document.querySelectorAll(css + ' text')].find(e => e.textContent.startsWith('loss '));
  const paper = document.querySelector('[data-testid=stApp]');
  return words && (light(words.getAttribute('fill')) > light(getComputedStyle(paper).backgroundColor)) === dark;
}
"""
"""Whether the reading in the picture is lighter than the page, as a dark theme asks, or darker."""
