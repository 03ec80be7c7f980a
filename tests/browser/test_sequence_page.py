"""What only a browser shows of the sequence page: the paths of CTC, and the boxes of a head, follow the hand."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from lossviz.losses.call import exact
from lossviz.losses.catalogue import catalogue
from lossviz.losses.digits import shown
from lossviz.losses.entry import LossEntry
from tests.browser.panel import CHART, expect_torch, open_panel, reading, slider
from tests.browser.walk.agreement import reading_text

CTC = catalogue()["CTCLoss"]
ADAPTIVE = catalogue()["AdaptiveLogSoftmaxWithLoss"]


def open_sequence(page: Page, url: str, link: str, knob: str) -> None:
    """Open a panel and wait until its sliders and torch's answer are there."""
    open_panel(page, f"{url}/sequence?{link}", knob)


def words(page: Page, pattern: str) -> Locator:
    """The words in the picture that look like this."""
    return page.locator(f"{CHART} text", has_text=re.compile(pattern))


def scrub(page: Page, entry: LossEntry, shares: tuple[float, ...]) -> list[float]:
    """Press the first slider, move along it, and let go; the picture must say torch's loss at every stop."""
    box = slider(page, entry.axis.key).bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.5, middle)
    page.mouse.down()
    values = []
    for share in shares:
        page.mouse.move(box["x"] + box["width"] * share, middle)
        value = float(slider(page, entry.axis.key).input_value())
        loss = exact(entry, entry.defaults | {entry.axis.key: value}).loss
        expect(reading(page)).to_contain_text(f"loss {loss:.6g} ")
        values.append(value)
    page.mouse.up()
    return values


def first_path(page: Page) -> str:
    """The most probable path and the words of the list, as the picture says them."""
    return " ".join(words(page, r"^(0\.\d+|[–ab]( [–ab])+|sum P.*)$").all_text_contents())


def test_a_scrub_shifts_probability_between_the_paths(browser_page: Page, app_url: str) -> None:
    open_sequence(browser_page, app_url, "loss=CTCLoss", "blank_score")
    before = first_path(browser_page)
    values = scrub(browser_page, CTC, (0.6, 0.75, 0.9))
    assert len(set(values)) == 3
    assert first_path(browser_page) != before
    said = exact(CTC, CTC.defaults | {"blank_score": values[-1]})
    expect(words(browser_page, "^sum P")).to_contain_text(f"loss = {said.loss:.6g}")
    expect(browser_page).to_have_url(re.compile(rf"blank_score={values[-1]:g}&"))
    expect(browser_page.get_by_test_id("stMetricValue").first).to_have_text(f"{said.loss:.6g}")


def test_at_rest_the_picture_says_the_single_calls_number(browser_page: Page, app_url: str) -> None:
    # Here torch sums the gradient of many samples in another order than that of one: the sixth digit differs.
    at: dict[str, float | str] = {
        "blank_score": 2.0,
        "a_score": 0.0,
        "drift": -2.0,
        "target": "aba",
        "frames": "6",
    }
    link = "&".join(f"{key}={value}" for key, value in at.items())
    open_sequence(browser_page, app_url, f"loss=CTCLoss&{link}", "blank_score")
    for steps in (0, 1, -1):
        for _ in range(abs(steps)):
            slider(browser_page, "blank_score").press("ArrowRight" if steps > 0 else "ArrowLeft")
        at["blank_score"] = float(slider(browser_page, "blank_score").input_value())
        said = exact(CTC, CTC.defaults | at)
        expect_torch(browser_page, shown(said.loss), shown(said.gradient))
        expect(reading(browser_page)).to_have_text(reading_text(CTC, said))


def test_too_few_frames_are_not_finite_and_say_why(browser_page: Page, app_url: str) -> None:
    open_sequence(browser_page, app_url, "loss=CTCLoss&target=aa&frames=2", "blank_score")
    expect(words(browser_page, "^loss ")).to_have_text("loss inf · ∂loss/∂s₋ nan")
    expect(words(browser_page, "^No path")).to_have_text("No path of 2 frames spells aa: it needs 3.")
    expect(browser_page.get_by_test_id("stMetricValue")).to_have_text(["inf", "nan"])
    browser_page.get_by_test_id("stButtonGroup").get_by_text("becomes 0", exact=True).click()
    expect(browser_page.get_by_test_id("stMetricValue")).to_have_text(["0", "0"])
    expect(words(browser_page, "^sum P")).to_contain_text(["zero_infinity makes the loss 0"])


def test_three_frames_for_a_repeat(browser_page: Page, app_url: str) -> None:
    open_sequence(browser_page, app_url, "loss=CTCLoss", "blank_score")
    browser_page.get_by_role("button", name="Three frames for aa").click()
    expect(words(browser_page, "^loss 3.29584 ").first).to_be_visible()
    # The chart before goes when the page has been run to its end.
    expect(words(browser_page, "^loss ")).to_contain_text(["loss 3.29584 "])
    expect(browser_page.get_by_test_id("stMetricValue").first).to_have_text("3.29584")
    expect(words(browser_page, "path")).to_have_text(["1 path: probability, and share of the sum"])
    expect(words(browser_page, "^a – a$").first).to_be_visible()


def test_the_boxes_of_a_head_follow_the_hand(browser_page: Page, app_url: str) -> None:
    open_sequence(browser_page, app_url, "loss=AdaptiveLogSoftmaxWithLoss", "feature_0")
    before = words(browser_page, r"^p\(y\)").text_content()
    values = scrub(browser_page, ADAPTIVE, (0.3, 0.2, 0.1))
    said = exact(ADAPTIVE, ADAPTIVE.defaults | {"feature_0": values[-1]})
    expect(words(browser_page, r"^p\(y\)")).to_contain_text(f"≈ {said.probes['probability'][7]:.6g}")
    assert words(browser_page, r"^p\(y\)").text_content() != before
    expect(words(browser_page, "^all 10 classes")).to_have_text(
        f"all 10 classes: 1 · −log_prob of y: {said.probes['minus_full_log_prob'][0]:.6g}"
    )


@pytest.mark.parametrize("loss", ["AdaptiveLogSoftmaxWithLoss", "LinearCrossEntropyLoss"])
def test_the_cost_of_a_head_is_counted_and_measured_on_request(
    browser_page: Page, app_url: str, loss: str
) -> None:
    open_sequence(browser_page, app_url, f"loss={loss}", "feature_0")
    browser_page.get_by_text("What a last layer costs").click()
    table = browser_page.locator("table")
    expect(table).to_contain_text("1,280,000")
    expect(table).not_to_contain_text(" ms")
    browser_page.get_by_role("button", name="Measure a training step here").click()
    expect(table).to_contain_text(" ms")


def test_ctc_is_no_head(browser_page: Page, app_url: str) -> None:
    open_sequence(browser_page, app_url, "loss=CTCLoss", "blank_score")
    expect(browser_page.get_by_text("What a last layer costs")).to_have_count(0)
