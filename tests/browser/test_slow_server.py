"""A server that answers late.

What is clicked meanwhile is sent with an address that the app has left behind; and what the whole page and a part of it
say is sent together, less what Streamlit takes to be out of date.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from tests.browser.panel import expect_to_rest, expect_torch, slider
from tests.browser.training import button, expect_results, open_training
from tests.browser.visitors import PATIENCE_MS, expect_whole_page
from tests.live_server import live_server

A_LOOK = 20
"""Milliseconds between two looks at what has come."""


class Answers:
    """What the server says to a page, held back while the test asks for it."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._socket: WebSocketRoute | None = None
        self._held: list[str | bytes] = []
        self._holding = False
        page.route_web_socket(re.compile("_stcore/stream"), self._connect)

    def _connect(self, socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        self._socket = socket
        socket.on_message(server.send)
        server.on_message(self._said)

    def _said(self, message: str | bytes) -> None:
        if self._holding:
            self._held.append(message)
        elif self._socket is not None:
            self._socket.send(message)

    def hold(self) -> None:
        """From now on the page hears nothing."""
        self._holding = True

    def wait_for(self, words: str) -> None:
        """Wait until the server has said this, unheard."""
        for _ in range(PATIENCE_MS // A_LOOK):
            if any(words.encode() in _bytes(message) for message in self._held):
                return
            self._page.wait_for_timeout(A_LOOK)  # lets messages come
        pytest.fail(f"the server did not say {words}")

    def release(self) -> None:
        """The page hears everything, in order."""
        self._holding = False
        assert self._socket is not None
        for message in self._held:
            self._socket.send(message)
        self._held.clear()


def _bytes(message: str | bytes) -> bytes:
    return message.encode() if isinstance(message, str) else message


@pytest.fixture
def answers(browser_page: Page) -> Answers:
    """The server's answers to the page."""
    return Answers(browser_page)


def test_another_loss_is_chosen_before_the_last_click_was_answered(
    browser_page: Page, app_url: str, answers: Answers
) -> None:
    page = browser_page
    page.goto(f"{app_url}/regression?loss=SmoothL1Loss&prediction=1")
    expect(slider(page, "prediction")).to_be_visible()
    expect_to_rest(page)
    answers.hold()
    page.get_by_role("button", name="Beta is not delta").click()
    answers.wait_for("prediction=3")
    page.get_by_test_id("stButtonGroup").first.get_by_text("Huber", exact=True).click()
    answers.wait_for("loss=HuberLoss&prediction=3")
    answers.release()
    expect_torch(page, "2.5", "1")
    expect(page).to_have_url(re.compile("loss=HuberLoss&prediction=3"))

    # Where somebody goes by the browser's own way, the page follows.
    page.go_back()
    expect_torch(page, "2", "1")


def test_train_is_pressed_before_the_last_click_was_answered(
    browser_page: Page, app_url: str, answers: Answers
) -> None:
    page = browser_page
    open_training(page, app_url, "train_size=300&epochs=1&model=mlp")
    network = page.locator("summary", has_text="Network")
    narrow = page.get_by_test_id("stMain").get_by_role("radio", name="Narrow MLP")
    expect(narrow).to_be_visible()
    answers.hold()
    narrow.click()
    answers.wait_for("model=narrow-mlp")
    button(page, "Train").click()
    answers.wait_for("&run=")
    answers.release()
    expect(network).to_contain_text("Narrow MLP")
    expect(page).to_have_url(re.compile("model=narrow-mlp.*&run="))
    expect_results(page)

    page.go_back()
    expect(page).to_have_url(re.compile("model=narrow-mlp&"))
    page.go_back()
    expect(network).to_contain_text(re.compile("· MLP,"))


def test_a_run_ends_on_a_server_that_sends_late(
    browser_page: Page, server_home: Path, data_environment: dict[str, str]
) -> None:
    page = browser_page
    env = {**data_environment, "PYTHONPATH": str(Path(__file__).parent / "slow_sender")}
    with live_server(server_home, env=env) as server:
        open_training(page, server.url, "model=mlp&train_size=1000&epochs=2")
        button(page, "Train").click()
        expect_results(page)
        assert "sends late\n" in server.output
        # The clock has asked for the run's part once more after the whole page, and nothing has lost its place.
        expect(page.locator("summary", has_text="Thresholds")).to_be_visible()
        page.get_by_role("tab", name="Your own picture").click()
        expect(page.get_by_test_id("stFileUploaderDropzone")).to_be_visible()
        expect_whole_page(page)
        expect(page.get_by_role("tablist")).to_have_count(1)
        expect(page.locator("summary", has_text="Runs ·")).to_be_visible()
