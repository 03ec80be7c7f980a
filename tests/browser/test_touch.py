"""What only a browser with a touch screen shows: a finger moves the picture, and the page where it should."""

from __future__ import annotations

import pytest
from playwright.sync_api import CDPSession, Page

from tests.browser.panel import CHART, expect_to_rest, open_panel, slider
from tests.browser.visitors import Visitors


@pytest.fixture
def phone(visitors: Visitors) -> Page:
    """A page on a phone."""
    return visitors.open(390, 844, has_touch=True, is_mobile=True)


def open_still(page: Page, address: str, knob: str) -> None:
    """Open a panel and wait until nothing moves on it any more."""
    open_panel(page, address, knob)
    expect_to_rest(page)


def middle(page: Page) -> tuple[float, float]:
    """The middle of the picture's upper 400 pixels, on the screen."""
    chart = page.locator(CHART).first
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + min(box["height"], 400) / 2


def swipe(page: Page, finger: CDPSession, across: float, up: float, knob: str) -> list[float]:
    """Press in the middle of the picture and move in ten steps; the knob's value at each."""
    x, y = middle(page)
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


@pytest.mark.parametrize(
    ("link", "knob"),
    [
        ("ranking?loss=TripletMarginLoss", "negative_y"),
        ("regression?loss=GaussianNLLLoss", "var"),
        ("boxes?loss=generalized_box_iou_loss", "y"),
    ],
)
def test_a_finger_moves_what_is_on_a_plane_and_not_the_page(
    phone: Page, app_url: str, link: str, knob: str
) -> None:
    open_still(phone, f"{app_url}/{link}", knob)
    middle(phone)
    before = scrolled(phone)
    values = swipe(phone, phone.context.new_cdp_session(phone), across=-60, up=110, knob=knob)
    assert len(set(values)) > 4
    # A box's y grows downwards, as in images.
    assert values == sorted(values, reverse=values[0] > values[-1])
    assert scrolled(phone) == before


def test_a_finger_on_a_curve_moves_the_knob_across_and_the_page_up(phone: Page, app_url: str) -> None:
    open_still(phone, f"{app_url}/regression?loss=HuberLoss", "prediction")
    finger = phone.context.new_cdp_session(phone)
    middle(phone)
    before = scrolled(phone)
    values = swipe(phone, finger, across=120, up=5, knob="prediction")
    assert len(set(values)) > 4
    assert values == sorted(values)
    assert scrolled(phone) == before
    swipe(phone, finger, across=5, up=150, knob="prediction")
    phone.wait_for_function(
        "before => document.querySelector('[data-testid=stMain]').scrollTop > before", arg=before
    )
