"""From the hand resting to torch's number on the page, against a minimal Streamlit page.

``python -m benchmarks.rest_to_exact``. Both are moved by one key press and timed in the browser until the
page shows the new value; the repetitions alternate, so both see the same machine.
"""

from __future__ import annotations

import argparse
import statistics
from itertools import pairwise

from playwright.sync_api import Browser, Page

from benchmarks.chromium import MINIMAL, chromium, home_with_specs, server, spread
from lossviz.losses.call import exact
from lossviz.losses.catalogue import catalogue
from lossviz.losses.digits import shown
from lossviz.losses.entry import LossEntry

WATCH = """
() => {
  const shown = () => [...document.querySelectorAll('[data-testid=stMetricValue]')].map(e => e.innerText).join();
  const before = shown();
  window.arrived = new Promise(done => addEventListener('keydown', () => {
    const start = performance.now();
    const look = () => shown() === before ? requestAnimationFrame(look) : done(performance.now() - start);
    look();
  }, {once: true, capture: true}));
}
"""


def press(page: Page, key: str) -> float:
    """Press a key on the focused slider; the milliseconds until the page shows another value."""
    page.evaluate(WATCH)
    page.keyboard.press(key)
    return float(page.evaluate("window.arrived"))


def opened(browser: Browser, url: str, slider: str) -> Page:
    """A page with its slider focused."""
    page = browser.new_page(viewport={"width": 1400, "height": 1000})
    page.goto(url)
    page.get_by_test_id("stMetricValue").first.wait_for()
    page.locator(slider).first.focus()
    return page


def telling_move(entry: LossEntry) -> tuple[str, float]:
    """A knob and a value from which one step up changes what the page shows: some losses are flat at their defaults.

    Raises:
        RuntimeError: There is none.
    """
    for knob in entry.knobs:
        for low, high in sorted(pairwise(knob.values), key=lambda pair: abs(pair[0] - knob.default)):
            before, after = (exact(entry, entry.defaults | {knob.key: value}) for value in (low, high))
            if shown(before.loss) != shown(after.loss):
                return knob.key, low
    raise RuntimeError(f"nothing moves {entry.name}")


def main() -> None:
    """Measure every loss against the minimal page and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repetitions", type=int, default=20, help="key presses on each page (default: 20)")
    repetitions = parser.parse_args().repetitions
    with (
        home_with_specs() as home,
        server(home=home) as app,
        server(MINIMAL) as minimal,
        chromium() as browser,
    ):
        for entry in catalogue().values():
            key, value = telling_move(entry)
            link = f"{app.url}/{entry.category}?loss={entry.name}&{key}={value:g}"
            ours = opened(browser, link, f"input[name={key}_knob_{key}]")
            theirs = opened(browser, minimal.url, "[data-testid=stSlider] [role=slider], input[type=range]")
            times: dict[str, list[float]] = {"ours": [], "theirs": []}
            for turn in range(repetitions + 2):
                # There and back, so that no end is reached; the first two warm both up.
                arrow = "ArrowLeft" if turn % 2 else "ArrowRight"
                for name, page in (("ours", ours), ("theirs", theirs)):
                    page.bring_to_front()
                    taken = press(page, arrow)
                    if turn >= 2:
                        times[name].append(taken)
            ratios = [a / b for a, b in zip(times["ours"], times["theirs"], strict=True)]
            print(
                f"{entry.name:29} ratio {statistics.median(ratios):.2f}; "
                f"panel ms {spread(times['ours'], 0)}, minimal page ms {spread(times['theirs'], 0)}"
            )
            ours.close()
            theirs.close()


if __name__ == "__main__":
    main()
