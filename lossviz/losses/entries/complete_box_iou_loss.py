"""complete_box_iou_loss, overlap, distance of the centres and aspect ratio."""

from __future__ import annotations

from lossviz.losses.box_knobs import (
    BOX_PARTS,
    CENTRE_PARTS,
    box_loss,
)
from lossviz.losses.entry import Branch, Correction, Definition, Edge, Preset
from lossviz.losses.shared_edges import INVERTED_COUNTS_AS_APART, inverted_corners
from lossviz.losses.shared_sources import DISTANCE_IOU, torchvision_page

_ASPECT_PARTS = (
    Definition(
        "own_angle", r"\varphi", "arctan(width / height)", words="the angle of the predicted box's diagonal"
    ),
    Definition(
        "true_angle", r"\varphi_g", "arctan(target_2 / target_3)", words="the same angle for the true box"
    ),
    Definition("v", "v", "4 / pi ** 2 * (true_angle - own_angle) ** 2", words="how far the shapes differ"),
    Definition("alpha", r"\alpha", "v / (1 - IoU + v + epsilon)", words="how much that counts"),
    Definition("aspect", r"\text{aspect}", "alpha * v", words="how far the shapes differ, weighted"),
)

ENTRY = box_loss(
    name="complete_box_iou_loss",
    rank=30,
    title="CIoU",
    summary="DIoU plus a term for the aspect ratio: overlap, distance of the centres and shape in one number.",
    use=(
        "Overlap, place and shape of a box should all be learned.",
        "DIoU would do, but the boxes come in many shapes: compare the two on your own data.",
    ),
    avoid=(
        "The size is wrong but the aspect ratio right: the third term is then 0, and CIoU is DIoU.",
        "A box may have no height: the gradient becomes nan.",
    ),
    definitions=(*BOX_PARTS, *CENTRE_PARTS, *_ASPECT_PARTS),
    branches=(
        # The weight alpha counts as a constant for the gradient, and v does not depend on x.
        Branch(
            when="",
            loss="1 - IoU + distance + aspect",
            gradient="distance_slope - IoU_slope",
            name="everywhere",
        ),
    ),
    overlays=("1-IoU", "generalized_box_iou_loss", "distance_box_iou_loss"),
    presets=(
        Preset(
            "shape",
            "The wrong shape",
            "The centres agree, so DIoU is 1 − IoU = 0.8. CIoU adds 0.1057 for the aspect ratio: the dotted box grows "
            "wider and flatter.",
            {"x": 5, "y": 3, "width": 1, "height": 3, "target": "wide"},
            ("distance_box_iou_loss",),
        ),
        Preset(
            "size",
            "The right shape, the wrong size",
            "Both boxes are square: v = 0, and CIoU is DIoU, 0.75 from the overlap alone. The third term knows "
            "nothing of size.",
            {"x": 5, "y": 3, "width": 1, "height": 1},
            ("distance_box_iou_loss",),
        ),
        Preset(
            "apart",
            "No overlap",
            "1 − IoU is 1 and flat. CIoU is 1.296 as DIoU is, for both boxes are square, and its pull is the same.",
            {"x": 2, "y": 3.5},
            ("1-IoU",),
        ),
    ),
    corrections=(
        Correction(
            claim="The gradient is the slope of the CIoU curve.",
            fact="Not quite. The weight α of the aspect term changes along the curve, but torchvision computes it "
            "under no_grad. If the shapes differ, a small step to either side finds another slope than backward().",
            code="""\
import torch
import torchvision


def loss_at(x):
    size = torch.tensor([3.0, 1.0, 3.0], dtype=torch.float64)
    box = torch.cat([x[None], size])[None]
    box = torchvision.ops.box_convert(box, "cxcywh", "xyxy")
    target = torch.tensor([[3.5, 2.5, 6.5, 3.5]], dtype=torch.float64)
    return torchvision.ops.complete_box_iou_loss(box, target, reduction="sum")


x = torch.tensor(3.5, dtype=torch.float64, requires_grad=True)
loss_at(x).backward()
print(f"backward {x.grad.item():.4f}")
rise = loss_at(x.detach() + 1e-6) - loss_at(x.detach() - 1e-6)
print(f"slope {rise.item() / 2e-6:.4f}")
""",
            prints="backward -0.3046\nslope -0.2894",
        ),
        Correction(
            claim="eps sets how CIoU guards its divisions.",
            fact="In torchvision only that of α. The DIoU part is called without it and keeps 1e-7: even eps = 10 "
            "leaves CIoU of two squares as it was, while DIoU changes.",
            code="""\
import torch
import torchvision

box, target = torch.tensor([[1.0, 0.0, 3.0, 2.0]]), torch.tensor([[0.0, 0.0, 2.0, 2.0]])
for eps in (1e-7, 10.0):
    distance = torchvision.ops.distance_box_iou_loss(box, target, eps=eps)
    complete = torchvision.ops.complete_box_iou_loss(box, target, eps=eps)
    print(f"eps {eps:g}: DIoU {distance.item():.4f}, CIoU {complete.item():.4f}")
""",
            prints="eps 1e-07: DIoU 0.7436, CIoU 0.7436\neps 10: DIoU 0.9185, CIoU 0.7436",
        ),
    ),
    edges=(
        Edge(
            title="A box without height",
            code="""\
import torch
import torchvision

box = torch.tensor([[1.0, 1.0, 3.0, 1.0]], requires_grad=True)
loss = torchvision.ops.complete_box_iou_loss(
    box, torch.tensor([[0.0, 0.0, 2.0, 2.0]]), reduction="mean"
)
loss.backward()
print(f"{loss.item():.4f}", box.grad.tolist())
""",
            says="1.1269 [[nan, nan, nan, nan]]",
            sentence="The aspect ratio is width / 0. Its arctan is fine, so the loss is finite, but the gradient is "
            "nan, and one step spoils every weight.",
            fix="Keep height away from 0, for instance with clamp.",
            fixed="""\
import torch
import torchvision

centre_and_size = torch.tensor([[2.0, 1.0, 2.0, 0.0]], requires_grad=True)
size = centre_and_size[:, 2:].clamp(min=1e-2)
box = torchvision.ops.box_convert(
    torch.cat([centre_and_size[:, :2], size], dim=1), "cxcywh", "xyxy"
)
loss = torchvision.ops.complete_box_iou_loss(
    box, torch.tensor([[0.0, 0.0, 2.0, 2.0]]), reduction="mean"
)
loss.backward()
print(f"{loss.item():.4f}", centre_and_size.grad.isfinite().all().item())
""",
            prints="1.1234 True",
        ),
        Edge(
            title="A box without area",
            code="""\
import torch
import torchvision

point = torch.tensor([[1.0, 1.0, 1.0, 1.0]])
loss = torchvision.ops.complete_box_iou_loss(
    point, torch.tensor([[0.0, 0.0, 2.0, 2.0]])
)
print(loss.item())
""",
            says="nan",
            sentence="The aspect ratio is 0 / 0, so the loss itself is nan. GIoU and DIoU say 1 here.",
            fix="Drop boxes without area, or keep both sides away from 0.",
            fixed="""\
import torch
import torchvision

point = torch.tensor([[1.0, 1.0, 1.0, 1.0]])
target = torch.tensor([[0.0, 0.0, 2.0, 2.0]])
kept = torchvision.ops.remove_small_boxes(point, min_size=1e-3)
loss = torchvision.ops.complete_box_iou_loss(
    point[kept], target[kept], reduction="mean"
)
print(loss.item())
""",
            prints="0.0",
        ),
        inverted_corners("complete_box_iou_loss", INVERTED_COUNTS_AS_APART),
    ),
    rows=(
        {"x": 5, "y": 3, "width": 2, "height": 2, "target": "square"},
        {"x": 5, "y": 3, "width": 1, "height": 1, "target": "square"},
        {"x": 5, "y": 3, "width": 1, "height": 3, "target": "square"},
        {"x": 5, "y": 3, "width": 1, "height": 3, "target": "wide"},
        {"x": 4, "y": 3, "width": 2, "height": 2, "target": "tall"},
        {"x": 2, "y": 3.5, "width": 2, "height": 2, "target": "square"},
    ),
    sources=(
        torchvision_page("complete_box_iou_loss"),
        DISTANCE_IOU,
    ),
)
