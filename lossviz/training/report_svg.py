"""Pictures of a report as SVG that stands in its page: curves, points, bars of a reliability diagram. Knows no torch.

A report must be one file that asks nothing of the network, and Vega-Lite draws in a browser with a library of its own;
these few lines draw what a printed page needs.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

TRAIN, VALIDATION, INK, FAINT = "#0072B2", "#D55E00", "#262730", "#C9C9C9"
CLASS_COLOURS: Final = (
    "#0072B2", "#D55E00", "#00785A", "#262730", "#A8437E", "#8A5A00", "#2B9BD0", "#8B8B8B", "#B33A3A", "#5A4FCF",
)  # fmt: skip

_WIDTH, _HEIGHT = 460, 270
_LEFT, _RIGHT, _TOP, _BOTTOM = 58, 12, 28, 40


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a picture.

    Attributes:
        name: What it is called beside it.
        points: Its points; those that are not finite interrupt it.
        colour: A colour of CSS.
        dashed: Whether it is dashed.
    """

    name: str
    points: Sequence[tuple[float, float]]
    colour: str
    dashed: bool = False


def curves(title: str, across: str, up: str, lines: Sequence[Line], *, share: bool = False) -> str:
    """Lines over a common axis.

    Args:
        title: What stands above it; escaped here, as all text.
        across: The name of the horizontal axis.
        up: The name of the vertical one.
        lines: The lines.
        share: Whether both ends of the vertical axis are those of a share, 0 and 1.

    Returns:
        An `<svg>` element.
    """
    finite = [point for line in lines for point in line.points if _finite(point)]
    low_x, high_x = _ends([x for x, _ in finite])
    low_y, high_y = (0.0, 1.0) if share else _ends([y for _, y in finite])
    frame = _Frame(low_x, high_x, low_y, high_y)
    parts = [frame.axes(across, up)]
    for line in lines:
        dashes = ' stroke-dasharray="5 4"' if line.dashed else ""
        parts += [
            f'<path d="{frame.path(piece)}" fill="none" stroke="{line.colour}" stroke-width="2"{dashes}/>'
            for piece in _pieces(line.points)
            if len(piece) > 1
        ]
        parts += [
            f'<circle cx="{frame.x(x):.1f}" cy="{frame.y(y):.1f}" r="2.5" fill="{line.colour}"/>'
            for x, y in line.points
            if _finite((x, y)) and len(line.points) <= 60
        ]
    if not finite:
        parts.append(f'<text x="{_WIDTH / 2}" y="{_HEIGHT / 2}" text-anchor="middle">no finite value</text>')
    parts.append(_legend(lines))
    words = ", ".join(line.name for line in lines)
    return _svg(title, f"{title}: {words}", parts)


def points(title: str, places: Sequence[tuple[float, float, int]], names: Sequence[str]) -> str:
    """Points on a plane, a colour a class.

    Args:
        title: What stands above it.
        places: x, y and the class of each; those that are not finite are left out.
        names: The classes.

    Returns:
        An `<svg>` element.
    """
    finite = [place for place in places if _finite(place[:2])]
    frame = _Frame(*_ends([x for x, _, _ in finite]), *_ends([y for _, y, _ in finite]))
    parts = [frame.axes("", "")]
    parts += [
        f'<circle cx="{frame.x(x):.1f}" cy="{frame.y(y):.1f}" r="3" fill="{CLASS_COLOURS[label]}">'
        f"<title>{escape(names[label])}</title></circle>"
        for x, y, label in finite
    ]
    return _svg(title, f"{title}: each point an image, its colour the class", parts)


def key(names: Sequence[str]) -> str:
    """The colours of the classes in words, as HTML."""
    return " ".join(
        f'<span class="key"><span style="background:{colour}"></span>{escape(name)}</span>'
        for name, colour in zip(names, CLASS_COLOURS, strict=False)
    )


class _Frame:
    """From values to places in the picture."""

    def __init__(self, low_x: float, high_x: float, low_y: float, high_y: float) -> None:
        self._x, self._y = (low_x, high_x), (low_y, high_y)

    def x(self, value: float) -> float:
        low, high = self._x
        return _LEFT + (value - low) / (high - low) * (_WIDTH - _LEFT - _RIGHT)

    def y(self, value: float) -> float:
        low, high = self._y
        return _HEIGHT - _BOTTOM - (value - low) / (high - low) * (_HEIGHT - _TOP - _BOTTOM)

    def path(self, places: Sequence[tuple[float, float]]) -> str:
        return "M" + "L".join(f"{self.x(x):.1f} {self.y(y):.1f}" for x, y in places)

    def axes(self, across: str, up: str) -> str:
        parts = []
        for value in ticks(*self._y):
            y = self.y(value)
            parts.append(
                f'<path d="M{_LEFT} {y:.1f}H{_WIDTH - _RIGHT}" stroke="{FAINT}" stroke-width="0.5"/>'
                f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{value:g}</text>'
            )
        bottom = _HEIGHT - _BOTTOM
        parts += [
            f'<text x="{self.x(value):.1f}" y="{bottom + 16}" text-anchor="middle">{value:g}</text>'
            for value in ticks(*self._x)
        ]
        parts.append(f'<path d="M{_LEFT} {bottom}H{_WIDTH - _RIGHT}" stroke="{INK}"/>')
        parts.append(
            f'<text x="{_WIDTH - _RIGHT}" y="{_HEIGHT - 6}" text-anchor="end">{escape(across)}</text>'
            f'<text x="4" y="{_TOP - 12}">{escape(up)}</text>'
        )
        return "".join(parts)


def ticks(low: float, high: float) -> list[float]:
    """About five round values between two ends.

    >>> ticks(0.0, 1.0), ticks(0.0, 7.0), ticks(-0.3, 0.4)
    ([0.0, 0.2, 0.4, 0.6, 0.8, 1.0], [0.0, 2.0, 4.0, 6.0], [-0.2, 0.0, 0.2, 0.4])
    """
    raw = (high - low) / 5
    unit = 10.0 ** math.floor(math.log10(raw))
    step = unit * next((times for times in (1, 2, 5) if times * unit >= raw * 0.999), 10)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [float(f"{place * step:.12g}") + 0.0 for place in range(first, last + 1)]


def _ends(values: Sequence[float]) -> tuple[float, float]:
    """The ends of an axis; a single value lies in the middle."""
    if not values:
        return 0.0, 1.0
    low, high = min(values), max(values)
    if low >= 0 and low < 0.5 * high:
        low = 0.0
    # Values that are nearly equal, or very large: an axis must have a length that can be divided.
    room = (high - low) if high - low > 1e-9 * max(abs(low), abs(high)) else max(abs(high), 1e-9)
    return (low, high) if low < high and room == high - low else (low - room / 2, high + room / 2)


def _pieces(places: Sequence[tuple[float, float]]) -> list[list[tuple[float, float]]]:
    """The stretches of a line between values that are not finite."""
    found: list[list[tuple[float, float]]] = [[]]
    for place in places:
        if _finite(place):
            found[-1].append(place)
        elif found[-1]:
            found.append([])
    return found


def _finite(place: tuple[float, float]) -> bool:
    # Beyond this a picture's numbers would overflow.
    return all(math.isfinite(value) and abs(value) < 1e150 for value in place)


def _legend(lines: Sequence[Line]) -> str:
    parts, x = [], _LEFT + 60
    for line in lines:
        dashes = ' stroke-dasharray="5 4"' if line.dashed else ""
        parts.append(
            f'<path d="M{x} {_TOP - 16}h18" stroke="{line.colour}" stroke-width="2"{dashes}/>'
            f'<text x="{x + 23}" y="{_TOP - 12}">{escape(line.name)}</text>'
        )
        x += 40 + 7 * len(line.name)
    return "".join(parts)


def _svg(title: str, alt: str, parts: Sequence[str]) -> str:
    return (
        f'<figure><figcaption>{escape(title)}</figcaption><svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'aria-label="{escape(alt)}" font-size="12" fill="{INK}">{"".join(parts)}</svg></figure>'
    )
