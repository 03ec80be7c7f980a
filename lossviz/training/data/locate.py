"""Where the data comes from: LOSSVIZ_DATA, the cache, a download, or drawn by lossviz itself."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lossviz.training.data import array_file, download, fashion_mnist
from lossviz.training.data.dataset import keep_dataset
from lossviz.training.events import DataReady, Preparing

GARMENTS_NAME = "drawn garments"
GARMENTS_ORIGIN = (
    "Drawn garments: pictures that lossviz draws itself, of the same ten classes. They are not FashionMNIST."
)
GARMENT_COUNTS = {"train": 60_000, "test": 10_000}
"""As many as FashionMNIST has."""
CACHE_ORIGIN = "FashionMNIST from the local cache, verified when it was kept."

Tell = Callable[[Preparing], None]


class DataError(RuntimeError):
    """The data asked for is not to be had; the message says why, `advice` what to do."""

    def __init__(self, message: str, advice: str) -> None:
        super().__init__(message)
        self.advice = advice


@dataclass(slots=True)
class Search:
    """One look for the data.

    Attributes:
        home: Where lossviz keeps its cache.
        environ: Environment variables; `LOSSVIZ_DATA` is read.
        tell: Told what is being done.
        mirrors: Addresses to download from; None for torchvision's list.
        notes: Sentences on what went wrong on the way, each with what to do.
        offline: Whether a download was tried in vain.
    """

    home: Path
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    tell: Tell = lambda _: None
    mirrors: Sequence[str] | None = None
    notes: list[str] = field(default_factory=list)
    offline: bool = False
    _passed_over: bool = False

    def ready(self, kind: str) -> DataReady | None:
        """The data, where it is kept already and no work is needed. Quick: looks at sizes only.

        Args:
            kind: "auto", "fashion-mnist" or "drawn-garments".
        """
        if kind == "drawn-garments":
            facts = array_file.about(self._garments)
            fresh = facts is not None and facts.get("drawing") == drawing() and _sizes_fit(self._garments)
            return self._found(self._garments, GARMENTS_NAME, GARMENTS_ORIGIN) if fresh else None
        facts = array_file.about(self._fashion_mnist)
        if facts is None or not _sizes_fit(self._fashion_mnist):
            return None
        if not self._named:
            return self._found(self._fashion_mnist, fashion_mnist.NAME, CACHE_ORIGIN)
        try:
            archives, missing = fashion_mnist.find(Path(self._named))
            same = not missing and facts.get("archives") == _stamps(archives)
        except (OSError, ValueError):  # a folder that cannot be read, or a name that cannot be one
            same = False
        return self._found(self._fashion_mnist, fashion_mnist.NAME, self._named_origin) if same else None

    def find(self, kind: str) -> DataReady:
        """The data, whatever work that takes.

        Args:
            kind: "auto", "fashion-mnist" or "drawn-garments".

        Returns:
            Where it is kept, verified.

        Raises:
            DataError: FashionMNIST was asked for and is not to be had.
            OSError: The cache cannot be written.
        """
        array_file.sweep(self._fashion_mnist.parent)
        if kind != "drawn-garments":
            found = self._from_named_folder() or self._from_cache() or self._from_downloads()
            if found is not None:
                return found
            if kind == "fashion-mnist":
                raise DataError(
                    "FashionMNIST is not to be had. " + " ".join(self.notes),
                    "Set LOSSVIZ_DATA to a folder with its four archives, connect to the internet and try "
                    "again, or train on drawn garments.",
                )
        return self._drawn()

    @property
    def _fashion_mnist(self) -> Path:
        return self.home / "datasets" / "fashion-mnist"

    @property
    def _garments(self) -> Path:
        return self.home / "datasets" / "drawn-garments"

    @property
    def _downloads(self) -> Path:
        return self.home / "downloads"

    @property
    def _named(self) -> str:
        return self.environ.get("LOSSVIZ_DATA", "").strip()

    @property
    def _named_origin(self) -> str:
        return f"FashionMNIST's own archives in {self._named} (LOSSVIZ_DATA), checksums verified."

    def _found(self, folder: Path, name: str, origin: str) -> DataReady:
        if self.offline and name == GARMENTS_NAME:
            origin += " FashionMNIST could not be downloaded."
        if self._passed_over:
            origin += " The folder in LOSSVIZ_DATA was passed over."
        return DataReady(str(folder), name, origin, list(self.notes), self.offline)

    def _from_named_folder(self) -> DataReady | None:
        if not self._named:
            return None
        try:
            archives, missing = fashion_mnist.find(Path(self._named))
            if not Path(self._named).is_dir():
                return self._passed(f"names {self._named}, which is not a folder.")
        except (OSError, ValueError) as error:
            return self._passed(f"names {self._named[:200]!r}, which cannot be read ({error}).")
        if missing:
            return self._passed(f"names {self._named}, where {', '.join(missing)} is missing.")
        kept = self.ready("fashion-mnist")
        if kept is not None and self._intact(self._fashion_mnist):
            return kept
        try:
            return self._keep(archives, self._named_origin)
        except fashion_mnist.DamagedFileError as error:
            return self._passed(f"names a folder with a damaged file: {error}.")

    def _passed(self, what: str) -> DataReady | None:
        """Note what is wrong with the user's own folder. Nothing in it is ever changed."""
        self._passed_over = True
        self.notes.append(
            f"LOSSVIZ_DATA {what} It was passed over. Put FashionMNIST's four archives into that folder, packed "
            "(.gz) or unpacked, from FashionMNIST's own source, or set LOSSVIZ_DATA to the folder where they are."
        )
        return None

    def _from_cache(self) -> DataReady | None:
        if array_file.about(self._fashion_mnist) is not None and self._intact(self._fashion_mnist):
            return self._found(self._fashion_mnist, fashion_mnist.NAME, CACHE_ORIGIN)
        archives, missing = fashion_mnist.find(self._downloads)
        if missing:
            return None
        try:
            return self._keep(archives, CACHE_ORIGIN)
        except fashion_mnist.DamagedFileError as error:
            error.path.unlink(missing_ok=True)
            self.notes.append(f"In the cache, {error}. It was removed and is fetched again.")
            return None

    def _from_downloads(self) -> DataReady | None:
        self.tell(Preparing("Looking for FashionMNIST on the internet."))
        mirrors = fashion_mnist.mirrors() if self.mirrors is None else self.mirrors
        names = [f"{name}.gz" for name in fashion_mnist.FILES]
        try:
            mirrors = download.answering(mirrors, names[0])
            for number, name in enumerate(names, start=1):
                self._fetch(mirrors, name, f"Downloading FashionMNIST, file {number} of {len(names)}.")
            archives, _ = fashion_mnist.find(self._downloads)
            host = mirrors[0].split("/")[2]
            return self._keep(archives, f"FashionMNIST downloaded from {host}, checksums verified.")
        except (download.DownloadError, fashion_mnist.DamagedFileError) as error:
            self.offline = True
            self.notes.append(
                f"FashionMNIST could not be downloaded ({error}). "
                "Connect to the internet and try again, or set LOSSVIZ_DATA to a folder with its archives."
            )
            return None

    def _fetch(self, mirrors: Sequence[str], name: str, message: str) -> None:
        target = self._downloads / name
        if target.exists():
            if fashion_mnist.intact(target):
                return
            target.unlink()
            self.notes.append(f"In the cache, {target} was damaged. It was removed and is fetched again.")
        for mirror in mirrors:
            try:
                download.fetch(
                    mirror + name,
                    target,
                    lambda part: fashion_mnist.intact(part, name),
                    lambda done, total: self.tell(Preparing(message, done, total)),
                )
            except download.DownloadError:
                if mirror == mirrors[-1]:
                    raise
            else:
                return

    def _keep(self, archives: Mapping[str, Path], origin: str) -> DataReady:
        self.tell(Preparing("Verifying and unpacking FashionMNIST."))
        stamps = _stamps(archives)
        arrays = fashion_mnist.read(archives)
        keep_dataset(self._fashion_mnist, fashion_mnist.NAME, origin, arrays, {"archives": stamps})
        return self._found(self._fashion_mnist, fashion_mnist.NAME, origin)

    def _drawn(self) -> DataReady:
        kept = self.ready("drawn-garments")
        if kept is not None and self._intact(self._garments):
            return kept
        from lossviz.training.data.garments import draw  # only here: whoever has FashionMNIST never loads it

        sizes, total = GARMENT_COUNTS, sum(GARMENT_COUNTS.values())

        def tell(before: int) -> Callable[[int, int], None]:
            return lambda done, _: self.tell(Preparing("Drawing garments.", before + done, total, "images"))

        tell(0)(0, total)
        train_images, train_labels = draw("train", sizes["train"], progress=tell(0))
        test_images, test_labels = draw("test", sizes["test"], progress=tell(sizes["train"]))
        arrays = {
            "train_images": train_images,
            "train_labels": train_labels,
            "test_images": test_images,
            "test_labels": test_labels,
        }
        keep_dataset(self._garments, GARMENTS_NAME, GARMENTS_ORIGIN, arrays, {"drawing": drawing()})
        return self._found(self._garments, GARMENTS_NAME, GARMENTS_ORIGIN)

    def _intact(self, folder: Path) -> bool:
        """Whether a kept folder is what was written; one that is not is named and removed."""
        try:
            array_file.read(folder)
        except array_file.ArrayFileError as error:
            array_file.remove(folder)
            self.notes.append(f"In the cache, {error}. It was removed and is made again.")
            return False
        return True


def drawing() -> str:
    """A fingerprint of the code that draws garments: kept drawings of an older lossviz are drawn again."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("garment*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _sizes_fit(folder: Path) -> bool:
    try:
        array_file.read(folder, verify=False)
    except array_file.ArrayFileError:
        return False
    return True


def _stamps(archives: Mapping[str, Path]) -> list[list[Any]]:
    """What tells whether archives are still the ones that were read: path, size, time of change."""
    stats = [(path, path.stat()) for _, path in sorted(archives.items())]
    return [[str(path.absolute()), stat.st_size, stat.st_mtime_ns] for path, stat in stats]
