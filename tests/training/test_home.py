"""Where lossviz keeps its things."""

from __future__ import annotations

from pathlib import Path

import pytest

from lossviz.training.home import HomeError, home


def test_the_named_folder_is_made(tmp_path: Path) -> None:
    wanted = tmp_path / "a" / "b"
    assert home({"LOSSVIZ_HOME": str(wanted)}) == wanted
    assert wanted.is_dir()


@pytest.mark.parametrize("bad", ["null\0byte", "{file}/below", "{file}", "x" * 5_000])
def test_a_folder_that_cannot_be_is_named_with_what_to_do(tmp_path: Path, bad: str) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(HomeError, match=r"Set (LOSSVIZ_HOME|it) to"):
        home({"LOSSVIZ_HOME": bad.replace("{file}", str(file))})


def test_without_a_name_it_is_in_the_users_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    assert home({"XDG_CACHE_HOME": str(tmp_path)}) == tmp_path / "lossviz"
