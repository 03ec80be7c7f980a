"""The marks of a picture where a number is not finite, and lines that must reach as far as the truth, in Chromium."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from lossviz.losses.catalogue import catalogue
from tests.browser.panel import CHART, WORDS, open_panel, reading, slider

MARKS = """
css => [...document.querySelectorAll(css + ' .mark-symbol path')]
  .map(path => {
    const said = path.getAttribute('aria-label'), plot = path.closest('.role-scope').querySelector('path.background');
    const [, , down] = path.getAttribute('transform').match(/translate\\(([^,]+),([^)]+)\\)/);
    return [said, 1 - down / plot.getBBox().height];
  })
  .filter(([said]) => /(infinite|not a number)$/.test(said))
"""
"""The marks of numbers that are not finite: what they say, and their height as a share of their plot's."""

BEST_LINE = f'{CHART} .mark-line path[stroke-dasharray="6,3"]'
BEST_VARIANCE = """
css => {
  const line = document.querySelector(css);
  const box = line.closest('.role-scope').querySelector('path.background').getBBox();
  return line.getAttribute('d').split('M').slice(1).map(piece => piece.split('L').map(point => {
    const [x, y] = point.split(',').map(Number);
    return [x / box.width, 1 - y / box.height];
  }));
}
"""
"""The pieces of the line over the map, as shares of its width and height from below."""


def words(page: Page, word: str) -> int:
    """How often a word stands in the picture."""
    return page.locator(WORDS, has_text=re.compile(f"^{re.escape(word)}$")).count()


def marks_when_there_are(page: Page, count: int) -> list[tuple[str, float]]:
    """The marks of numbers that are not finite, when the picture has so many: what they say, and their height."""
    page.wait_for_function(f"([css, count]) => ({MARKS})(css).length === count", arg=[CHART, count])
    return [(said, round(height, 6)) for said, height in page.evaluate(MARKS, CHART)]


def test_an_infinite_loss_stands_at_the_top_edge_and_a_gradient_that_is_no_number_inside(
    browser_page: Page, app_url: str
) -> None:
    page = browser_page
    open_panel(page, f"{app_url}/classification?loss=SoftMarginLoss&logit=-95&target=1", "logit")
    assert marks_when_there_are(page, 2) == [
        ("loss: infinite", 1),
        ("gradient: not a number", 0.4),
    ]
    assert (words(page, "infinite"), words(page, "not a number"), words(page, "minus infinite")) == (1, 1, 0)
    # Where both are finite again the marks go, and the stretches stay named.
    slider(page, "logit").focus()
    for _ in range(14):
        page.keyboard.press("ArrowRight")
    assert marks_when_there_are(page, 0) == []
    assert (words(page, "infinite"), words(page, "not a number")) == (1, 1)


def test_a_loss_that_is_no_number_is_marked_inside_the_picture(browser_page: Page, app_url: str) -> None:
    page = browser_page
    link = "loss=PoissonNLLLoss&log_input=False&prediction=-2"
    open_panel(page, f"{app_url}/regression?{link}", "prediction")
    assert marks_when_there_are(page, 1) == [("loss: not a number", 0.4)]
    assert words(page, "not a number") == 1


def test_minus_infinity_stands_at_the_bottom_edge(browser_page: Page, app_url: str) -> None:
    page = browser_page
    link = "loss=PoissonNLLLoss&log_input=False&eps=0.1&prediction=-0.1"
    open_panel(page, f"{app_url}/regression?{link}", "prediction")
    assert marks_when_there_are(page, 2) == [("loss: infinite", 1), ("gradient: minus infinite", 0)]
    assert (words(page, "infinite"), words(page, "minus infinite")) == (1, 1)


def test_a_finite_loss_has_no_such_mark(browser_page: Page, app_url: str) -> None:
    page = browser_page
    open_panel(page, f"{app_url}/regression?loss=SmoothL1Loss", "prediction")
    expect(reading(page)).to_be_visible()
    assert marks_when_there_are(page, 0) == []
    assert words(page, "infinite") + words(page, "not a number") == 0


def test_the_best_variance_is_true_up_to_the_edge_of_the_map(browser_page: Page, app_url: str) -> None:
    page = browser_page
    across, up = (catalogue()["GaussianNLLLoss"].knob(key) for key in ("prediction", "var"))
    open_panel(page, f"{app_url}/regression?loss=GaussianNLLLoss&target=1", "prediction")
    page.locator(BEST_LINE).wait_for(state="attached")
    pieces = [
        [(across.low + x * (across.high - across.low), up.low + y * (up.high - up.low)) for x, y in piece]
        for piece in page.evaluate(BEST_VARIANCE, BEST_LINE)
    ]
    # The squared error, from where it is 9 on one side down to 0.25, and up again on the other side.
    expected = [[(1 + e, e * e) for e in (-3, -2.5, -2, -1.5, -1, -0.5)]]
    expected += [[(1 + e, e * e) for e in (0.5, 1, 1.5, 2, 2.5, 3)]]
    assert [len(piece) for piece in pieces] == [len(piece) for piece in expected]
    for piece, true in zip(pieces, expected, strict=True):
        for found, wanted in zip(piece, true, strict=True):
            assert found == pytest.approx(wanted, abs=0.01)


def test_a_loss_laid_over_that_is_nowhere_a_number_is_named(browser_page: Page, app_url: str) -> None:
    page = browser_page
    open_panel(page, f"{app_url}/regression?loss=SmoothL1Loss&beta=0&overlay=HuberLoss,L1Loss", "beta")
    expect(reading(page)).to_be_visible()
    assert words(page, "Huber, delta = beta: torch refuses it here") == 1
    assert (words(page, "Huber, delta = beta"), words(page, "L1: 2.5, slope 1")) == (0, 1)


OVERLAPS = """
css => {
  // A letter is less high than its line.
  const boxes = [...document.querySelectorAll(css)].map(word => {
    const box = word.getBoundingClientRect(), spare = box.height / 5;
    return {said: word.textContent, left: box.left, right: box.right, top: box.top + spare, bottom: box.bottom - spare};
  });
  return boxes.flatMap((a, place) => boxes.slice(place + 1)
    .filter(b => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom)
    .map(b => a.said + ' | ' + b.said));
}
"""
"""The pairs of words that lie on each other."""


@pytest.mark.parametrize("width", [1280, 390])
def test_the_names_of_losses_that_end_at_one_height_do_not_lie_on_each_other(
    browser_page: Page, app_url: str, width: int
) -> None:
    page, entry = browser_page, catalogue()["MSELoss"]
    page.set_viewport_size({"width": width, "height": 800})
    open_panel(page, f"{app_url}/regression?loss=MSELoss&overlay={','.join(entry.overlays)}", "prediction")
    expect(page.locator(WORDS, has_text=re.compile("^(L1|SmoothL1|Huber|Gaussian)"))).to_have_count(4)
    assert page.evaluate(OVERLAPS, WORDS) == []
