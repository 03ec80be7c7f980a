"""In Chromium: the doctor under the curves, its thresholds, the looks inside, and a range test that is taken over."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.training import CHARTS, button, expect_results, open_training, status


def trained(page: Page, url: str, link: str) -> None:
    """Train with a link's settings, to the end."""
    open_training(page, url, link)
    button(page, "Train").click()
    expect(status(page)).to_contain_text("Finished")
    expect_results(page)


def test_the_doctor_speaks_and_every_look_is_drawn_when_it_is_opened(
    browser_page: Page, app_url: str
) -> None:
    page = browser_page
    # Steps that are far too short: underfitting, whatever the machine.
    slow = "optimizer=sgd&learning_rate=0.01&schedule=constant"
    trained(page, app_url, f"model=mlp&train_size=1000&epochs=2&landscape=true&{slow}")
    said = page.get_by_text("The doctor", exact=True).locator("xpath=ancestor::*[@data-testid='stMarkdown']")
    expect(said).to_contain_text("Underfitting, still improving")

    page.get_by_text("Thresholds of the doctor").click()
    level = page.get_by_role("slider", name="Underfitting: level")
    expect(level).to_be_visible()
    level.focus()
    page.keyboard.press("End")
    expect(said).to_contain_text("Healthy so far")
    button(page, "Back to the defaults").click()
    expect(said).to_contain_text("Underfitting, still improving")

    for tab, words in (
        ("Calibration", "expected calibration error of"),
        ("Loss by image", "of images with the largest loss carry"),
        ("Gradients", "the gradient is longest in layer"),
        ("Landscape", "A slice is not the landscape"),
    ):
        page.get_by_role("tab", name=tab).click()
        expect(page.get_by_text(words)).to_be_visible()
        expect(page.locator(CHARTS)).to_have_count(3)


def test_a_range_tests_suggestion_goes_into_the_settings(browser_page: Page, app_url: str) -> None:
    page = browser_page
    trained(page, app_url, "model=mlp&train_size=1000&range_test=true")
    expect(page.get_by_text("falls most steeply at")).to_be_visible()
    expect(page.locator(CHARTS)).to_have_count(1)
    take = page.get_by_role("button", name=re.compile("^Take .* over into the settings"))
    rate = re.findall(r"[\d.e-]+", take.inner_text().split("Take")[1])[0]
    take.click()
    page.wait_for_url(re.compile(rf"learning_rate={re.escape(rate)}"))
    expect(page).not_to_have_url(re.compile("range_test"))
