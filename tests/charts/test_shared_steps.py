"""A spec whose layers share their steps draws what it drew before."""

from __future__ import annotations

import inspect
import json
from typing import Any

import pytest

from lossviz.charts import picture
from lossviz.charts.shared_steps import with_shared_steps
from lossviz.losses.catalogue import catalogue
from tests.charts.flat_layers import flat_layers


def unshared(spec: dict[str, Any]) -> dict[str, Any]:
    """The spec with the layers of every plot in one row."""
    return {
        **spec,
        "vconcat": [{**plot, "layer": flat_layers(plot["layer"])} for plot in spec["vconcat"]],
    }


@pytest.mark.parametrize(
    "name", ["SmoothL1Loss", "GaussianNLLLoss", "KLDivLoss", "CTCLoss", "TripletMarginLoss"]
)
def test_every_layer_of_a_picture_keeps_data_steps_channels_and_place(name: str) -> None:
    drawn = inspect.unwrap(picture.spec)(catalogue()[name]).to_dict(validate=False)
    shared = with_shared_steps(drawn)
    assert unshared(shared) == unshared(drawn)
    assert len(json.dumps(shared)) < 0.75 * len(json.dumps(drawn))


def test_neighbours_share_what_they_begin_with() -> None:
    rows = {"data": {"name": "rows"}}
    first, second = {"calculate": "1", "as": "a"}, {"calculate": "2", "as": "b"}
    x, colour = {"field": "a"}, {"field": "b"}
    layers = [
        {**rows, "mark": "rect", "transform": [first, second], "encoding": {"x": x, "color": colour}},
        {**rows, "mark": "rule", "transform": [first], "encoding": {"x": x}},
        {**rows, "mark": "text", "encoding": {"x": x}},
        {**rows, "mark": "line", "transform": [second], "encoding": {"x": x}},
        {"data": {"name": "others"}, "mark": "line", "transform": [second], "encoding": {"x": x}},
    ]
    group = {
        **rows,
        "transform": [first],
        "encoding": {"x": x},
        "layer": [
            {"mark": "rect", "transform": [second], "encoding": {"color": colour}},
            {"mark": "rule"},
        ],
    }
    assert with_shared_steps({"layer": layers}) == {"layer": [group, *layers[2:]]}
    assert with_shared_steps({"vconcat": [{"layer": layers}]})["vconcat"][0]["layer"][0] == group


def test_what_has_no_layers_stays_as_it_is() -> None:
    spec = {"mark": "line", "data": {"name": "rows"}, "transform": [{"filter": "true"}]}
    assert with_shared_steps(spec) == spec
