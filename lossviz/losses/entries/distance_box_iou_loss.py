"""distance_box_iou_loss, overlap and the distance of the centres."""

from __future__ import annotations

from lossviz.losses.box_knobs import (
    BOX_PARTS,
    CENTRE_PARTS,
    box_loss,
)
from lossviz.losses.entry import Branch, Correction, Edge, Preset
from lossviz.losses.shared_edges import INVERTED_COUNTS_AS_APART, inverted_corners
from lossviz.losses.shared_sources import DISTANCE_IOU, torchvision_page

ENTRY = box_loss(
    name="distance_box_iou_loss",
    rank=20,
    title="DIoU",
    summary="One minus the overlap, plus (distance of the centres / enclosing diagonal)²: it pulls the centres "
    "together.",
    use=(
        "Boxes should move straight to the target, also from far away or from inside it.",
        "Predictions often lie inside the target or across it, where GIoU no longer tells positions apart.",
    ),
    avoid=(
        "Shape matters beyond overlap: DIoU has no term for the aspect ratio. CIoU adds one.",
        "The start is very far away: like GIoU it goes to 2 and its pull fades.",
    ),
    definitions=(*BOX_PARTS, *CENTRE_PARTS),
    branches=(
        Branch(when="", loss="1 - IoU + distance", gradient="distance_slope - IoU_slope", name="everywhere"),
    ),
    overlays=("1-IoU", "generalized_box_iou_loss", "complete_box_iou_loss"),
    presets=(
        Preset(
            "apart",
            "No overlap",
            "1 − IoU is 1 and flat. DIoU is 1.296, and the arrow points at the target: the distance of the centres "
            "pulls.",
            {"x": 2, "y": 3.5},
            ("1-IoU",),
        ),
        Preset(
            "inside",
            "A box inside the other",
            "1 − IoU and GIoU are flat here, at 0.75, wherever the small box lies inside. DIoU still pulls to the "
            "centre, with 0.0625.",
            {"x": 5.25, "y": 3, "width": 1, "height": 1},
            ("1-IoU", "generalized_box_iou_loss"),
        ),
        Preset(
            "half",
            "Shifted by half a width",
            "Overlap 1/3. In one line the enclosing box has no empty part, so GIoU is 1 − IoU = 0.6667; DIoU adds "
            "1/13 for the centres: 0.7436.",
            {"x": 4, "y": 3},
            ("generalized_box_iou_loss",),
        ),
    ),
    corrections=(
        Correction(
            claim="DIoU adds the distance of the centres to the loss.",
            fact="The squared distance, divided by the squared diagonal of the enclosing box. It has no unit: boxes "
            "that are all ten times as large and as far apart give the same loss.",
            code="""\
import torch
import torchvision

box, target = torch.tensor([[0.0, 0.0, 2.0, 2.0]]), torch.tensor([[3.0, 0.0, 5.0, 2.0]])
for scale in (1, 10):
    loss = torchvision.ops.distance_box_iou_loss(scale * box, scale * target)
    print(f"{loss.item():.4f}")
""",
            prints="1.3103\n1.3103",
        ),
        Correction(
            claim="Boxes that overlap have a GIoU or DIoU loss below 1.",
            fact="Not if the overlap is small against the added term, as for two thin boxes that share a corner. Only "
            "the converse holds: below 1 they overlap.",
            code="""\
import torch
import torchvision

wide, tall = torch.tensor([[0.0, 0.0, 8.0, 1.0]]), torch.tensor([[7.0, 0.0, 8.0, 8.0]])
print(f"IoU {torchvision.ops.box_iou(wide, tall).item():.4f}")
print(f"DIoU loss {torchvision.ops.distance_box_iou_loss(wide, tall).item():.4f}")
print(f"GIoU loss {torchvision.ops.generalized_box_iou_loss(wide, tall).item():.4f}")
""",
            prints="IoU 0.0667\nDIoU loss 1.1247\nGIoU loss 1.6990",
        ),
    ),
    edges=(
        inverted_corners("distance_box_iou_loss", INVERTED_COUNTS_AS_APART),
        Edge(
            title="A perfect box that has no area",
            code="""\
import torch
import torchvision

point = torch.tensor([[1.0, 1.0, 1.0, 1.0]])
print(torchvision.ops.distance_box_iou_loss(point, point).item())
""",
            says="1.0",
            sentence="The overlap is 0 / 0, which eps turns into 0: a prediction that equals its target costs 1, with "
            "gradient 0.",
            fix="Drop boxes without area from the targets.",
            fixed="""\
import torch
import torchvision

boxes = torch.tensor([[1.0, 1.0, 1.0, 1.0], [0.0, 0.0, 2.0, 2.0]])
kept = boxes[torchvision.ops.remove_small_boxes(boxes, min_size=1e-3)]
loss = torchvision.ops.distance_box_iou_loss(kept, kept, reduction="mean")
print(f"{loss.item():.4f}")
""",
            prints="0.0000",
        ),
        Edge(
            title="An image without objects",
            code="""\
import torch
import torchvision

none = torch.zeros(0, 4)
print(torchvision.ops.distance_box_iou_loss(none, none, reduction="mean").item())
""",
            says="0.0",
            sentence="The mean of no boxes is 0 here, not nan as in torch.nn. It lowers the average over images "
            "although nothing was learned.",
            fix="Sum over the batch and divide by the number of boxes in it.",
            fixed="""\
import torch
import torchvision

none, boxes = torch.zeros(0, 4), torch.tensor([[0.0, 0.0, 2.0, 2.0]])
images = [(none, none), (boxes, boxes + torch.tensor([1.0, 0.0, 1.0, 0.0]))]
total = sum(
    torchvision.ops.distance_box_iou_loss(b, t, reduction="sum") for b, t in images
)
print(f"{total.item() / sum(len(b) for b, _ in images):.4f}")
""",
            prints="0.7436",
        ),
    ),
    rows=(
        {"x": 5, "y": 3, "width": 2, "height": 2, "target": "square"},
        {"x": 4, "y": 3, "width": 2, "height": 2, "target": "square"},
        {"x": 5.25, "y": 3, "width": 1, "height": 1, "target": "square"},
        {"x": 2, "y": 3.5, "width": 2, "height": 2, "target": "square"},
        {"x": 0, "y": 3.5, "width": 2, "height": 2, "target": "square"},
        {"x": 4.5, "y": 3, "width": 1, "height": 3, "target": "wide"},
    ),
    sources=(
        torchvision_page("distance_box_iou_loss"),
        DISTANCE_IOU,
    ),
)
