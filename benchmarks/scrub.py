"""How many display frames pass until the picture follows a knob: ``python -m benchmarks.scrub``."""

from __future__ import annotations

import argparse
import math
import statistics

from playwright.sync_api import Browser

from benchmarks.chromium import chromium, home_with_specs, server, spread
from lossviz.losses.call import exact
from lossviz.losses.catalogue import catalogue
from lossviz.losses.entry import LossEntry
from lossviz.losses.knob import Knob

MOVE = """
async ([name, values]) => {
  const input = document.querySelector(`input[name=${name}]`);
  const picture = () => document.querySelector('[data-testid=stVegaLiteChart] svg').innerHTML;
  const frame = () => new Promise(done => requestAnimationFrame(done));
  const frames = [], milliseconds = [];
  for (const value of values) {
    await frame();
    const before = picture(), start = performance.now();
    input.value = String(value);
    input.dispatchEvent(new Event('input', {bubbles: true}));
    let count = 0;
    while (picture() === before && count < 60) { await frame(); count += 1; }
    frames.push(count);
    milliseconds.push(performance.now() - start);
  }
  return [frames, milliseconds];
}
"""


def measure(
    browser: Browser, url: str, entry: LossEntry, knob: Knob, moves: int
) -> tuple[list[int], list[float]]:
    """Frames and milliseconds from each move of a knob to the changed picture."""
    page = browser.new_page(viewport={"width": 1400, "height": 1000})
    page.goto(f"{url}/{entry.category}?loss={entry.name}")
    page.get_by_test_id("stMetricValue").first.wait_for()
    page.locator(f"input[name={knob.key}_knob_{knob.key}]").wait_for()
    # There and back over the whole range, never staying where it is.
    path = [*knob.values[1:], *reversed(knob.values[:-1])]
    values = (path * (moves // len(path) + 1))[:moves]
    frames, milliseconds = page.evaluate(MOVE, [f"{knob.key}_knob_{knob.key}", values])
    page.close()
    kept = [place for place, shows in enumerate(shown_moves(entry, knob, values)) if shows]
    return [frames[place] for place in kept], [milliseconds[place] for place in kept]


def shown_moves(entry: LossEntry, knob: Knob, values: list[float]) -> list[bool]:
    """Which moves have something to show: another answer of torch's, or a finite one at another place."""
    before, at = exact(entry, entry.defaults), knob.default
    shown = []
    for value in values:
        now = exact(entry, entry.defaults | {knob.key: value})
        # As text, because nan is not equal to itself.
        another = str((now.loss, now.gradient)) != str((before.loss, before.gradient))
        shown.append(another or (value != at and knob is entry.axis and math.isfinite(now.loss)))
        before, at = now, value
    return shown


def main() -> None:
    """Measure every knob of every loss and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--moves", type=int, default=100, help="moves of each knob (default: 100)")
    parser.add_argument(
        "--loss", action="append", choices=list(catalogue()), help="only this loss (repeatable)"
    )
    arguments = parser.parse_args()
    moves, losses = arguments.moves, arguments.loss or list(catalogue())
    worst = 0.0
    with home_with_specs() as home, server(home=home) as app, chromium() as browser:
        for entry in (catalogue()[name] for name in losses):
            for knob in entry.knobs:
                frames, milliseconds = measure(browser, app.url, entry, knob, moves)
                if not frames:
                    print(f"{entry.name:29} {knob.key:13} changes nothing at the other knobs' defaults")
                    continue
                share = sum(count <= 1 for count in frames) / len(frames)
                worst = max(worst, statistics.median(frames))
                print(
                    f"{entry.name:29} {knob.key:13} frames per move {spread(frames, 0)}, "
                    f"{share:.0%} of moves within one frame, ms {spread(milliseconds, 1)}"
                )
    print(f"worst median: {worst:g} display frames per move")


if __name__ == "__main__":
    main()
