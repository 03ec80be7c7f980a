"""What only a browser shows of the training page: a run drawn on, stopped, queued, and found again."""

from __future__ import annotations

import re
from urllib.parse import urlparse

import pytest
from playwright.sync_api import Page, expect

from tests.browser.training import CHARTS, LONG, button, expect_results, open_training, start, status, stop
from tests.browser.visitors import MAIN, Visitors, expect_to_fit, expect_whole_page


@pytest.fixture
def other_page(visitors: Visitors) -> Page:
    """A page of somebody else, on a phone."""
    return visitors.open(390, 844)


PIECES_DRAWN = """
charts => {
  const lines = [...document.querySelectorAll(charts + ' .mark-line path')];
  return Math.max(0, ...lines.map(line => line.getAttribute('d').split('L').length));
}
"""
"""How many pieces the longest line has: that of the loss by step."""


def test_a_run_is_started_watched_stopped_and_found_again(
    browser_page: Page, other_page: Page, app_url: str
) -> None:
    page = browser_page
    hosts: set[str | None] = set()
    page.on("request", lambda request: hosts.add(urlparse(request.url).hostname))
    open_training(page, app_url, LONG)
    start(page)
    expect(page).to_have_url(re.compile("run="))
    expect(page.locator(CHARTS)).to_have_count(2)
    page.evaluate(f"document.querySelectorAll('{CHARTS}').forEach(svg => svg.setAttribute('data-first', ''))")
    before = page.evaluate(PIECES_DRAWN, CHARTS)
    page.wait_for_function(f"([charts, before]) => ({PIECES_DRAWN})(charts) > before", arg=[CHARTS, before])

    # Somebody else, by its link, may watch.
    other_page.goto(page.url)
    expect(status(other_page)).to_contain_text("images/s")
    expect(button(other_page, "Stop")).to_be_disabled()

    # The browser that started it still may stop it after a reload.
    expect(page.locator(f"{CHARTS}[data-first]")).to_have_count(2)
    page.reload()
    expect(status(page)).to_contain_text("images/s")
    stop(page)
    expect(page.get_by_text("validation accuracy, ")).to_be_visible()
    expect(status(other_page)).to_contain_text("Stopped")

    page.reload()
    expect(status(page)).to_contain_text("Stopped")
    page.get_by_role("tab", name="Worst mistakes").click()
    expect(page.get_by_text("thought least likely")).to_be_visible()
    expect(page.get_by_role("img", name=re.compile("validation image number")).first).to_be_visible()
    assert hosts <= {"127.0.0.1", None, ""}


def test_a_run_that_ends_leaves_its_pictures_in_place(browser_page: Page, app_url: str) -> None:
    page = browser_page
    open_training(page, app_url, "preset=overfit&train_size=6000&epochs=50")
    start(page)
    # Not before the pictures have drawn an epoch.
    expect(status(page)).to_contain_text("validation accuracy")
    expect(page.locator(CHARTS)).to_have_count(2)
    page.evaluate(f"document.querySelectorAll('{CHARTS}').forEach(svg => svg.setAttribute('data-first', ''))")
    stop(page)
    expect(page.locator(CHARTS)).to_have_count(3)
    expect(page.locator(f"{CHARTS}[data-first]")).to_have_count(2)


def test_a_second_run_queues_and_takes_its_turn(browser_page: Page, other_page: Page, app_url: str) -> None:
    open_training(browser_page, app_url, LONG)
    start(browser_page)
    open_training(other_page, app_url, "train_size=2000&epochs=1")
    button(other_page, "Train").click()
    expect(status(other_page)).to_contain_text("place 1")
    stop(browser_page)
    expect(status(other_page)).to_contain_text("Finished")
    expect_results(other_page)
    expect_to_fit(other_page, MAIN, 390)


def test_leaving_the_page_does_not_disturb_the_run(browser_page: Page, app_url: str) -> None:
    page = browser_page
    open_training(page, app_url, "preset=overfit&train_size=1000&epochs=30")
    start(page)
    page.get_by_role("link", name="Home").click()
    expect(page.get_by_role("heading", name=re.compile("Understand"))).to_be_visible()
    page.get_by_test_id("stTopNavSection").get_by_text("Lab").click()
    page.locator("[data-testid^=stTopNav][href$='/training']").click()
    expect(status(page)).to_contain_text("Finished")


def test_a_value_is_typed_and_what_cannot_be_used_is_told(browser_page: Page, app_url: str) -> None:
    page = browser_page
    open_training(page, app_url)
    line = page.locator("summary", has_text="Training")
    line.click()
    field = page.get_by_role("textbox", name=re.compile("Learning rate"))
    # Each begins with the one before: a field that offers values would drop what the two have in common.
    for typed, taken in (("0,02", "0.02"), ("0.025", "0.025"), ("1e-3", "0.001")):
        field.click()
        page.keyboard.press("ControlOrMeta+A")
        page.keyboard.type(typed)
        page.keyboard.press("Enter")
        expect(line).to_contain_text(f"Adam {taken},")
        expect(field).to_have_value(taken)  # the part stays open
    for typed, why in (
        ("fast", "not a number"),
        ("1,500", "can be 1.5 or 1500"),
        ("1e400", "it must be a number from 1e-07"),
    ):
        field.fill(typed)
        field.press("Enter")
        expect(page.get_by_test_id("stAlert")).to_contain_text(why)
        expect(page.get_by_test_id("stAlert")).to_contain_text("It stays 0.001.")
        expect(field).to_have_value(typed)
        expect(line).to_contain_text("Adam 0.001,")


def test_other_data_is_chosen_and_drawn_while_the_page_waits(browser_page: Page, app_url: str) -> None:
    page = browser_page
    open_training(page, app_url)
    page.get_by_test_id("stButtonGroup").get_by_text("Drawn garments", exact=True).click()
    expect(page.locator("summary", has_text="Data")).to_contain_text(re.compile("drawn garments$"))
    expect(page.get_by_text("They are not FashionMNIST")).to_be_visible()
    expect(page).to_have_url(re.compile("data=drawn-garments"))
    expect_whole_page(page)
    expect(page.get_by_role("img", name="Two pictures of the class Bag, drawn garments")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_and_lines_stand_out_in_both_themes(visitors: Visitors, app_url: str, scheme: str) -> None:
    page = visitors.open(color_scheme=scheme)
    open_training(page, app_url, "preset=linear&train_size=1000&epochs=1")
    button(page, "Train").click()
    expect(status(page)).to_contain_text("Finished")
    expect(page.locator(CHARTS)).to_have_count(3)
    background = colour(page.locator(".stApp").evaluate("e => getComputedStyle(e).backgroundColor"))
    assert (sum(background) < 200) == (scheme == "dark")
    drawn = page.locator(f"{CHARTS} .mark-text text, {CHARTS} .mark-line path")
    found = drawn.evaluate_all(
        "marks => marks.map(m => getComputedStyle(m)).map(s => s.stroke.startsWith('rgb') ? s.stroke : s.fill)"
    )
    assert found
    for mark in found:
        assert contrast(colour(mark), background) >= 3, mark


@pytest.mark.parametrize(
    ("task", "looks"),
    [("reconstruct", "[data-testid=stImage] img"), ("embed", f"{CHARTS} .mark-symbol path")],
)
def test_a_run_of_another_task_shows_what_it_is_watched_by(
    browser_page: Page, app_url: str, task: str, looks: str
) -> None:
    page = browser_page
    open_training(page, app_url, f"task={task}&model=linear&train_size=300&epochs=2")
    button(page, "Train").click()
    expect(status(page)).to_contain_text("Finished")
    expect(page.get_by_text("after epoch 2 of 2").first).to_be_visible()
    expect(page.locator(looks).first).to_be_visible()
    assert page.locator(looks).count() >= (30 if task == "embed" else 1)


def test_a_panels_loss_is_trained_with_its_settings(browser_page: Page, app_url: str) -> None:
    page = browser_page
    page.goto(f"{app_url}/regression?loss=HuberLoss&delta=2")
    page.get_by_role("link", name="Train with this loss").click()
    expect(page.locator("summary", has_text="Loss")).to_contain_text("HuberLoss, delta 2")
    expect(page.get_by_text("nn.HuberLoss(delta=2)")).to_be_visible()
    page.get_by_role("link", name="Touch HuberLoss on its panel").click()
    expect(page).to_have_url(re.compile("regression.*delta=2"))


def colour(written: str) -> tuple[float, float, float]:
    """Red, green and blue, 0 to 255, of a colour as the browser writes it."""
    red, green, blue = (float(part) for part in re.findall(r"[\d.]+", written)[:3])
    return red, green, blue


def contrast(one: tuple[float, float, float], other: tuple[float, float, float]) -> float:
    """The contrast of two colours as WCAG 2 defines it, 1 to 21."""

    def luminance(rgb: tuple[float, float, float]) -> float:
        parts = [value / 255 for value in rgb]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)
