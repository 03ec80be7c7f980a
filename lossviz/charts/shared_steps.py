"""Layers that begin with the same steps have them written once: a spec half as long, drawn sooner.

Altair gives each layer all its transforms and channels, and a picture of a loss has thirty layers of a few sources.
A server writes and sends the spec with each answer, and a browser has to read all of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import takewhile
from typing import Any

Spec = dict[str, Any]

_SOURCE, _STEPS, _CHANNELS = "data", "transform", "encoding"


def with_shared_steps(spec: Mapping[str, Any]) -> Spec:
    """A spec that draws the same, with shorter layers.

    Neighbours with the same data and the same first transforms become a layer of layers, which has the data, those
    transforms, and the channels that are the same in all of them. What is drawn over what stays as it was.

    Args:
        spec: A Vega-Lite spec; it stays as it is.
    """
    kept = dict(spec)
    for key in ("vconcat", "hconcat", "concat"):
        if key in kept:
            kept[key] = [with_shared_steps(part) for part in kept[key]]
    if "layer" in kept:
        kept["layer"] = _grouped(kept["layer"])
    return kept


def _grouped(layers: Sequence[Spec]) -> list[Spec]:
    found: list[Spec] = []
    rest = list(layers)
    while rest:
        group = _group(rest)
        rest = rest[len(group) :]
        found.append(_one_of(group) if len(group) > 1 else group[0])
    return found


def _group(layers: Sequence[Spec]) -> list[Spec]:
    """The first layer and those after it that begin as it does."""
    first = layers[0]
    if "layer" in first or not first.get(_STEPS):
        return [first]

    def begins_so(other: Spec) -> bool:
        return (
            "layer" not in other
            and other.get(_SOURCE) == first.get(_SOURCE)
            and other.get(_STEPS, [])[:1] == first[_STEPS][:1]
        )

    return list(takewhile(begins_so, layers))


def _one_of(group: Sequence[Spec]) -> Spec:
    steps = list(_same(group, lambda layer: layer[_STEPS]))
    channels = {
        name: channel
        for name, channel in group[0].get(_CHANNELS, {}).items()
        if all(layer.get(_CHANNELS, {}).get(name) == channel for layer in group)
    }
    layers = []
    for layer in group:
        own = {key: value for key, value in layer.items() if key not in (_SOURCE, _STEPS, _CHANNELS)}
        left = {
            _STEPS: layer[_STEPS][len(steps) :],
            _CHANNELS: {name: one for name, one in layer.get(_CHANNELS, {}).items() if name not in channels},
        }
        layers.append(own | {key: value for key, value in left.items() if value})
    shared = {_SOURCE: group[0].get(_SOURCE), _STEPS: steps, _CHANNELS: channels}
    return {key: value for key, value in shared.items() if value} | {"layer": _grouped(layers)}


def _same(group: Sequence[Spec], steps: Callable[[Spec], list[Any]]) -> list[Any]:
    """The steps with which all of a group begin."""
    columns = zip(*map(steps, group), strict=False)
    return [column[0] for column in takewhile(lambda column: all(s == column[0] for s in column), columns)]
