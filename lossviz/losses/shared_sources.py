"""Sources that several losses share: PyTorch's own pages, and papers that stand behind more than one loss."""

from __future__ import annotations

from lossviz.losses.entry import Source

FACENET = "https://arxiv.org/abs/1503.03832"
"""Schroff, Kalenichenko and Philbin 2015; each loss says what it takes from it."""

DESCRIPTORS = "https://doi.org/10.5244/C.30.119"
"""Balntas et al. 2016, as :data:`FACENET`."""

DISTANCE_IOU = Source("Zheng et al. 2020, Distance-IoU Loss", "https://arxiv.org/abs/1911.08287")


def torch_page(name: str) -> Source:
    """The documentation of a class in ``torch.nn``."""
    return Source(f"torch.nn.{name}", f"https://docs.pytorch.org/docs/stable/generated/torch.nn.{name}.html")


def torchvision_page(name: str) -> Source:
    """The documentation of a function in ``torchvision.ops``."""
    page = f"torchvision.ops.{name}"
    return Source(page, f"https://docs.pytorch.org/vision/stable/generated/{page}.html")
