"""The house stands as it was drawn: imports run one way, and heavy ones only where they are needed."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.fresh_python import run_alone

ROOT = Path(__file__).resolve().parent.parent

LAYERS = ("losses", "charts", "training", "ui")
ALLOWED = {
    "losses": {"losses"},
    "charts": {"charts", "losses"},
    "training": {"training", "losses"},
    "ui": {"ui", "charts", "training", "losses"},
}
"""What each layer may import of lossviz."""

FOREIGN = {
    "losses": {"streamlit", "altair"},
    "charts": {"streamlit"},
    "training": {"streamlit", "altair"},
    "ui": set[str](),
}
"""What each layer may not import from outside."""


def imports(path: Path) -> set[str]:
    """Every module that a file imports, anywhere in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import hides where it leads"
            found |= {f"{node.module}.{name.name}" for name in node.names}
    return found


def files(layer: str) -> list[Path]:
    """The files of a layer."""
    found = sorted((ROOT / "lossviz" / layer).rglob("*.py"))
    assert found
    return found


@pytest.mark.parametrize("layer", LAYERS)
def test_imports_run_one_way(layer: str) -> None:
    for path in files(layer):
        for name in imports(path):
            parts = name.split(".")
            if parts[0] == "lossviz":
                assert parts[1] in ALLOWED[layer], f"{path.relative_to(ROOT)} imports {name}"
            assert parts[0] not in FOREIGN[layer], f"{path.relative_to(ROOT)} imports {name}"


def test_pages_meet_the_rest_only_through_the_ui() -> None:
    pages = [*sorted((ROOT / "pages").glob("*.py")), ROOT / "streamlit_app.py"]
    assert len(pages) > 1
    for path in pages:
        for name in imports(path):
            if name.startswith("lossviz"):
                assert name.startswith("lossviz.ui"), f"{path.relative_to(ROOT)} imports {name}"


def test_nothing_in_the_package_imports_a_page_or_a_test() -> None:
    for layer in LAYERS:
        for path in files(layer):
            assert not {name.split(".")[0] for name in imports(path)} & {"pages", "tests", "benchmarks"}


@pytest.mark.parametrize(
    ("module", "absent"),
    [
        ("lossviz.losses.catalogue", "torch"),
        ("lossviz.charts.picture", "torch"),
        ("lossviz.ui.home", "torch"),
        ("lossviz.ui.home_picture", "torch"),
        ("lossviz.ui.home_picture", "altair"),
        ("lossviz.ui.home_picture", "pandas"),
        ("lossviz.ui.navigation", "torch"),
        ("lossviz.ui.loss_panel", "torchvision"),
        ("lossviz.ui.loss_panel", "altair"),
        ("lossviz.ui.training.page", "altair"),
        ("lossviz.ui.server_start", "pandas"),
        ("lossviz.ui.specs_ahead", "streamlit"),
        ("lossviz.ui.specs_ahead", "torch"),
        ("lossviz.training.jobs", "torch"),
        ("lossviz.training.worker", "torchvision"),
        ("lossviz.training.worker", "streamlit"),
    ],
)
def test_what_is_heavy_is_not_loaded_before_it_is_needed(module: str, absent: str) -> None:
    code = f"import sys, {module}; sys.exit({absent!r} in sys.modules)"
    run_alone(code)


def test_no_other_page_loads_torchvision() -> None:
    code = """
import sys
from lossviz.losses.call import available, exact
from lossviz.losses.catalogue import catalogue
from lossviz.losses.lattice import lattice
own = [entry for entry in catalogue().values() if not entry.module.startswith("torchvision")]
asked = [entry for entry in own if available(entry)]
for entry in asked:
    exact(entry, entry.defaults)
    lattice(entry)
assert len(asked) > 15
sys.exit("torchvision" in sys.modules)
"""
    run_alone(code)
