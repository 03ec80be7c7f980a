"""A damaged store is set aside, and nothing but a whole one is read."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from lossviz.training.limits import Limits
from lossviz.training.store import database
from lossviz.training.store.database import FILE, open_database
from lossviz.training.store.errors import StoreError, StoreFullError
from lossviz.training.store.rows import unpack
from lossviz.training.store.store import Store
from tests.training.store.stored import piece, steps


def fill(home: Path) -> Path:
    """A store of thirty runs."""
    store = Store(home, Limits())
    store.write([piece(f"run {number}", events=(steps(1, 200),)) for number in range(30)])
    store.close()
    return home / FILE


def overwrite_the_beginning(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(b"\xa5" * 64)


def overwrite_the_middle(path: Path) -> None:
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(size // 4)
        file.write(b"\xa5" * (size // 2))


def truncate(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)


def truncate_within_a_page(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size - 1_000)


def replace_by_text(path: Path) -> None:
    path.write_text("This is a letter, not a store.\n" * 1_000)


def replace_by_anothers(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1);")


@pytest.mark.parametrize(
    "damage",
    [
        overwrite_the_beginning,
        overwrite_the_middle,
        truncate,
        truncate_within_a_page,
        replace_by_text,
        replace_by_anothers,
    ],
)
def test_a_damaged_store_is_set_aside_and_a_new_one_begun(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    path = fill(tmp_path)
    beside = tmp_path / "runs" / ("x" * 22) / "predictions.npz"
    beside.parent.mkdir(parents=True)
    beside.write_bytes(b"what a run left")
    damage(path)
    damaged = path.read_bytes()
    store = Store(tmp_path, Limits())
    [aside] = tmp_path.glob("runs-damaged-*.sqlite")
    assert aside.read_bytes() == damaged, "nothing is lost that could be mended"
    assert beside.read_bytes() == b"what a run left"
    assert store.notice is not None
    assert str(path) in store.notice
    assert f"set aside as {aside.name}" in store.notice
    assert store.rows("ada") == []
    store.write([piece("new", events=(steps(1, 3),))])
    store.close()
    again = Store(tmp_path, Limits())
    assert again.notice is None
    assert [row.run_id for row in again.rows("ada")] == ["new"]
    again.close()


def test_a_byte_that_only_a_checksum_sees_does_not_pass_as_a_curve(tmp_path: Path) -> None:
    path = fill(tmp_path)
    content = bytearray(path.read_bytes())
    place = content.rindex(b"x\x9c") + 700  # a pack begins like that: this is in its middle
    content[place] ^= 0xFF
    path.write_bytes(content)
    store = Store(tmp_path, Limits())
    bad = 0
    for number in range(30):
        for lines in store.packs(f"run {number}"):
            try:
                assert unpack(lines) == [steps(1, 200)]
            except ValueError:
                bad += 1
    assert bad == 1
    store.close()


def test_few_damaged_stores_are_kept(tmp_path: Path) -> None:
    for _ in range(5):
        replace_by_text(fill(tmp_path))
        Store(tmp_path, Limits()).close()
    assert len(list(tmp_path.glob("runs-damaged-*.sqlite"))) == 3


def test_a_newer_store_is_left_as_it_is(tmp_path: Path) -> None:
    path = fill(tmp_path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {database.VERSION + 1}")
    newer = path.read_bytes()
    with pytest.raises(StoreError, match="newer lossviz"):
        Store(tmp_path, Limits())
    assert path.read_bytes() == newer
    assert list(tmp_path.glob("runs-damaged-*")) == []


def test_a_folder_in_its_place_is_said(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()
    with pytest.raises(StoreError, match="cannot be kept"):
        Store(tmp_path, Limits())


def test_the_file_does_not_outgrow_its_bound(tmp_path: Path) -> None:
    opened = open_database(tmp_path, 100_000)
    with pytest.raises(sqlite3.OperationalError, match="full"):
        opened.connection.execute("CREATE TABLE large AS SELECT randomblob(200000)")
    opened.connection.close()
    assert (tmp_path / FILE).stat().st_size <= 100_000


def test_what_does_not_fit_is_not_written_in_part(tmp_path: Path) -> None:
    store = Store(tmp_path, Limits(megabytes_kept=1))
    store.write([piece("there", events=(steps(1, 3),))])
    much = [
        piece(f"run {number}", events=(steps(1, 200_000),), state="running", server=store.server)
        for number in range(2)
    ]
    with pytest.raises(StoreFullError, match="no room"):
        store.write([piece("small"), *much])
    assert [row.run_id for row in store.rows("ada")] == ["there"]
    store.write([piece("small")])
    assert {row.run_id for row in store.rows("ada")} == {"there", "small"}
    store.close()


OPEN = """
import sys
from pathlib import Path
from lossviz.training.limits import Limits
from lossviz.training.store.store import Store
sys.stdin.readline()
store = Store(Path(sys.argv[1]), Limits())
print(store.notice, flush=True)
sys.stdin.readline()
print(len(store.rows("ada")), flush=True)
store.close()
"""


def test_servers_that_find_the_same_damage_set_it_aside_once(tmp_path: Path) -> None:
    replace_by_text(fill(tmp_path))
    servers = [
        subprocess.Popen(
            [sys.executable, "-c", OPEN, str(tmp_path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    try:
        for go in range(2):
            for server in servers:
                assert server.stdin is not None
                server.stdin.write("go\n")
                server.stdin.flush()
            told = [str(server.stdout and server.stdout.readline()) for server in servers]
            if go == 0:
                assert sum("set aside" in text for text in told) == 1, told
                assert sum(text == "None\n" for text in told) == 3, told
            else:
                assert told == ["0\n"] * 4
        assert [server.wait() for server in servers] == [0] * 4
    finally:
        for server in servers:
            server.kill()
            server.communicate()
    assert len(list(tmp_path.glob("runs-damaged-*.sqlite"))) == 1


WRITE = """
import sys
from pathlib import Path
from lossviz.training.limits import Limits
from lossviz.training.store.rows import pack
from lossviz.training.store.store import Piece, Store
from tests.training.store.stored import row, steps
store = Store(Path(sys.argv[1]), Limits())
number = 0
while True:
    # Two runs grow by two packs each in every write, and say so.
    packs = [pack([steps(1 + 40 * place, 40)]) for place in (number, number + 1)]
    going = [row(name, state="running", ending=None, server=store.server, elapsed=float(number + 2)) for name in "ab"]
    store.write([Piece(each, number, packs) for each in going])
    number += 2
    print(number, flush=True)
"""


def test_a_writer_that_is_killed_leaves_whole_writes(tmp_path: Path) -> None:
    for writes in (1, 2, 3, 5, 8, 13, 21):
        home = tmp_path / str(writes)
        home.mkdir()
        with subprocess.Popen(
            [sys.executable, "-c", WRITE, str(home)], stdout=subprocess.PIPE, text=True
        ) as writer:
            assert writer.stdout is not None
            told = [int(writer.stdout.readline()) for _ in range(writes)][-1]
            writer.kill()
        store = Store(home, Limits())
        assert store.notice is None
        lengths = set()
        for name in "ab":
            row = store.row(name)
            assert row is not None
            assert (row.state, row.ending) == ("failed", "interrupted")
            packs = store.packs(name)
            assert len(packs) == row.elapsed
            assert [unpack(lines) for lines in packs] == [
                [steps(1 + 40 * place, 40)] for place in range(len(packs))
            ]
            lengths.add(len(packs))
        [length] = lengths
        assert length >= told
        store.close()
