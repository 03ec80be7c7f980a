"""Where the parts of the training page are, and what a test does there again and again."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.visitors import expect_whole_page

CHARTS = "[data-testid=stVegaLiteChart] svg"
LONG = "train_size=60000&epochs=50&batch_size=32"
"""A run that does not end while a test watches."""


def open_training(page: Page, url: str, link: str = "") -> None:
    """Open the training page and wait until it can be used and stands still."""
    page.goto(f"{url}/training?{link}")
    expect(button(page, "Train")).to_be_visible()
    expect(page.locator("summary", has_text="Data")).to_contain_text(
        re.compile("FashionMNIST$|drawn garments$")
    )
    _expect_to_the_last_part(page)


def button(page: Page, name: str | re.Pattern[str]) -> Locator:
    """A button of the page by its name: while a script runs, Streamlit's own header has a Stop too."""
    return page.get_by_test_id("stMain").get_by_role("button", name=name, exact=isinstance(name, str))


def status(page: Page) -> Locator:
    """The line that says where the run stands."""
    return page.get_by_test_id("stMain").get_by_test_id("stProgress").last


def start(page: Page) -> None:
    """Press Train and wait for the first steps."""
    button(page, "Train").click()
    expect(status(page)).to_contain_text("images/s")


def stop(page: Page) -> None:
    """Press Stop and wait until the run has ended."""
    button(page, "Stop").click()
    expect(status(page)).to_contain_text("Stopped")
    expect_results(page)


def expect_results(page: Page) -> None:
    """Wait until what came of a run is there, and with it the whole page."""
    expect(page.get_by_text("What came of it")).to_be_visible()
    _expect_to_the_last_part(page)


def _expect_to_the_last_part(page: Page) -> None:
    """Wait until the page has been run to its end: what is clicked then stays where it is."""
    expect(page.locator("summary", has_text="Runs ·")).to_be_visible()
    expect_whole_page(page)
