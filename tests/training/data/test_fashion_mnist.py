"""FashionMNIST's own list of files: ours and torchvision's are the same."""

from __future__ import annotations

from lossviz.training.classes import CLASS_NAMES
from lossviz.training.data import fashion_mnist


def test_our_files_are_those_that_torchvision_lists() -> None:
    assert {f"{name}.gz" for name in fashion_mnist.FILES} == set(fashion_mnist.packed_md5())
    assert fashion_mnist.mirrors()


def test_our_classes_are_torchvisions() -> None:
    from torchvision.datasets import FashionMNIST

    assert tuple(FashionMNIST.classes) == CLASS_NAMES
