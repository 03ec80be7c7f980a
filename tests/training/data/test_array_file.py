"""Kept arrays are read whole and as written, or not at all."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from lossviz.training.data import array_file

ARRAYS = {"a": np.arange(60, dtype=np.uint8).reshape(3, 4, 5), "b": np.arange(3, dtype=np.uint8)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    kept = tmp_path / "kept"
    array_file.write(kept, ARRAYS, {"name": "test"})
    return kept


def test_arrays_come_back_read_only(folder: Path) -> None:
    arrays = array_file.read(folder)
    assert arrays.keys() == ARRAYS.keys()
    for name, array in arrays.items():
        np.testing.assert_array_equal(array, ARRAYS[name])
        assert not array.flags.writeable
    facts = array_file.about(folder)
    assert facts is not None
    assert facts["name"] == "test"


@pytest.mark.parametrize("damage", ["missing", "short", "changed"])
def test_a_damaged_file_is_named(folder: Path, damage: str) -> None:
    path = folder / "a.npy"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(content[:-7] if damage == "short" else content)
    with pytest.raises(array_file.ArrayFileError, match=r"a\.npy") as caught:
        array_file.read(folder)
    assert caught.value.path == path


def test_a_file_of_objects_is_never_unpickled(folder: Path) -> None:
    path = folder / "b.npy"
    np.save(path, np.array([{}], dtype=object), allow_pickle=True)
    listed = json.loads((folder / array_file.ABOUT).read_text())
    listed["arrays"]["b"]["bytes"] = path.stat().st_size
    (folder / array_file.ABOUT).write_text(json.dumps(listed))
    with pytest.raises(array_file.ArrayFileError, match=r"b\.npy"):
        array_file.read(folder, verify=False)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 0}'])
def test_a_folder_that_is_not_ours_has_nothing_to_read(folder: Path, text: str) -> None:
    (folder / array_file.ABOUT).write_text(text)
    assert array_file.about(folder) is None
    with pytest.raises(array_file.ArrayFileError, match=r"about\.json"):
        array_file.read(folder)


def test_an_interrupted_write_leaves_the_old_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(np, "save", interrupted)
    with pytest.raises(KeyboardInterrupt):
        array_file.write(folder, ARRAYS, {})
    assert [path.name for path in folder.parent.iterdir()] == ["kept"]
    assert array_file.read(folder).keys() == ARRAYS.keys()


def test_a_new_folder_takes_the_place_of_the_old(folder: Path) -> None:
    array_file.write(folder, {"c": ARRAYS["b"]}, {})
    assert list(array_file.read(folder)) == ["c"]
    assert len(list(folder.iterdir())) == 2


def test_what_a_killed_write_left_is_swept(folder: Path) -> None:
    left = folder.parent / ".part-left"
    left.mkdir()
    (left / "a.npy").touch()
    array_file.sweep(folder.parent)
    assert list(folder.parent.iterdir()) == [folder]
