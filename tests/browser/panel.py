"""A loss panel in the browser: where its parts are, when it has come to rest, and what the hand on it does."""

from __future__ import annotations

import re
from itertools import pairwise

from playwright.sync_api import Locator, Page, expect

CHART = "[data-testid=stVegaLiteChart] svg"

HANDLES = f"{CHART} [aria-roledescription=handle]"
"""The marks that a hand moves."""

WORDS = f"{CHART} g:not([aria-hidden=true]) > text"
"""The words in the picture, without the halos below them, which say the same."""

A_REST = 100.0
"""Milliseconds: Streamlit takes 150 without a move for a rest."""


def slider(page: Page, knob: str) -> Locator:
    """The slider of a knob."""
    return page.locator(f"input[name={knob}_knob_{knob}]")


def reading(page: Page) -> Locator:
    """Loss and gradient as the picture says them."""
    return page.locator(f"{CHART} text", has_text=re.compile(r"^loss .* ∂loss/∂"))


def expect_torch(page: Page, loss: str, gradient: str) -> None:
    """Wait for torch's answer."""
    expect(page.get_by_test_id("stMetricValue")).to_have_text([loss, gradient])


def expect_knob(page: Page, knob: str, value: str) -> None:
    """Wait until only one picture stands there, and its slider at this value.

    While a panel is drawn anew, the picture before and the new one can both stand there for a moment. How many there
    are and where the slider is must hold at the same time, so one look asks for both.
    """
    page.wait_for_function(
        "([name, value]) => {"
        "  const found = document.querySelectorAll(`input[name=${name}]`);"
        "  return found.length === 1 && found[0].value === value;"
        "}",
        arg=[f"{knob}_knob_{knob}", value],
    )


def open_panel(page: Page, address: str, knob: str) -> None:
    """Open a panel and wait until its sliders and torch's answer are there.

    Args:
        page: The page.
        address: Its whole address.
        knob: One of the panel's knobs.
    """
    page.goto(address)
    expect(slider(page, knob)).to_be_visible()
    expect(page.get_by_test_id("stMetricValue")).to_have_count(2)


def expect_to_rest(page: Page) -> None:
    """Wait until the code is coloured, which comes last.

    Before, a hand would seem to rest while the browser loads what colours it, and formulas push down what stands
    below them, so that a click would miss.
    """
    expect(page.get_by_test_id("stCode").first.locator("code span").first).to_be_visible()


def sent_frames(page: Page) -> list[object]:
    """A list that grows with every message that the page sends to the server."""
    sent: list[object] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame)))
    return sent


def watch_the_hand(page: Page) -> None:
    """Note from now on when the hand moves."""
    page.evaluate(
        "window.moves = [];"
        "for (const kind of ['pointerdown', 'pointermove'])"
        "  addEventListener(kind, () => window.moves.push(performance.now()), true);"
    )


def rests(page: Page) -> int:
    """How often the hand may have counted as resting since: that of a test on a busy machine does between its moves."""
    moves = page.evaluate("[...window.moves, performance.now()]")
    return sum(after - before > A_REST for before, after in pairwise(moves))
