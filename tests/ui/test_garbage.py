"""Garbage is collected in quiet moments, and without looking through what is loaded for good."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lossviz.ui import garbage
from tests.fresh_python import run_alone
from tests.live_server import ROOT
from tests.patience import PATIENCE


def test_what_is_loaded_is_left_out_and_all_garbage_goes_in_the_end() -> None:
    code = """
import gc, threading, weakref
from lossviz.ui import garbage

class Node:
    pass

garbage.EVERY_SECONDS = 1000
collector = garbage.Collector()
garbage.collect_in_quiet_moments()
assert [thread.name for thread in threading.enumerate()].count("lossviz garbage") == 1
assert gc.get_threshold()[2] > 100_000
assert gc.get_freeze_count() == 0
import pandas
left = Node()
left.itself = left
collector.collect()
left_out = gc.get_freeze_count()
assert left_out > 10_000
node = Node()
node.itself = node
gone = weakref.ref(node)
del node
collector.collect()
assert gone() is None
assert gc.get_freeze_count() <= left_out
gone = weakref.ref(left)
del left
collector.collect()
assert gone() is not None
for _ in range(garbage.LOOKS_AT_EVERYTHING):
    collector.collect()
assert gone() is None
assert gc.get_freeze_count() > 10_000
"""
    run_alone(code)


def looks(monkeypatch: pytest.MonkeyPatch, runs: list[bool]) -> int:
    """How often the collector looks again while a script runs as it is told; time passes only while it waits."""
    waits: list[float] = []

    class Clock:
        sleep = staticmethod(waits.append)

        @staticmethod
        def monotonic() -> float:
            return sum(waits)

    monkeypatch.setattr(garbage, "time", Clock)
    monkeypatch.setattr(garbage, "a_script_runs", lambda: runs.pop(0) if runs else True)
    garbage.await_quiet_moment()
    return len(waits)


def test_it_waits_until_nobody_waits_for_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    assert looks(monkeypatch, [True, True, True, False]) == 3


def test_a_server_that_is_never_quiet_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    most = garbage.PATIENCE_SECONDS / garbage.LOOK_SECONDS
    assert most - 1 <= looks(monkeypatch, []) <= most + 1


def test_a_script_of_streamlit_is_seen() -> None:
    def script() -> None:
        import streamlit as st

        from lossviz.ui.garbage import a_script_runs

        st.text(str(a_script_runs()))

    assert not garbage.a_script_runs()
    assert AppTest.from_function(script, default_timeout=PATIENCE).run().text[0].value == "True"


def test_streamlit_collects_nothing_after_a_run_wherever_it_is_started(tmp_path: Path) -> None:
    code = f"""
from streamlit import config
config._main_script_path = {str(ROOT / "streamlit_app.py")!r}
print(config.get_option("runner.postScriptGC"))
"""
    assert run_alone(code, cwd=tmp_path).strip() == "False"
