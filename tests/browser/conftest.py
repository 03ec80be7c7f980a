"""Chromium for the tests of what only a browser shows."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Page, expect, sync_playwright

from tests import chromium
from tests.browser.visitors import PATIENCE_MS, Visitors

expect.set_options(timeout=PATIENCE_MS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder needs a browser and says so by its marker."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("browser")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let a failure say what stood on the pages, and what the server printed."""
    report = yield
    if call.when == "call" and report.failed:
        given = getattr(item, "funcargs", {})
        for page in given["visitors"].pages if "visitors" in given else []:
            report.sections.append((f"page {page.url}", _words(page)))
        if "app_server" in given:
            report.sections.append(("server", "\n".join(given["app_server"].output[-40:])))
    return report


def _words(page: Page) -> str:
    try:
        return page.locator("body").inner_text(timeout=10_000)
    except Error as error:
        return f"cannot be read: {error}"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests.

    Without a browser these tests cannot run: where LOSSVIZ_REQUIRE_BROWSER is set, as in CI, that is a failure.
    """
    found = chromium.find()
    if found is None:
        if os.environ.get("LOSSVIZ_REQUIRE_BROWSER"):
            pytest.fail(chromium.MISSING)
        pytest.skip(chromium.MISSING)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, args=chromium.FLAGS)
        yield started
        started.close()


@pytest.fixture
def visitors(browser: Browser) -> Iterator[Visitors]:
    """Whoever else opens a page in a test; an uncaught error on any of their pages fails it."""
    came = Visitors(browser)
    yield came
    came.close()


@pytest.fixture
def browser_page(visitors: Visitors) -> Page:
    """A fresh page on a wide screen."""
    return visitors.open()
