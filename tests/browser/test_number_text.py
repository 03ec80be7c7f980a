"""Numbers in pictures: the browser writes each as the page and the printed code do."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from lossviz.losses.digits import shown
from tests.browser import numbers_page
from tests.browser.panel import CHART
from tests.live_server import live_server


def test_the_browser_writes_a_number_as_python_does(browser_page: Page, tmp_path: Path) -> None:
    values = numbers_page.values()
    with live_server(
        tmp_path, script=Path(numbers_page.__file__), env={"PYTHONPATH": str(Path.cwd())}
    ) as server:
        browser_page.goto(server.url)
        texts = browser_page.locator(f"{CHART} .mark-text.role-mark text")
        expect(texts).to_have_count(len(values))
        written = dict(text.split(" ") for text in texts.all_text_contents())
    expected = {str(place): shown(value) for place, value in enumerate(values)}
    assert {place: text for place, text in written.items() if text != expected[place]} == {}
