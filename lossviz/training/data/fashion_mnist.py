"""FashionMNIST's four official archives: found in a folder, verified, read.

Torchvision's list of files and checksums, its check and its reader are used. It is imported when a function is
called: only the short preparing process may load it.

Source: https://github.com/zalandoresearch/fashion-mnist (MIT licence).
"""

from __future__ import annotations

import gzip
import hashlib
import tempfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

NAME = "FashionMNIST"


class DamagedFileError(ValueError):
    """An archive that is not FashionMNIST's own; `path` and the message name it."""

    def __init__(self, path: Path, what: str) -> None:
        super().__init__(f"{path} {what}")
        self.path = path


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What an archive holds.

    Attributes:
        array: The name of its array in a data set.
        size: Bytes unpacked.
        md5: Checksum unpacked. Torchvision lists only the packed one, which changes when a file is packed anew.
    """

    array: str
    size: int
    md5: str


FILES: Mapping[str, Unpacked] = {
    "train-images-idx3-ubyte": Unpacked("train_images", 47_040_016, "f4a8712d7a061bf5bd6d2ca38dc4d50a"),
    "train-labels-idx1-ubyte": Unpacked("train_labels", 60_008, "9018921c3c673c538a1fc5bad174d6f9"),
    "t10k-images-idx3-ubyte": Unpacked("test_images", 7_840_016, "8181f5470baa50b63fa0f6fddb340f0a"),
    "t10k-labels-idx1-ubyte": Unpacked("test_labels", 10_008, "15d484375f8d13e6eb1aabb0c3f46965"),
}
LAYOUTS = ("", "FashionMNIST/raw", "raw")
"""Where in a folder the files may be: flat, as torchvision lays them out, or one level into that."""


def find(folder: Path) -> tuple[dict[str, Path], list[str]]:
    """Look for the four files in a folder, packed or unpacked, flat or in torchvision's layout.

    Args:
        folder: Where to look.

    Returns:
        The files found by name without ending (packed ones first), and the names of those missing.
    """
    found: dict[str, Path] = {}
    for name in FILES:
        for layout in LAYOUTS:
            places = (folder / layout / f"{name}.gz", folder / layout / name)
            place = next((place for place in places if place.is_file()), None)
            if place is not None:
                found[name] = place
                break
    return found, [name for name in FILES if name not in found]


def packed_md5() -> dict[str, str]:
    """Torchvision's own list: file name with .gz -> md5 checksum."""
    from torchvision.datasets import FashionMNIST

    return dict(FashionMNIST.resources)


def mirrors() -> list[str]:
    """Torchvision's own list of addresses to download from."""
    from torchvision.datasets import FashionMNIST

    return list(FashionMNIST.mirrors)


def intact(path: Path, name: str | None = None) -> bool:
    """Whether a packed archive has the checksum in torchvision's list.

    Args:
        path: The file.
        name: Which archive it should be, where its own name does not say.
    """
    from torchvision.datasets.utils import check_integrity

    expected = packed_md5().get(name or path.name)
    return expected is not None and bool(check_integrity(str(path), expected))


def read(paths: Mapping[str, Path]) -> dict[str, NDArray[np.uint8]]:
    """Verify the four files and read them.

    Args:
        paths: What `find` found: all four.

    Returns:
        train_images (60,000, 28, 28), train_labels (60,000,), test_images (10,000, 28, 28), test_labels
        (10,000,), uint8.

    Raises:
        DamagedFileError: A file is not FashionMNIST's own.
    """
    with tempfile.TemporaryDirectory() as scratch:
        return {
            unpacked.array: _read(paths[name], unpacked, Path(scratch) / name)
            for name, unpacked in FILES.items()
        }


def _read(path: Path, unpacked: Unpacked, scratch: Path) -> NDArray[np.uint8]:
    from torchvision.datasets.mnist import read_image_file, read_label_file

    content = _content(path, unpacked)
    if (
        len(content) != unpacked.size
        or hashlib.md5(content, usedforsecurity=False).hexdigest() != unpacked.md5
    ):
        raise DamagedFileError(path, "does not have the checksum of FashionMNIST's own file")
    if path.suffix == ".gz":
        scratch.write_bytes(content)
        path = scratch
    del content  # the reader makes copies of its own: three of 47 MB are enough
    reader = read_image_file if unpacked.array.endswith("images") else read_label_file
    return np.ascontiguousarray(reader(str(path)).numpy().astype(np.uint8))


def _content(path: Path, unpacked: Unpacked) -> bytes:
    """The file's bytes, unpacked; one byte more than it should have is enough to know that it is wrong."""
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            return file.read(unpacked.size + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise DamagedFileError(path, f"cannot be unpacked ({error})") from error
