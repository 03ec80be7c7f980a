"""What only a browser shows of the home page: its curves, its colours and the way it leads on."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from lossviz.losses.catalogue import catalogue
from tests.browser.visitors import MAIN, Visitors, expect_to_fit

# Streamlit makes every link twice, for wide and for narrow screens, and hides one of them.
CARD = "[class*=st-key-map_] a:visible"


def open_home(page: Page, url: str) -> None:
    """Open the home page and wait for its last card."""
    page.goto(url)
    expect(page.locator(CARD)).to_have_count(len(catalogue()))
    expect(page.locator(CARD).last).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1400, 390])
def test_the_map_reads_well(
    visitors: Visitors, app_url: str, tmp_path: Path, width: int, scheme: str
) -> None:
    dark = scheme == "dark"
    page = visitors.open(width, color_scheme=scheme)
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    open_home(page, app_url)
    assert page.screenshot(path=tmp_path / f"home-{width}-{scheme}.png")
    expect_to_fit(page, MAIN, width)
    # Every card has room for its name and a curve in the theme's colour of a loss.
    cards = page.locator(CARD).evaluate_all(
        """cards => cards.map(card => {
            const curve = getComputedStyle(card, "::before");
            return {mask: curve.maskImage, colour: curve.backgroundColor, height: parseFloat(curve.height),
                    fits: card.scrollWidth <= card.clientWidth && card.scrollHeight <= card.clientHeight};
        })"""
    )
    assert all("data:image/svg+xml" in card["mask"] for card in cards)
    assert {card["colour"] for card in cards} == {"rgb(86, 180, 233)" if dark else "rgb(0, 114, 178)"}
    assert all(card["height"] == 48 and card["fits"] for card in cards)
    assert all(url.startswith((app_url, "data:", "blob:")) for url in requests)


def test_a_card_is_one_click_from_its_panel(browser_page: Page, app_url: str) -> None:
    open_home(browser_page, app_url)
    browser_page.locator(CARD.replace(":visible", '[href$="loss=HuberLoss"]:visible')).click()
    expect(browser_page).to_have_url(re.compile("/regression.*loss=HuberLoss"))
    expect(browser_page.get_by_text("HuberLoss").first).to_be_visible()


def test_the_guide_leads_to_a_panel(browser_page: Page, app_url: str) -> None:
    open_home(browser_page, app_url)
    main = browser_page.get_by_test_id("stMain")
    main.get_by_text("a number", exact=True).click()
    main.get_by_text("with outliers", exact=True).click()
    browser_page.locator(".st-key-advice a:visible").filter(has_text="Huber:").click()
    expect(browser_page).to_have_url(re.compile("/regression.*loss=HuberLoss"))


def test_a_card_can_be_opened_from_the_keyboard(browser_page: Page, app_url: str) -> None:
    open_home(browser_page, app_url)
    browser_page.locator(CARD.replace(":visible", '[href$="loss=L1Loss"]:visible')).focus()
    browser_page.keyboard.press("Enter")
    expect(browser_page).to_have_url(re.compile("/regression.*loss=L1Loss"))
