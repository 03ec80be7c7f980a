"""Whoever opens a page in a browser test: each with a browser of their own, and with patience."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.patience import PATIENCE

PATIENCE_MS = PATIENCE * 1000
"""Milliseconds, as Playwright counts."""

MAIN = "[data-testid=stMain]"
"""The page itself, without the navigation."""


class Visitors:
    """People at their browsers, each with cookies of their own; what goes wrong on their pages is gathered.

    Attributes:
        pages: The pages open.
        errors: The errors that nothing on a page has caught.
    """

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._contexts: list[BrowserContext] = []
        self.pages: list[Page] = []
        self.errors: list[str] = []

    def open(self, width: int = 1400, height: int = 1000, **options: Any) -> Page:  # noqa: ANN401 - Playwright's
        """An empty page of somebody new, on a screen of this size; options as `Browser.new_context` takes them."""
        context = self._browser.new_context(viewport={"width": width, "height": height}, **options)
        context.set_default_timeout(PATIENCE_MS)
        context.on("weberror", lambda error: self.errors.append(str(error.error)))
        self._contexts.append(context)
        self.pages.append(context.new_page())
        return self.pages[-1]

    def close(self) -> None:
        """All leave; what they saw must have been in order."""
        for context in self._contexts:
            context.close()
        assert not self.errors, self.errors


def expect_whole_page(page: Page) -> None:
    """Wait until the page has been run to its end: before, what was there stands beside what takes its place."""
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")


def expect_to_fit(page: Page, css: str, width: int) -> None:
    """Wait until everything that a selector finds lies within a page of this width, and nothing scrolls sideways."""
    page.wait_for_function(
        "([css, width]) => {"
        "  const boxes = [...document.querySelectorAll(css)].map(element => element.getBoundingClientRect());"
        "  return boxes.length > 0 && innerWidth === width && document.documentElement.scrollWidth <= width"
        "    && boxes.every(box => box.left >= 0 && box.right <= width);"
        "}",
        arg=[css, width],
    )
