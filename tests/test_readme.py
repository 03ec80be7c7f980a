"""What the README and the requirements promise about files and commands."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys

import pytest

from lossviz.training.__main__ import main
from tests.live_server import ROOT
from tests.patience import PATIENCE

README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```bash\n(.*?)\n```", README, flags=re.DOTALL)


def test_setting_up_and_starting_is_one_command() -> None:
    (start,) = [block for block in BLOCKS if "streamlit run streamlit_app.py" in block and "venv" in block]
    assert "\n" not in start
    assert "-r requirements.txt" in start


def test_setting_up_and_testing_is_one_command_that_ci_can_find() -> None:
    (command,) = re.findall(r"<!-- test command -->\n```bash\n(.*)\n```", README)
    assert command.startswith("python3 -m venv .venv && ")
    assert command.endswith(".venv/bin/python -m pytest")


def test_every_file_that_the_readme_names_is_there() -> None:
    linked = re.findall(r"\]\((?!http|#)([^)]+)\)", README)
    named = re.findall(r"`((?:lossviz|tests|benchmarks|pages)/[\w./]*)`", README)
    assert linked
    assert named
    assert [name for name in [*linked, *named] if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("module", re.findall(r"python -m (benchmarks\.\w+)", README))
def test_every_benchmark_that_the_readme_names_can_be_called(module: str) -> None:
    asked = subprocess.run(
        [sys.executable, "-m", module, "--help"], cwd=ROOT, capture_output=True, timeout=PATIENCE
    )
    assert asked.returncode == 0


def test_the_command_line_in_the_readme_is_understood(capsys: pytest.CaptureFixture[str]) -> None:
    (line,) = [block for block in BLOCKS if "-m lossviz.training" in block]
    arguments = shlex.split(line)[3:]
    with pytest.raises(SystemExit) as ended:
        # Asking for help last shows that everything before it was understood.
        main([*arguments, "--help"])
    assert ended.value.code == 0
    assert "--train-size" in capsys.readouterr().out


def test_the_requirements_resolve_with_plain_pip() -> None:
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    wanted = [line for line in lines if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[a-z]+>=[\d.]+,<\d+", line) for line in wanted)
    assert not [name for name in ("uv.lock", "Pipfile", "environment.yml") if (ROOT / name).exists()]
