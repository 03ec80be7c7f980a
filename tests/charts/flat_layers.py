"""The layers of a plot in one row, each with all that Vega-Lite lets it inherit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

_NOTHING: Mapping[str, Any] = MappingProxyType({"data": None, "transform": [], "encoding": {}})


def flat_layers(
    layers: Sequence[Mapping[str, Any]], above: Mapping[str, Any] = _NOTHING
) -> list[dict[str, Any]]:
    """The layers from the lowest to the highest, none of which has layers of its own.

    Args:
        layers: Those of a plot, or of a layer.
        above: What that layer lets them inherit.
    """
    found = []
    for layer in layers:
        whole = {
            **layer,
            "data": layer.get("data", above["data"]),
            "transform": [*above["transform"], *layer.get("transform", [])],
            "encoding": {**above["encoding"], **layer.get("encoding", {})},
        }
        found += flat_layers(layer["layer"], whole) if "layer" in layer else [whole]
    return found
