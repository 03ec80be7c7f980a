"""What is kept comes back, and no more is kept than is allowed."""

from __future__ import annotations

import math
import os
import time
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lossviz.training.events import Failed, Started, Steps
from lossviz.training.limits import Limits
from lossviz.training.store import database, files
from lossviz.training.store.files import measure
from lossviz.training.store.rows import pack, unpack
from lossviz.training.store.store import Piece, Store
from tests.training.store.stored import piece, row, steps


class Stores:
    """Opens stores on one home, and closes them."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.opened: list[Store] = []

    def open(self, **limits: int) -> Store:
        """A store with some limits."""
        self.opened.append(Store(self.home, replace(Limits(), **limits)))
        return self.opened[-1]


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    found = Stores(tmp_path)
    yield found
    for store in found.opened:
        store.close()


def kept(store: Store, owner: str = "ada") -> list[str]:
    return [each.run_id for each in store.rows(owner)]


def test_a_run_comes_back_as_it_was(stores: Stores) -> None:
    given = row(
        "run",
        name="näm'e\"",
        pinned=True,
        message="It broke.",
        advice="Mend it.",
        notes=("A note.", "Another."),
        created=5.25,
    )
    events = (Steps(1, [1.0, math.nan, math.inf], 4_000.0, 2.0), Failed("It broke.", "Mend it."))
    stores.open().write([Piece(given, 0, [pack(events[:1]), pack(events[1:])])])
    again = stores.open()
    found = again.row("run")
    assert found is not None
    assert replace(found, size=0) == given
    assert found.size > 0
    first, second = again.packs("run")
    assert repr(unpack(first) + unpack(second)) == repr(list(events)), "repr: not a number equals nothing"
    assert again.row("another") is None
    assert again.packs("another") == []


def test_a_run_grows_and_its_owner_and_settings_stay(stores: Stores) -> None:
    store = stores.open()
    store.write(
        [Piece(row("run", state="running", ending=None, server=store.server), 0, [pack([steps(1, 3)])])]
    )
    store.write([Piece(row("run", owner="eve", settings={}, name="new"), 1, [pack([steps(4, 2)])])])
    found = store.row("run")
    assert found is not None
    assert (found.owner, found.state, found.name) == ("ada", "finished", "new")
    assert found.settings["epochs"] == 4
    assert [unpack(each)[0] for each in store.packs("run")] == [steps(1, 3), steps(4, 2)]


def test_fields_and_events_of_another_version_do_no_harm() -> None:
    lines = b'{"event": "from the future", "x": 1}\n{"event": "failed", "message": "m", "advice": "a"}'
    assert unpack(zlib.compress(lines)) == [Failed("m", "a")]
    with pytest.raises(ValueError, match="incomplete"):
        unpack(zlib.compress(lines)[:-5])


def test_the_oldest_goes_first(stores: Stores) -> None:
    store = stores.open(runs_kept=3)
    for number in (3, 1, 5, 2, 4):
        store.write([piece(f"run {number}", owner=f"owner {number}", created=float(number))])
    assert [number for number in range(1, 6) if store.row(f"run {number}")] == [3, 4, 5]


def test_an_owner_drives_out_its_own_runs_only(stores: Stores) -> None:
    store = stores.open(runs_kept_each=2)
    store.write([piece("first", owner="bob", created=0.0)])
    for number in range(1, 5):
        store.write([piece(f"run {number}", created=float(number))])
    assert kept(store) == ["run 4", "run 3"]
    assert kept(store, "bob") == ["first"]


def test_pinned_runs_stay_within_their_owners_bound(stores: Stores) -> None:
    store = stores.open(runs_kept_each=3)
    store.write([piece("pinned", created=0.0, pinned=True)])
    for number in range(1, 6):
        store.write([piece(f"run {number}", created=float(number))])
    assert kept(store) == ["run 5", "run 4", "pinned"]
    store.change("pinned", pinned=False)
    store.write([piece("run 6", created=6.0)])
    assert kept(store) == ["run 6", "run 5", "run 4"]


def test_runs_that_are_going_stay(stores: Stores) -> None:
    store = stores.open(runs_kept=1)
    going = piece("going", state="running", ending=None, server=store.server, created=0.0)
    store.write([going])
    store.write([piece("done", owner="bob", created=1.0)])
    assert store.row("going") is not None
    assert store.row("done") is None, "it is the oldest of those that may go"


def test_size_is_bounded_files_included(stores: Stores, tmp_path: Path) -> None:
    store = stores.open(megabytes_kept=1)
    name = "x" * 21
    for number in range(1, 6):
        run_id = f"{name}{number}"
        folder = tmp_path / files.FOLDER / run_id
        folder.mkdir(parents=True)
        path = folder / "weights.safetensors"
        path.write_bytes(os.urandom(300_000))
        found = measure(folder, {"weights": str(path), "none": None, "gone": str(folder / "gone")}, 10**6)
        store.write([Piece(row(run_id, owner=run_id, created=float(number)), 0, (), found)])
    assert [number for number in range(1, 6) if store.row(f"{name}{number}")] == [3, 4, 5]
    assert sorted(path.name[-1] for path in (tmp_path / files.FOLDER).iterdir()) == ["3", "4", "5"]


def test_the_file_shrinks_as_runs_go(stores: Stores, tmp_path: Path) -> None:
    store = stores.open()
    store.write([Piece(row("large"), 0, [os.urandom(2_000_000)]), piece("small")])
    large = (tmp_path / database.FILE).stat().st_size
    store.remove("large")
    assert (tmp_path / database.FILE).stat().st_size < large - 1_900_000
    assert kept(store) == ["small"]
    assert store.packs("large") == []


def test_a_file_is_what_the_run_left_or_is_not_there(tmp_path: Path) -> None:
    folder = tmp_path / files.FOLDER / ("r" * 22)
    folder.mkdir(parents=True)
    path = folder / "predictions.npz"
    path.write_bytes(b"0123456789")
    (tmp_path / "outside").write_bytes(b"secret")
    [found] = measure(folder, {"predictions": str(path), "other": str(tmp_path / "outside")}, 100)
    assert files.located(tmp_path, "r" * 22, found, closely=True) == path
    path.write_bytes(b"012345678X")
    assert files.located(tmp_path, "r" * 22, found, closely=False) == path
    assert files.located(tmp_path, "r" * 22, found, closely=True) is None
    path.write_bytes(b"0123")
    assert files.located(tmp_path, "r" * 22, found, closely=False) is None
    assert measure(folder, {"predictions": str(path)}, 3) == []
    assert not path.exists(), "too large a file is not left lying about"


def test_folders_that_nobody_claims_go_after_a_week(stores: Stores, tmp_path: Path) -> None:
    known, fresh, old, command_line = ("k" * 22, "f" * 22, "o" * 22, "c" * 11)
    stores.open().write([piece(known)])
    for name in (known, fresh, old, command_line):
        (tmp_path / files.FOLDER / name).mkdir(parents=True)
    week_ago = time.time() - files.ORPHANED_SECONDS - 60
    for name in (known, old, command_line):
        os.utime(tmp_path / files.FOLDER / name, (week_ago, week_ago))
    stores.open()
    assert {path.name for path in (tmp_path / files.FOLDER).iterdir()} == {known, fresh, command_line}


def test_a_live_server_keeps_its_runs_and_a_gone_one_does_not(stores: Stores) -> None:
    first = stores.open()
    for run_id, begun in (("going", True), ("queued", False)):
        state = "running" if begun else "queued"
        first.write(
            [piece(run_id, state=state, ending=None, server=first.server, begun=begun, events=(steps(1, 2),))]
        )
    second = stores.open()
    found = second.row("going")
    assert found is not None
    assert found.state == "running"
    first.close()
    stores.opened.remove(first)
    assert [(each.state, each.ending, each.message) for each in second.rows("ada")] == [
        ("failed", "interrupted", "Interrupted: the server stopped before this run began."),
        ("failed", "interrupted", "Interrupted: the server stopped while this run was training."),
    ]
    assert unpack(second.packs("going")[0]) == [steps(1, 2)], "its curves are kept"


def test_a_summary_is_kept_beside_the_curves(stores: Stores) -> None:
    store = stores.open()
    started = Started("run", {}, "FashionMNIST", "", "cpu", "", 1, 1, [], 1, 1, 1, 1, 1, 1, 2.3)
    store.write([Piece(row("run", summary=pack([started])))])
    store.write([Piece(row("run", name="named later"))])
    found = store.row("run")
    assert found is not None
    assert (found.name, unpack(found.summary)) == ("named later", [started])
