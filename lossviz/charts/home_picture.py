"""The live picture of the home page: its spec and torch's numbers, kept in a file.

The home page is painted before torch, Altair and pandas are loaded. So ``python -m lossviz.charts.home_picture_file``
draws its picture beforehand, and a test holds the file against torch and against the panel's picture.
"""

from __future__ import annotations

import base64
import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LOSS, STILL = "SmoothL1Loss", "target"
"""The loss that is shown, and its knob that stands still."""

FILE = Path(__file__).with_name("home_picture.json")

ALT_TEXT = (
    f"{LOSS}. The curve of the loss over the prediction, with a point and its tangent at the current prediction and "
    "a line at the target 0. The zone in which the loss is squared is shaded. Below it, the gradient over the "
    "prediction with the same point. Two sliders above it move the prediction and beta."
)


@dataclass(frozen=True)
class KeptPicture:
    """A picture that is ready for the browser; read-only.

    Attributes:
        spec: The Vega-Lite spec, its sliders at the defaults.
        tables: Its datasets by name, each an Arrow table as a stream of bytes.
    """

    spec: Mapping[str, Any]
    tables: Mapping[str, bytes]


@functools.cache
def home_picture() -> KeptPicture:
    """The picture in the file."""
    found = json.loads(FILE.read_text(encoding="utf-8"))
    tables = {name: base64.b64decode(table) for name, table in found["tables"].items()}
    return KeptPicture(found["spec"], tables)
