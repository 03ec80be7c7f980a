"""What only a browser with a touch screen shows: a finger moves the picture, and the page where it should."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from lossviz.losses.catalogue import catalogue
from tests.browser.panel import CHART, HANDLES, expect_to_rest, expect_torch, open_panel, reading, slider
from tests.browser.test_one_screen import KINDS
from tests.browser.visitors import Visitors, expect_to_fit, expect_whole_page


@pytest.fixture
def phone(visitors: Visitors) -> Page:
    """A page on a phone."""
    return visitors.open(390, 844, has_touch=True, is_mobile=True)


def open_still(page: Page, address: str, knob: str) -> None:
    """Open a panel and wait until nothing moves on it any more."""
    open_panel(page, address, knob)
    expect_to_rest(page)


def handle(page: Page, place: int = 0) -> tuple[float, float]:
    """The middle of a mark that a hand moves, on the screen; the picture is moved to the middle of it."""
    page.locator(CHART).first.evaluate("chart => chart.scrollIntoView({block: 'center'})")
    box = page.locator(HANDLES).nth(place).bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def in_picture(page: Page, across: float, down: float) -> tuple[float, float]:
    """A place in the picture by its shares of width and height, on the screen."""
    page.locator(CHART).first.evaluate("chart => chart.scrollIntoView({block: 'center'})")
    box = page.locator(CHART).first.bounding_box()
    assert box is not None
    return box["x"] + box["width"] * across, box["y"] + box["height"] * down


def swipe(page: Page, start: tuple[float, float], across: float, up: float, knob: str) -> list[float]:
    """Press with a finger and move in ten steps; the knob's value at each."""
    finger = page.context.new_cdp_session(page)
    x, y = start
    finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    values = []
    for step in range(1, 11):
        place = {"x": x + across * step / 10, "y": y - up * step / 10}
        finger.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [place]})
        # The browser hands the moves of a finger over once a frame.
        page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        values.append(float(slider(page, knob).input_value()))
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    return values


def scrolled(page: Page) -> float:
    """How far the page is scrolled, in pixels."""
    return float(page.get_by_test_id("stMain").evaluate("main => main.scrollTop"))


def knobs(page: Page) -> dict[str, str]:
    """Where all sliders stand."""
    found = page.locator("form.vega-bindings input[type=range]")
    values: dict[str, str] = found.evaluate_all(
        "sliders => Object.fromEntries(sliders.map(({ name, value }) => [name, value]))"
    )
    return values


PLANES = [
    ("ranking?loss=TripletMarginLoss", "negative_y", 1),
    ("ranking?loss=CosineEmbeddingLoss", "angle", 0),
    ("regression?loss=GaussianNLLLoss", "var", 0),
    ("boxes?loss=generalized_box_iou_loss&y=1.5", "y", 0),
]
"""Pictures in which a hand moves in both directions: link, a knob, and the place of the mark that moves it."""

on_planes = pytest.mark.parametrize(("link", "knob", "place"), PLANES)


@on_planes
def test_a_finger_moves_what_it_takes_hold_of_and_not_the_page(
    phone: Page, app_url: str, link: str, knob: str, place: int
) -> None:
    open_still(phone, f"{app_url}/{link}", knob)
    start = handle(phone, place)
    before = scrolled(phone)
    # Beside the middle of the mark: no finger hits that.
    values = swipe(phone, (start[0] + 8, start[1] - 8), across=-60, up=90, knob=knob)
    assert len(set(values)) > 3
    assert values == sorted(values, reverse=values[0] > values[-1])
    assert scrolled(phone) == before


@on_planes
def test_a_swipe_beside_it_scrolls_the_page_and_moves_nothing(
    phone: Page, app_url: str, link: str, knob: str, place: int
) -> None:
    open_still(phone, f"{app_url}/{link}", knob)
    held, before = knobs(phone), handle(phone, place)
    for across, down in ((0.1, 0.1), (0.95, 0.25), (0.05, 0.45)):
        start = in_picture(phone, across, down)
        at = scrolled(phone)
        swipe(phone, start, across=4, up=130, knob=knob)
        phone.wait_for_function(
            "before => document.querySelector('[data-testid=stMain]').scrollTop > before", arg=at
        )
    assert knobs(phone) == held
    assert handle(phone, place) == pytest.approx(before, abs=1)


def test_a_finger_on_a_curve_moves_the_knob_across_and_the_page_up(phone: Page, app_url: str) -> None:
    open_still(phone, f"{app_url}/regression?loss=HuberLoss", "prediction")
    start = in_picture(phone, 0.3, 0.3)
    before = scrolled(phone)
    values = swipe(phone, start, across=120, up=5, knob="prediction")
    assert len(set(values)) > 4
    assert values[1:] == sorted(values[1:])
    assert scrolled(phone) == before
    for down in (0.3, 0.85):
        start = in_picture(phone, 0.3, down)
        at = scrolled(phone)
        swiped = swipe(phone, start, across=5, up=150, knob="prediction")
        assert set(swiped) == {values[-1]}
        phone.wait_for_function(
            "before => document.querySelector('[data-testid=stMain]').scrollTop > before", arg=at
        )


def test_a_tap_in_the_lower_plot_moves_the_point_there(phone: Page, app_url: str) -> None:
    open_still(phone, f"{app_url}/regression?loss=MSELoss&prediction=0", "prediction")
    phone.touchscreen.tap(*in_picture(phone, 0.8, 0.75))
    phone.wait_for_function("document.querySelector('input[name=prediction_knob_prediction]').value > 1")
    value = float(slider(phone, "prediction").input_value())
    expect_torch(phone, f"{value**2:.6g}", f"{2 * value:.6g}")


def test_a_finger_drags_the_picture_of_the_home_page_and_scrolls_past_it(phone: Page, app_url: str) -> None:
    phone.goto(app_url)
    expect(slider(phone, "prediction")).to_be_visible()
    expect_whole_page(phone)
    start = handle(phone)
    before = scrolled(phone)
    values = swipe(phone, start, across=-90, up=20, knob="prediction")
    assert len(set(values)) > 3
    assert values == sorted(values, reverse=True)
    assert scrolled(phone) == before
    start = in_picture(phone, 0.3, 0.4)
    before = scrolled(phone)
    assert set(swipe(phone, start, across=4, up=130, knob="prediction")) == {values[-1]}
    phone.wait_for_function(
        "before => document.querySelector('[data-testid=stMain]').scrollTop > before", arg=before
    )


def test_the_reading_is_whole_on_a_phone(visitors: Visitors, app_url: str) -> None:
    page = visitors.open(390, 844)
    open_panel(
        page, f"{app_url}/classification?loss=CrossEntropyLoss&logit_0=6&logit_1=-6&logit_2=-6", "logit_0"
    )
    # The longest that there is, nearly: two numbers with exponents.
    expect(reading(page)).to_have_text(re.compile(r"loss \S+e-05 · ∂loss/∂z₀ -\S+e-05"))
    expect_to_fit(page, "[aria-roledescription=reading]", 390)


CUT = """
css => [...document.querySelectorAll(`${css} text`)].filter(word => {
  const picture = word.ownerSVGElement.getBoundingClientRect(), box = word.getBoundingClientRect();
  // The picture's title is for a file alone, and hidden here. A line is some pixels higher than its letters.
  return !word.closest(".role-title") && (box.left < picture.left - 4 || box.right > picture.right + 4);
}).map(word => word.textContent)
"""
"""The words of a picture that it cuts off at its sides."""


@pytest.mark.parametrize("name", KINDS)
def test_no_word_of_a_picture_is_cut_on_a_phone(visitors: Visitors, app_url: str, name: str) -> None:
    entry = catalogue()[name]
    page = visitors.open(390, 844)
    open_panel(page, f"{app_url}/{entry.category}?loss={name}", entry.axis.key)
    expect(page.locator(f"{CHART} text").first).to_be_visible()
    page.wait_for_function(f"css => !({CUT})(css).length", arg=CHART)
