"""The thread that writes: everything arrives, in order, whatever stands in the way meanwhile."""

from __future__ import annotations

import queue
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from lossviz.training.events import Event, Failed, Finished, Initial
from lossviz.training.limits import Limits
from lossviz.training.store import database, keeper
from lossviz.training.store.errors import StoreError
from lossviz.training.store.keeper import Keeper
from lossviz.training.store.rows import unpack
from lossviz.training.store.store import Store
from tests.patience import PATIENCE
from tests.training.store.stored import row, steps


class Kept:
    """A keeper with its store, and the runs that it said to be kept."""

    def __init__(self, home: Path) -> None:
        self.told: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.store = Store(home, Limits())
        self.keeper = Keeper(self.store, home, Limits(), self.told.put)


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    found = Kept(tmp_path)
    yield found
    found.keeper.close(20)


def test_events_arrive_in_order_and_the_end_is_told(kept: Kept) -> None:
    going = row("run", state="running", ending=None, server=kept.store.server)
    kept.keeper.keep(going)
    given: list[Event] = [
        Initial(2.3, 0.1, 2.3, 0.1, 10, 10),
        *(steps(1 + 5 * place, 5) for place in range(40)),
        Failed("m", "a"),
    ]
    for event in given:
        kept.keeper.tell(going, event)
        kept.keeper.ask(lambda store: store.pins())  # each is written before the next is told
    assert kept.told.empty()
    kept.keeper.keep(replace(going, state="failed", ending="failed"))
    assert kept.told.get(timeout=PATIENCE) == "run"
    packs = kept.store.packs("run")
    assert len(packs) == len(given)
    assert [event for pack in packs for event in unpack(pack)] == given
    found = kept.store.row("run")
    assert found is not None
    assert found.state == "failed"
    assert unpack(found.summary) == [given[0], given[-1]]


def test_what_is_forgotten_is_not_written(kept: Kept) -> None:
    going = row("run", state="running", ending=None, server=kept.store.server)
    kept.keeper.keep(going)
    kept.keeper.ask(lambda store: store.remove("run"))
    kept.keeper.forget("run")
    kept.keeper.tell(going, steps(1, 3))
    kept.keeper.ask(lambda store: store.pins())
    assert kept.store.row("run") is None


def test_an_error_goes_to_whoever_asked_and_the_thread_lives_on(kept: Kept) -> None:
    with pytest.raises(ZeroDivisionError):
        kept.keeper.ask(lambda _: 1 // 0)
    assert kept.keeper.ask(lambda store: store.pins()) == 0


def test_another_server_that_holds_the_store_is_waited_for(
    kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper, "RETRY_SECONDS", 0.05)
    kept.store._writer.execute("PRAGMA busy_timeout = 10")
    with closing(sqlite3.connect(tmp_path / database.FILE, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        kept.keeper.keep(row("run"))
        with pytest.raises(StoreError, match="locked"):
            kept.keeper.ask(lambda store: store.change("run", name="x"))
        assert kept.keeper.trouble is not None
        assert "locked" in kept.keeper.trouble
        assert kept.told.empty()
        other.execute("ROLLBACK")
    assert kept.told.get(timeout=PATIENCE) == "run"
    kept.keeper.ask(lambda store: store.pins())  # by then it knows that all is well
    assert kept.keeper.trouble is None


def test_closing_writes_what_is_waiting(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    done = row("run")
    kept.keeper.keep(replace(done, state="running", ending=None, server=kept.store.server))
    kept.keeper.tell(done, steps(1, 3))
    kept.keeper.tell(done, Finished(1, 3, 1.0, 1.0, 0.5, 0.8, 10, None, None, 9.0, {"predictions": None}))
    kept.keeper.close(20)
    with pytest.raises(StoreError, match="closing"):
        kept.keeper.ask(lambda store: store.pins())
    again = Store(tmp_path, Limits())
    found = again.row("run")
    assert found is not None
    assert found.state == "finished"
    assert len([event for pack in again.packs("run") for event in unpack(pack)]) == 2
    again.close()
