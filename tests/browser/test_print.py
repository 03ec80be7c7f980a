"""A panel on paper: what is read and not what is pressed, and nothing of it cut off."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.panel import CHART, expect_to_rest, open_panel


def test_a_printed_panel_has_no_bars_and_is_whole(browser_page: Page, app_url: str) -> None:
    open_panel(browser_page, f"{app_url}/regression?loss=SmoothL1Loss", "prediction")
    expect_to_rest(browser_page)
    browser_page.emulate_media(media="print")
    expect(browser_page.get_by_test_id("stHeader")).to_be_hidden()
    expect(browser_page.locator(".st-key-examples")).to_be_hidden()
    first = browser_page.locator(".st-key-panel-head").bounding_box()
    assert first is not None
    assert 0 <= first["y"] < 40
    for part in (browser_page.locator(CHART).first, browser_page.get_by_test_id("stCode").first):
        assert (
            part.evaluate(
                "part => getComputedStyle(part.closest('[class*=st-key-picture-], [data-testid=stCode]'))"
                ".breakInside"
            )
            == "avoid"
        )
    # What scrolls on a screen would be cut off on paper.
    main = browser_page.get_by_test_id("stMain")
    assert (
        main.evaluate("main => main.scrollHeight <= main.clientHeight && getComputedStyle(main).overflowY")
        == "visible"
    )
