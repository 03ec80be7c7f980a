"""The networks: their shapes, their sizes, and that pooling before ReLU changes no value."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from lossviz.training import models
from lossviz.training.settings import MODELS

PARAMETERS = {
    "linear": 7_850,
    "narrow-mlp": 805,
    "mlp": 101_770,
    "wide-mlp": 814_090,
    "cnn": 55_338,
    "strided": 55_594,
}


@pytest.mark.parametrize("name", MODELS)
def test_a_network_gives_ten_logits(name: str) -> None:
    assert models.build(name)(torch.zeros(3, 1, 28, 28)).shape == (3, 10)


@pytest.mark.parametrize("name", MODELS)
def test_layers_add_up(name: str) -> None:
    model = models.build(name)
    layers = models.layers(model)
    assert sum(layer.parameters for layer in layers) == sum(p.numel() for p in model.parameters())
    assert sum(layer.parameters for layer in layers) == PARAMETERS[name]
    assert layers[-1].output_shape == [10]
    assert len(layers) == len(model)


def test_layers_are_described() -> None:
    described = [(layer.name, layer.output_shape) for layer in models.layers(models.build("cnn"))]
    assert described[:2] == [("Conv2d 1 → 16, 3x3", [16, 28, 28]), ("MaxPool2d 2x2", [16, 14, 14])]
    assert models.layers(models.build("strided"))[0].name == "Conv2d 1 → 16, 5x5, stride 2"


def test_pooling_before_relu_is_pooling_after_it() -> None:
    values = torch.randn(2, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    pool, relu = nn.MaxPool2d(2), nn.ReLU()
    torch.testing.assert_close(relu(pool(values)), pool(relu(values)), rtol=0, atol=0)


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("channels", [1, 2])
def test_an_autoencoder_gives_images_through_32_numbers(name: str, channels: int) -> None:
    model = models.autoencoder(name, channels)
    layers = models.layers(model)
    assert model(torch.zeros(3, 1, 28, 28)).shape == (3, channels, 28, 28)
    smallest = min(layer.output_shape[0] for layer in layers if len(layer.output_shape) == 1)
    assert smallest == (1 if name == "narrow-mlp" else 32)
    assert layers[-1].output_shape == [channels, 28, 28]


@pytest.mark.parametrize("name", MODELS)
def test_a_body_is_the_network_without_its_last_layer(name: str) -> None:
    torch.manual_seed(0)
    whole = models.build(name)
    torch.manual_seed(0)
    body = models.body(name)
    values = torch.ones(2, 1, 28, 28)
    torch.testing.assert_close(body(values), whole[:-1](values), rtol=0, atol=0)
    assert body(values).shape == (2, models.FEATURES[name])


@pytest.mark.parametrize("name", [name for name in MODELS if name not in ("linear", "narrow-mlp")])
def test_dropout_leaves_the_first_weights_as_they_are(name: str) -> None:
    torch.manual_seed(0)
    without = models.build(name).state_dict().values()
    torch.manual_seed(0)
    dropping = models.build(name, dropout=0.5)
    assert models.layers(dropping)[-2].name == "Dropout 0.5"
    for ours, theirs in zip(dropping.state_dict().values(), without, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=0, atol=0)
    values = torch.rand(2, 1, 28, 28)
    assert not torch.equal(dropping(values), dropping(values))
    dropping.eval()
    torch.testing.assert_close(dropping(values), dropping(values), rtol=0, atol=0)
