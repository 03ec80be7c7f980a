"""The tables of the networks are those of the networks."""

from __future__ import annotations

import pytest

from lossviz.training import models
from lossviz.training.model_tables import LAYERS, layers, parameters, parameters_of
from lossviz.training.objective import objective
from lossviz.training.settings import MODELS, Settings, SettingsError
from lossviz.training.tasks.tasks import TASKS


def test_every_network_has_a_table() -> None:
    assert tuple(LAYERS) == MODELS


@pytest.mark.parametrize("name", MODELS)
def test_the_table_is_the_networks_own(name: str) -> None:
    model = models.build(name)
    assert list(LAYERS[name]) == models.layers(model)
    assert parameters(name) == sum(parameter.numel() for parameter in model.parameters())


@pytest.mark.parametrize("dropout", [0, 0.3])
@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(
    ("loss", "arguments"),
    [
        ("CrossEntropyLoss", {}),
        ("LinearCrossEntropyLoss", {}),
        ("AdaptiveLogSoftmaxWithLoss", {}),
        ("AdaptiveLogSoftmaxWithLoss", {"cutoff": 2, "div_value": 1.5, "head_bias": True}),
        ("PoissonNLLLoss", {}),
        ("GaussianNLLLoss", {}),
        ("TripletMarginLoss", {}),
    ],
)
def test_the_table_of_a_run_is_its_networks(
    model: str, loss: str, arguments: dict[str, object], dropout: float
) -> None:
    if (model, loss) == ("narrow-mlp", "AdaptiveLogSoftmaxWithLoss"):
        with pytest.raises(SettingsError, match="AdaptiveLogSoftmaxWithLoss"):
            Settings.parse({"model": model, "loss": loss})
        return
    if model == "linear":
        dropout = 0
    settings = Settings.parse({"model": model, "loss": loss, "arguments": arguments, "dropout": dropout})
    network = TASKS[settings.task].network(settings)
    head = objective(settings, models.FEATURES[model]).head
    assert list(layers(settings)) == models.layers(network, head)
    own = [*head.parameters()] if head is not None else []
    assert parameters_of(settings) == sum(each.numel() for each in (*network.parameters(), *own))
