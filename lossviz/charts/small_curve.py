"""A loss's curve as a small picture, an SVG of one stroke without a colour of its own.

The page uses it as a mask, so the curve takes the colours of the theme and needs no chart.
"""

from __future__ import annotations

from urllib.parse import quote

from lossviz.losses.small_curves import SmallCurve

WIDTH, HEIGHT = 120, 48
_MARGIN = 3
"""Room for half a stroke, in the picture's units."""
_POINTS = 60
"""More than these would not be seen on a card."""


def svg(curve: SmallCurve) -> str:
    """The curve as an SVG that stretches to the box it is put in; a gap where the loss is not finite.

    A faint line shows where the loss is 0.
    """
    zero = f"M0 {_height(curve, 0):.1f}H{WIDTH}"
    pen = 'fill="none" stroke="#000" vector-effect="non-scaling-stroke"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none">'
        f'<path d="{zero}" {pen} stroke-opacity="0.45"/>'
        f'<path d="{path(curve)}" {pen} stroke-width="2.5" stroke-linejoin="round" stroke-linecap="round"/></svg>'
    )


def data_url(curve: SmallCurve) -> str:
    """The picture as a URL that can stand in a style sheet."""
    return "data:image/svg+xml," + quote(svg(curve), safe=" =:/'")


def path(curve: SmallCurve) -> str:
    """The stroke: a move at every start, a line to every further point.

    A loss above or below the window runs out of the picture, where it is cut off.
    """
    count = len(curve.losses)
    # Every step counts at both ends; between them a long curve gives up points evenly.
    stride = max(1, -(-count // _POINTS))
    kept = sorted({*range(0, count, stride), count - 1})
    strokes, pen_down = [], False
    for place in kept:
        loss = curve.losses[place]
        if loss is None:
            pen_down = False
            continue
        x = _MARGIN + (WIDTH - 2 * _MARGIN) * place / max(1, count - 1)
        strokes.append(f"{'L' if pen_down else 'M'}{x:.1f} {_height(curve, loss):.1f}")
        pen_down = True
    return "".join(strokes)


def _height(curve: SmallCurve, loss: float) -> float:
    """Where a loss lies in the picture, from its top; far outside is as good as just outside."""
    share = (loss - curve.low) / (curve.high - curve.low)
    return min(max(HEIGHT - _MARGIN - (HEIGHT - 2 * _MARGIN) * share, -HEIGHT), 2.0 * HEIGHT)
