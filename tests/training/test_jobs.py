"""The queue of runs, with a stand-in worker that obeys at once; and two runs with the real one."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lossviz.training.jobs import JobManager, QueueError
from lossviz.training.limits import Limits
from lossviz.training.results import load_predictions
from lossviz.training.settings import Settings, SettingsError
from tests.training.stand_ins import (
    EXITS,
    FAILS,
    FINISHES,
    GOES_ON,
    IGNORES_STOP,
    IS_KILLED,
    children,
    doing,
    ended,
    lay_out,
    manager_of,
    reaches,
    until,
)

Make = Callable[..., JobManager]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Makes managers with stand-ins for the child processes, and closes them."""
    lay_out(tmp_path)
    made = []

    def manager(way: str = "ready", **limits: float) -> JobManager:
        allowed = replace(Limits(), **limits)  # type: ignore[arg-type]  # whole where they must be
        made.append(manager_of(tmp_path, tmp_path, allowed, way))
        return made[-1]

    yield manager
    for each in made:
        each.close()


def asked(tmp_path: Path) -> int:
    """How often the stand-in for preparing was started."""
    return (tmp_path / "data" / "asked").stat().st_size


def test_a_run_finishes_with_its_curves(make: Make) -> None:
    manager = make()
    run = manager.submit(doing(FINISHES), "ada")
    snapshot = ended(manager, run)
    assert snapshot.state == "finished"
    assert snapshot.started is not None
    assert snapshot.started.data_origin == "From a test."
    assert snapshot.data_notes == ("A note.",)
    assert snapshot.initial is not None
    assert snapshot.step_losses[0] == 2.0
    assert snapshot.step_losses[1] != snapshot.step_losses[1], "not a number stays what it is"
    assert snapshot.result is not None
    assert snapshot.seconds_left is None
    assert [known.run_id for known in manager.headers("ada")] == [run]
    assert manager.headers("bob") == []
    assert manager.going("ada") == []


def test_one_run_at_a_time_and_the_others_know_their_place(make: Make) -> None:
    manager = make()
    first = manager.submit(doing(GOES_ON), "ada")
    second, third = manager.submit(doing(FINISHES), "bob"), manager.submit(doing(FINISHES), "cy")
    running = reaches(manager, first, "running")
    assert running.queue_place is None
    until(lambda: manager.snapshot(first).step_losses)  # type: ignore[union-attr]  # it is known
    for place, run in enumerate([second, third], start=1):
        snapshot = manager.snapshot(run)
        assert snapshot is not None
        assert (snapshot.state, snapshot.queue_place) == ("queued", place)
        assert snapshot.waiting_for_seconds is not None
        assert snapshot.waiting_for_seconds <= 30 + 60
    assert manager.stop(first, "ada")
    assert ended(manager, first).state == "stopped"
    assert ended(manager, second).state == "finished"
    assert ended(manager, third).state == "finished"


def test_the_limit_is_one_number(make: Make) -> None:
    manager = make(runs_at_once=2)
    runs = [manager.submit(doing(GOES_ON), owner) for owner in ("ada", "bob", "cy")]
    reaches(manager, runs[0], "running")
    reaches(manager, runs[1], "running")
    assert reaches(manager, runs[2], "queued").queue_place == 1


def test_a_stopped_run_keeps_what_it_learned(make: Make) -> None:
    manager = make()
    run = manager.submit(doing(GOES_ON), "ada")
    reaches(manager, run, "running")
    assert manager.stop(run, "ada")
    snapshot = ended(manager, run)
    assert snapshot.state == "stopped"
    assert snapshot.result is not None
    assert len(snapshot.step_losses) == 2
    assert manager.stop(run, "ada"), "stopping twice does no harm"


def test_only_its_owner_stops_a_run(make: Make) -> None:
    manager = make()
    run = manager.submit(doing(GOES_ON), "ada")
    assert not manager.stop(run, "bob")
    assert not manager.stop("unknown", "ada")
    assert [manager.owns(run, who) for who in ("ada", "bob")] == [True, False]
    assert not manager.owns("unknown", "ada")
    assert manager.snapshot("unknown") is None
    assert reaches(manager, run, "running")


def test_a_queued_run_leaves_the_queue(make: Make) -> None:
    manager = make()
    first, second = manager.submit(doing(GOES_ON), "ada"), manager.submit(doing(FINISHES), "bob")
    third = manager.submit(doing(FINISHES), "cy")
    manager.stop(second, "bob")
    assert ended(manager, second).result is None
    assert reaches(manager, third, "queued").queue_place == 1
    manager.stop(first, "ada")


def test_runs_that_go_on_are_told_to_their_owner(make: Make) -> None:
    manager = make()
    race = manager.submit_race([doing(GOES_ON), doing(GOES_ON)], "ada")
    assert manager.going("ada") == race
    assert manager.going("bob") == []
    for run in reversed(race):
        assert manager.stop(run, "ada")
    for run in race:
        ended(manager, run)
    assert manager.going("ada") == []


def test_an_owner_has_one_run_at_a_time(make: Make) -> None:
    manager = make()
    run = manager.submit(doing(GOES_ON), "ada")
    with pytest.raises(QueueError, match="stop it first"):
        manager.submit(doing(FINISHES), "ada")
    manager.stop(run, "ada")
    ended(manager, run)
    assert ended(manager, manager.submit(doing(FINISHES), "ada")).state == "finished"


def test_bad_settings_are_refused(make: Make) -> None:
    with pytest.raises(SettingsError, match="epochs"):
        make().submit(replace(Settings(), epochs=10**9), "ada")


@pytest.mark.parametrize(
    ("what", "says"),
    [(IS_KILLED, "SIGKILL"), (FAILS, "It broke"), (EXITS, "a last word")],
    ids=["killed", "fails", "exits"],
)
def test_a_run_that_breaks_keeps_its_curves_and_the_next_one_starts(make: Make, what: int, says: str) -> None:
    manager = make()
    run, after = manager.submit(doing(what), "ada"), manager.submit(doing(FINISHES), "bob")
    snapshot = ended(manager, run)
    assert snapshot.state == "failed"
    assert snapshot.failure is not None
    assert says in snapshot.failure.message
    assert snapshot.failure.advice
    assert len(snapshot.step_losses) == 2
    assert ended(manager, after).state == "finished"


def test_a_worker_that_ignores_a_stop_is_killed(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lossviz.training.worker_pool.STOP_GRACE_SECONDS", 0.2)
    manager = make()
    run = manager.submit(doing(IGNORES_STOP), "ada")
    reaches(manager, run, "running")
    manager.stop(run, "ada")
    snapshot = ended(manager, run)
    assert (snapshot.state, snapshot.result, len(snapshot.step_losses)) == ("stopped", None, 2)


def test_a_run_that_takes_too_long_is_stopped(make: Make) -> None:
    manager = make(longest_seconds=0.5)
    snapshot = ended(manager, manager.submit(doing(GOES_ON), "ada"))
    assert snapshot.state == "stopped"
    assert "the longest a run may take" in snapshot.message


def test_data_is_prepared_once_and_remembered(make: Make, tmp_path: Path) -> None:
    manager = make("offline")
    assert manager.data_status().state == "unknown"
    manager.prepare_data()
    status = until(lambda: manager.data_status() if manager.data_status().state == "ready" else None)
    assert status is not None
    assert (status.name, status.origin, status.offline) == ("FashionMNIST", "From a test.", True)
    assert status.dataset_folder == tmp_path / "data"
    assert ended(manager, manager.submit(doing(FINISHES), "ada")).state == "finished"
    manager.prepare_data()
    assert asked(tmp_path) == 1
    manager.prepare_data(retry=True)
    until(lambda: asked(tmp_path) == 2)
    until(lambda: manager.data_status().state == "ready")


def test_preparing_is_shown(make: Make) -> None:
    manager = make("waits")
    run = manager.submit(doing(FINISHES), "ada")
    until(lambda: manager.data_status().total == 4)
    snapshot = reaches(manager, run, "preparing")
    assert (snapshot.message, snapshot.progress) == ("Fetching.", 0.25)
    manager.stop(run, "ada")
    assert ended(manager, run).state == "stopped"


@pytest.mark.parametrize(("way", "says"), [("fails", "No data."), ("dies", "a last word")])
def test_a_run_without_data_fails_and_says_why(make: Make, way: str, says: str) -> None:
    manager = make(way)
    snapshot = ended(manager, manager.submit(doing(FINISHES), "ada"))
    assert snapshot.failure is not None
    assert says in snapshot.failure.message
    assert manager.data_status().state == "failed"


def test_the_next_run_tries_again_for_its_data(make: Make) -> None:
    manager = make("fails once")
    assert ended(manager, manager.submit(doing(FINISHES), "ada")).state == "failed"
    assert ended(manager, manager.submit(doing(FINISHES), "ada")).state == "finished"


def test_an_idle_worker_is_let_go(make: Make) -> None:
    before = set(children())
    manager = make(idle_seconds=0.3)
    manager.warm_up()
    [pid] = set(children()) - before
    until(lambda: pid not in children())
    assert ended(manager, manager.submit(doing(FINISHES), "ada")).state == "finished"


def test_closing_leaves_nothing_running(make: Make) -> None:
    before = set(children())
    manager = make()
    run = manager.submit(doing(GOES_ON), "ada")
    reaches(manager, run, "running")
    manager.close()
    assert set(children()) <= before
    assert ended(manager, run).state == "failed"
    with pytest.raises(QueueError, match="closing"):
        manager.submit(doing(FINISHES), "bob")
    manager.close()


def test_a_program_that_cannot_be_started_is_said(tmp_path: Path) -> None:
    nowhere = [str(tmp_path / "no such program")]
    manager = JobManager(home=tmp_path, worker_command=nowhere, prepare_command=nowhere)
    try:
        snapshot = ended(manager, manager.submit(doing(FINISHES), "ada"))
        assert snapshot.state == "failed"
    finally:
        manager.close()


def test_the_real_worker_trains_stops_and_dies(data_home: Path, data_kind: str) -> None:
    """One worker for all of it: loading torch takes seconds."""
    manager = JobManager(home=data_home)
    settings = Settings(data=data_kind, model="mlp", train_size=1_000, epochs=2)
    try:
        before = set(children())
        run = manager.submit(settings, "ada")
        finished = ended(manager, run)
        assert finished.state == "finished", finished.failure
        assert len(finished.step_losses) == settings.steps_total
        assert finished.predictions is not None
        assert len(load_predictions(finished.predictions).labels) == 100
        first = run

        long = replace(settings, model="cnn", train_size=10_000, epochs=50)
        run = manager.submit(long, "ada")
        until(lambda: manager.snapshot(run).step_losses)  # type: ignore[union-attr]  # it is known
        manager.stop(run, "ada")
        stopped = ended(manager, run)
        assert stopped.state == "stopped"
        assert stopped.result is not None, "the worker was killed before it had answered"
        assert stopped.result.step < long.steps_total
        assert stopped.predictions is not None

        run = manager.submit(long, "ada")
        until(lambda: manager.snapshot(run).step_losses)  # type: ignore[union-attr]  # it is known
        [worker] = set(children()) - before
        os.kill(worker, signal.SIGKILL)
        failed = ended(manager, run)
        assert failed.state == "failed"
        assert failed.step_losses
    finally:
        manager.close()
    assert set(children()) <= before

    again = JobManager(home=data_home)
    try:
        kept = again.snapshot(first)
        assert kept is not None
        assert replace(kept, elapsed=0.0) == replace(finished, elapsed=0.0)
        assert again.artefact(first, "predictions") == finished.predictions
        finished.predictions.write_bytes(b"something else")
        assert again.artefact(first, "predictions") is None
        damaged = again.snapshot(first)
        assert damaged is not None
        assert damaged.predictions is None
        assert damaged.step_losses == finished.step_losses
    finally:
        again.close()
