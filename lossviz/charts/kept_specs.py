"""Specs that are written once: kept in memory, and between two starts in a folder.

Altair takes 0.2 to 3 s to write the spec of a panel, and while it does so all others wait. A spec depends only on the
code. So a server keeps each spec as a file, in a folder named after a hash of lossviz's files and of the versions of
Python, Altair, Streamlit, torch and torchvision. A file that is missing, damaged or from another version is drawn anew.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any, ParamSpec, Protocol

from lossviz.charts.altair_when_drawn import not_validated
from lossviz.charts.shared_steps import with_shared_steps
from lossviz.losses.catalogue import catalogue
from lossviz.losses.computed_once import computed_once
from lossviz.losses.entry import LossEntry

Spec = dict[str, Any]
"""A Vega-Lite spec without its data; to be treated as read-only."""

Asked = ParamSpec("Asked")

MOST_VERSIONS = 3
"""How many versions' specs a folder keeps: two servers of different versions may share it."""

MOST_FILES = 256
"""How many specs a version keeps; the app has about sixty."""

_COMPLETE, _PART = "complete", ".part"
_STALE_SECONDS = 3_600.0
_UNUSABLE = (OSError, ValueError)
"""What a folder raises that cannot be used: a ValueError for a name that can be none."""

_PACKAGE = Path(__file__).resolve().parents[1]
_LIBRARIES = ("altair", "streamlit", "torch", "torchvision")


class Picture(Protocol):
    """A chart of Altair."""

    def to_dict(self, validate: bool = ...) -> dict[str, Any]:  # noqa: FBT001 - as Altair declares it
        """The chart as a spec."""


def kept(draw: Callable[Asked, Picture]) -> Callable[Asked, Spec]:
    """Make the spec of the picture that a function draws, once for each of its arguments.

    Neither it nor its parts are validated against the schema of Vega-Lite: a test does that.

    Args:
        draw: Gives the picture. Its arguments are losses, texts or tuples of texts.
    """

    @computed_once()
    @functools.wraps(draw)
    def spec(*args: Asked.args, **kwargs: Asked.kwargs) -> Spec:
        shelf = _shelf if not kwargs and all(map(_lasts, args)) else None
        name = _file_name(draw, args)
        found = shelf.read(name) if shelf else None
        if found is None:
            with not_validated():
                found = with_shared_steps(draw(*args, **kwargs).to_dict(validate=False))
            if shelf:
                shelf.write(name, found)
        return found

    return spec


def keep_in(folder: Path | None) -> None:
    """Keep the specs that are written from now on in a folder; None for memory only.

    Args:
        folder: It need not be there, and it does not matter if it cannot be written to.
    """
    global _shelf
    _shelf = Shelf(folder) if folder else None


class Shelf:
    """The specs of this version in a folder.

    Args:
        folder: The folder of all versions; those that were used longest ago are removed from it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder / made_by()
        with suppress(*_UNUSABLE):
            self._folder.mkdir(parents=True, exist_ok=True)
            os.utime(self._folder)
            versions = sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
            for outdated in versions[MOST_VERSIONS:]:
                shutil.rmtree(outdated, ignore_errors=True)
            # What a process was writing when it was ended: nobody takes an hour for a file.
            for part in self._folder.glob(f"*{_PART}"):
                if time.time() - part.stat().st_mtime > _STALE_SECONDS:
                    part.unlink()

    @property
    def complete(self) -> bool:
        """Whether somebody has said that all specs of this version were written here; one may be lost since."""
        with suppress(*_UNUSABLE):
            return (self._folder / _COMPLETE).exists()
        return False

    def note_complete(self, specs: int) -> None:
        """Remember that all specs of this version have been written, if so many are there.

        Args:
            specs: How many there are in all.
        """
        with suppress(*_UNUSABLE):
            if sum(1 for _ in self._folder.glob("*.json")) >= specs:
                (self._folder / _COMPLETE).touch()

    def read(self, name: str) -> Spec | None:
        """A spec that was kept, or None where there is none that can be used."""
        with suppress(*_UNUSABLE):  # or what stands there is no text, or no JSON
            digest, _, text = (self._folder / name).read_text(encoding="utf-8").partition("\n")
            if digest == _digest(text):
                spec: Spec = json.loads(text)
                return spec
        return None

    def write(self, name: str, spec: Spec) -> None:
        """Keep a spec. Others see the whole of it or nothing; if it cannot be kept, it will be written again."""
        text = json.dumps(spec, separators=(",", ":"))
        with suppress(*_UNUSABLE):
            self._folder.mkdir(parents=True, exist_ok=True)
            if sum(1 for _ in self._folder.iterdir()) >= MOST_FILES:
                return
            handle, part = tempfile.mkstemp(suffix=_PART, dir=self._folder)
            try:
                with open(handle, "w", encoding="utf-8") as file:  # noqa: PTH123 - a handle has no path
                    file.write(f"{_digest(text)}\n{text}")
                Path(part).replace(self._folder / name)
            except OSError:
                Path(part).unlink()
                raise


@functools.cache
def made_by() -> str:
    """A name for the versions that a spec may depend on: lossviz's own files, the libraries, Python."""
    seen = hashlib.sha256(repr([sys.version_info[:2], *map(version, _LIBRARIES)]).encode())
    for path in sorted(_PACKAGE.rglob("*.py")):
        # An editor leaves links that lead nowhere, and an update takes files away: what cannot be read does not count.
        with suppress(OSError):
            seen.update(path.relative_to(_PACKAGE).as_posix().encode() + b"\0" + path.read_bytes())
    return seen.hexdigest()[:16]


_shelf: Shelf | None = None


def _lasts(argument: object) -> bool:
    """Whether an argument means the same after the next start: a loss does if it is the catalogue's own."""
    return not isinstance(argument, LossEntry) or catalogue().get(argument.name) is argument


def _file_name(draw: Callable[..., Picture], args: tuple[object, ...]) -> str:
    told = [argument.name if isinstance(argument, LossEntry) else argument for argument in args]
    return f"{draw.__module__.rpartition('.')[2]}-{draw.__name__}-{_digest(repr(told))[:16]}.json"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
