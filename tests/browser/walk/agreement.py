"""Whether picture, reading, metric, formula, code, link and sliders of a loss panel say the same number.

The address is taken at its word: what it says is compared with what every other place of the page shows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Protocol, cast
from urllib.parse import parse_qsl, urlsplit

from playwright.sync_api import Page

from lossviz.losses.call import Exact, exact
from lossviz.losses.catalogue import CATEGORIES
from lossviz.losses.code import program
from lossviz.losses.digits import shown
from lossviz.losses.entry import LossEntry
from lossviz.losses.equations import at_work
from lossviz.losses.knob import Knob, compact
from lossviz.losses.link import Opened, PanelState, from_link
from lossviz.losses.plain_symbol import gradient_name
from lossviz.ui.torch_says import result_rows

_OFF = 1.5
"""Pixels by which a mark may miss its place: Vega rounds the plot's edges."""

_PLOTS = {"curve": 2}
"""How many plots a view has, if not one."""

_TRIPLET_REACH = 3.25


def reading_text(entry: LossEntry, said: Exact) -> str:
    """Loss and gradient as the picture writes them."""
    return f"loss {shown(said.loss)} · {gradient_name(entry)} {shown(said.gradient)}"


class Seen(Protocol):
    """What one look at the page finds; see `_LOOK`."""

    def __getitem__(self, place: str) -> Any:  # noqa: ANN401 - JSON
        """What a place shows."""


@dataclass(frozen=True)
class Place:
    """One place of the page: what it shows, and what it should."""

    name: str
    shows: object
    should: object

    @property
    def agrees(self) -> bool:
        """Whether it shows what the address asks for."""
        return self.shows == self.should

    def __str__(self) -> str:
        if self.agrees:
            return f"{self.name}: {self.shows}"
        return f"{self.name}: {self.shows}   <- should be {self.should}"


def look(page: Page) -> Seen:
    """Everything that says a number, as it stands at one moment."""
    return cast(Seen, page.evaluate(_LOOK))


def opened(url: str) -> Opened | None:
    """What an address asks a loss panel to show; None if it is no loss panel's."""
    parts = urlsplit(url)
    category = parts.path.strip("/")
    return from_link(category, dict(parse_qsl(parts.query))) if category in CATEGORIES else None


def state_of(url: str) -> PanelState | None:
    """The state that an address names; None if it is no loss panel's."""
    link = opened(url)
    return None if link is None else link.state


def places(seen: Seen) -> list[Place]:
    """Every place of a panel, with what the address asks it to show.

    Args:
        seen: A look at the page of a loss.
    """
    link = opened(seen["url"])
    assert link is not None, f"{seen['url']} is no loss panel"
    state = link.state
    said = exact(state.entry, state.settings)
    found = [
        Place("page", seen["running"], "notRunning"),
        # A short link stays as it was typed, as long as it means what is shown.
        Place("link", link.problems, ()),
        Place("switch", seen["loss"], state.entry.title),
        Place("metrics", seen["metrics"], [shown(said.loss), shown(said.gradient)]),
        Place("formula", *_formula(seen, state)),
        Place("code", seen["code"], program(state.entry, state.settings)),
        *_chosen(seen, state),
    ]
    if seen["data shown"]:
        return found
    return [
        *found,
        *_sliders(seen, state),
        Place("reading", seen["readings"], [reading_text(state.entry, said)]),
        Place("theme of the reading", "light" if seen["light reading"] else "dark", _contrary(seen)),
        Place("width", abs(seen["chart"][2] - seen["room"]) <= _OFF, True),  # noqa: FBT003 - what it should show
        *_marks(seen, state),
    ]


def _contrary(seen: Seen) -> str:
    return "dark" if seen["light paper"] else "light"


def _sliders(seen: Seen, state: PanelState) -> list[Place]:
    """Each slider's position and the number beside it."""
    asked = {knob.key: compact(float(state.settings[knob.key])) for knob in state.entry.knobs}
    shows: dict[str, list[tuple[str, str]]] = {}
    for name, value, beside in seen["sliders"]:
        shows.setdefault(name, []).append((_number(value), _number(beside)))
    places = [
        Place(f"slider {key}", shows.pop(f"{key}_knob_{key}", []), [(value, value)])
        for key, value in asked.items()
    ]
    return [*places, Place("other sliders", sorted(shows), [])]


def _number(text: str) -> str:
    try:
        return compact(round(float(text.replace("−", "-")), 10) + 0.0)
    except ValueError:
        return repr(text)


def _chosen(seen: Seen, state: PanelState) -> list[Place]:
    """What the widgets of the options and of the overlays have chosen."""
    chosen: dict[str, list[str]] = seen["chosen"]
    places = [
        Place(
            f"option {option.key}", chosen.get(option.title), [option.words(str(state.settings[option.key]))]
        )
        for option in state.entry.options
    ]
    offered = set(state.entry.overlays) - {state.entry.reference}
    if offered:
        places.append(
            Place("overlays", len(chosen.get("Lay over it", [])), len(offered & set(state.overlays)))
        )
    return places


def _formula(seen: Seen, state: PanelState) -> tuple[object, object]:
    """The lines of the formula that lead to the two numbers: those that stand on the page, and those that should."""
    rows = result_rows(at_work(state.entry, state.settings, exact(state.entry, state.settings)))
    whole = " ; ".join(seen["formulas"])
    there = [row for row in rows if row in whole]
    return (there if there == rows else whole), rows


def _marks(seen: Seen, state: PanelState) -> list[Place]:
    """The points that stand for the setting, each where its numbers say."""
    drawn = len(seen["plots"]) >= _plots(state.entry)
    if not drawn:
        return [Place("picture", "not drawn", "drawn")]
    places = []
    for name, spot in spots(seen, state).items():
        near = _marked(seen, spot)
        where = f"at {spot[0]:.1f}, {spot[1]:.1f}"
        others = "; ".join(f"{x:.1f}, {y:.1f}" for x, y in seen["symbols"])
        places.append(Place(name, where if near else f"not there, but at {others or 'no place'}", where))
    return places


def _marked(seen: Seen, spot: tuple[float, float]) -> bool:
    return any(math.dist(mark, spot) <= _OFF for mark in seen["symbols"])


def _plots(entry: LossEntry) -> int:
    return sum(_plots_of(entry, view) for view in entry.views)


def _plots_of(entry: LossEntry, view: str) -> int:
    return len(entry.bars) - 1 if view == "more_bars" else _PLOTS.get(view, 1)


def spots(seen: Seen, state: PanelState) -> dict[str, tuple[float, float]]:
    """Where on the screen the points that stand for a setting must be, by their names."""
    entry = state.entry
    found: dict[str, tuple[float, float]] = {}
    number = {knob.key: float(state.settings[knob.key]) for knob in entry.knobs}
    plots = iter(seen["plots"])
    for view in entry.views:
        boxes = [next(plots) for _ in range(_plots_of(entry, view))]
        x = _along(boxes[0], entry.axis, number[entry.axis.key])
        left, top, width, height = boxes[0]
        if view == "curve":
            found |= _points(seen, state, x, boxes)
        elif view == "map":
            up = entry.knob("var")
            found["point of the map"] = x, _up(boxes[0], (up.low, up.high), number[up.key])
        elif view == "boxes":
            # The plane has the same unit up as across, and its middle is that of the knob.
            up, unit = entry.knob("y"), width / (entry.axis.high - entry.axis.low)
            found["centre of the box"] = x, top + height / 2 - unit * (number["y"] - (up.low + up.high) / 2)
        elif view == "triplet":
            unit = min(width, height) / (2 * _TRIPLET_REACH)
            for who in ("positive", "negative"):
                found[who] = (
                    left + width / 2 + unit * number[f"{who}_x"],
                    top + height / 2 - unit * number[f"{who}_y"],
                )
    return found


def _points(
    seen: Seen, state: PanelState, x: float, boxes: list[tuple[float, float, float, float]]
) -> dict[str, tuple[float, float]]:
    """The points of a curve, in the window of the loss or in that of a preset, wherever both are."""
    entry, said = state.entry, exact(state.entry, state.settings)
    own = {"loss": entry.loss_window, "gradient": entry.gradient_window}
    numbers = {quantity: value for quantity in own if math.isfinite(value := getattr(said, quantity))}
    tries = [
        {
            f"point of the {quantity}": (x, _up(boxes[list(own).index(quantity)], windows[quantity], value))
            for quantity, value in numbers.items()
        }
        for windows in (own, *({**own, **preset.windows} for preset in entry.presets if preset.windows))
    ]
    return next((points for points in tries if all(_marked(seen, p) for p in points.values())), tries[0])


def _along(box: tuple[float, float, float, float], knob: Knob, value: float) -> float:
    left, _, width, _ = box
    return left + width * (value - knob.low) / (knob.high - knob.low)


def _up(box: tuple[float, float, float, float], window: tuple[float, float], value: float) -> float:
    _, top, _, height = box
    low, high = window
    return top + height * (high - min(max(value, low), high)) / (high - low)


def titled(entry: LossEntry) -> str:
    """The link to a loss, as it stands in a message."""
    return f"{entry.category}?loss={entry.name}"


_LOOK = r"""
() => {
  const all = (css, within = document) => [...within.querySelectorAll(css)];
  const box = element => { const b = element.getBoundingClientRect(); return [b.x, b.y, b.width, b.height]; };
  const light = colour => {
    const hex = /^#[0-9a-f]{6}$/i.test(colour) && colour.slice(1).match(/../g).map(part => parseInt(part, 16));
    const parts = hex || (colour.match(/\d+/g) || [0, 0, 0]).slice(0, 3).map(Number);
    return parts[0] + parts[1] + parts[2] > 380;
  };
  const main = document.querySelector('[data-testid=stMain]') || document.body;
  const chart = all('[data-testid=stVegaLiteChart]', main).find(found => found.querySelector('.vega-bindings'));
  const svg = chart && chart.querySelector('svg');
  const readings = svg ? all('text', svg).filter(e => /^loss .* ∂loss/.test(e.textContent)) : [];
  const app = document.querySelector('[data-testid=stApp]');
  const pressed = button => button.ariaChecked === 'true' || button.ariaPressed === 'true';
  const chosen = {};
  for (const group of all('[data-testid=stButtonGroup]', main)) {
    const label = group.querySelector('[data-testid=stWidgetLabel]');
    const buttons = all('button', group).filter(button => button.ariaChecked || button.ariaPressed);
    chosen[label ? label.innerText.trim() : ''] = buttons.filter(pressed).map(button => button.innerText.trim());
  }
  const code = main.querySelector('[data-testid=stCode] code');
  const plots = svg ? all('g[class*=concat_]', svg).filter(g => /concat_\d+_group$/.test(g.getAttribute('class'))) : [];
  return {
    url: location.href,
    running: app ? app.dataset.testScriptState : 'nothing there',
    loss: (all('[data-testid=stButtonGroup] button', main).find(pressed) || {innerText: ''}).innerText.trim(),
    sliders: all('.vega-bindings input').map(e => [e.name, e.value, e.nextElementSibling.textContent]),
    metrics: all('[data-testid=stMetricValue]', main).slice(0, 2).map(e => e.innerText.trim()),
    readings: readings.map(e => e.textContent),
    'light reading': readings.length > 0 && light(readings[0].getAttribute('fill') || ''),
    'light paper': app !== null && light(getComputedStyle(app).backgroundColor),
    formulas: all('annotation[encoding="application/x-tex"]', main).map(e => e.textContent),
    code: code ? code.textContent : '',
    chosen,
    chart: svg ? box(svg) : [0, 0, 0, 0],
    room: chart ? chart.getBoundingClientRect().width : 0,
    plots: plots.map(g => box(g.querySelector('path.background'))),
    // Kinks are not filled, and what the loss would be elsewhere is half seen through.
    symbols: svg ? all('.mark-symbol path', svg)
      .filter(e => !['none', 'transparent', null].includes(e.getAttribute('fill')))
      .filter(e => Number(e.getAttribute('opacity') ?? 1) > 0.9)
      .map(box).map(([x, y, width, height]) => [x + width / 2, y + height / 2]) : [],
    'data shown': all('button', main).some(e => (e.ariaLabel || '').startsWith('Show chart')),
  };
}
"""
"""One look at everything; the boxes are left, top, width and height on the screen."""
