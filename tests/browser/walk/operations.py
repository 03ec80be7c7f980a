"""Everything that a hand can do to a loss panel, one function each: it does it, and rests."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from playwright.sync_api import Locator, expect

from lossviz.losses.catalogue import CATEGORIES, in_category
from lossviz.losses.entry import LossEntry
from lossviz.losses.knob import Knob, spoken
from lossviz.losses.lattice import sibling
from lossviz.losses.link import PanelState
from tests.browser.panel import slider
from tests.browser.visitors import MAIN
from tests.browser.walk.hand import Hand, Spot, defaults, same

WIDE, HIGH = 1400, 1000
"""The screen at the start, in pixels."""

_NARROW = 700
"""So narrow that Streamlit moves the navigation into a sidebar."""

KEYS = ("ArrowRight", "ArrowLeft", "ArrowUp", "ArrowDown", "PageUp", "PageDown", "Home", "End")

# In the picture


def press_in_the_first_plot(hand: Hand) -> None:
    _press(hand, hand.somewhere(hand.seen()["plots"][0]), "in the first plot")


def press_in_the_last_plot(hand: Hand) -> None:
    _press(hand, hand.somewhere(hand.seen()["plots"][-1]), "in the last plot")


def press_beside_the_plots(hand: Hand) -> None:
    """On axis labels and titles, between the plots, above and below."""
    seen = hand.seen()
    left, top, _, height = seen["chart"]
    plots = seen["plots"]
    strips = [(left, top, plots[0][0] - left, height)]
    for _, y, _, tall in plots:
        strips.append((plots[0][0], y + tall + 1, plots[0][2], 24))
    _press(hand, hand.somewhere(hand.random.choice(strips)), "beside the plots")


def press_the_marks(hand: Hand) -> None:
    """On each point that stands for the setting."""
    for mark in hand.marks():
        _press(hand, hand.spot_of(mark), f"on the {mark}")


def _press(hand: Hand, spot: Spot, where: str) -> None:
    hand.did(f"press {where}, {_at(spot)}")
    hand.press(spot)
    hand.rest()


def press_twice(hand: Hand) -> None:
    """Two presses in the first plot, the second while the server may still be at the first."""
    box = hand.seen()["plots"][0]
    first, second = hand.somewhere(box), hand.somewhere(box)
    pause = hand.random.choice((0, 200, 300, 400))
    hand.did(f"press at {_at(first)} and {pause} ms later at {_at(second)}")
    hand.press(first)
    hand.page.evaluate("pause => new Promise(done => setTimeout(done, pause))", pause)
    hand.press(second)
    hand.rest()


def drag_anywhere(hand: Hand) -> None:
    """From anywhere in the picture to anywhere in it, or out of it."""
    box = hand.seen()["chart"]
    start, end = hand.somewhere(box), hand.somewhere(box)
    left, top, width, _ = box
    out = ((left + width + 60, start[1]), (left - 40, start[1]), (start[0], top - 40))
    _drag(hand, start, hand.random.choice((end, end, *out)), "anywhere")


def drag_a_mark(hand: Hand) -> None:
    """One of the points that stand for the setting, to anywhere; where there is none, from the middle."""
    mark = hand.random.choice(hand.marks() or [""])
    _drag(hand, hand.spot_of(mark), hand.somewhere(hand.seen()["chart"]), f"the {mark or 'middle'}")


def _drag(hand: Hand, start: Spot, end: Spot, what: str) -> None:
    hand.did(f"drag {what} from {_at(start)} to {_at(end)}")
    hand.drag(start, end)
    hand.rest()


def wheel(hand: Hand) -> None:
    """Scrolling over the picture moves the page and nothing else."""
    before = hand.state
    spot = hand.somewhere(hand.seen()["chart"])
    by = hand.random.choice((-240, 120, 240))
    hand.did(f"wheel by {by} at {_at(spot)}")
    hand.page.mouse.move(*spot)
    hand.page.mouse.wheel(0, by)
    hand.rest_unchanged(before)


# With a finger


def tap(hand: Hand) -> None:
    spot = hand.somewhere(hand.seen()["chart"])
    hand.did(f"tap at {_at(spot)}")
    hand.swipe(spot, spot)
    hand.rest()


def swipe_across(hand: Hand) -> None:
    box = hand.seen()["chart"]
    _swipe(hand, hand.somewhere(box), hand.random.choice((-120.0, 120.0)), 4)


def swipe_up_and_down(hand: Hand) -> None:
    box = hand.seen()["chart"]
    _swipe(hand, hand.somewhere(box), 4, hand.random.choice((-120.0, 120.0)))


def _swipe(hand: Hand, start: Spot, across: float, down: float) -> None:
    size = hand.page.viewport_size
    assert size is not None
    end = (
        min(max(start[0] + across, 1), size["width"] - 1),
        min(max(start[1] + down, 1), size["height"] - 1),
    )
    hand.did(f"swipe from {_at(start)} to {_at(end)}")
    hand.swipe(start, end)
    hand.rest()


# The sliders


def key_on_a_slider(hand: Hand) -> None:
    knob, key = _knob(hand), hand.random.choice(KEYS)
    hand.did(f"{key} on {spoken(knob.key)}")
    slider(hand.page, knob.key).focus()
    hand.page.keyboard.press(key)
    hand.rest()


def drag_a_thumb(hand: Hand) -> None:
    knob = _knob(hand)
    element = slider(hand.page, knob.key)
    hand.reach(element)
    box = element.bounding_box()
    assert box is not None
    share = (float(hand.state.settings[knob.key]) - knob.low) / (knob.high - knob.low)
    y, goal = box["y"] + box["height"] / 2, hand.random.random()
    hand.did(f"drag the thumb of {spoken(knob.key)} from {share:.2f} to {goal:.2f} of its way")
    hand.drag((box["x"] + 8 + share * (box["width"] - 16), y), (box["x"] + goal * box["width"], y))
    hand.rest()


def _knob(hand: Hand) -> Knob:
    return hand.random.choice(hand.entry.knobs)


# The window


def resize(hand: Hand) -> None:
    """Ten pixels narrower; as narrow as a small laptop or a phone, and a press there; and back."""
    narrow = hand.random.choice((1024, 390))
    for width in (WIDE - 10, narrow, WIDE):
        before = hand.state
        hand.did(f"window {width} px wide")
        hand.page.set_viewport_size({"width": width, "height": HIGH})
        hand.rest_unchanged(before)
        if width == narrow:
            press_in_the_first_plot(hand)


def switch_the_theme(hand: Hand) -> None:
    before = hand.state
    dark = hand.page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    hand.did("theme light" if dark else "theme dark")
    hand.page.emulate_media(color_scheme="light" if dark else "dark")
    expect(hand.page.get_by_test_id("stApp")).to_have_css(
        "background-color", re.compile(r"rgb\(\d\d?," if not dark else r"rgb\(2\d\d,")
    )
    hand.rest_unchanged(before)


def open_the_sidebar(hand: Hand) -> None:
    """In a narrow window, where the navigation stands in it: opened, closed, and the window wide again."""
    before = hand.state
    hand.did(f"{_NARROW} pixels wide")
    hand.page.set_viewport_size({"width": _NARROW, "height": HIGH})
    for name in ("Expand sidebar", "Collapse sidebar"):
        hand.rest_unchanged(before)
        hand.did(name)
        _fold(hand, name)
    hand.rest_unchanged(before)
    hand.did(f"{WIDE} pixels wide")
    hand.page.set_viewport_size({"width": WIDE, "height": HIGH})
    expect(hand.page.get_by_test_id("stTopNav")).to_be_visible()
    hand.rest_unchanged(before)


def _fold(hand: Hand, name: str) -> None:
    button = hand.page.get_by_role("button", name=name)
    hand.page.mouse.move(20, 200)  # there its button shows
    hand.click(button)
    expect(button).to_have_count(0)


def fill_the_screen(hand: Hand) -> None:
    """The picture on the whole screen, moved there, and back."""
    before = hand.state
    hand.did("full screen")
    _toolbar(hand, "Fullscreen")
    expect(hand.page.get_by_role("button", name=re.compile("^Close fullscreen"))).to_be_visible()
    hand.rest_unchanged(before)
    press_in_the_first_plot(hand)
    before = hand.state
    hand.did("full screen closed")
    _toolbar(hand, "Close fullscreen")
    expect(hand.page.get_by_role("button", name=re.compile("^Close fullscreen"))).to_have_count(0)
    hand.rest_unchanged(before)


def show_the_data(hand: Hand) -> None:
    before = hand.state
    hand.did("show data")
    _toolbar(hand, "Show data")
    back = hand.page.get_by_role("button", name=re.compile("^Show chart"))
    expect(back).to_have_count(1)
    hand.rest_unchanged(before)
    hand.did("show the chart again")
    back.press("Enter")
    expect(back).to_have_count(0)
    hand.rest_unchanged(before)


def _toolbar(hand: Hand, name: str) -> None:
    # From the keyboard: where the picture's upper edge is out of sight, the page's head lies over its toolbar.
    hand.page.get_by_role("button", name=re.compile(f"^{name}")).first.press("Enter")


# The panel


def preset(hand: Hand) -> None:
    chosen = hand.random.choice(hand.entry.presets)
    hand.did(f"preset {chosen.title}")
    hand.click(_button(hand, chosen.title))
    overlays = tuple(name for name in hand.entry.overlays if name in chosen.overlays)
    hand.rest(same(PanelState(hand.entry, hand.entry.defaults | dict(chosen.settings), overlays)))


def reset(hand: Hand) -> None:
    hand.did("Reset")
    hand.click(_button(hand, "Reset"))
    hand.rest_unchanged(defaults(hand.entry))


def option(hand: Hand) -> None:
    before, chosen = hand.state, hand.random.choice(hand.entry.options)
    label = hand.random.choice([label for label in chosen.choices if label != before.settings[chosen.key]])
    hand.did(f"{chosen.key} {label}")
    hand.click(_group(hand, chosen.title).get_by_role("radio", name=chosen.words(label), exact=True))
    hand.rest(same(PanelState(hand.entry, {**before.settings, chosen.key: label}, before.overlays)))


def _offered(entry: LossEntry) -> list[str]:
    """The losses that can be laid over it; one that always is cannot."""
    return [name for name in entry.overlays if name != entry.reference]


def overlay(hand: Hand) -> None:
    before, name = hand.state, hand.random.choice(_offered(hand.entry))
    hand.did(f"lay over or take away {name}")
    hand.click(_group(hand, "Lay over it").get_by_text(sibling(hand.entry, name).title, exact=True))
    over = set(before.overlays) ^ {name}
    after = PanelState(hand.entry, before.settings, tuple(n for n in hand.entry.overlays if n in over))
    hand.rest(same(after))


def other_loss(hand: Hand) -> None:
    """By the switch to another loss and back; from a page of one loss, by the navigation to another page and back."""
    others = [entry for entry in in_category(hand.entry.category) if entry is not hand.entry]
    if others:
        other = hand.random.choice(others)
        hand.did(f"switch to {other.title}")
        switch_to(hand, other)
        hand.rest(lambda state: state.entry is other)
        hand.did(f"switch back to {hand.entry.title}")
        switch_to(hand, hand.entry)
    else:
        before = hand.state
        page = hand.random.choice([category for category in CATEGORIES if category != hand.entry.category])
        hand.did(f"to the page {page}")
        go_to(hand, page)
        hand.rest(lambda state: state.entry.category == page)
        hand.did(f"back to the page {hand.entry.category}")
        go_to(hand, hand.entry.category)
        hand.rest_unchanged(before)
    hand.rest(lambda state: state.entry is hand.entry)


def switch_to(hand: Hand, entry: LossEntry) -> None:
    """Click a loss in the switch above the panel."""
    hand.click(hand.page.get_by_test_id("stButtonGroup").first.get_by_text(entry.title, exact=True))


def go_to(hand: Hand, page: str) -> None:
    """Follow the link in the navigation to a page; home is the page without a name."""
    if page:
        hand.click(hand.page.get_by_test_id("stTopNavSection").get_by_text("Losses"))
    hand.click(hand.page.locator(f"[data-testid^=stTopNav][href$='/{page}']"))


def _group(hand: Hand, label: str) -> Locator:
    labelled = hand.page.get_by_test_id("stWidgetLabel").get_by_text(label, exact=True)
    return hand.page.locator(MAIN).get_by_test_id("stButtonGroup").filter(has=labelled)


def _button(hand: Hand, name: str) -> Locator:
    # A button with a tooltip stands in the page twice, once for the reader of the screen.
    return (
        hand.page.locator(MAIN)
        .get_by_test_id("stBaseButton-secondary")
        .or_(hand.page.locator(MAIN).get_by_test_id("stBaseButton-tertiary"))
        .filter(has_text=re.compile(f"{re.escape(name)}$"))
        .first
    )


# The browser


def reload(hand: Hand) -> None:
    before = hand.state
    hand.did("reload")
    hand.page.reload()
    hand.rest_unchanged(before)


def way_back(hand: Hand) -> None:
    """A step back in the browser's history, to wherever it leads within the app, and forward again."""
    before = hand.state
    hand.did("a step back")
    hand.back()
    hand.rest_wherever()
    hand.did("a step forward")
    hand.forward()
    hand.rest_unchanged(before)


def _at(spot: Spot) -> str:
    return f"{spot[0]:.0f}, {spot[1]:.0f}"


@dataclass(frozen=True)
class Operation:
    """Something that a hand can do.

    Attributes:
        do: Does it, and rests.
        fits: Whether a loss has what it needs.
    """

    do: Callable[[Hand], None]
    fits: Callable[[LossEntry], bool] = lambda entry: True  # noqa: ARG005 - most fit every loss


OPERATIONS: Mapping[str, Operation] = MappingProxyType(
    {
        operation.do.__name__: operation
        for operation in (
            Operation(press_in_the_last_plot),
            Operation(press_beside_the_plots),
            Operation(press_the_marks),
            Operation(press_twice),
            Operation(drag_anywhere),
            Operation(drag_a_mark),
            Operation(wheel),
            Operation(tap),
            Operation(swipe_across),
            Operation(swipe_up_and_down),
            Operation(key_on_a_slider),
            Operation(drag_a_thumb),
            Operation(resize),
            Operation(switch_the_theme),
            Operation(open_the_sidebar),
            Operation(fill_the_screen),
            Operation(show_the_data),
            Operation(preset),
            Operation(reset),
            Operation(option, lambda entry: bool(entry.options)),
            Operation(overlay, lambda entry: bool(_offered(entry))),
            Operation(other_loss),
            Operation(reload),
            Operation(way_back),
        )
    }
)


def fitting(entry: LossEntry) -> list[str]:
    """The operations that a loss has what it needs for."""
    return [name for name, operation in OPERATIONS.items() if operation.fits(entry)]
