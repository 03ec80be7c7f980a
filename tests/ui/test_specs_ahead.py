"""All specs are written ahead, by a process that ends with its server; each of them is a valid spec."""

from __future__ import annotations

import ast
import inspect
import json
import logging
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import altair as alt
import pytest

from lossviz.charts.kept_specs import Spec
from lossviz.losses.catalogue import CATEGORIES, in_category
from lossviz.ui import server_start, specs_ahead
from tests.live_server import ROOT
from tests.patience import PATIENCE

WRITERS = list(specs_ahead.every_spec())


def drawing(write: Callable[[], Spec]) -> tuple[Callable[..., object], tuple[object, ...]]:
    """The function that draws, and its arguments."""
    if isinstance(write, partial):
        return inspect.unwrap(write.func), write.args
    return inspect.unwrap(write), ()


def name_of(write: Callable[[], Spec]) -> str:
    """A name for a test."""
    draw, arguments = drawing(write)
    return f"{draw.__module__.rpartition('.')[2]}-{getattr(arguments[0], 'name', '') if arguments else ''}"


def test_every_picture_of_the_app_is_written_ahead() -> None:
    found = set()
    for path in (ROOT / "lossviz" / "charts").glob("*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and any(
                isinstance(decorator, ast.Name) and decorator.id == "kept"
                for decorator in node.decorator_list
            ):
                found.add((f"lossviz.charts.{path.stem}", node.name))
    written = {(draw.__module__, draw.__name__) for draw, _ in map(drawing, WRITERS)}
    assert written == found
    assert len(found) > 10


def test_what_a_class_sees_first_is_written_first() -> None:
    first = [arguments for _, arguments in map(drawing, WRITERS[: len(CATEGORIES)])]
    assert first == [(in_category(category)[0],) for category in CATEGORIES]


@pytest.mark.parametrize("write", WRITERS, ids=name_of)
def test_a_spec_is_valid(write: Callable[[], Spec]) -> None:
    # The app validates neither a picture nor its parts.
    draw, arguments = drawing(write)
    assert isinstance(draw(*arguments), alt.TopLevelMixin)
    alt.TopLevelSpec.validate(write())
    assert json.loads(json.dumps(write())) == write()


def test_the_process_writes_specs_and_leaves_with_its_server(tmp_path: Path) -> None:
    command = [sys.executable, "-m", server_start.SPECS_AHEAD, str(tmp_path)]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE)
    try:
        last = time.monotonic() + PATIENCE
        while not (written := list(tmp_path.glob("*/picture-*.json"))):
            assert process.poll() is None
            assert time.monotonic() < last
            threading.Event().wait(0.1)
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(PATIENCE) == 0
    finally:
        process.kill()
        process.wait()
    assert all(path.read_text(encoding="utf-8").endswith("}") for path in written)


def test_where_all_is_written_no_process_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(specs_ahead, "every_spec", list)
    monkeypatch.setattr(specs_ahead, "leave_with_parent", lambda: None)
    monkeypatch.setattr(specs_ahead, "step_back", lambda **_: None)
    monkeypatch.setattr(sys, "argv", ["specs_ahead", str(tmp_path)])
    monkeypatch.setattr("lossviz.charts.kept_specs._shelf", None)
    specs_ahead.main()

    def started(*_: object, **__: object) -> None:
        raise AssertionError("a process was started")

    monkeypatch.setattr(server_start, "ChildProcess", started)
    assert server_start.write_ahead(tmp_path) is None


def test_a_process_that_cannot_start_or_fails_is_told_and_harms_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def cannot(*_: object, **__: object) -> None:
        raise OSError("no more processes")

    with caplog.at_level(logging.WARNING):
        server_start._ended(None, 1, "a traceback")  # type: ignore[arg-type]  # who it was does not matter
        assert "a traceback" in caplog.text
        monkeypatch.setattr(server_start, "ChildProcess", cannot)
        assert server_start.write_ahead(tmp_path) is None
        assert "no more processes" in caplog.text
