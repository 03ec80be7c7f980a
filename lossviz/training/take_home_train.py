"""How a run is trained and measured, as Python that a student reads: `lossviz.training.engine` in few words."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Final

from lossviz.training.settings import Settings
from lossviz.training.source_text import source_text

_OPTIMIZERS: Final[Mapping[str, str]] = {
    "adam": "torch.optim.Adam({}, lr=LEARNING_RATE, fused=True)",
    "adamw": "torch.optim.AdamW({}, lr=LEARNING_RATE, fused=True)",
    "sgd": "torch.optim.SGD({}, lr=LEARNING_RATE, fused=True)",
    "sgd-momentum": "torch.optim.SGD({}, lr=LEARNING_RATE, momentum=0.9, fused=True)",
}

_ONE_CYCLE: Final = '''\
def learning_rate(step: int, steps: int) -> float:
    """One cycle: up to the peak in the first 30 % of the steps, then down, along half cosines.

    torch.optim.lr_scheduler.OneCycleLR does the same, and moves the momentum too.
    """
    first, turn, end = LEARNING_RATE / 25, 0.3 * steps - 1, steps - 1
    if step <= turn and turn > 0:
        return half_cosine(first, LEARNING_RATE, step / turn)
    return half_cosine(LEARNING_RATE, first / 1e4, (step - turn) / (end - turn) if end > turn else 1.0)


def half_cosine(start: float, end: float, share: float) -> float:
    """From start to end, slowly at both."""
    return end + (start - end) / 2 * (1 + math.cos(math.pi * share))'''

_COSINE: Final = '''\
def learning_rate(step: int, steps: int) -> float:
    """Down to 0 along half a cosine, as torch.optim.lr_scheduler.CosineAnnealingLR."""
    return LEARNING_RATE / 2 * (1 + math.cos(math.pi * (step / steps)))'''

_SCHEDULES: Final[Mapping[str, str]] = {"one-cycle": _ONE_CYCLE, "cosine": _COSINE}

_MEASURE_CLASSES: Final = '''\
def measure(images: Tensor, labels: Tensor) -> dict[str, float]:
    """The mean loss over all images, and the share that is classified rightly."""
    loss, right = 0.0, 0
    network.eval()
    with torch.inference_mode():
        for start in range(0, len(labels), MEASURED_AT_ONCE):
            batch = slice(start, start + MEASURED_AT_ONCE)
            output = network(normalise(images[batch], MEAN * 255, STD * 255))
            loss += batch_loss(output, labels[batch]).item() * len(output)
            right += int((scores(output).argmax(dim=1) == labels[batch]).sum())
    network.train()
    return {"loss": loss / len(labels), "accuracy": right / len(labels)}'''

_MEASURE_PICTURES: Final = '''\
def measure(images: Tensor, labels: Tensor) -> dict[str, float]:
    """The mean loss over all images, and errors of the pixels that mean the same for every loss."""
    loss, squared, absolute = 0.0, 0.0, 0.0
    network.eval()
    with torch.inference_mode():
        for start in range(0, len(labels), MEASURED_AT_ONCE):
            pixels = images[start : start + MEASURED_AT_ONCE]
            output = network(normalise(pixels, MEAN * 255, STD * 255))
            loss += batch_loss(output, pixels.mul(1 / 255)).item() * len(pixels)
            error = picture(output) - pixels.mul(1 / 255)
            squared += error.square().flatten(1).mean(dim=1).sum().item()
            absolute += error.abs().flatten(1).mean(dim=1).sum().item()
    network.train()
    values = {"loss": loss, "mean squared error": squared, "mean absolute error": absolute}
    return {name: value / len(labels) for name, value in values.items()}'''

_MEASURE_POINTS: Final = '''\
def measure(images: Tensor, labels: Tensor) -> dict[str, float]:
    """The mean loss, the share whose nearest neighbour is of their class, the share that still has a loss."""
    dice = torch.Generator(DEVICE).manual_seed(0)  # the same partners in every measuring
    loss, active, drawn, points = 0.0, 0, 0, []
    network.eval()
    with torch.inference_mode():
        for start in range(0, len(labels), MEASURED_AT_ONCE):
            batch = slice(start, start + MEASURED_AT_ONCE)
            output = network(normalise(images[batch], MEAN * 255, STD * 255))
            tensors = compared(output, labels[batch], dice)
            loss += loss_function(*tensors).item() * len(output)
            each = each_loss(*tensors)
            active, drawn = active + int((each > 0).sum()), drawn + each.numel()
            points.append(output)
        some = torch.cat(points)[:2_000]  # all their distances are four million numbers
        accuracy = nearest_neighbour_accuracy(some, labels[: len(some)], directions=DIRECTIONS)
    network.train()
    return {"loss": loss / len(labels), "accuracy": accuracy, "active share": active / drawn}'''

_MEASURES: Final[Mapping[str, str]] = {
    "classify": _MEASURE_CLASSES,
    "reconstruct": _MEASURE_PICTURES,
    "embed": _MEASURE_POINTS,
}
_STEPS: Final[Mapping[str, str]] = {
    "classify": "loss = batch_loss(output, labels[batch])",
    "reconstruct": "loss = batch_loss(output, pixels.mul(1 / 255))",
    "embed": "loss = loss_function(*compared(output, labels[batch], dice))",
}

_TELL: Final = '''\
def told(values: dict[str, float], *names: str) -> str:
    """Values in words: all, or those of these names."""
    return ", ".join(f"{name} {values[name]:.9g}" for name in names or values if name in values)


def main(folder: Path, weights: str = "") -> None:
    """Train, or measure weights that were trained before."""
    train_part, validation_part, test_part = load(folder)
    if weights:
        load_weights(weights)
        print(f"validation images: {told(measure(*validation_part))}")
    else:
        train(*train_part, validation_part)
    print(f"test images: {told(measure(*test_part))}")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "data"), *sys.argv[2:3])'''


def blocks(settings: Settings, *, head: bool) -> list[str]:
    """The last functions of the script: how it measures, how it trains, what it prints.

    Args:
        settings: The task, the optimiser, the schedule and the ways to train are read.
        head: Whether `loss_function` has layers that are trained too.

    Returns:
        Python, a function or a few to a block.
    """
    parts = [_MEASURES[settings.task]]
    rate = ""
    if settings.schedule in _SCHEDULES:
        parts.append(_SCHEDULES[settings.schedule])
        rate = """\
            for group in optimizer.param_groups:
                group["lr"] = learning_rate(step, EPOCHS * -(-len(labels) // BATCH_SIZE))
            step += 1
"""
    if settings.label_noise:
        parts.append(source_text("lossviz.training.label_noise", "with_label_noise"))
    modules = ("network", "loss_function") if head else ("network",)
    parameters = "[*network.parameters(), *loss_function.parameters()]" if head else "network.parameters()"
    first = [f"optimizer = {_OPTIMIZERS[settings.optimizer].format(parameters)}"]
    if settings.label_noise:
        first.append(
            "labels = with_label_noise(labels.cpu(), LABEL_NOISE, SEED).to(DEVICE)  # some labels are wrong on purpose"
        )
    if settings.dropout:
        first.append("torch.manual_seed(SEED)  # draws the units that dropout leaves out")
    first.append("shuffle = torch.Generator().manual_seed(SEED)")
    if settings.task == "embed":
        first.append("dice = torch.Generator(DEVICE).manual_seed(SEED)  # draws the partners")
    if rate:
        first.append("step = 0")
    if settings.early_stopping:
        first.append("best, best_epoch, kept = math.inf, 0, []")
    early, last = _early_stopping(modules) if settings.early_stopping else ("", "")
    parts.append(
        f'''\
def train(images: Tensor, labels: Tensor, validation_part: tuple[Tensor, Tensor]) -> None:
    """Train the network, and print what it measures after each epoch."""
{textwrap.indent(chr(10).join(first), "    ")}
    for epoch in range(1, EPOCHS + 1):
        order = torch.randperm(len(labels), generator=shuffle).to(DEVICE)
        for batch in torch.split(order, BATCH_SIZE):
{rate}            pixels = images[batch]
            output = network(normalise(pixels, MEAN * 255, STD * 255))
            {_STEPS[settings.task]}
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        trained = measure(images[:TRAIN_MEASURED_AT_MOST], labels[:TRAIN_MEASURED_AT_MOST])
        held_out = measure(*validation_part)
        said = f"train {{told(trained, 'loss', 'accuracy')}}; validation {{told(held_out)}}"
        print(f"epoch {{epoch}}: {{said}}", flush=True)
{early}{last}'''.rstrip()
    )
    return [*parts, _TELL]


def _early_stopping(modules: tuple[str, ...]) -> tuple[str, str]:
    """What early stopping does after an epoch, and in the end."""
    both = f"({', '.join(modules)},)" if len(modules) == 1 else f"({', '.join(modules)})"
    after = f"""\
        if held_out["loss"] < best:
            best, best_epoch = held_out["loss"], epoch
            kept = [{{name: value.clone() for name, value in part.state_dict().items()}} for part in {both}]
        if epoch - best_epoch >= PATIENCE:
            break
"""
    end = f"""\
    for part, weights in zip({both}, kept, strict=False):
        part.load_state_dict(weights)  # those of the best epoch
"""
    return after, end
