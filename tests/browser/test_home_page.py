"""What only a browser shows of the home page: its curves, its colours and the way it leads on."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from lossviz.losses.catalogue import catalogue
from tests.browser.panel import (
    CHART,
    expect_knob,
    expect_torch,
    reading,
    rests,
    sent_frames,
    slider,
    watch_the_hand,
)
from tests.browser.visitors import MAIN, Visitors, expect_to_fit, expect_whole_page

# Streamlit makes every link twice, for wide and for narrow screens, and hides one of them.
CARD = "[class*=st-key-map_] a:visible"
PICTURE_LINK = ".st-key-way-to-panel a:visible"


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


def open_picture(page: Page, url: str) -> None:
    """Open the home page, wait until all of it is there, and watch what the hand does."""
    open_home(page, url)
    expect_whole_page(page)
    expect(reading(page)).to_have_text("loss 2 · ∂loss/∂x 1")


def in_plot(page: Page, prediction: float) -> tuple[float, float]:
    """Where a prediction lies in the upper plot, in pixels: its axis goes from -5 to 5."""
    box = page.locator(f"{CHART} .concat_0_group > g > .background").bounding_box()
    assert box is not None
    return box["x"] + (prediction + 5) / 10 * box["width"], box["y"] + box["height"] / 2


def test_a_drag_in_the_picture_moves_the_reading_and_the_link_opens_the_panel_there(
    browser_page: Page, app_url: str
) -> None:
    sent = sent_frames(browser_page)
    open_picture(browser_page, app_url)
    watch_the_hand(browser_page)
    before = len(sent)
    browser_page.mouse.move(*in_plot(browser_page, 2.5))
    browser_page.mouse.down()
    browser_page.mouse.move(*in_plot(browser_page, -0.5), steps=8)
    # At once, in the browser.
    expect(slider(browser_page, "prediction")).to_have_value("-0.5")
    expect(reading(browser_page)).to_have_text("loss 0.125 · ∂loss/∂x -0.5")
    assert len(sent) - before <= rests(browser_page)
    browser_page.mouse.up()
    slider(browser_page, "beta").focus()
    for _ in range(4):
        browser_page.keyboard.press("ArrowRight")
    # 0.5 ** 2 / (2 * 2), and -0.5 / 2.
    expect(reading(browser_page)).to_have_text("loss 0.0625 · ∂loss/∂x -0.25")
    link = browser_page.locator(PICTURE_LINK)
    expect(link).to_have_attribute("href", re.compile("prediction=-0.5&target=0&beta=2$"))
    link.click()
    expect(browser_page).to_have_url(
        re.compile("/regression.loss=SmoothL1Loss&prediction=-0.5&target=0&beta=2$")
    )
    expect_torch(browser_page, "0.0625", "-0.25")
    expect_knob(browser_page, "beta", "2")
    expect_knob(browser_page, "prediction", "-0.5")
    browser_page.go_back()
    expect_knob(browser_page, "beta", "2")
    expect(reading(browser_page)).to_have_text("loss 0.0625 · ∂loss/∂x -0.25")
    assert "?" not in browser_page.url


def test_the_picture_stays_as_it_is_where_width_and_theme_change(browser_page: Page, app_url: str) -> None:
    open_picture(browser_page, app_url)
    slider(browser_page, "beta").focus()
    for _ in range(2):
        browser_page.keyboard.press("ArrowRight")
    expect(browser_page.locator(PICTURE_LINK)).to_have_attribute("href", re.compile("beta=1.5$"))
    browser_page.set_viewport_size({"width": 1100, "height": 800})
    expect_knob(browser_page, "beta", "1.5")
    browser_page.emulate_media(color_scheme="dark")
    expect_knob(browser_page, "beta", "1.5")
    expect(reading(browser_page)).to_have_text("loss 1.75 · ∂loss/∂x 1")
    expect(browser_page.locator(PICTURE_LINK)).to_have_attribute("href", re.compile("beta=1.5$"))


def test_a_projector_shows_picture_link_and_question_at_once(visitors: Visitors, app_url: str) -> None:
    page = visitors.open(1280, 720)
    open_picture(page, app_url)
    question = page.get_by_test_id("stMain").get_by_text("What do you predict?")
    wanted = (page.locator(CHART), slider(page, "beta"), page.locator(PICTURE_LINK), question)
    for part in wanted:
        expect(part).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollTop") == 0
    expect(page.get_by_alt_text("Logo")).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_no_name_is_broken(visitors: Visitors, app_url: str, width: int) -> None:
    page = visitors.open(width, 844)
    open_home(page, app_url)
    lines = page.locator(f"{CARD} em").evaluate_all(
        "names => Object.fromEntries(names.map(name => [name.textContent, name.getClientRects().length]))"
    )
    assert lines == dict.fromkeys(catalogue(), 1)


def test_a_card_says_when_to_use_its_loss_when_it_is_pointed_at(browser_page: Page, app_url: str) -> None:
    open_home(browser_page, app_url)
    expect_whole_page(browser_page)
    browser_page.locator(CARD.replace(":visible", '[href$="loss=HuberLoss"]:visible')).hover()
    use = f"When to use it: {catalogue()['HuberLoss'].use[0]}"
    expect(browser_page.get_by_test_id("stTooltipContent")).to_have_text(use)


def test_the_ways_on_look_like_buttons(browser_page: Page, app_url: str) -> None:
    open_home(browser_page, app_url)
    touch = browser_page.get_by_role("link", name="Touch a loss")
    expect(touch).to_have_css("background-color", "rgb(0, 114, 178)")
    expect(touch.locator("p")).to_have_css("color", "rgb(255, 255, 255)")
    expect(touch).to_have_css("border-top-width", "1px")
