"""Runs outlive their page, their session and their server, and stay their owner's."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lossviz.training.jobs import JobManager, QueueError, RunHeader, RunRefusedError
from lossviz.training.limits import Limits
from lossviz.training.settings import Settings, SettingsError
from lossviz.training.store.database import FILE
from lossviz.training.store.store import INTERRUPTED, NEVER_BEGUN, Store
from tests.training.stand_ins import (
    EXITS,
    FAILS,
    FINISHES,
    GOES_ON,
    IS_KILLED,
    doing,
    ended,
    lay_out,
    manager_of,
    reaches,
    until,
)
from tests.training.store.stored import piece

Make = Callable[..., JobManager]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Makes managers on one home, with stand-ins for the child processes, and closes them."""
    lay_out(tmp_path)
    made = []

    def manager(way: str = "ready", **limits: float) -> JobManager:
        allowed = replace(Limits(), **limits)  # type: ignore[arg-type]  # whole where they must be
        made.append(manager_of(tmp_path, tmp_path / "home", allowed, way))
        return made[-1]

    (tmp_path / "home").mkdir()
    yield manager
    for each in made:
        each.close()


def has_ended(manager: JobManager, run: str) -> RunHeader:
    """The run, once it has ended, without having looked at it."""

    def look() -> RunHeader | None:
        header = manager.header(run)
        assert header is not None
        return header if header.ending else None

    found = until(look)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("what", "ending", "state"),
    [
        (FINISHES, "finished", "finished"),
        (IS_KILLED, "killed", "failed"),
        (FAILS, "failed", "failed"),
        (EXITS, "failed", "failed"),
    ],
)
def test_a_run_is_the_same_after_a_restart(make: Make, what: int, ending: str, state: str) -> None:
    first = make()
    run = first.submit(doing(what), "ada", "my <b>run</b>")
    before, header = ended(first, run), has_ended(first, run)
    before_headers = first.headers("ada")
    first.close()
    second = make()
    after = second.snapshot(run)
    assert after is not None
    assert repr(replace(after, elapsed=0.0)) == repr(replace(before, elapsed=0.0)), (
        "repr: not a number equals nothing"
    )
    assert repr(after.step_losses) == "(2.0, nan)"
    assert after.elapsed == pytest.approx(before.elapsed, abs=1e-3)
    assert (after.state, header.ending) == (state, ending)
    found = second.header(run)
    assert found is not None
    assert replace(found, kept=True, elapsed=0.0) == replace(header, kept=True, elapsed=0.0)
    assert found.name == "my <b>run</b>"
    assert found.kept
    assert [each.run_id for each in second.headers("ada")] == [run]
    assert [(each.state, each.result) for each in second.headers("ada")] == [
        (each.state, each.result) for each in before_headers
    ]
    assert second.headers("bob") == []
    assert second.notices() == []


def test_a_closed_servers_runs_are_interrupted(make: Make) -> None:
    first = make()
    going, queued = first.submit(doing(GOES_ON), "ada"), first.submit(doing(FINISHES), "bob")
    until(lambda: first.snapshot(going).step_losses)  # type: ignore[union-attr]  # it is known
    first.close()
    second = make()
    for run, says, steps in ((going, INTERRUPTED, 2), (queued, NEVER_BEGUN, 0)):
        snapshot = second.snapshot(run)
        assert snapshot is not None
        assert snapshot.failure is not None
        assert (snapshot.state, snapshot.failure.message, len(snapshot.step_losses)) == (
            "failed",
            says,
            steps,
        )
        assert has_ended(second, run).ending == "interrupted"
    assert second.submit(doing(FINISHES), "ada"), "what was interrupted holds nobody up"


SERVE = """
import sys
from pathlib import Path
from tests.training.stand_ins import GOES_ON, FINISHES, doing, manager_of, reaches, until
folder = Path(sys.argv[1])
manager = manager_of(folder, folder / "home")
done = manager.submit(doing(FINISHES), "ada")
until(lambda: manager.header(done).ending)
going, queued = manager.submit(doing(GOES_ON), "ada"), manager.submit(doing(FINISHES), "bob")
until(lambda: manager.snapshot(going).step_losses)
print(done, going, queued, flush=True)
sys.stdin.read()
"""


def test_a_server_killed_in_the_middle_of_a_run(make: Make, tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SERVE, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        try:
            assert server.stdout is not None
            done, going, queued = server.stdout.readline().split()
            second = make()
            # While the first one lives, its runs are shown as what they are, and nobody else can change them.
            until(lambda: (seen := second.snapshot(going)) and seen.step_losses)
            seen = second.snapshot(going)
            assert seen is not None
            assert (seen.state, len(seen.step_losses)) == ("running", 2)
            until(lambda: (there := second.header(queued)) and there.state == "queued")
            assert not second.stop(going, "ada"), "it is another server's to stop"
            with pytest.raises(RunRefusedError, match="has not ended"):
                second.remove(going, "ada")
            with pytest.raises(RunRefusedError, match="Only the browser"):
                second.rename(going, "bob", "mine")
        finally:
            server.send_signal(signal.SIGKILL)
            server.wait()
    third = make()
    for manager in (second, third):
        snapshot = manager.snapshot(going)
        assert snapshot is not None
        assert snapshot.failure is not None
        assert (snapshot.state, snapshot.failure.message) == ("failed", INTERRUPTED)
        assert snapshot.step_losses[0] == 2.0
        assert snapshot.initial is not None
        assert has_ended(manager, going).ending == "interrupted"
        assert has_ended(manager, queued).message == NEVER_BEGUN
        assert has_ended(manager, done).ending == "finished"
        assert {header.run_id for header in manager.headers("ada")} == {done, going}
        assert manager.stop(going, "ada"), "there is nothing left to stop"
    assert list((tmp_path / "home" / "servers").iterdir()) != []
    third.remove(going, "ada")
    assert second.snapshot(going) is None


HAMMER = """
import sys
from pathlib import Path
from tests.training.stand_ins import FINISHES, doing, ended, manager_of
folder, name = Path(sys.argv[1]), sys.argv[2]
manager = manager_of(folder, folder / "home")
for number in range(12):
    run = manager.submit(doing(FINISHES), name, f"{name} {number}")
    ended(manager, run)
    if number % 3 == 0:
        manager.remove(run, name)
    elif number % 3 == 1:
        manager.pin(run, name)
    else:
        manager.rename(run, name, f"{name} again {number}")
assert manager.notices() == [], manager.notices()
manager.close()
"""


def test_two_servers_on_one_home_do_not_harm_each_other(make: Make, tmp_path: Path) -> None:
    servers = [
        subprocess.Popen(
            [sys.executable, "-c", HAMMER, str(tmp_path), name], stderr=subprocess.PIPE, text=True
        )
        for name in ("ada", "bob")
    ]
    for server in servers:
        _, errors = server.communicate()
        assert server.returncode == 0, errors
    manager = make()
    assert manager.notices() == []
    for name in ("ada", "bob"):
        headers = manager.headers(name)
        assert [header.name for header in reversed(headers)] == [
            f"{name} {'again ' if number % 3 == 2 else ''}{number}" for number in range(12) if number % 3
        ]
        assert [header.pinned for header in reversed(headers)] == [True, False] * 4
        for header in headers:
            snapshot = manager.snapshot(header.run_id)
            assert snapshot is not None
            assert (snapshot.state, len(snapshot.step_losses)) == ("finished", 2)
            assert snapshot.result is not None


def test_nobody_else_can_change_a_run(make: Make) -> None:
    manager = make()
    done = manager.submit(doing(FINISHES), "ada", "ada's")
    ended(manager, done)
    going = manager.submit(doing(GOES_ON), "ada")
    reaches(manager, going, "running")
    for run in (done, going):
        assert not manager.stop(run, "bob")
        with pytest.raises(RunRefusedError, match="Only the browser that started this run can rename it"):
            manager.rename(run, "bob", "bob's")
        with pytest.raises(RunRefusedError, match="can pin it"):
            manager.pin(run, "bob")
        with pytest.raises(RunRefusedError, match="can remove it"):
            manager.remove(run, "bob")
        assert manager.snapshot(run) is not None, "but whoever has the link can look"
    with pytest.raises(RunRefusedError, match="not known here"):
        manager.rename("x" * 22, "ada", "mine")
    assert [header.name for header in manager.headers("ada")] == ["", "ada's"]


def test_the_owner_names_pins_and_removes_at_any_time(make: Make) -> None:
    manager = make()
    going = manager.submit(doing(GOES_ON), "ada", "one")
    reaches(manager, going, "running")
    assert manager.rename(going, "ada", " two\n\u202e<i> ") == "two <i>"
    manager.pin(going, "ada")
    with pytest.raises(RunRefusedError, match="Stop it first"):
        manager.remove(going, "ada")
    manager.stop(going, "ada")
    assert has_ended(manager, going).ending == "stopped"
    other = make()
    until(lambda: (there := other.header(going)) and there.state == "stopped")
    header = manager.header(going)
    assert header is not None
    assert (header.name, header.pinned) == ("two <i>", True)
    assert manager.rename(going, "ada", "x" * 1_000) == "x" * 60
    manager.pin(going, "ada", pinned=False)
    header = manager.header(going)
    assert header is not None
    assert (header.name, header.pinned) == ("x" * 60, False)
    manager.remove(going, "ada")
    assert manager.snapshot(going) is None
    assert manager.headers("ada") == []
    assert not manager.owns(going, "ada")


@pytest.mark.parametrize("link", ["", "x", "\ud800", "null\0", "é", "../..", "' OR 1=1 --", "x" * 10**6])
def test_a_link_that_is_none_of_ours_finds_nothing(make: Make, link: str) -> None:
    manager = make()
    assert manager.snapshot(link) is None
    assert manager.header(link) is None
    assert manager.artefact(link, "predictions") is None
    assert not manager.owns(link, "ada")
    assert not manager.stop(link, "ada")
    with pytest.raises(RunRefusedError, match="not known here"):
        manager.remove(link, "ada")


def test_settings_of_another_version_are_shown_as_far_as_they_are_known(make: Make, tmp_path: Path) -> None:
    store = Store(tmp_path / "home", Limits())
    odd = {"epochs": 9_999, "seed": 7, "from_the_future": [1]}
    store.write([piece("r" * 22, settings=odd), piece("s" * 22, settings={"seed": 8})])
    store.close()
    manager = make()
    headers = {header.run_id[0]: header.settings for header in manager.headers("ada")}
    assert (headers["r"].epochs, headers["r"].seed) == (9_999, 7)
    assert headers["s"] == Settings(seed=8)


def test_pins_are_bounded_and_stay_when_others_go(make: Make) -> None:
    manager = make(runs_kept_each=4, pins_each=2)
    runs = []
    for _ in range(3):
        runs.append(manager.submit(doing(FINISHES), "ada"))
        ended(manager, runs[-1])
    manager.pin(runs[0], "ada")
    manager.pin(runs[0], "ada")
    manager.pin(runs[1], "ada")
    with pytest.raises(RunRefusedError, match="pinned 2 runs, and 2 is the most"):
        manager.pin(runs[2], "ada")
    for _ in range(4):
        runs.append(manager.submit(doing(FINISHES), "ada"))
        ended(manager, runs[-1])
    until(lambda: len(manager.headers("ada")) == 4)
    assert {header.run_id for header in manager.headers("ada")} == {*runs[:2], *runs[-2:]}
    full = make(runs_kept=4)
    last = full.submit(doing(FINISHES), "bob")
    ended(full, last)
    with pytest.raises(RunRefusedError, match="as many pinned runs as it can keep"):
        full.pin(last, "bob")


def test_a_run_that_nobody_looks_at_is_ended(make: Make) -> None:
    manager = make(abandoned_seconds=1.0)
    going = manager.submit(doing(GOES_ON), "ada")
    reaches(manager, going, "running")
    header = has_ended(manager, going)
    assert (header.ending, header.state) == ("abandoned", "stopped")
    assert "nobody looked" in header.message
    assert header.result is not None, "what it learned is kept"


def test_a_queued_run_that_nobody_looks_at_leaves_the_queue(make: Make) -> None:
    manager = make(abandoned_seconds=1.0)
    going, queued = manager.submit(doing(GOES_ON), "ada"), manager.submit(doing(FINISHES), "bob")

    def look() -> bool:
        assert manager.snapshot(going) is not None, "somebody looks at this one"
        header = manager.header(queued)
        return header is not None and header.ending == "abandoned"

    until(look)
    assert reaches(manager, going, "running")


def test_looking_keeps_a_run_alive(make: Make) -> None:
    manager = make(abandoned_seconds=2.0, longest_seconds=3.0)
    going = manager.submit(doing(GOES_ON), "ada")
    until(lambda: manager.snapshot(going).ended)  # type: ignore[union-attr]  # it is known
    header = manager.header(going)
    assert header is not None
    assert header.ending == "too-long"
    assert header.elapsed >= 3.0


def test_data_that_takes_too_long_holds_nobody_up(make: Make) -> None:
    manager = make("waits", longest_seconds=0.3)
    run = manager.submit(doing(FINISHES), "ada")
    assert has_ended(manager, run).ending == "too-long"


def test_two_runs_stopped_at_once(make: Make) -> None:
    manager = make(runs_at_once=2)
    runs = {owner: manager.submit(doing(GOES_ON), owner) for owner in ("ada", "bob")}
    waiting = manager.submit(doing(FINISHES), "cy")
    for run in runs.values():
        reaches(manager, run, "running")
    together = threading.Barrier(4)
    stopped: list[bool] = []

    def stop(owner: str) -> None:
        together.wait()
        stopped.append(manager.stop(runs[owner], owner))

    threads = [threading.Thread(target=stop, args=(owner,)) for owner in ("ada", "ada", "bob", "bob")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert stopped == [True] * 4
    for run in runs.values():
        snapshot = ended(manager, run)
        assert (snapshot.state, len(snapshot.step_losses)) == ("stopped", 2)
        assert snapshot.result is not None
    assert ended(manager, waiting).state == "finished"


def test_a_race_queues_together_and_one_browser_races_once(make: Make) -> None:
    manager = make()
    first, second = manager.submit_race([doing(GOES_ON), doing(FINISHES)], "ada", ["one", "two"])
    reaches(manager, first, "running")
    assert reaches(manager, second, "queued").queue_place == 1
    assert [header.name for header in manager.headers("ada")] == ["two", "one"]
    with pytest.raises(QueueError, match="not ended"):
        manager.submit(doing(FINISHES), "ada")
    with pytest.raises(QueueError, match="one to 4 runs, not 5"):
        manager.submit_race([doing(FINISHES)] * 5, "bob")
    with pytest.raises(QueueError, match="not 0"):
        manager.submit_race([], "bob")
    manager.stop(first, "ada")
    assert ended(manager, second).state == "finished"


def test_the_servers_limits_hold(make: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    manager = make(most_epochs=3, most_queued=1)
    with pytest.raises(SettingsError, match="this server allows at most 3"):
        manager.submit(replace(doing(FINISHES), epochs=4), "ada")
    short = replace(doing(GOES_ON), epochs=3)
    for owner in ("ada", "bob"):
        manager.submit(short, owner)
    with pytest.raises(QueueError, match="1 runs are waiting already"):
        manager.submit(short, "cy")
    monkeypatch.setenv("LOSSVIZ_MOST_EPOCHS", "lots")
    monkeypatch.setenv("LOSSVIZ_MOST_IMAGES", "500")
    other = JobManager(home=tmp_path)
    try:
        assert other.limits == Limits(most_images=500)
        [notice] = other.notices()
        assert "LOSSVIZ_MOST_EPOCHS is 'lots'" in notice
    finally:
        other.close()


FULL = """
import os, sys
from pathlib import Path
from lossviz.training.store import keeper
from tests.training.stand_ins import FINISHES, GOES_ON, doing, ended, manager_of, reaches, until
keeper.RETRY_SECONDS = 0.05
folder, home = Path(sys.argv[1]), Path(sys.argv[2])
manager = manager_of(folder, home)
before = manager.submit(doing(FINISHES), "ada")
ended(manager, before)
until(lambda: manager.header(before).kept)

ballast = (home / "ballast").open("wb", buffering=0)
try:
    while ballast.write(bytes(4096)):
        pass
except OSError as error:
    print(error, flush=True)
run = manager.submit(doing(GOES_ON), "ada")
reaches(manager, run, "running")
until(lambda: manager.snapshot(run).step_losses)
[notice] = until(manager.notices)
assert "no room left" in notice, notice
assert not manager.header(run).kept
assert len(manager.snapshot(run).step_losses) == 2
manager.stop(run, "ada")
assert ended(manager, run).state == "stopped"
assert manager.rename(run, "ada", "on a full disk") == "on a full disk"
assert [header.run_id for header in manager.headers("ada")] == [run, before]
assert manager.snapshot(before).state == "finished"

ballast.close()
(home / "ballast").unlink()
until(lambda: manager.header(run).kept and not manager.notices())
manager.close()
manager = manager_of(folder, home)
assert manager.header(run).name == "on a full disk"
assert len(manager.snapshot(run).step_losses) == 2
assert manager.snapshot(run).result is not None
manager.close()
print("kept", flush=True)
"""


def test_a_disk_that_is_full_stops_storing_but_not_the_run(tmp_path: Path) -> None:
    """On a real, small file system of its own, where the system lets us make one."""
    lay_out(tmp_path / "folder")
    home = tmp_path / "small"
    home.mkdir()
    inside = 'mount -t tmpfs -o size=256k small "$1" || exit 77; exec "$2" -c "$3" "$4" "$1"'
    arguments = [str(home), sys.executable, FULL, str(tmp_path / "folder")]
    if shutil.which("unshare") is None:
        pytest.skip("this system lets nobody make a small file system")
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", inside, "sh", *arguments],  # noqa: S607 - where the system has it
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 77 or "unshare" in done.stderr.partition(":")[0]:
        pytest.skip("this system lets nobody make a small file system")
    assert done.returncode == 0, done.stderr
    assert "No space left" in done.stdout
    assert done.stdout.endswith("kept\n")


def test_a_store_damaged_while_it_is_used(make: Make, tmp_path: Path) -> None:
    manager = make()
    lost = manager.submit(doing(FINISHES), "ada")
    ended(manager, lost)
    going = manager.submit(doing(GOES_ON), "ada", "goes on")
    other = make()
    until(lambda: (there := other.snapshot(going)) and there.step_losses)
    other.close()  # all of it is written, and nobody is writing
    path = tmp_path / "home" / FILE
    with path.open("r+b") as file:
        file.write(b"\xa5" * path.stat().st_size)
    manager.stop(going, "ada")
    assert ended(manager, going).state == "stopped"
    until(lambda: (header := manager.header(going)) and header.kept)
    [notice] = until(manager.notices)
    assert "set aside as runs-damaged-" in notice
    assert manager.header(lost) is None
    manager.close()
    again = make()
    snapshot = again.snapshot(going)
    assert snapshot is not None
    assert (snapshot.state, len(snapshot.step_losses)) == ("stopped", 2), "the run is whole in the new store"
    assert snapshot.initial is not None


def test_a_store_removed_while_it_is_used(make: Make, tmp_path: Path) -> None:
    manager = make()
    going = manager.submit(doing(GOES_ON), "ada")
    until(lambda: manager.snapshot(going).step_losses)  # type: ignore[union-attr]  # it is known
    (tmp_path / "home" / FILE).unlink()
    manager.stop(going, "ada")
    ended(manager, going)
    manager.close()
    again = make().snapshot(going)
    assert again is not None
    assert (again.state, len(again.step_losses)) == ("stopped", 2)


def test_without_a_store_runs_go_on(make: Make, tmp_path: Path) -> None:
    (tmp_path / "home" / FILE).mkdir()
    manager = make()
    [notice] = manager.notices()
    assert "cannot be kept" in notice
    run = manager.submit(doing(FINISHES), "ada")
    assert ended(manager, run).state == "finished"
    header = manager.header(run)
    assert header is not None
    assert not header.kept
    assert manager.rename(run, "ada", "a name") == "a name"
    manager.pin(run, "ada")
    assert [(each.name, each.pinned) for each in manager.headers("ada")] == [("a name", True)]
    manager.remove(run, "ada")
    assert manager.headers("ada") == []
