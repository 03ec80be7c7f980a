"""First paint of each page against a minimal Streamlit page, cold and warm: ``python -m benchmarks.first_paint``.

Painted means that the browser has drawn a frame with everything awaited: the chart's sliders and torch's number; at
home the live picture and the link below it; for training the heading and the main button. The page itself looks at
each frame: a question from outside would wait for its turn behind whatever the browser does next. Cold is the first
visit to a server that has just started, and finds the pictures that an earlier start drew; warm is a later visit by
another browser session. The repetitions alternate, so all see the same machine.
"""

from __future__ import annotations

import argparse
import json
import statistics
from collections import defaultdict

from playwright.sync_api import Browser

from benchmarks.chromium import MINIMAL, chromium, home_with_specs, server, spread
from lossviz.losses.catalogue import CATEGORIES, catalogue

MINIMAL_PAINTED = (
    "[data-testid=stVegaLiteChart] svg, [data-testid=stVegaLiteChart] canvas",
    "[data-testid=stMetricValue]",
)
HOME_PAINTED = ("h1", "[data-testid=stVegaLiteChart] svg", ".vega-bind input", "[data-testid=stPageLink]")
PANEL_PAINTED = ("[data-testid=stVegaLiteChart] svg", ".vega-bind input", "[data-testid=stMetricValue]")


def every_page(*, every_loss: bool) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Every page, or the panel of every loss: its link, and what must be seen."""
    if every_loss:
        return {e.name: (f"/{e.category}?loss={e.name}", PANEL_PAINTED) for e in catalogue().values()}
    return {
        "home": ("/", HOME_PAINTED),
        "training": ("/training", ("h1", "[data-testid=stButton]")),
        **{category: (f"/{category}", PANEL_PAINTED) for category in CATEGORIES},
    }


_LOOK_AT_EACH_FRAME = """
const shown = (selector) => {
  const found = document.querySelector(selector);
  return Boolean(found && found.getClientRects().length && getComputedStyle(found).visibility !== "hidden");
};
const look = () => requestAnimationFrame(() => {
  if (!awaited.every(shown)) look();
  // The frame that shows it all is drawn when the next one begins.
  else requestAnimationFrame(() => { window.paintedAt = performance.now(); });
});
look();
"""


def painted(browser: Browser, url: str, selectors: tuple[str, ...]) -> float:
    """The milliseconds from the request to the painted page, in a browser session of its own."""
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    page = context.new_page()
    page.add_init_script(f"{{ const awaited = {json.dumps(selectors)};{_LOOK_AT_EACH_FRAME}}}")
    page.goto(url, wait_until="commit")
    taken: float = page.wait_for_function("window.paintedAt", timeout=60_000).json_value()
    context.close()
    return taken


def main() -> None:
    """Measure every page, cold and warm, and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repetitions", type=int, default=10, help="warm visits to each page (default: 10)")
    parser.add_argument("--cold", type=int, default=3, help="fresh servers for each page (default: 3)")
    parser.add_argument("--every-loss", action="store_true", help="the panel of every loss, not every page")
    arguments = parser.parse_args()
    pages = every_page(every_loss=arguments.every_loss)
    with home_with_specs() as home, chromium() as browser:
        cold: dict[str, list[float]] = defaultdict(list)
        for _ in range(arguments.cold):
            with server(MINIMAL) as fresh:
                cold["minimal"].append(painted(browser, fresh.url, MINIMAL_PAINTED))
            for name, (link, selectors) in pages.items():
                with server(home=home) as fresh:
                    cold[name].append(painted(browser, fresh.url + link, selectors))
        warm: dict[str, list[float]] = defaultdict(list)
        with server(home=home) as app, server(MINIMAL) as minimal:
            for turn in range(arguments.repetitions + 1):
                visits: dict[str, tuple[str, tuple[str, ...]]] = {"minimal": (minimal.url, MINIMAL_PAINTED)}
                visits |= {name: (app.url + link, selectors) for name, (link, selectors) in pages.items()}
                for name, (url, selectors) in visits.items():
                    taken = painted(browser, url, selectors)
                    # The first turn warms both servers up.
                    if turn:
                        warm[name].append(taken)
    for kind, times in (("cold", cold), ("warm", warm)):
        print(f"{kind}: minimal page ms {spread(times['minimal'], 0)}")
        for name in pages:
            ratios = [a / b for a, b in zip(times[name], times["minimal"], strict=True)]
            print(f"{kind}: {name:29} ratio {statistics.median(ratios):.2f}; ms {spread(times[name], 0)}")


if __name__ == "__main__":
    main()
