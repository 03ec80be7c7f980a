"""Where the data comes from: the named folder, the cache, a download, drawn garments, in this order.

Small archives of the official shape stand in for the official ones: their sizes and checksums are put in the
place of FashionMNIST's.
"""

from __future__ import annotations

import functools
import gzip
import hashlib
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from lossviz.training.data import array_file, fashion_mnist, locate
from lossviz.training.data.dataset import open_dataset
from lossviz.training.data.locate import DataError, Search
from lossviz.training.events import Preparing

COUNTS = {"train": 30, "t10k": 20}
NOWHERE = ["http://127.0.0.1:9/"]


def idx(name: str) -> bytes:
    """A small file in the format of the official one."""
    count = COUNTS[name.partition("-")[0]]
    if "images" in name:
        pixels = np.arange(count * 784, dtype=np.uint32).astype(np.uint8)
        return b"".join(int(n).to_bytes(4, "big") for n in (2051, count, 28, 28)) + pixels.tobytes()
    labels = (np.arange(count) % 10).astype(np.uint8)
    return b"".join(int(n).to_bytes(4, "big") for n in (2049, count)) + labels.tobytes()


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small archives, small drawings."""
    files, packed = {}, {}
    for name, unpacked in fashion_mnist.FILES.items():
        content = idx(name)
        files[name] = fashion_mnist.Unpacked(
            unpacked.array, len(content), hashlib.md5(content, usedforsecurity=False).hexdigest()
        )
        packed[f"{name}.gz"] = hashlib.md5(gzip.compress(content, mtime=0), usedforsecurity=False).hexdigest()
    monkeypatch.setattr(fashion_mnist, "FILES", files)
    monkeypatch.setattr(fashion_mnist, "packed_md5", lambda: packed)
    monkeypatch.setattr(locate, "GARMENT_COUNTS", {"train": 40, "test": 20})


def put(folder: Path, *, packed: bool = True) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name in fashion_mnist.FILES:
        if packed:
            (folder / f"{name}.gz").write_bytes(gzip.compress(idx(name), mtime=0))
        else:
            (folder / name).write_bytes(idx(name))
    return folder


def search(tmp_path: Path, named: object = "", mirrors: list[str] | None = None) -> Search:
    return Search(
        tmp_path / "home", {"LOSSVIZ_DATA": str(named)}, mirrors=NOWHERE if mirrors is None else mirrors
    )


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    """The address of a server that has the archives; its folder is tmp_path / "served"."""
    handler = functools.partial(Quiet, directory=str(put(tmp_path / "served")))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()
    thread.join()
    server.server_close()


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves a folder and says nothing."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.mark.parametrize("layout", fashion_mnist.LAYOUTS)
@pytest.mark.parametrize("form", ["packed", "unpacked"])
def test_the_named_folder_comes_first(tmp_path: Path, layout: str, form: str) -> None:
    put(tmp_path / "data" / layout, packed=form == "packed")
    found = search(tmp_path, tmp_path / "data").find("auto")
    assert found.name == "FashionMNIST"
    assert str(tmp_path / "data") in found.origin
    assert found.notes == []
    dataset = open_dataset(Path(found.folder))
    assert dataset.train_images.shape == (30, 28, 28)
    assert dataset.train_images[0, 0, 5] == 5
    np.testing.assert_array_equal(dataset.test_labels, np.arange(20) % 10)


def test_archives_packed_anew_are_the_same_data(tmp_path: Path) -> None:
    folder = put(tmp_path / "data")
    for path in folder.iterdir():
        path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()), compresslevel=1, mtime=5))
    assert search(tmp_path, folder).find("auto").name == "FashionMNIST"


def test_data_kept_from_the_named_folder_needs_no_second_reading(tmp_path: Path) -> None:
    folder = put(tmp_path / "data")
    assert search(tmp_path, folder).ready("auto") is None
    found = search(tmp_path, folder).find("auto")
    assert search(tmp_path, folder).ready("auto") == found
    other = put(tmp_path / "other")
    assert search(tmp_path, other).ready("auto") is None


@pytest.mark.parametrize("bad", ["absent", "file", "empty", "partial", "null\0", "x" * 5_000, "~/*?"])
def test_a_bad_named_folder_is_said_and_passed_over(tmp_path: Path, bad: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "empty").mkdir()
    next(put(tmp_path / "partial").iterdir()).unlink()
    named = tmp_path / bad if bad in ("absent", "file", "empty", "partial") else bad
    found = search(tmp_path, named).find("auto")
    assert found.name == "drawn garments"
    assert "LOSSVIZ_DATA was passed over" in found.origin
    assert "could not be downloaded" in found.origin
    assert found.notes[0].startswith("LOSSVIZ_DATA names")
    assert "four archives" in found.notes[0]
    if bad == "partial":
        assert "ubyte is missing" in found.notes[0]


@pytest.mark.parametrize(
    "damage", [b"", b"not gzip", b"\x1f\x8b\x08" + b"\0" * 50], ids=["empty", "text", "zeros"]
)
def test_a_damaged_file_in_the_named_folder_is_named_and_never_touched(tmp_path: Path, damage: bytes) -> None:
    folder = put(tmp_path / "data")
    path = folder / "t10k-images-idx3-ubyte.gz"
    path.write_bytes(damage)
    found = search(tmp_path, folder).find("auto")
    assert found.name == "drawn garments"
    assert str(path) in found.notes[0]
    assert path.read_bytes() == damage


def test_a_changed_pixel_is_noticed(tmp_path: Path) -> None:
    folder = put(tmp_path / "data", packed=False)
    path = folder / "train-images-idx3-ubyte"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    assert "checksum" in search(tmp_path, folder).find("auto").notes[0]


def test_the_cache_comes_second(tmp_path: Path) -> None:
    search(tmp_path, put(tmp_path / "data")).find("auto")
    found = search(tmp_path).find("auto")
    assert (found.name, found.origin) == ("FashionMNIST", locate.CACHE_ORIGIN)
    assert search(tmp_path).ready("auto") == found


def test_a_download_comes_third_and_is_verified(tmp_path: Path, served: str) -> None:
    told: list[Preparing] = []
    asked = search(tmp_path, mirrors=[*NOWHERE, served])
    asked.tell = told.append
    found = asked.find("auto")
    assert found.name == "FashionMNIST"
    assert "downloaded from 127.0.0.1" in found.origin
    assert any("file 4 of 4" in event.message and event.done == event.total > 0 for event in told)


def test_a_damaged_cache_is_named_removed_and_fetched_again(tmp_path: Path, served: str) -> None:
    found = search(tmp_path, mirrors=[served]).find("auto")
    kept = Path(found.folder) / "train_images.npy"
    kept.write_bytes(kept.read_bytes()[:-1] + b"x")
    archive = tmp_path / "home" / "downloads" / "t10k-labels-idx1-ubyte.gz"
    archive.write_bytes(b"damaged")
    again = search(tmp_path, mirrors=[served]).find("auto")
    assert again.name == "FashionMNIST"
    assert any(str(kept) in note and "removed" in note for note in again.notes)
    assert any(str(archive) in note and "removed" in note for note in again.notes)
    open_dataset(Path(again.folder))


def test_a_wrong_file_on_the_server_is_not_kept(tmp_path: Path, served: str) -> None:
    (tmp_path / "served" / "t10k-images-idx3-ubyte.gz").write_bytes(gzip.compress(b"something else"))
    found = search(tmp_path, mirrors=[served]).find("auto")
    assert found.name == "drawn garments"
    assert found.offline
    assert "checksum" in found.notes[0]


def test_without_all_of_these_garments_are_drawn_and_called_so(tmp_path: Path) -> None:
    found = search(tmp_path).find("auto")
    assert found.name == "drawn garments"
    assert found.offline
    assert "not FashionMNIST" in found.origin
    assert open_dataset(Path(found.folder)).train_images.shape == (40, 28, 28)


def test_fashion_mnist_alone_is_never_replaced(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="not to be had") as caught:
        search(tmp_path).find("fashion-mnist")
    assert "LOSSVIZ_DATA" in caught.value.advice


def test_drawn_garments_asked_for_are_not_looked_for_elsewhere(tmp_path: Path) -> None:
    asked = search(tmp_path, put(tmp_path / "data"))
    found = asked.find("drawn-garments")
    assert (found.name, found.offline, found.notes) == ("drawn garments", False, [])
    assert search(tmp_path).ready("drawn-garments") == found


def test_drawings_of_another_lossviz_are_drawn_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    search(tmp_path).find("drawn-garments")
    monkeypatch.setattr(locate, "drawing", lambda: "changed")
    assert search(tmp_path).ready("drawn-garments") is None


def test_what_an_interrupted_process_left_is_removed(tmp_path: Path) -> None:
    left = tmp_path / "home" / "datasets" / ".part-left"
    left.mkdir(parents=True)
    search(tmp_path).find("drawn-garments")
    assert not left.exists()
    assert array_file.about(tmp_path / "home" / "datasets" / "drawn-garments") is not None
