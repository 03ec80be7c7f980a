"""The page's address can be copied beside Reset, also where the browser lets no page copy."""

from __future__ import annotations

from playwright.sync_api import Dialog, Page, expect

from tests.browser.panel import open_panel
from tests.browser.visitors import expect_whole_page


def press(page: Page, app_url: str) -> str:
    """Open a panel and press what copies its address."""
    address = f"{app_url}/regression?loss=SmoothL1Loss&prediction=1.5"
    open_panel(page, address, "prediction")
    expect_whole_page(page)
    page.get_by_role("button", name="Link", exact=True).click()
    return address


def test_a_press_copies_the_address(browser_page: Page, app_url: str) -> None:
    browser_page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=app_url)
    address = press(browser_page, app_url)
    expect(browser_page.get_by_role("status").filter(has_text="Link copied")).to_be_visible()
    assert browser_page.evaluate("navigator.clipboard.readText()") == address


def test_where_nothing_can_be_copied_the_address_is_shown_selected(browser_page: Page, app_url: str) -> None:
    browser_page.add_init_script("navigator.clipboard.writeText = () => Promise.reject(new Error('refused'))")
    asked: list[str] = []

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.default_value)
        dialog.dismiss()

    browser_page.on("dialog", answer)
    with browser_page.expect_event("dialog"):
        address = press(browser_page, app_url)
    assert asked == [address]
