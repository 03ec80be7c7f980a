"""CTCLoss, the negative log-probability that the frames spell the target, over all alignments."""

from __future__ import annotations

from types import MappingProxyType

from lossviz.losses import checks
from lossviz.losses.ctc_paths import blanks_in_paths, blanks_predicted, least_frames, path_sum
from lossviz.losses.entry import (
    Argument,
    Batch,
    Branch,
    Correction,
    Definition,
    Edge,
    LossEntry,
    Preset,
    Probe,
    Source,
)
from lossviz.losses.knob import Knob
from lossviz.losses.option import Option
from lossviz.losses.shared_sources import torch_page

_BLANK_SCORE = Knob(
    "blank_score",
    "s_{-}",
    -4,
    4,
    0.25,
    0,
    "the raw score of the blank (no new symbol here), the same in every frame (time step)",
)
_A_SCORE = Knob(
    "a_score", "s_a", -4, 4, 0.5, 1, "the raw score of a in the middle of the frames; that of b is 0 there"
)
_DRIFT = Knob("drift", "d", -2, 2, 0.5, 0, "how much a's score falls and b's rises with each frame")

_TARGET = Option(
    "target",
    "y",
    {"a": (1, 0, 0), "aa": (1, 1, 0), "ab": (1, 2, 0), "aba": (1, 2, 1), "aaa": (1, 1, 1)},
    "aa",
    "the true symbols, without saying in which frames they are: a is class 1, b is class 2",
    name="target y, a text",
)
_FRAMES = Option(
    "frames",
    "T",
    {str(frames): frames for frames in range(1, 7)},
    "4",
    "how many of the frames (time steps) are read, the input length",
    name="frames T",
)
_ZERO_INFINITY = Option(
    "zero_infinity",
    r"\text{zero infinity}",
    {"False": False, "True": True},
    "False",
    "whether an infinite loss and its gradient are set to 0",
    name="an infinite loss",
    spelled={"False": "stays", "True": "becomes 0"},
)


def _refusal(targets: list[tuple[int, ...]]) -> str:
    """What lossviz says to targets that it refuses, for the three classes of the edges."""
    try:
        checks.ctc_targets(targets, classes=3)
    except ValueError as error:
        return f"ValueError: {error}"
    raise AssertionError(targets)


ENTRY = LossEntry(
    name="CTCLoss",
    category="sequence",
    rank=10,
    title="CTC",
    summary="Minus the log of a text's total probability over all ways to spread it across frames: no alignment "
    "needed.",
    use=(
        "The order of the symbols is known, but not in which frame each one is: speech, handwriting.",
        "There are at least as many frames as symbols, and the target runs in the order of the input.",
    ),
    avoid=(
        "There is a label for every frame: take CrossEntropyLoss.",
        "The output can be longer than the input, or in another order, as in translation.",
    ),
    knobs=(_BLANK_SCORE, _A_SCORE, _DRIFT),
    options=(_TARGET, _FRAMES, _ZERO_INFINITY),
    arguments=(
        Argument("scores", ("blank_score", "a_score", "drift"), learned=True),
        Argument("target", ("target",), dtype="int64"),
        Argument("frames", ("frames",), dtype="int64"),
    ),
    parameters=MappingProxyType({"zero_infinity": "zero_infinity"}),
    reduction="sum",
    steps=(
        "blank, a, drift = scores.unbind(dim=1)",
        "time = torch.arange(6.0).unsqueeze(1) - (frames - 1) / 2  # 0 in the middle frame",
        "logits = torch.stack([blank + 0 * time, a - drift * time, drift * time], dim=2)",
        "log_probs = logits.log_softmax(dim=2)  # (T, N, C)",
        "target_length = (target > 0).sum(dim=1)",
    ),
    inputs=("log_probs", "target", "frames", "target_length"),
    probes=(Probe("log_probability", "log_probs.transpose(0, 1)", 18),),
    definitions=(
        Definition("least", r"T_{\min}", r"\text{symbols} + \text{repeats}", least_frames),
        Definition("P", "P", r"\sum_{\pi \to y} \prod_{t=1}^{T} p_t(\pi_t)", path_sum),
        Definition("n", "n", r"\sum_{t=1}^{T} p_t(-)", blanks_predicted),
        Definition(
            "n_y",
            "n_y",
            r"\tfrac{1}{P} \sum_{\pi \to y} \text{blanks}(\pi) \prod_{t=1}^{T} p_t(\pi_t)",
            blanks_in_paths,
        ),
    ),
    branches=(
        Branch(when="frames >= least", loss="-log(P)", gradient="n - n_y", name="long enough"),
        Branch(
            when="frames < least and zero_infinity == 0",
            loss="inf",
            gradient="nan",
            name="too short, infinite",
            why="No path of so few frames spells the target, so the target's probability is 0, the loss, −log 0, is "
            "infinite, and the gradient is not a number.",
        ),
        Branch(
            when="frames < least and zero_infinity == 1", loss="0", gradient="0", name="too short, set to 0"
        ),
    ),
    views=("paths",),
    presets=(
        Preset(
            "too-short",
            "Two frames for aa",
            "A repeat needs a blank between, so two frames cannot spell aa: no path, the loss is infinite and the "
            "gradient is not a number. ab in two frames is fine.",
            {"a_score": 0, "target": "aa", "frames": "2"},
        ),
        Preset(
            "three-frames",
            "Three frames for aa",
            "Now there is one path, a–a. All scores are equal, so it has 1/27, and the loss is ln 27 = 3.2958.",
            {"a_score": 0, "target": "aa", "frames": "3"},
        ),
        Preset(
            "a-then-b",
            "First a, then b",
            "With drift the early frames say a and the late ones b. 70 paths spell ab; aaabbb alone has 0.4565 of "
            "their 0.8651, and the loss is 0.1449. Turn the drift round, to -1.5, and it is 16.04.",
            {"blank_score": -1, "a_score": 0, "drift": 1.5, "target": "ab", "frames": "6"},
        ),
        Preset(
            "only-blanks",
            "All blank",
            "A network that says blank everywhere. The frames hold 5.79 blanks, the paths that spell ab 3.98: the "
            "difference, 1.81, is the gradient of the blank's score, and a step against it lowers the blank.",
            {"blank_score": 4, "a_score": 0, "target": "ab", "frames": "6"},
        ),
    ),
    corrections=(
        Correction(
            claim="The mean is the mean over the samples.",
            fact="Each sample is divided by the length of its target first. Of two samples with the same "
            "probability the one with the longer text counts less.",
            code="""\
import torch

log_probs = torch.zeros(3, 1, 3).log_softmax(dim=2)
arguments = torch.tensor([[1, 1]]), torch.tensor([3]), torch.tensor([2])
for reduction in ("sum", "mean"):
    loss = torch.nn.CTCLoss(reduction=reduction)(log_probs, *arguments)
    print(reduction, f"{loss.item():.4f}")
""",
            prints="sum 3.2958\nmean 1.6479",
        ),
        Correction(
            claim="The most probable path spells the most probable text.",
            fact="A text has the sum of its paths. Here the best path is all blank, yet the text a is more probable "
            "than the empty one: it has three paths.",
            code="""\
import torch

log_probs = torch.tensor([[[0.6, 0.4]], [[0.6, 0.4]]]).log()
print("most probable path", log_probs.argmax(dim=2).flatten().tolist())
for target in ([], [1]):
    labels = torch.tensor([target], dtype=torch.int64)
    length = torch.tensor([len(target)])
    loss = torch.nn.CTCLoss(reduction="sum")(
        log_probs, labels, torch.tensor([2]), length
    )
    print("probability of", target, f"{loss.neg().exp().item():.2f}")
""",
            prints="most probable path [0, 0]\nprobability of [] 0.36\nprobability of [1] 0.64",
        ),
        Correction(
            claim="zero_infinity leaves a sample that is too short out.",
            fact="It only sets its loss and gradient to 0. The mean still counts the sample, so it is halved here.",
            code="""\
import torch

log_probs = torch.zeros(3, 2, 3).log_softmax(dim=2)
targets = torch.tensor([[1, 1], [1, 1]])
arguments = log_probs, targets, torch.tensor([2, 3]), torch.tensor([2, 2])
both = torch.nn.CTCLoss(zero_infinity=True)(*arguments)
alone = torch.nn.CTCLoss()(
    log_probs[:, 1:], targets[1:], torch.tensor([3]), torch.tensor([2])
)
print(f"{both.item():.4f} {alone.item():.4f}")
""",
            prints="0.8240 1.6479",
        ),
    ),
    edges=(
        Edge(
            title="Fewer frames than the target needs",
            code="""\
import torch

logits = torch.zeros(2, 1, 3, requires_grad=True)
log_probs = logits.log_softmax(dim=2)
loss = torch.nn.CTCLoss()(
    log_probs, torch.tensor([[1, 1]]), torch.tensor([2]), torch.tensor([2])
)
loss.backward()
print(loss.item(), logits.grad.isnan().all().item())
""",
            says="inf True",
            sentence="No path of two frames spells aa, because a repeat needs a blank between. The gradient is not a "
            "number, and one optimizer step with it spoils every weight.",
            fix="Keep only samples with at least as many frames as symbols and repeats, or take zero_infinity=True.",
            fixed="""\
import torch

logits = torch.zeros(2, 1, 3, requires_grad=True)
log_probs = logits.log_softmax(dim=2)
loss_function = torch.nn.CTCLoss(zero_infinity=True)
loss = loss_function(
    log_probs, torch.tensor([[1, 1]]), torch.tensor([2]), torch.tensor([2])
)
loss.backward()
print(loss.item(), logits.grad.isnan().any().item())
""",
            prints="0.0 False",
        ),
        Edge(
            title="Logits instead of log-probabilities",
            code="""\
import torch

logits = torch.tensor([[[2.0, 20.0, 1.0]], [[20.0, 2.0, 1.0]], [[1.0, 20.0, 2.0]]])
loss = torch.nn.CTCLoss()(
    logits, torch.tensor([[1, 1]]), torch.tensor([3]), torch.tensor([2])
)
print(loss.item())
""",
            says="-30.0",
            sentence="torch does not check that the inputs are log-probabilities. A negative loss gives it away: no "
            "probability is above 1.",
            fix="Put log_softmax over the classes before the loss.",
            fixed="""\
import torch

logits = torch.tensor([[[2.0, 20.0, 1.0]], [[20.0, 2.0, 1.0]], [[1.0, 20.0, 2.0]]])
log_probs = logits.log_softmax(dim=2)
loss = torch.nn.CTCLoss()(
    log_probs, torch.tensor([[1, 1]]), torch.tensor([3]), torch.tensor([2])
)
print(f"{loss.item():.4f}")
""",
            prints="0.0000",
        ),
        Edge(
            title="Batch first",
            code="""\
import torch

torch.manual_seed(0)
log_probs = torch.randn(3, 3, 3).log_softmax(dim=2)  # 3 samples of 3 frames
targets, lengths = torch.tensor([[1, 2]] * 3), torch.tensor([2] * 3)
loss = torch.nn.CTCLoss()(log_probs, targets, torch.tensor([3] * 3), lengths)
print(f"{loss.item():.4f}")
""",
            says="1.2538",
            sentence="CTCLoss reads (frames, samples, classes). With as many samples as frames the shapes fit anyway, "
            "and every sample is put together from the frames of others.",
            fix="Transpose to (T, N, C).",
            fixed="""\
import torch

torch.manual_seed(0)
log_probs = torch.randn(3, 3, 3).log_softmax(dim=2)  # 3 samples of 3 frames
targets, lengths = torch.tensor([[1, 2]] * 3), torch.tensor([2] * 3)
log_probs = log_probs.transpose(0, 1)
loss = torch.nn.CTCLoss()(log_probs, targets, torch.tensor([3] * 3), lengths)
print(f"{loss.item():.4f}")
""",
            prints="0.9016",
        ),
        Edge(
            title="An input length beyond the frames",
            code="""\
import torch

log_probs = torch.zeros(3, 1, 3).log_softmax(dim=2)
torch.nn.CTCLoss()(
    log_probs, torch.tensor([[1, 2]]), torch.tensor([4]), torch.tensor([2])
)
""",
            says="RuntimeError: Expected input_lengths to have value at most 3, but got value 4 (while checking "
            "arguments for ctc_loss_allocate_outputs)",
            sentence="The input length counts the frames of log_probs, after any pooling or stride of the network, not "
            "those of the raw input.",
            fix="Work the length out for the network's output.",
            fixed="""\
import torch

log_probs = torch.zeros(3, 1, 3).log_softmax(dim=2)
frames = torch.tensor([len(log_probs)])
loss = torch.nn.CTCLoss()(log_probs, torch.tensor([[1, 2]]), frames, torch.tensor([2]))
print(f"{loss.item():.4f}")
""",
            prints="0.8432",
        ),
        Edge(
            title="A label that is no class",
            code="""\
import torch

log_probs = torch.zeros(3, 1, 3).log_softmax(dim=2)  # the classes 0, 1 and 2
torch.nn.CTCLoss()(
    log_probs, torch.tensor([[1, 3]]), torch.tensor([3]), torch.tensor([2])
)
""",
            says=_refusal([(1, 3)]),
            sentence="On a CPU torch takes the label as an address and reads, and in the backward pass writes, outside "
            "the tensor: a wrong number without a word, or the end of the process.",
            fix="Check the labels before the loss, and count the blank among the classes.",
            fixed="""\
import torch

log_probs = torch.zeros(3, 1, 4).log_softmax(dim=2)
targets = torch.tensor([[1, 3]])
assert 0 < targets.min() and targets.max() < log_probs.shape[2]
loss = torch.nn.CTCLoss()(log_probs, targets, torch.tensor([3]), torch.tensor([2]))
print(f"{loss.item():.4f}")
""",
            prints="1.2747",
            refused=True,
        ),
        Edge(
            title="A label that is the blank",
            code="""\
import torch

log_probs = torch.zeros(3, 1, 3).log_softmax(dim=2)
loss = torch.nn.CTCLoss()(
    log_probs, torch.tensor([[1, 0]]), torch.tensor([3]), torch.tensor([2])
)
print(f"{loss.item():.4f}")
""",
            says="0.8432",
            sentence="The blank is no symbol of a text, yet torch takes it as one and gives a number.",
            fix="Number the symbols from 1 and leave 0 to the blank; padding goes behind the target length.",
            fixed="""\
import torch

log_probs = torch.zeros(3, 1, 3).log_softmax(dim=2)
loss = torch.nn.CTCLoss()(
    log_probs, torch.tensor([[1, 0]]), torch.tensor([3]), torch.tensor([1])
)
print(f"{loss.item():.4f}")
""",
            prints="1.5041",
        ),
    ),
    batch=Batch(
        rows=(
            {"a_score": 1, "target": "a", "frames": "4"},
            {"a_score": 1, "target": "aa", "frames": "4"},
            {"a_score": 1, "target": "ab", "frames": "4"},
            {"blank_score": -1, "a_score": 0, "drift": 1.5, "target": "ab", "frames": "6"},
            {"a_score": 1, "target": "aa", "frames": "3"},
            {"a_score": 1, "target": "aba", "frames": "6"},
        ),
        divides="the number of rows, each row's loss having been divided by the length of its target before",
    ),
    sources=(
        torch_page("CTCLoss"),
        Source(
            "Graves et al. 2006, Connectionist Temporal Classification",
            "https://doi.org/10.1145/1143844.1143891",
        ),
    ),
)
