"""A race from its click to its verdict, and the table of runs, as only a browser shows them."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.training import CHARTS, button, open_training
from tests.browser.visitors import expect_to_fit, expect_whole_page
from tests.live_server import live_server


def unfold(page: Page, part: str) -> None:
    """Open a part of the page."""
    page.locator("summary", has_text=f"{part} ·").click()


def test_two_losses_race_and_the_runs_are_named_and_removed(browser_page: Page, app_url: str) -> None:
    page = browser_page
    open_training(page, app_url, "train_size=300&epochs=2&model=linear")
    unfold(page, "Race")
    button(page, "Race 2 runs").click()
    expect(page.get_by_role("heading", name="Side by side: loss")).to_be_visible()
    expect(page.get_by_text("Same start, same batches")).to_be_visible()
    expect(page.get_by_text(re.compile("Of the same \\d+ validation images"))).to_be_visible()
    expect(page.get_by_text("Raw values of different losses cannot be compared")).to_be_visible()
    expect(page.locator(CHARTS)).to_have_count(3)
    expect(page.locator(f"{CHARTS} text", has_text="MSE")).to_have_count(3)
    expect(page).to_have_url(re.compile("compare="))

    # The link, on a phone that starts anew.
    page.set_viewport_size({"width": 390, "height": 844})
    page.reload()
    expect(page.get_by_text("Same start, same batches")).to_be_visible()
    expect_to_fit(page, CHARTS, 390)
    page.set_viewport_size({"width": 1400, "height": 1000})

    unfold(page, "Runs")
    button(page, re.compile("More")).first.click()
    page.get_by_text("Rename", exact=True).click()
    field = page.get_by_label("Name; empty for none")
    field.fill("<img src=x> **mine**")
    button(page, "Save").click()
    expect(page.get_by_text("<img src=x> **mine**")).to_be_visible()
    expect(field).to_have_count(0)

    button(page, re.compile("More")).first.click()
    page.get_by_text("Remove…").click()
    gone = button(page, re.compile("Remove for good"))
    expect(gone).to_be_disabled()
    page.get_by_text("There is no way back").click()
    expect(gone).to_be_enabled()
    gone.click()
    expect(page.get_by_text("<img src=x> **mine**")).to_have_count(0)
    # One run is no comparison.
    expect(page.get_by_role("heading", name=re.compile("Side by side"))).to_have_count(0)


def test_runs_are_there_after_the_server_was_started_anew(
    browser_page: Page, server_home: Path, data_environment: dict[str, str]
) -> None:
    page = browser_page
    with live_server(server_home, env=data_environment) as server:
        open_training(page, server.url, "train_size=300&epochs=1&model=linear")
        unfold(page, "Race")
        button(page, "Race 2 runs").click()
        expect(page.get_by_text("Same start, same batches")).to_be_visible()
        link = page.url.removeprefix(server.url)
    with live_server(server_home, env=data_environment) as server:
        page.goto(server.url + link)
        expect(page.get_by_text("Same start, same batches")).to_be_visible()
        expect_whole_page(page)
        unfold(page, "Runs")
        # They are still this browser's own: it may change them.
        expect(button(page, re.compile("More"))).to_have_count(2)
        expect(page.get_by_text("started in another browser")).to_have_count(0)
