"""generalized_box_iou_loss, overlap and the empty part of the enclosing box."""

from __future__ import annotations

from lossviz.losses.box_knobs import (
    BOX_PARTS,
    HEIGHTS_OVERLAP,
    box_loss,
)
from lossviz.losses.entry import Branch, Correction, Definition, Edge, Preset, Source
from lossviz.losses.shared_edges import inverted_corners
from lossviz.losses.shared_sources import torchvision_page

# Boxes of one height in one line touch without a jump: their union fills the enclosing box.
_OUT_OF_LINE = f"abs(y - target_1) + abs(height - target_3) > 0 and {HEIGHTS_OVERLAP}"

ENTRY = box_loss(
    name="generalized_box_iou_loss",
    rank=10,
    title="GIoU",
    summary="One minus the overlap, plus the empty share of the smallest box around both: it pulls without overlap.",
    use=(
        "A network predicts boxes and is judged by their overlap; the prediction may start far from the target.",
        "Large and small objects should count alike: the loss does not change when both boxes are scaled.",
    ),
    avoid=(
        "One box often lies inside the other: GIoU is then 1 − IoU and does not pull to the centre. Take DIoU.",
        "The start is very far away: the loss goes to 2 and the pull fades. An L1 term on the coordinates helps.",
    ),
    definitions=(
        *BOX_PARTS,
        Definition("empty", r"\text{empty}", "(C - U) / C", words="the empty share of the box around both"),
        Definition("empty_slope", r"\text{empty}'", "I_slope / C + C_slope * U / C ** 2"),
    ),
    branches=(
        Branch(when="", loss="1 - IoU + empty", gradient="empty_slope - IoU_slope", name="everywhere"),
    ),
    jumps_at_touch=_OUT_OF_LINE,
    overlays=("1-IoU", "distance_box_iou_loss", "complete_box_iou_loss"),
    presets=(
        Preset(
            "apart",
            "No overlap",
            "1 − IoU is 1 and flat: gradient 0, no way to learn. GIoU is 1.36 and still pulls, "
            "though more downwards than to the target: that fills the enclosing box sooner.",
            {"x": 2, "y": 3.5},
            ("1-IoU",),
        ),
        Preset(
            "far",
            "Farther away",
            "GIoU goes up to 1.543, on its way to 2, and its gradient halves from −0.128 to −0.0653: the pull fades "
            "with distance.",
            {"x": 0, "y": 3.5},
            ("1-IoU",),
        ),
        Preset(
            "grows",
            "First it grows",
            "The dotted box shows a step down the gradient: it becomes larger as well as nearer. A wider box fills "
            "more of the enclosing one, so GIoU first inflates a box that is apart.",
            {"x": 3, "y": 3, "width": 1, "height": 1},
            ("distance_box_iou_loss",),
        ),
        Preset(
            "across",
            "A cross",
            "A tall box across a wide one: moving it left or right changes neither the overlap nor the enclosing box. "
            "GIoU is stuck at 1.244 with gradient 0; DIoU pulls to the centre.",
            {"x": 4.5, "y": 3, "width": 1, "height": 3, "target": "wide"},
            ("distance_box_iou_loss",),
        ),
    ),
    corrections=(
        Correction(
            claim="The GIoU loss lies between 0 and 1, as 1 − IoU does.",
            fact="Between 0 and 2: without overlap the empty share of the enclosing box is added to 1.",
            code="""\
import torch
import torchvision

box = torch.tensor([[0.0, 0.0, 1.0, 1.0]])
target = torch.tensor([[99.0, 99.0, 100.0, 100.0]])
print(f"{torchvision.ops.generalized_box_iou_loss(box, target).item():.4f}")
""",
            prints="1.9998",
        ),
        Correction(
            claim="GIoU always pulls the centres together.",
            fact="Once one box lies inside the other, the enclosing box is the outer one and the added term no longer "
            "depends on where the inner one lies. GIoU then equals 1 − IoU, wherever the inner box is.",
            code="""\
import torch
import torchvision

target = torch.tensor([[0.0, 0.0, 4.0, 4.0]])
for x in (0.5, 1.0, 2.5):
    box = torch.tensor([[x, 1.0, x + 1, 2.0]], requires_grad=True)
    loss = torchvision.ops.generalized_box_iou_loss(box, target, reduction="sum")
    loss.backward()
    print(loss.item(), (box.grad[0, 0] + box.grad[0, 2]).item())
""",
            prints="0.9375 0.0\n0.9375 0.0\n0.9375 0.0",
        ),
    ),
    edges=(
        inverted_corners(
            "generalized_box_iou_loss",
            "torchvision does not check the order. An inverted box has a positive area, no overlap with "
            "anything, and this one would count as perfect: loss 0.",
        ),
        Edge(
            title="A fifth column, such as the score",
            code="""\
import torch
import torchvision

boxes = torch.tensor([[0.0, 0.0, 2.0, 2.0, 0.9]])
print(torchvision.ops.generalized_box_iou_loss(boxes, boxes))
""",
            says="ValueError: too many values to unpack (expected 4)",
            sentence="The boxes are taken apart into exactly four corners.",
            fix="Pass the first four columns.",
            fixed="""\
import torch
import torchvision

boxes = torch.tensor([[0.0, 0.0, 2.0, 2.0, 0.9]])[:, :4]
print(f"{torchvision.ops.generalized_box_iou_loss(boxes, boxes).item():.4f}")
""",
            prints="0.0000",
        ),
        Edge(
            title="One prediction against several targets",
            code="""\
import torch
import torchvision

box = torch.tensor([[0.0, 0.0, 1.0, 1.0]])
targets = torch.tensor(
    [[0.0, 0.0, 1.0, 1.0], [0.0, 0.0, 2.0, 2.0], [1.0, 1.0, 2.0, 2.0]]
)
print(torchvision.ops.generalized_box_iou_loss(box, targets))
""",
            says="IndexError: The shape of the mask [3] at index 0 does not match the shape of the indexed tensor [1] "
            "at index 0",
            sentence="The loss compares row with row. Several predictions against one target work by accident, this "
            "way round does not.",
            fix="Give both sides the same number of rows.",
            fixed="""\
import torch
import torchvision

box = torch.tensor([[0.0, 0.0, 1.0, 1.0]])
targets = torch.tensor(
    [[0.0, 0.0, 1.0, 1.0], [0.0, 0.0, 2.0, 2.0], [1.0, 1.0, 2.0, 2.0]]
)
losses = torchvision.ops.generalized_box_iou_loss(box.expand(3, 4), targets)
print(*(f"{loss:.4f}" for loss in losses.tolist()))
""",
            prints="0.0000 0.7500 1.5000",
        ),
        Edge(
            title="backward() without a reduction",
            code="""\
import torch
import torchvision

boxes = torch.tensor([[0.0, 0.0, 2.0, 2.0], [1.0, 1.0, 3.0, 3.0]], requires_grad=True)
targets = torch.tensor([[1.0, 0.0, 3.0, 2.0], [1.0, 1.0, 3.0, 4.0]])
torchvision.ops.generalized_box_iou_loss(boxes, targets).backward()
""",
            says="RuntimeError: grad can be implicitly created only for scalar outputs",
            sentence="Here the default is reduction='none', not 'mean' as in torch.nn: the result is one loss a box.",
            fix="Ask for the mean, or the sum.",
            fixed="""\
import torch
import torchvision

boxes = torch.tensor([[0.0, 0.0, 2.0, 2.0], [1.0, 1.0, 3.0, 3.0]], requires_grad=True)
targets = torch.tensor([[1.0, 0.0, 3.0, 2.0], [1.0, 1.0, 3.0, 4.0]])
loss = torchvision.ops.generalized_box_iou_loss(boxes, targets, reduction="mean")
loss.backward()
print(f"{loss.item():.4f}")
""",
            prints="0.5000",
        ),
    ),
    rows=(
        {"x": 5, "y": 3, "width": 2, "height": 2, "target": "square"},
        {"x": 4, "y": 3, "width": 2, "height": 2, "target": "square"},
        {"x": 5.5, "y": 3, "width": 1, "height": 1, "target": "square"},
        {"x": 2, "y": 3.5, "width": 2, "height": 2, "target": "square"},
        {"x": 0, "y": 3.5, "width": 2, "height": 2, "target": "square"},
        {"x": 4.5, "y": 3, "width": 1, "height": 3, "target": "wide"},
    ),
    sources=(
        torchvision_page("generalized_box_iou_loss"),
        Source(
            "Rezatofighi et al. 2019, Generalized Intersection over Union", "https://arxiv.org/abs/1902.09630"
        ),
    ),
)
