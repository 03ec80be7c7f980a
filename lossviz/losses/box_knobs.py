"""What the box losses share: a predicted box that moves, a true box that stands, and the parts of their formulas.

The predicted box is given by its centre and size, because that is what a hand moves. ``torchvision`` itself turns
it into corners, and the gradient goes through that call.
"""

from __future__ import annotations

from types import MappingProxyType

from lossviz.losses.entry import (
    Argument,
    Batch,
    Branch,
    Correction,
    Definition,
    Edge,
    Kink,
    LossEntry,
    Preset,
    Probe,
    Settings,
    Source,
    Zone,
)
from lossviz.losses.knob import Knob
from lossviz.losses.option import Option

# All edges of both boxes lie on multiples of an eighth, so every kink is a point of the lattice.
X = Knob("x", "x", 0, 10, 0.25, 2, "the centre of the predicted box, left to right")
Y = Knob("y", "y", 1.5, 4.5, 0.25, 3.5, "its centre, bottom to top")
WIDTH = Knob("width", "w", 1, 3, 0.5, 2, "its width")
HEIGHT = Knob("height", "h", 1, 3, 0.5, 2, "its height")
BOX_KNOBS = (X, Y, WIDTH, HEIGHT)

TRUE_BOX = Option(
    "target",
    "g",
    {"square": (5, 3, 2, 2), "wide": (5, 3, 3, 1), "tall": (5, 3, 1, 3)},
    "square",
    "the true box g, with centre (g₀, g₁), width g₂ and height g₃",
    name="true box g",
)

BOX_ARGUMENTS = (
    Argument("prediction", ("x", "y", "width", "height"), learned=True),
    Argument("target", ("target",)),
)
TO_CORNERS = (
    'predicted_box = torchvision.ops.box_convert(prediction, "cxcywh", "xyxy")',
    'true_box = torchvision.ops.box_convert(target, "cxcywh", "xyxy")',
)
BOX_INPUTS = ("predicted_box", "true_box")
_IOU = "torchvision.ops.box_iou(predicted_box[:, None], true_box[:, None]).flatten()"
BOX_PROBES = (Probe("iou", _IOU), Probe("gradient_of_box", "prediction.grad", 4))

_ASIDE = "(width - target_2) / 2"

BOX_PARTS = (
    Definition("d_x", "d_x", "abs(x - target_0)", words="how far apart the centres are, across"),
    Definition("d_y", "d_y", "abs(y - target_1)", words="the same, up"),
    Definition(
        "r_x",
        "r_x",
        "(width + target_2) / 2",
        words="from this distance of the centres on the boxes no longer overlap, across",
    ),
    Definition("r_y", "r_y", "(height + target_3) / 2", words="the same, up"),
    Definition("I_w", "I_w", "max(0, min(width, target_2, r_x - d_x))", words="the width of the overlap"),
    Definition("I_h", "I_h", "max(0, min(height, target_3, r_y - d_y))", words="its height"),
    Definition("C_w", "C_w", "max(width, target_2, r_x + d_x)", words="the width of the box around both"),
    Definition("C_h", "C_h", "max(height, target_3, r_y + d_y)", words="its height"),
    Definition("epsilon", r"\epsilon", "10 ** -7", words="what keeps torch from dividing by 0"),
    Definition("I", "I", "I_w * I_h", words="the area of the overlap"),
    Definition("U", "U", "width * height + target_2 * target_3 - I + epsilon", words="the area of the union"),
    Definition("C", "C", "C_w * C_h + epsilon", words="the area of the box around both"),
    Definition(
        "s_left",
        "s_1",
        f"sign(x - target_0 - {_ASIDE})",
        words="whether its left edge is left (-1) or right (1) of the true one's",
    ),
    Definition("s_right", "s_2", f"sign(x - target_0 + {_ASIDE})", words="the same for the right edges"),
    Definition(
        "s",
        "s",
        "(s_left + s_right) / 2",
        words="-1 left, 1 right, 0 if one box spans the other, ±½ where two edges meet",
    ),
    # Nothing changes the overlap of boxes that are apart.
    Definition("I_slope", "I'", "-s * I_h * sign(I)", words="how the overlap changes with x"),
    Definition("C_slope", "C'", "s * C_h", words="how the area around both changes with x"),
    Definition("IoU", r"\text{IoU}", "I / U", words="the overlap as a share of the union"),
    Definition(
        "IoU_slope",
        r"\text{IoU}'",
        "I_slope * (U + I) / U ** 2",
        words="a prime marks how a part changes with x",
    ),
)
"""The intersection, the union and the enclosing box, the side on which the predicted box sticks out, the IoU, and the
derivatives by x."""

CENTRE_PARTS = (
    Definition("rho2", r"\rho^2", "d_x ** 2 + d_y ** 2", words="the squared distance of the centres"),
    Definition(
        "D", "D", "C_w ** 2 + C_h ** 2 + epsilon", words="the squared diagonal of the box around both"
    ),
    Definition("D_slope", "D'", "2 * s * C_w", words="how that changes with x"),
    Definition(
        "distance",
        r"\text{distance}",
        "rho2 / D",
        words="that of the centres, squared, as a share of the squared diagonal of the box around both",
    ),
    Definition(
        "distance_slope",
        r"\text{distance}'",
        "2 * (x - target_0) / D - rho2 * D_slope / D ** 2",
    ),
)
"""What DIoU and CIoU add for the distance of the centres, and its derivative by x."""

# A gradient jumps where two edges pass each other. Equal widths make the outer two meet.
EDGE_KINKS = (
    Kink("target_0 + target_2 / 2 - width / 2"),
    Kink("target_0 - target_2 / 2 + width / 2", when="width != target_2"),
)
TOUCHING = ("target_0 - target_2 / 2 - width / 2", "target_0 + target_2 / 2 + width / 2")
"""Where on the axis the boxes begin to overlap, if their heights do."""
HEIGHTS_OVERLAP = "abs(y - target_1) < (height + target_3) / 2"

# The zone closes where the heights do not overlap: a difference of heights is 0 or at least a quarter.
_OPEN = "min(1, 4 * max(0, (height + target_3) / 2 - abs(y - target_1)))"
OVERLAP_ZONE = Zone(
    f"target_0 - (target_2 + width) / 2 * {_OPEN}",
    f"target_0 + (target_2 + width) / 2 * {_OPEN}",
    "the boxes overlap",
)

ONE_MINUS_IOU = LossEntry(
    name="Identity",
    category="boxes",
    rank=0,
    title="1 − IoU",
    summary="One minus the overlap of the boxes as a share of their union.",
    use=(),
    avoid=(),
    knobs=BOX_KNOBS,
    options=(TRUE_BOX,),
    arguments=BOX_ARGUMENTS,
    steps=(*TO_CORNERS, f"overlap = {_IOU}"),
    call="loss_function(1 - overlap).mean()",
    row_call="loss_function(1 - overlap)",
    branches=(),
    kinks=(*EDGE_KINKS, *(Kink(at, when=HEIGHTS_OVERLAP) for at in TOUCHING)),
    presets=(),
    corrections=(),
    sources=(),
)
"""The plain overlap as a loss, to lay over the others: PyTorch has no such loss."""

IOU_VARIANT = MappingProxyType({"1-IoU": ONE_MINUS_IOU})


def box_loss(
    *,
    name: str,
    rank: int,
    title: str,
    summary: str,
    use: tuple[str, ...],
    avoid: tuple[str, ...],
    definitions: tuple[Definition, ...],
    branches: tuple[Branch, ...],
    overlays: tuple[str, ...],
    presets: tuple[Preset, ...],
    corrections: tuple[Correction, ...],
    edges: tuple[Edge, ...],
    rows: tuple[Settings, ...],
    sources: tuple[Source, ...],
    jumps_at_touch: str = HEIGHTS_OVERLAP,
) -> LossEntry:
    """The entry of a box loss of torchvision, from what is its own.

    The parameters are those of :class:`LossEntry`, but for three: ``overlays`` names the losses that can be laid
    over it, which have the same knobs; ``rows`` are those of the batch; under the condition ``jumps_at_touch`` the
    gradient jumps where the boxes begin to overlap.
    """
    return LossEntry(
        name=name,
        category="boxes",
        rank=rank,
        module="torchvision.ops",
        title=title,
        summary=summary,
        use=use,
        avoid=avoid,
        knobs=BOX_KNOBS,
        options=(TRUE_BOX,),
        arguments=BOX_ARGUMENTS,
        steps=TO_CORNERS,
        inputs=BOX_INPUTS,
        probes=BOX_PROBES,
        definitions=definitions,
        branches=branches,
        kinks=(*EDGE_KINKS, *(Kink(at, when=jumps_at_touch) for at in TOUCHING)),
        zone=OVERLAP_ZONE,
        target_line="target_0",
        loss_window=(0, 2),
        gradient_window=(-1, 1),
        overlays={overlay: {} for overlay in overlays},
        variants=IOU_VARIANT,
        views=("boxes", "curve"),
        presets=presets,
        corrections=corrections,
        edges=edges,
        batch=Batch(rows=rows, divides="the number of boxes", check="boxes_ordered(predicted_box.tolist())"),
        sources=sources,
    )
