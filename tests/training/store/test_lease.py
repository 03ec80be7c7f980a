"""A lease ends with its process, however that ends."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lossviz.training.store.lease import Lease, holding, is_held, sweep

HOLD = """
import sys
from pathlib import Path
from lossviz.training.store.lease import Lease
lease = Lease(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def test_a_lease_is_held_until_it_is_freed(tmp_path: Path) -> None:
    path = tmp_path / "servers" / "one"
    assert not is_held(path)
    lease = Lease(path)
    assert is_held(path)
    lease.free(remove=True)
    assert not is_held(path)
    assert not path.exists()
    with holding(path, 0.0):
        assert is_held(path)
    assert not is_held(path)
    assert path.exists()


def test_a_lease_is_seen_by_other_processes_and_ends_with_kill_9(tmp_path: Path) -> None:
    path = tmp_path / "server"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        assert is_held(path)
        holder.kill()
        holder.wait()
        assert not is_held(path)


def test_what_cannot_be_told_counts_as_held(tmp_path: Path) -> None:
    (tmp_path / "a folder").mkdir()
    assert is_held(tmp_path / "a folder")
    (tmp_path / "rubbish").write_text("no database " * 100)
    assert is_held(tmp_path / "rubbish")


def test_a_second_holder_is_refused(tmp_path: Path) -> None:
    lease = Lease(tmp_path / "server")
    with pytest.raises(Exception, match="locked"):
        Lease(tmp_path / "server")
    lease.free(remove=False)


def test_leases_that_nobody_holds_are_swept_after_a_day(tmp_path: Path) -> None:
    for name in ("gone", "new"):
        (tmp_path / name).touch()
    lease = Lease(tmp_path / "held")
    for name in ("gone", "held"):
        os.utime(tmp_path / name, (0, 0))
    sweep(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"new", "held"}
    lease.free(remove=True)
    sweep(tmp_path / "no such folder")
