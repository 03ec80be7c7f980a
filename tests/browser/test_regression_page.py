"""What only a browser shows of a loss panel: it moves with the hand, and asks the server when the hand rests."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, WebSocket, expect

from lossviz.losses.catalogue import CATEGORIES, catalogue
from lossviz.ui.page_link import FURTHEST_BEHIND
from tests.browser.panel import (
    CHART,
    HANDLES,
    WORDS,
    expect_knob,
    expect_to_rest,
    expect_torch,
    open_panel,
    reading,
    rests,
    sent_frames,
    slider,
    watch_the_hand,
)
from tests.browser.visitors import Visitors, expect_whole_page
from tests.fresh_python import run_alone
from tests.live_server import live_server


def open_regression(page: Page, url: str, link: str) -> None:
    """Open a regression panel and wait until its sliders and torch's answer are there."""
    open_panel(page, f"{url}/regression?{link}", "prediction")
    expect_to_rest(page)


def test_a_deep_link_on_a_fresh_server_opens_the_page_in_its_frame(
    tmp_path: Path, browser_page: Page
) -> None:
    with live_server(tmp_path) as server:
        open_regression(browser_page, server.url, "loss=HuberLoss&prediction=3&delta=2")
        expect_torch(browser_page, "4", "2")
        expect(browser_page.get_by_test_id("stTopNavLink")).to_have_text("Home")
        browser_page.get_by_test_id("stTopNavSection").get_by_text("Losses").click()
        expect(browser_page.get_by_test_id("stTopNavDropdownLink")).to_have_text(list(CATEGORIES.values()))
        expect(browser_page.get_by_role("dialog")).to_have_count(0)


AFTER_A_FRAME = """
async css => {
  await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
  const words = [...document.querySelectorAll(css + ' text')].find(e => e.textContent.startsWith('loss '));
  return [document.querySelector('input[name=prediction_knob_prediction]').value, words.textContent];
}
"""
"""Where the slider stands, and what the picture says, once the display has had its turn."""


def test_a_scrub_moves_the_point_and_sends_nothing_until_the_hand_rests(
    browser_page: Page, app_url: str
) -> None:
    sent = sent_frames(browser_page)
    open_regression(browser_page, app_url, "loss=SmoothL1Loss&prediction=2.5&target=0&beta=1")
    expect_torch(browser_page, "2", "1")
    browser_page.evaluate(f"window.before = document.querySelector('{CHART}')")
    watch_the_hand(browser_page)
    box = slider(browser_page, "prediction").bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    browser_page.mouse.move(box["x"] + box["width"] * 0.75, middle)
    browser_page.mouse.down()
    at_rest, seen = len(sent), list[tuple[float, str]]()
    for step in range(1, 11):
        browser_page.mouse.move(box["x"] + box["width"] * (0.75 - 0.05 * step), middle)
        # One question a move: a hand that waits for a test's slower ones would count as resting.
        value, words = browser_page.evaluate(AFTER_A_FRAME, CHART)
        seen.append((float(value), words))
    rested = rests(browser_page)
    assert len(sent) - at_rest <= rested
    for value, words in seen:
        loss = abs(value) - 0.5 if abs(value) >= 1 else value**2 / 2
        assert words.startswith(f"loss {loss:.6g} ")
    assert len(dict(seen)) == 10
    assert rested or "prediction=2.5" in browser_page.url
    browser_page.mouse.up()
    expect(browser_page).to_have_url(re.compile(rf"prediction={value:g}&"))
    expect_torch(browser_page, f"{loss:.6g}", f"{max(-1, value):.6g}")
    assert browser_page.evaluate("document.body.contains(window.before)")


def test_the_point_can_be_dragged_in_the_picture(browser_page: Page, app_url: str) -> None:
    open_regression(browser_page, app_url, "loss=MSELoss&prediction=0&target=0")
    box = browser_page.locator(CHART).bounding_box()
    assert box is not None
    height = box["y"] + 120
    browser_page.mouse.move(box["x"] + box["width"] * 0.5, height)
    browser_page.mouse.down()
    browser_page.mouse.move(box["x"] + box["width"] * 0.6, height)
    browser_page.mouse.move(box["x"] + box["width"] * 0.8, height)
    value = float(slider(browser_page, "prediction").input_value())
    assert 2 < value < 4
    browser_page.mouse.up()
    expect_torch(browser_page, f"{value**2:.6g}", f"{2 * value:.6g}")


def test_the_lower_plot_drags_as_the_upper_one_and_no_press_empties_a_knob(
    browser_page: Page, app_url: str
) -> None:
    open_regression(browser_page, app_url, "loss=SmoothL1Loss&prediction=2.5&target=0&beta=1")
    box = browser_page.locator(CHART).bounding_box()
    assert box is not None
    lower = browser_page.locator(HANDLES).nth(1).bounding_box()
    assert lower is not None
    start = lower["x"] + lower["width"] / 2, lower["y"] + lower["height"] / 2
    browser_page.mouse.move(*start)
    browser_page.mouse.down()
    browser_page.mouse.move(start[0] - box["width"] * 0.2, start[1])
    browser_page.mouse.up()
    value = float(slider(browser_page, "prediction").input_value())
    assert 0 < value < 1.5
    loss = value - 0.5 if value >= 1 else value**2 / 2
    expect_torch(browser_page, f"{loss:.6g}", f"{min(1, value):.6g}")
    # Beside both plots: their axes and what names them.
    for across, down in ((0.01, 0.2), (0.01, 0.8), (0.5, 0.995), (0.9, 0.97), (0.5, 0.005)):
        browser_page.mouse.click(box["x"] + box["width"] * across, box["y"] + box["height"] * down)
        assert float(slider(browser_page, "prediction").input_value()) == value
    expect(reading(browser_page)).to_be_visible()


def test_what_was_moved_stays_when_the_picture_is_made_anew(browser_page: Page, app_url: str) -> None:
    open_regression(browser_page, app_url, "loss=HuberLoss&prediction=2&target=0&delta=1")
    slider(browser_page, "prediction").focus()
    browser_page.keyboard.press("ArrowRight")
    expect_torch(browser_page, "1.6", "1")

    def expect_still() -> None:
        browser_page.wait_for_function(
            "css => { const chart = document.querySelector(css); return chart && chart !== window.before; }",
            arg=CHART,
        )
        expect_knob(browser_page, "prediction", "2.1")
        expect(reading(browser_page)).to_contain_text("loss 1.6 · ∂loss/∂x 1")

    def made_anew(change: Callable[[], object]) -> None:
        browser_page.evaluate("css => { window.before = document.querySelector(css); }", CHART)
        change()
        expect_still()

    made_anew(lambda: browser_page.set_viewport_size({"width": 1390, "height": 1000}))
    made_anew(lambda: browser_page.emulate_media(color_scheme="dark"))
    made_anew(lambda: browser_page.get_by_role("button", name="Fullscreen").first.press("Enter"))
    made_anew(lambda: browser_page.keyboard.press("Escape"))
    browser_page.get_by_role("button", name="Show data").first.press("Enter")
    expect(browser_page.locator(CHART)).to_have_count(0)
    made_anew(lambda: browser_page.get_by_role("button", name="Show chart").first.press("Enter"))
    # Another knob moves from there, not from where the server has set the first.
    slider(browser_page, "delta").focus()
    browser_page.keyboard.press("ArrowRight")
    expect_torch(browser_page, "1.84375", "1.25")
    expect(reading(browser_page)).to_contain_text("loss 1.84375 · ∂loss/∂x 1.25")


def test_the_address_ends_where_the_hand_ends(browser_page: Page, app_url: str) -> None:
    sockets: list[WebSocket] = []
    browser_page.on("websocket", lambda socket: sockets.append(socket))
    open_regression(browser_page, app_url, "loss=MSELoss&prediction=1&target=0")
    slider(browser_page, "prediction").focus()
    # As soon as the server is told of the one, the hand goes back to the other.
    for key in ("ArrowRight", "ArrowLeft"):
        with sockets[-1].expect_event("framesent"):
            browser_page.keyboard.press(key)
    expect_torch(browser_page, "1", "2")
    expect_whole_page(browser_page)
    expect_knob(browser_page, "prediction", "1")
    expect(browser_page).to_have_url(re.compile(r"prediction=1&"))


def test_back_leads_to_where_one_was_before_the_panel(browser_page: Page, app_url: str) -> None:
    browser_page.goto(app_url)
    browser_page.get_by_role("link", name="Touch a loss").click()
    expect(browser_page.get_by_test_id("stMetricValue")).to_have_count(2)
    entries = browser_page.evaluate("history.length")
    slider(browser_page, "prediction").focus()
    for value in ("2.6", "2.7", "2.8"):
        browser_page.keyboard.press("ArrowRight")
        expect(browser_page).to_have_url(re.compile(rf"loss=L1Loss&prediction={value}&"))
    assert browser_page.evaluate("history.length") == entries
    browser_page.go_back()
    expect(browser_page.get_by_role("link", name="Touch a loss")).to_be_visible()
    browser_page.go_forward()
    expect_torch(browser_page, "2.8", "1")
    expect_knob(browser_page, "prediction", "2.8")


@pytest.mark.parametrize("knob", ["prediction", "target", "beta"])
def test_every_knob_moves_from_the_keyboard(browser_page: Page, app_url: str, knob: str) -> None:
    open_regression(browser_page, app_url, "loss=SmoothL1Loss&prediction=2&target=0&beta=1")
    step = next(k.step for k in catalogue()["SmoothL1Loss"].knobs if k.key == knob)
    before = float(slider(browser_page, knob).input_value())
    slider(browser_page, knob).focus()
    browser_page.keyboard.press("ArrowRight")
    expect(browser_page).to_have_url(re.compile(rf"{knob}={before + step:g}(&|$)"))


def test_the_link_shows_the_same_panel_in_a_fresh_browser(
    visitors: Visitors, browser_page: Page, app_url: str
) -> None:
    open_regression(browser_page, app_url, "loss=SmoothL1Loss")
    browser_page.get_by_role("button", name="Beta is not delta").click()
    expect(browser_page).to_have_url(re.compile("beta=2"))
    expect_torch(browser_page, "2", "1")
    other = visitors.open()
    other.goto(browser_page.url)
    expect_torch(other, "2", "1")
    expect(slider(other, "beta")).to_have_value("2")
    expect(slider(other, "prediction")).to_have_value("3")
    expect(reading(other)).to_have_text("loss 2 · ∂loss/∂x 1")
    expect(other.locator(WORDS, has_text="Huber, delta = beta")).to_be_visible()


def test_a_reload_and_the_way_back_keep_the_state(browser_page: Page, app_url: str) -> None:
    open_regression(browser_page, app_url, "loss=MSELoss&prediction=3")
    browser_page.reload()
    expect_torch(browser_page, "9", "6")
    browser_page.get_by_test_id("stButtonGroup").first.get_by_text("L1", exact=True).click()
    expect_torch(browser_page, "3", "1")
    # The number can stand there a moment before the address, and Back would then leave the panel.
    expect(browser_page).to_have_url(re.compile("loss=L1Loss"))
    browser_page.go_back()
    expect_torch(browser_page, "9", "6")
    expect_whole_page(browser_page)
    expect_knob(browser_page, "prediction", "3")


def test_the_printed_code_gives_the_number_shown(browser_page: Page, app_url: str) -> None:
    open_regression(browser_page, app_url, "loss=HuberLoss&prediction=-3.3&target=1.5&delta=0.75")
    shown = browser_page.get_by_test_id("stMetricValue").all_inner_texts()
    code = browser_page.get_by_test_id("stCode").first.locator("code").inner_text()
    assert run_alone(code).splitlines() == [shown[0]]
    browser_page.get_by_text("Print what else the picture shows").click()
    whole = browser_page.get_by_test_id("stCode").first.locator("code")
    expect(whole).to_contain_text("loss.backward()")
    expect_whole_page(browser_page)
    assert run_alone(whole.inner_text()).splitlines() == [f"gradient {shown[1]}", shown[0]]


def test_a_loss_outside_the_picture_is_still_read_and_pointed_at(browser_page: Page, app_url: str) -> None:
    open_regression(browser_page, app_url, "loss=MSELoss&prediction=5&target=-3")
    expect(reading(browser_page)).to_have_text("loss 64 · ∂loss/∂x 16")
    expect_torch(browser_page, "64", "16")


def test_nothing_in_a_link_formats_the_page_or_leads_away(browser_page: Page, app_url: str) -> None:
    hostile = (
        "<b>b</b> :red[r] **s** http://evil.example www.evil.example a@evil.example $x$ ![](http://e/x.png)"
    )
    for start in range(0, len(hostile), 30):
        # Messages quote at most forty characters, so the text comes in pieces.
        piece = hostile[start : start + 40]
        open_regression(browser_page, app_url, f"loss=L1Loss&prediction={quote(piece)}")
        alert = browser_page.get_by_test_id("stAlert")
        expect(alert).to_contain_text(re.compile("is not (a|one) number"))
        assert piece in alert.inner_text().replace("\u2060", "")
        expect(alert.locator("a, b, strong, em, img, code, .katex, span[style*=color]")).to_have_count(0)


def test_a_picture_made_anew_many_times_forgets_what_the_hand_did_in_an_earlier_one(
    browser_page: Page, app_url: str
) -> None:
    # The keys of the pictures come again after so many; what the hand has left under one must not.
    open_regression(browser_page, app_url, "loss=L1Loss&prediction=1&target=0")
    slider(browser_page, "prediction").focus()
    browser_page.keyboard.press("ArrowLeft")
    expect_torch(browser_page, "0.9", "1")
    preset, reset = (
        browser_page.get_by_role("button", name=name) for name in ("An outlier arrives", "Reset")
    )
    for turn in range(FURTHEST_BEHIND):
        button, loss, value = ((reset, "2.5", "2.5"), (preset, "8", "5"))[turn % 2]
        button.click()
        expect_torch(browser_page, loss, "1")
        expect_knob(browser_page, "prediction", value)
        expect(reading(browser_page)).to_contain_text([f"loss {loss} "])
    slider(browser_page, "prediction").focus()
    browser_page.keyboard.press("ArrowLeft")
    expect_torch(browser_page, "7.9", "1")


def test_an_outlier_shows_how_hard_each_loss_pulls(browser_page: Page, app_url: str) -> None:
    open_regression(browser_page, app_url, "loss=SmoothL1Loss")
    browser_page.get_by_role("button", name="An outlier arrives").click()
    said = browser_page.locator(WORDS, has_text="MSE: 64, slope 16")
    expect(said).to_be_visible()
    expect_torch(browser_page, "7.5", "1")
    # Its line is in the picture to its end, and stays when the hand moves on.
    highest = browser_page.locator(f"{CHART} .concat_0_group .role-axis-label text").last
    expect(highest).to_have_text("70")
    slider(browser_page, "prediction").focus()
    browser_page.keyboard.press("ArrowLeft")
    expect(browser_page.locator(WORDS, has_text="MSE: 62.41, slope 15.8")).to_be_visible()
    expect_torch(browser_page, "7.4", "1")
    expect(highest).to_have_text("70")
    browser_page.get_by_role("button", name="Reset").click()
    expect(highest).to_have_text("6")
