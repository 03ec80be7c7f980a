"""The hand of a walk: it knows where it is, draws its choices from a seed, and looks at the page when it rests."""

from __future__ import annotations

import time
from collections.abc import Callable
from random import Random

from playwright.sync_api import CDPSession, Locator, Page

from lossviz.losses.entry import LossEntry
from lossviz.losses.link import PanelState, to_link
from tests.browser.walk.agreement import Place, Seen, look, places, spots, state_of

TOP, EDGE = 70, 10
"""The screen's upper pixels, which the app's header covers, and how near to its other edges a hand may go."""

MOVES = 4
"""In how many moves the hand drags."""

Spot = tuple[float, float]
Shows = Callable[[PanelState], bool]


class DisagreementError(AssertionError):
    """Places of the page that do not come to say the same."""


class Hand:
    """A hand on one loss, from its arrival on.

    Attributes:
        page: The page.
        entry: The loss.
        random: What every choice is drawn from.
        steps: What the hand has done, in words.
        patience: How many seconds it waits for everything to say the same.
    """

    def __init__(self, page: Page, entry: LossEntry, seed: int, patience: float) -> None:
        self.page, self.entry, self._seed, self.patience = page, entry, seed, patience
        self.random = Random(f"{seed} {entry.name}")
        self.steps: list[str] = []
        self._finger: CDPSession | None = None

    # What it sees

    @property
    def state(self) -> PanelState:
        """What the address asks for now."""
        found = state_of(self.page.url)
        assert found is not None, f"{self.page.url} is no loss panel"
        return found

    def rest(self, shows: Shows | None = None) -> PanelState:
        """Wait until everything says the same.

        Args:
            shows: What must hold of the state that everything says.

        Returns:
            The state that everything says.

        Raises:
            DisagreementError: If it does not come to that.
        """
        self.frames()
        deadline = time.monotonic() + self.patience
        while True:
            # The last look begins when patience has ended.
            ended = time.monotonic() > deadline
            seen = look(self.page)
            state = state_of(seen["url"])
            if state is not None:
                found = places(seen)
                asked = shows is None or shows(state)
                if asked and all(place.agrees for place in found):
                    return state
                if ended:
                    raise DisagreementError(self._told(found, asked=asked))
            elif ended:
                raise DisagreementError(self._told([Place("page", seen["url"], "a loss panel")], asked=True))
            self.page.wait_for_timeout(100)

    def rest_unchanged(self, before: PanelState) -> None:
        """Wait until everything says what it said before."""
        self.rest(same(before))

    def rest_elsewhere(self) -> None:
        """Wait until a page that is no loss panel has been run to its end."""
        self.page.wait_for_function(_NO_PANEL)

    def rest_wherever(self) -> None:
        """Wait until wherever the hand is everything says the same, if it is a loss panel."""
        self.frames()
        if state_of(self.page.url) is None:
            self.rest_elsewhere()
        else:
            self.rest()

    def _told(self, found: list[Place], *, asked: bool) -> str:
        wrong = [place for place in found if not place.agrees]
        right = [place.name for place in found if place.agrees]
        steps = [f"  {number}. {step}" for number, step in enumerate(self.steps, 1)]
        return "\n".join(
            [
                f"{self.entry.name} does not say one number after step {len(self.steps)} of seed {self._seed}.",
                f"The address: {self.page.url}" + ("" if asked else "   <- not what the step asks for"),
                *(f"  {place}" for place in wrong),
                f"What agrees with the address: {', '.join(right)}.",
                "The steps:",
                *steps,
                f"Again: LOSSVIZ_WALK_SEED={self._seed} pytest tests/browser/test_one_number.py -k {self.entry.name}",
            ]
        )

    # Where things are

    def chart(self) -> Locator:
        """The picture, as the page holds it."""
        return (
            self.page.get_by_test_id("stVegaLiteChart").filter(has=self.page.locator(".vega-bindings")).first
        )

    def seen(self) -> Seen:
        """One look, with the picture where the hand reaches it."""
        self.reach(self.page.locator("[data-testid=stVegaLiteChart] svg").first)
        return look(self.page)

    def reach(self, element: Locator) -> None:
        """Scroll an element to where the hand can get at it: to the middle, or its beginning below the header."""
        element.evaluate(
            "(element, top) => {"
            "  const box = element.getBoundingClientRect();"
            "  if (box.top >= top && box.bottom <= innerHeight) return;"
            "  const goal = Math.max(top, (innerHeight - box.height) / 2);"
            "  document.querySelector('[data-testid=stMain]').scrollTop += box.top - goal;"
            "}",
            TOP + EDGE,
        )
        self.frames()

    def somewhere(self, box: tuple[float, float, float, float]) -> Spot:
        """A place in a box on the screen where the hand would touch the picture and nothing else."""
        size = self.page.viewport_size
        assert size is not None
        left, top, width, height = box
        low, high = max(top, TOP), min(top + height, size["height"] - EDGE)
        spot = left + width / 2, (low + high) / 2
        for _ in range(20):
            drawn = self.random.uniform(left, left + width), self.random.uniform(low, high)
            if self.page.evaluate(_IN_THE_PICTURE, drawn):
                spot = drawn
                break
        return spot

    def spot_of(self, mark: str) -> Spot:
        """Where a point that stands for the setting is, by its name; the middle of the picture if it is nowhere."""
        seen = self.seen()
        found = spots(seen, self.state)
        left, top, width, height = seen["chart"]
        return found.get(mark, (left + width / 2, top + height / 2))

    def marks(self) -> list[str]:
        """The names of the points that stand for the setting."""
        return list(spots(look(self.page), self.state))

    # What it does

    def did(self, what: str) -> None:
        """Note a step."""
        self.steps.append(what)

    def frames(self) -> None:
        """Let the page draw what it has been told."""
        self.page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def press(self, spot: Spot) -> None:
        """Press and let go."""
        mouse = self.page.mouse
        mouse.move(*spot)
        mouse.down()
        mouse.up()

    def drag(self, start: Spot, end: Spot) -> None:
        """Press, move in a few moves, and let go."""
        mouse = self.page.mouse
        mouse.move(*start)
        mouse.down()
        for x, y in between(start, end):
            mouse.move(x, y)
            self.frames()
        mouse.up()

    def swipe(self, start: Spot, end: Spot) -> None:
        """Press with a finger, move in a few moves, and let go; with no way to go, a tap."""
        self._touch("touchStart", start)
        if start != end:
            for spot in between(start, end):
                self._touch("touchMove", spot)
                self.frames()
        self._touch("touchEnd")

    def _touch(self, kind: str, *spots: Spot) -> None:
        if self._finger is None:
            self._finger = self.page.context.new_cdp_session(self.page)
        points = [{"x": x, "y": y} for x, y in spots]
        self._finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    def click(self, button: Locator) -> None:
        """Click something that is no part of the picture."""
        button.click()
        self.page.mouse.move(2, 2)

    def back(self) -> None:
        """A step back in the browser's history, within the app: whoever walks has come from home."""
        assert self.page.evaluate(_TRAVEL, ["canGoBack", -1]), "there is no way back"

    def forward(self) -> None:
        """A step forward in the browser's history, if there is one."""
        self.page.evaluate(_TRAVEL, ["canGoForward", 1])

    def leave(self) -> None:
        """The hand has done what it came for."""
        if self._finger is not None:
            self._finger.detach()
            self._finger = None


def defaults(entry: LossEntry) -> PanelState:
    """The state that Reset leads to."""
    return PanelState(entry, entry.defaults)


def same(before: PanelState) -> Shows:
    """Whether a state is the one before."""
    return lambda state: to_link(state) == to_link(before)


def between(start: Spot, end: Spot) -> list[Spot]:
    """The places of a drag's moves."""
    return [
        (start[0] + (end[0] - start[0]) * move / MOVES, start[1] + (end[1] - start[1]) * move / MOVES)
        for move in range(1, MOVES + 1)
    ]


_TRAVEL = """
([can, by]) => navigation[can] && new Promise(done => {
  addEventListener('popstate', () => done(true), {once: true});
  history.go(by);
})
"""
"""Where nothing lies that way, the page stays as it is; the address then tells."""

_NO_PANEL = """
() => document.querySelector('[data-testid=stApp]').dataset.testScriptState === 'notRunning'
  && document.querySelector('.st-key-panel-head') === null
"""

_IN_THE_PICTURE = """
([x, y]) => {
  const hit = document.elementFromPoint(x, y);
  return hit !== null && hit.closest('[data-testid=stVegaLiteChart] .vega-embed') !== null
    && hit.closest('.vega-bindings') === null;
}
"""
