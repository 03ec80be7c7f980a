"""The marks of a picture where a number is not finite, and lines that must reach as far as the truth, in Chromium."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from lossviz.losses.catalogue import catalogue
from tests.browser.panel import CHART, open_panel, reading, slider

WORDS_AT = """
([css, word]) => [...document.querySelectorAll(css + ' text')]
  .filter(text => text.textContent === word && !text.closest('[aria-hidden=true]')).length
"""
"""How many words of a kind the picture has, not counting their halos."""

OPEN_SHAPES = """
css => {
  const svg = document.querySelector(css), [loss, gradient] =
    [...svg.querySelectorAll('path.background')].map(part => part.getBoundingClientRect())
      .filter(box => box.height > 40);
  return [...svg.querySelectorAll('.mark-symbol path')]
    .filter(path => path.getAttribute('stroke-width') === '3')
    .map(path => {
      const box = path.getBoundingClientRect(), middle = box.top + box.height / 2;
      const plot = middle < (loss.bottom + gradient.top) / 2 ? loss : gradient;
      return [plot === loss ? 'loss' : 'gradient', (plot.bottom - middle) / plot.height];
    });
}
"""
"""The marks of numbers that are not finite: their plot, and their height as a share of it."""

BEST_VARIANCE = """
css => {
  const line = document.querySelector(css + ' .mark-line path[stroke-dasharray="6,3"]');
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
    return int(page.evaluate(WORDS_AT, [CHART, word]))


def wait_for_marks(page: Page, count: int) -> list[tuple[str, float]]:
    """The plots and heights of the marks of numbers that are not finite, when there are so many."""
    page.wait_for_function(f"([css, count]) => ({OPEN_SHAPES})(css).length === count", arg=[CHART, count])
    return [(plot, height) for plot, height in page.evaluate(OPEN_SHAPES, CHART)]


def test_an_infinite_loss_stands_at_the_top_edge_and_a_gradient_that_is_no_number_inside(
    browser_page: Page, app_url: str
) -> None:
    page = browser_page
    open_panel(page, f"{app_url}/classification?loss=SoftMarginLoss&logit=-95&target=1", "logit")
    marks = dict(wait_for_marks(page, 2))
    # A triangle reaches a little further to one side of its middle.
    assert marks["loss"] == pytest.approx(1, abs=0.04)
    assert 0.2 < marks["gradient"] < 0.8
    assert (words(page, "infinite"), words(page, "not a number"), words(page, "minus infinite")) == (1, 1, 0)
    # Where both are finite again the marks go, and the stretches stay named.
    slider(page, "logit").focus()
    for _ in range(14):
        page.keyboard.press("ArrowRight")
    assert wait_for_marks(page, 0) == []
    assert (words(page, "infinite"), words(page, "not a number")) == (1, 1)


def test_a_loss_that_is_no_number_is_marked_inside_the_picture(browser_page: Page, app_url: str) -> None:
    page = browser_page
    open_panel(page, f"{app_url}/regression?loss=PoissonNLLLoss&log_input=False&prediction=-2", "prediction")
    (mark,) = wait_for_marks(page, 1)
    assert mark[0] == "loss"
    assert 0.2 < mark[1] < 0.8
    assert words(page, "not a number") == 1


def test_minus_infinity_stands_at_the_bottom_edge(browser_page: Page, app_url: str) -> None:
    page = browser_page
    open_panel(
        page,
        f"{app_url}/regression?loss=PoissonNLLLoss&log_input=False&eps=0.1&prediction=-0.1",
        "prediction",
    )
    marks = dict(wait_for_marks(page, 2))
    assert marks["loss"] == pytest.approx(1, abs=0.04)
    assert marks["gradient"] == pytest.approx(0, abs=0.08)
    assert (words(page, "infinite"), words(page, "minus infinite")) == (1, 1)


def test_a_finite_loss_has_no_such_mark(browser_page: Page, app_url: str) -> None:
    page = browser_page
    open_panel(page, f"{app_url}/regression?loss=SmoothL1Loss", "prediction")
    expect(reading(page)).to_be_visible()
    assert wait_for_marks(page, 0) == []
    assert words(page, "infinite") + words(page, "not a number") == 0


def test_the_best_variance_is_true_up_to_the_edge_of_the_map(browser_page: Page, app_url: str) -> None:
    page = browser_page
    across, up = (catalogue()["GaussianNLLLoss"].knob(key) for key in ("prediction", "var"))
    open_panel(page, f"{app_url}/regression?loss=GaussianNLLLoss&target=1", "prediction")
    expect(reading(page)).to_be_visible()
    pieces = [
        [(across.low + x * (across.high - across.low), up.low + y * (up.high - up.low)) for x, y in piece]
        for piece in page.evaluate(BEST_VARIANCE, CHART)
    ]
    # The squared error, from where it is 9 on one side down to 0.25, and up again on the other side.
    expected = [[(1 + e, e * e) for e in (-3, -2.5, -2, -1.5, -1, -0.5)]]
    expected += [[(1 + e, e * e) for e in (0.5, 1, 1.5, 2, 2.5, 3)]]
    assert [len(piece) for piece in pieces] == [len(piece) for piece in expected]
    for piece, true in zip(pieces, expected, strict=True):
        for found, wanted in zip(piece, true, strict=True):
            assert found == pytest.approx(wanted, abs=0.01)
