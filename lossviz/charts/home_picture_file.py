"""Draws the live picture of the home page and keeps it: ``python -m lossviz.charts.home_picture_file``.

It is the panel's picture with the target held still, lower, and without what never draws anything here. The file is
JSON; torch's numbers are in it as Arrow tables, in base64.
"""

from __future__ import annotations

import base64
import json
import re
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from lossviz.charts import not_finite, picture
from lossviz.charts.home_picture import FILE, LOSS, STILL, KeptPicture
from lossviz.charts.stage import EXACT
from lossviz.losses.call import exact
from lossviz.losses.catalogue import catalogue
from lossviz.losses.held import held

_HEIGHTS = (170, 76)
"""The plots' heights in pixels, from top to bottom: the guide stands on the same screen."""


def draw() -> KeptPicture:
    """The picture as torch and the panel's code make it now."""
    entry = held(catalogue()[LOSS], STILL)
    # A single call says the same to all digits that are shown, as a test makes sure: this table stays empty.
    none = picture.exact_table(entry, entry.defaults, exact(entry, entry.defaults)).slice(0, 0)
    tables = {**picture.tables(entry, entry.chosen({}), ()), EXACT: none}
    return KeptPicture(
        _for_home(picture.spec(entry)), {name: _stream(table) for name, table in tables.items()}
    )


def _for_home(spec: Mapping[str, Any]) -> dict[str, Any]:
    """The spec as the home page has it, its parts numbered from 1."""
    plots = [
        plot | {"height": height, "layer": _without_not_finite(plot["layer"])}
        for plot, height in zip(spec["vconcat"], _HEIGHTS, strict=True)
    ]
    # Altair goes on counting from one chart to the next.
    numbered: dict[str, str] = {}
    text = re.sub(
        r"\bview_\d+\b",
        lambda part: numbered.setdefault(part[0], f"view_{len(numbered) + 1}"),
        json.dumps({**spec, "vconcat": plots}),
    )
    drawn: dict[str, Any] = json.loads(text)
    return drawn


def _without_not_finite(layers: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The layers but those that mark numbers that are not finite: this loss has none, and each costs time."""
    kept = [layer for layer in layers if {"filter": not_finite.IS_IT} not in layer.get("transform", [])]
    return [
        layer | {"layer": _without_not_finite(layer["layer"])} if "layer" in layer else layer
        for layer in map(dict, kept)
    ]


def _stream(table: pa.Table) -> bytes:
    # What pandas notes about a table names its version, and the browser has no use for it.
    table = table.replace_schema_metadata(None)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return bytes(sink.getvalue())


def main() -> None:
    """Write the file."""
    drawn = draw()
    tables = ",\n".join(
        f"{json.dumps(name)}: {json.dumps(base64.b64encode(table).decode())}"
        for name, table in drawn.tables.items()
    )
    spec = json.dumps(drawn.spec, separators=(",", ":"))
    FILE.write_text(f'{{\n"spec": {spec},\n"tables": {{\n{tables}\n}}\n}}\n', encoding="utf-8")
    sys.stdout.write(f"{FILE.stat().st_size} bytes: {FILE}\n")


if __name__ == "__main__":
    main()
