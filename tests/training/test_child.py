"""A child process steps back behind the page, alone and as a session."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lossviz.training import child
from tests.fresh_python import run_alone

REAL = Path("/proc/self/autogroup")


@pytest.fixture
def stepped(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """By how much this process would have stepped back."""
    by: list[int] = []
    monkeypatch.setattr("os.nice", by.append)
    return by


@pytest.fixture
def autogroup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file in the place of the one where Linux is told how a session ranks."""
    file = tmp_path / "autogroup"
    monkeypatch.setattr(child, "_AUTOGROUP", file)
    return file


def test_a_session_of_its_own_steps_back_too(
    stepped: list[int], autogroup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.getsid", lambda _: os.getpid())
    child.step_back()
    assert stepped == [child.LOWEST_PRIORITY]
    assert autogroup.read_text() == str(child.LOWEST_SESSION)
    child.step_back(by=1)
    assert stepped == [child.LOWEST_PRIORITY, 1]
    assert autogroup.read_text() == "1"


def test_a_session_of_somebody_else_is_left_alone(
    stepped: list[int], autogroup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.getsid", lambda _: os.getpid() + 1)
    child.step_back()
    assert stepped == [child.LOWEST_PRIORITY]
    assert not autogroup.exists()


def test_a_system_that_is_busy_with_others_is_asked_again(
    monkeypatch: pytest.MonkeyPatch, stepped: list[int]
) -> None:
    said: list[str] = []

    class Busy:
        def write_text(self, text: str, encoding: str) -> None:
            assert encoding == "ascii"
            said.append(text)
            if len(said) < 3:
                raise BlockingIOError

    monkeypatch.setattr(child, "_AUTOGROUP", Busy())
    monkeypatch.setattr("os.getsid", lambda _: os.getpid())
    monkeypatch.setattr("time.sleep", lambda _: None)
    child.step_back()
    assert said == [str(child.LOWEST_SESSION)] * 3
    assert stepped == [child.LOWEST_PRIORITY]


def test_a_system_that_knows_no_such_thing_is_no_trouble(
    stepped: list[int], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(child, "_AUTOGROUP", tmp_path / "missing" / "autogroup")
    monkeypatch.setattr("os.getsid", lambda _: os.getpid())
    child.step_back()
    assert stepped == [child.LOWEST_PRIORITY]


def test_the_system_is_told() -> None:
    code = "from lossviz.training.child import step_back; import os; step_back(); print(os.nice(0)); "
    code += f"print(open({str(REAL)!r}).read() if os.path.exists({str(REAL)!r}) else 'no sessions nice 5')"
    niceness, session = run_alone(code, new_session=True).split("\n", 1)
    assert niceness == str(child.LOWEST_PRIORITY)
    assert session.strip().endswith(f"nice {child.LOWEST_SESSION}")
