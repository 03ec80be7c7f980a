"""Specs are drawn once, kept between two starts, and drawn anew wherever what was kept cannot be used."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import altair as alt
import pytest

from lossviz.charts import kept_specs
from lossviz.charts.kept_specs import Picture, Shelf, Spec, kept
from lossviz.losses.catalogue import catalogue
from lossviz.losses.entry import LossEntry
from tests.fresh_python import run_alone
from tests.live_server import ROOT

L1 = catalogue()["L1Loss"]


class Drawing:
    """A picture that counts how often it is drawn."""

    def __init__(self) -> None:
        self.drawn: list[object] = []

    def start(self) -> Callable[[str | LossEntry], Spec]:
        """What a newly started server calls to get the spec."""

        def picture(title: str | LossEntry) -> Picture:
            self.drawn.append(title)
            words = title if isinstance(title, str) else title.title
            chart: Picture = alt.Chart(alt.NamedData("rows"), title=words).mark_point().encode(x="a:Q")
            return chart

        return kept(picture)


@pytest.fixture
def drawing() -> Drawing:
    """A picture that counts how often it is drawn."""
    return Drawing()


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """The folder where specs are kept."""
    kept_specs.keep_in(tmp_path)
    yield tmp_path
    kept_specs.keep_in(None)


def only_file(folder: Path) -> Path:
    """The one spec that a folder keeps."""
    (file,) = folder.glob("*/*")
    return file


def test_without_a_folder_a_spec_is_kept_in_memory(drawing: Drawing) -> None:
    kept_specs.keep_in(None)
    spec = drawing.start()
    assert spec("one")["title"] == "one"
    assert spec("one") is spec("one")
    assert spec("two")["title"] == "two"
    assert drawing.drawn == ["one", "two"]


def test_the_next_start_finds_what_this_one_has_drawn(drawing: Drawing, folder: Path) -> None:
    first = drawing.start()("one")
    assert drawing.start()("one") == first
    assert drawing.drawn == ["one"]
    assert len(list(folder.glob("*/*"))) == 1


def test_another_version_draws_anew(drawing: Drawing, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawing.start()("one")
    monkeypatch.setattr(kept_specs, "made_by", lambda: "another")
    kept_specs.keep_in(folder)
    drawing.start()("one")
    assert drawing.drawn == ["one", "one"]
    assert len(list(folder.glob("*/*"))) == 2


@pytest.mark.parametrize("library", ["altair", "streamlit", "torch", "torchvision"])
def test_the_version_of_each_library_counts(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.metadata.version
    kept_specs.made_by.cache_clear()
    before = kept_specs.made_by()
    monkeypatch.setattr(kept_specs, "version", lambda name: "0" if name == library else real(name))
    kept_specs.made_by.cache_clear()
    assert kept_specs.made_by() != before
    kept_specs.made_by.cache_clear()


def test_every_file_of_lossviz_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copied = tmp_path / "lossviz"
    shutil.copytree(ROOT / "lossviz" / "charts", copied / "charts")
    monkeypatch.setattr(kept_specs, "_PACKAGE", copied)
    kept_specs.made_by.cache_clear()
    before = kept_specs.made_by()
    with (copied / "charts" / "bars.py").open("a") as file:
        file.write("# changed\n")
    kept_specs.made_by.cache_clear()
    assert kept_specs.made_by() != before
    kept_specs.made_by.cache_clear()


@pytest.mark.parametrize(
    "damage",
    [
        lambda _: b"",
        lambda _: b"garbage",
        lambda content: content[: len(content) // 2],
        lambda content: content.replace(b"one", b"two"),
        lambda content: b"\xff\xfe" + content,
        lambda content: content.partition(b"\n")[2],
        lambda _: b"{}",
    ],
)
def test_a_damaged_file_is_drawn_and_kept_anew(
    damage: Callable[[bytes], bytes], drawing: Drawing, folder: Path
) -> None:
    first = drawing.start()("one")
    file = only_file(folder)
    whole = file.read_bytes()
    file.write_bytes(damage(whole))
    assert drawing.start()("one") == first
    assert drawing.drawn == ["one", "one"]
    assert drawing.start()("one") == first
    assert drawing.drawn == ["one", "one"]
    assert only_file(folder).read_bytes() == whole


@pytest.mark.parametrize("below", ["", "specs", "null\0byte"])
def test_a_folder_that_cannot_be_costs_time_and_no_more(below: str, tmp_path: Path, drawing: Drawing) -> None:
    file = tmp_path / "file"
    file.touch()
    kept_specs.keep_in(file / below if below else file)
    assert drawing.start()("one")["title"] == "one"
    assert drawing.start()("one")["title"] == "one"
    assert drawing.drawn == ["one", "one"]
    kept_specs.keep_in(None)


def test_a_folder_that_is_taken_away_is_made_again(drawing: Drawing, folder: Path) -> None:
    spec = drawing.start()
    spec("one")
    shutil.rmtree(only_file(folder).parent)
    assert spec("two")["title"] == "two"
    assert len(list(folder.glob("*/*"))) == 1


def test_versions_that_were_not_used_for_long_are_removed(tmp_path: Path) -> None:
    for age, name in enumerate(["new", "older", "old", "oldest"], start=1):
        (tmp_path / name).mkdir()
        (tmp_path / name / "spec.json").touch()
        os.utime(tmp_path / name, (1_000_000_000 - age, 1_000_000_000 - age))
    Shelf(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {kept_specs.made_by(), "new", "older"}


def test_a_version_keeps_only_so_many(
    drawing: Drawing, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_specs, "MOST_FILES", 2)
    spec = drawing.start()
    assert [spec(title)["title"] for title in ("one", "two", "three")] == ["one", "two", "three"]
    assert len(list(folder.glob("*/*"))) == 2


def test_a_loss_that_is_not_the_catalogues_own_is_not_mistaken_for_it(drawing: Drawing, folder: Path) -> None:
    assert drawing.start()(L1)["title"] == L1.title
    own = replace(L1, title="my own")
    assert drawing.start()(own)["title"] == "my own"
    assert drawing.start()(L1)["title"] == L1.title
    assert drawing.drawn == [L1, own]
    assert len(list(folder.glob("*/*"))) == 1


def test_two_servers_that_write_at_once_leave_whole_specs(tmp_path: Path) -> None:
    specs: list[Spec] = [{"title": "a"}, {"title": "b" * 5000}]
    shelf = Shelf(tmp_path)
    shelf.write("one", specs[0])
    over = threading.Event()

    def write(spec: Spec) -> None:
        server = Shelf(tmp_path)
        for _ in range(200):
            server.write("one", spec)

    def read() -> list[Spec | None]:
        found = [shelf.read("one")]
        while not over.is_set():
            found.append(shelf.read("one"))
        return found

    with ThreadPoolExecutor(3) as each:
        reader = each.submit(read)
        try:
            for writer in [each.submit(write, spec) for spec in specs]:
                writer.result()
        finally:
            over.set()
    assert all(spec in specs for spec in reader.result())
    assert only_file(tmp_path).name == "one"


def test_what_is_kept_needs_no_altair(folder: Path) -> None:
    code = f"""
import sys
from pathlib import Path
from lossviz.charts import kept_specs, picture
from lossviz.losses.catalogue import catalogue
kept_specs.keep_in(Path({str(folder)!r}))
picture.spec(catalogue()["L1Loss"])
print("altair" in sys.modules)
"""
    assert [run_alone(code).strip() for _ in range(2)] == ["True", "False"]


def test_a_file_that_cannot_be_read_takes_nothing_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".#half_edited.py").symlink_to(tmp_path / "nowhere")
    monkeypatch.setattr(kept_specs, "_PACKAGE", tmp_path)
    kept_specs.made_by.cache_clear()
    assert len(kept_specs.made_by()) == 16
    kept_specs.made_by.cache_clear()


def test_all_is_complete_only_when_all_is_there(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    shelf.write("one.json", {})
    shelf.note_complete(2)
    assert not shelf.complete
    shelf.write("two.json", {})
    shelf.note_complete(2)
    assert Shelf(tmp_path).complete


def test_what_was_never_finished_goes_in_time(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    shelf.write("one.json", {})
    folder = only_file(tmp_path).parent
    for name, age in (("old.part", 100_000), ("new.part", 0)):
        (folder / name).touch()
        os.utime(folder / name, (time.time() - age, time.time() - age))
    Shelf(tmp_path)
    assert {path.name for path in folder.iterdir()} == {"one.json", "new.part"}
