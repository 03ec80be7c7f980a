"""What a loss is to a run, in words and numbers: what it takes, what can be set, what can go wrong. Knows no torch."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from lossviz.training.objectives.argument import Argument, Value
from lossviz.training.objectives.mistakes import NONE, ONE_CLASS_WEIGHTS


@dataclass(frozen=True, slots=True)
class LossSpec:
    """A loss that trains a network in a task.

    Attributes:
        name: As PyTorch spells it.
        task: "classify", "reconstruct" or "embed".
        takes: What it is given, in a word or two: "logits", "log-probabilities", "probabilities", "distances",
            "embeddings".
        text: What it expects, in a sentence or two, for the place where the network meets the loss.
        steps: From the network to the loss; what stands in brackets is done by the loss, what is bold is its
            input.
        call: The torch call, as Python. `{arguments}` stands for the constructor's arguments, other names in
            braces for arguments of their own. Its names: `network(images)` what comes out of the network, `labels`
            the classes, `one_hot` and `signs` (1 for the class, -1 for the others) their tables, `pictures` the
            images from 0 to 1, `class_lists` the lists that MultiLabelMarginLoss wants, `anchor`, `positive`,
            `negative` embeddings, `pair_signs` 1 for the pairs with a positive and -1 for those with a negative,
            `F` torch.nn.functional.
        baseline: Which network has the loss that `Started.chance_loss` gives, to finish "the loss of".
        arguments: What can be set, in the order of the constructor.
        mistakes: Keys of `lossviz.training.objectives.mistakes.MISTAKES` that can be put into it.
        label_smoothing: Whether it takes the setting `label_smoothing`.
    """

    name: str
    task: str
    takes: str
    text: str
    steps: str
    call: str
    baseline: str
    arguments: tuple[Argument, ...] = ()
    mistakes: tuple[str, ...] = ("sum",)
    label_smoothing: bool = False

    def argument(self, name: str) -> Argument | None:
        """The argument of this name, if it has one."""
        return next((argument for argument in self.arguments if argument.name == name), None)

    def code(self, values: Mapping[str, Value], label_smoothing: float = 0.0, mistake: str = NONE) -> str:
        """The torch call with values in it; arguments that have torch's own defaults are left out.

        Args:
            values: Arguments that differ from their defaults.
            label_smoothing: The setting of this name.
            mistake: The setting of this name: the bug is in the code.

        Returns:
            A Python expression; see `call`.
        """
        words, own = [], {}
        for argument in self.arguments:
            value = values.get(argument.name, argument.default)
            default = argument.default if argument.torch_default is None else argument.torch_default
            literal = _tensor(value) if argument.tensor else _literal(value)
            own[argument.name] = literal
            if argument.constructor and value != default:
                words.append(f"{argument.name}={literal}")
        if self.label_smoothing and label_smoothing:
            words.append(f"label_smoothing={label_smoothing:g}")
        call = _with_mistake(self.call, mistake)
        if mistake == "one-class-weights":
            words.append(f"weight={_tensor(ONE_CLASS_WEIGHTS)}")
        if mistake == "sum" and "reduction=" not in call:
            words.append("reduction='sum'")
        text = ", ".join(words)
        # The braces of a call may stand after other arguments, and then need a comma of their own.
        return call.format(arguments=text, and_arguments=f", {text}" if text else "", **own)


def _with_mistake(call: str, mistake: str) -> str:
    """A call with a bug in what it is given."""
    if mistake == "softmax-first":
        return call.replace("network(images)", "network(images).softmax(dim=1)")
    if mistake == "target-shape":
        return call.replace("one_hot", "one_hot.unsqueeze(1)").replace("pictures", "pictures.squeeze(1)")
    return re.sub(r"reduction='\w+'", "reduction='sum'", call) if mistake == "sum" else call


def _literal(value: Value) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(str, value))}]"
    return str(value) if isinstance(value, bool) else f"{value:.10g}"


def _tensor(value: Value) -> str:
    # 1 would make a tensor of whole numbers, which no loss takes for weights.
    numbers = value if isinstance(value, tuple) else float(value)
    return f"torch.tensor({_literal(numbers) if isinstance(numbers, tuple) else numbers})"
