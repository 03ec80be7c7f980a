"""Every loss in Chromium: its picture fits, reads in both themes, follows a key press, and asks nobody else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from lossviz.losses.call import exact
from lossviz.losses.catalogue import catalogue
from lossviz.losses.digits import shown
from lossviz.losses.entry import LossEntry
from lossviz.losses.link import from_link
from tests.browser.panel import CHART, expect_torch, open_panel, reading, slider
from tests.browser.visitors import Visitors, expect_to_fit
from tests.browser.walk.agreement import reading_text

every_entry = pytest.mark.parametrize("entry", list(catalogue().values()), ids=lambda entry: entry.name)


class Tour:
    """A visitor who goes from loss to loss by the switch above the panel, and knows what the page has asked for.

    A page is loaded once for each category: that is most of the work of opening a panel.
    """

    def __init__(self, visitor: BrowserContext, url: str) -> None:
        self._visitor, self._url = visitor, url
        self._page: Page | None = None
        self._category = ""
        self.requests: list[str] = []
        visitor.on("request", lambda request: self.requests.append(request.url))

    @contextmanager
    def at(self, entry: LossEntry) -> Iterator[Page]:
        """The page with a loss, its picture and torch's answer. A test that fails leaves its page to nobody."""
        page, self._page = self._page, None
        if page is not None and self._category != entry.category:
            page.close()
            page = None
        switched = page is not None
        page = page or self._visitor.new_page()
        page.emulate_media(color_scheme="light")
        page.set_viewport_size({"width": 1400, "height": 1000})
        if switched:
            losses = page.get_by_test_id("stButtonGroup").first
            losses.get_by_text(entry.title, exact=True).click()
        else:
            open_panel(page, f"{self._url}/{entry.category}?loss={entry.name}", entry.axis.key)
        named = page.locator("[role=graphics-document]").first
        expect(named).to_have_attribute("aria-label", re.compile(f"^{entry.name}. "))
        expect(slider(page, entry.axis.key)).to_have_count(1)
        yield page
        self._page, self._category = page, entry.category


@pytest.fixture(scope="module")
def tour(browser: Browser, app_url: str) -> Iterator[Tour]:
    """One visitor for all losses."""
    came = Visitors(browser)
    yield Tour(came.open().context, app_url)
    came.close()


@every_entry
def test_a_panel_follows_a_key_and_reads_at_any_width_in_both_themes(
    tour: Tour, app_url: str, tmp_path: Path, entry: LossEntry
) -> None:
    with tour.at(entry) as page:
        press_a_key(page, entry)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            for width in (1400, 390):
                page.set_viewport_size({"width": width, "height": 1000})
                # The page and its picture take a moment to follow: the conditions are waited for.
                expect_to_fit(page, CHART, width)
                page.wait_for_function(WORDS_STAND_OUT, arg=[CHART, scheme == "dark"])
                assert page.screenshot(path=tmp_path / f"{width}-{scheme}.png")
    assert tour.requests
    assert all(url.startswith((app_url, "data:", "blob:")) for url in tour.requests)


def press_a_key(page: Page, entry: LossEntry) -> None:
    """Move the first knob by a step: the picture follows, then the address and torch's number."""
    axis = entry.axis
    expect(page).to_have_url(re.compile(rf"[?&]loss={entry.name}(&|$)"))
    parameters = dict(parse_qsl(urlsplit(page.url).query))
    settings = from_link(entry.category, parameters).state.settings
    before = exact(entry, settings)
    expect_torch(page, shown(before.loss), shown(before.gradient))
    start = float(settings[axis.key])
    up = start < axis.high
    slider(page, axis.key).focus()
    page.keyboard.press("ArrowRight" if up else "ArrowLeft")
    moved = axis.snap(start + (axis.step if up else -axis.step))
    said = exact(entry, {**settings, axis.key: moved})
    expect(reading(page)).to_have_text(reading_text(entry, said))
    expect(page).to_have_url(re.compile(rf"[?&]{axis.key}={re.escape(f'{moved:g}')}(&|$)"))
    expect_torch(page, shown(said.loss), shown(said.gradient))


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
