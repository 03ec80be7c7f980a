"""A run's network with the weights that it learned, to be asked about a picture. Imports torch when it is called.

It makes no optimiser and draws no first weights: those would come from the random state of the whole process.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lossviz.training.settings import Settings
from lossviz.training.weights import HEAD, WeightsError, load_weights


@dataclass(frozen=True, slots=True)
class Answer:
    """What a network says of a picture; what does not belong to its task is None.

    Attributes:
        probabilities: To classify: a number a class, they add to 1, shape (10,).
        picture: To reconstruct: the picture as it draws it again, uint8, shape (28, 28).
        point: To embed: where it puts the picture, shape (2,).
    """

    probabilities: NDArray[np.float32] | None = None
    picture: NDArray[np.uint8] | None = None
    point: NDArray[np.float32] | None = None


def ask(settings: Settings, weights: Path, image: NDArray[np.uint8]) -> Answer:
    """Ask a run's network about a picture, on the CPU.

    Args:
        settings: What the run trained.
        weights: Its weights file.
        image: uint8, shape (28, 28), 0 black to 255 white, as the data has them.

    Returns:
        Its answer.

    Raises:
        WeightsError: The weights cannot be read, or are of another network.
    """
    import torch

    from lossviz.training import models
    from lossviz.training.measure import normalise
    from lossviz.training.objective import objective
    from lossviz.training.tasks.tasks import TASKS

    kept = load_weights(weights)
    # On the device "meta" modules have shapes and no numbers: made at once, and the weights take their place.
    with torch.device("meta"):
        network = TASKS[settings.task].network(settings)
    owns_layers = settings.spec.takes == "features"
    # Layers of the loss too; other objectives hold tables and dice, for which there is no such device.
    with torch.device("meta" if owns_layers else "cpu"):
        loss = objective(settings, models.FEATURES[settings.model], "meta" if owns_layers else "cpu")
    own = {name: tensor for name, tensor in kept.tensors.items() if not name.startswith(HEAD)}
    heads = {name.removeprefix(HEAD): kept.tensors[name] for name in kept.tensors.keys() - own.keys()}
    try:
        network.load_state_dict(own, assign=True)
        if loss.head is not None:
            loss.head.load_state_dict(heads, assign=True)
    except RuntimeError as error:  # torch's own: a name or a shape that does not fit
        raise WeightsError(f"The weights in {weights} are of another network. Train again.") from error
    network.eval()
    with torch.inference_mode():
        pixels = torch.from_numpy(np.array(image, dtype=np.uint8)).reshape(1, 1, models.PIXELS, models.PIXELS)
        said = loss.answer(network(normalise(pixels, kept.mean * 255, kept.std * 255)))
        if settings.task == "classify":
            return Answer(probabilities=loss.probabilities(said)[0].numpy())
        if settings.task == "embed":
            return Answer(point=said[0].numpy())
        drawn = said[0, 0].nan_to_num(0.0).clamp(0, 1).mul(255).round().to(torch.uint8)
        return Answer(picture=drawn.numpy())
