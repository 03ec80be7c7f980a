"""A program on a page can be read whole, and be copied: also where the browser has no clipboard for the page."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from lossviz.losses.catalogue import catalogue
from lossviz.losses.code import program
from tests import chromium
from tests.browser.panel import expect_to_rest, open_panel
from tests.browser.visitors import Visitors

ENTRY = catalogue()["LinearCrossEntropyLoss"]
ADDRESS = f"{ENTRY.category}?loss={ENTRY.name}"
PROGRAM = program(ENTRY, ENTRY.defaults)

CUT = "pre => [...pre.querySelectorAll('code'), pre].filter(e => e.scrollWidth > e.clientWidth).length"
"""How many of a block's elements hold more than they show."""


@pytest.fixture
def plain_http(browser: Browser, app_url: str) -> Iterator[Page]:
    """The panel as a class sees it on its teacher's server: by plain http, and not on the same machine."""
    class_host = "teacher.example"
    started = browser.browser_type.launch(
        executable_path=chromium.find(),
        args=[*chromium.FLAGS, f"--host-resolver-rules=MAP {class_host} 127.0.0.1"],
    )
    visitors = Visitors(started)
    page = visitors.open()
    open_still(page, f"http://{class_host}:{urlsplit(app_url).port}/{ADDRESS}")
    assert page.evaluate("isSecureContext") is False
    yield page
    visitors.close()
    started.close()


def open_still(page: Page, address: str) -> None:
    """Open the panel and wait until nothing moves on it any more."""
    open_panel(page, address, ENTRY.axis.key)
    expect_to_rest(page)


def block(page: Page) -> Locator:
    """The panel's program."""
    return page.get_by_test_id("stCode").first


def selected(page: Page) -> str:
    """What is selected on the page."""
    return str(page.evaluate("getSelection().toString()"))


def test_a_click_selects_the_whole_program_where_there_is_no_clipboard(plain_http: Page) -> None:
    block(plain_http).locator("code").click()
    assert selected(plain_http) == PROGRAM


def test_a_hand_that_drags_selects_a_part_where_there_is_no_clipboard(plain_http: Page) -> None:
    first = block(plain_http).get_by_text("import", exact=True).bounding_box()
    assert first is not None
    middle = first["y"] + first["height"] / 2
    plain_http.mouse.move(first["x"] + 1, middle)
    plain_http.mouse.down()
    plain_http.mouse.move(first["x"] + first["width"], middle, steps=4)
    plain_http.mouse.up()
    assert selected(plain_http).strip() == "import"


def test_the_button_copies_the_program_where_there_is_no_clipboard(plain_http: Page) -> None:
    block(plain_http).hover()
    block(plain_http).get_by_role("button", name="Copy to clipboard").click()
    expect(block(plain_http).get_by_role("button", name="Copied")).to_be_visible()
    plain_http.evaluate("document.body.append(document.createElement('textarea'))")
    paper = plain_http.locator("body > textarea")
    paper.focus()
    plain_http.keyboard.press("Control+V")
    expect(paper).to_have_value(PROGRAM)


def test_a_click_selects_nothing_where_there_is_a_clipboard(browser_page: Page, app_url: str) -> None:
    open_still(browser_page, f"{app_url}/{ADDRESS}")
    block(browser_page).locator("code").click()
    assert selected(browser_page) == ""


def test_no_line_is_cut_on_a_phone(visitors: Visitors, app_url: str) -> None:
    phone = visitors.open(390, 844, has_touch=True, is_mobile=True)
    open_still(phone, f"{app_url}/{ADDRESS}")
    pre = block(phone).locator("pre")
    expect(pre).to_have_text(PROGRAM)
    assert pre.evaluate(CUT) == 0
    phone.get_by_text("Print what else the picture shows").tap()
    expect(pre).to_have_text(program(ENTRY, ENTRY.defaults, whole=True))
    assert pre.evaluate(CUT) == 0
