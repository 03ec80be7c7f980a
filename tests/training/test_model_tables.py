"""The tables of the networks are those of the networks."""

from __future__ import annotations

import pytest

from lossviz.training import models
from lossviz.training.model_tables import LAYERS, parameters
from lossviz.training.settings import MODELS


def test_every_network_has_a_table() -> None:
    assert tuple(LAYERS) == MODELS


@pytest.mark.parametrize("name", MODELS)
def test_the_table_is_the_networks_own(name: str) -> None:
    model = models.build(name)
    assert list(LAYERS[name]) == models.layers(model)
    assert parameters(name) == sum(parameter.numel() for parameter in model.parameters())
