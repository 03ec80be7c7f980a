"""The folder where lossviz keeps its cache and its runs."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path


class HomeError(RuntimeError):
    """The folder cannot be used; the message says why and what to do."""


def home(environ: Mapping[str, str] = os.environ) -> Path:
    """The folder where lossviz keeps its cache and its runs, made if it is not there.

    `LOSSVIZ_HOME` names it; without it, it is `lossviz` in the platform's cache folder of the user.

    Args:
        environ: Environment variables.

    Returns:
        An absolute path of a folder that can be written to.

    Raises:
        HomeError: The folder cannot be made or written to.
    """
    named = environ.get("LOSSVIZ_HOME", "")
    if "\0" in named:
        raise HomeError("LOSSVIZ_HOME holds a null character. Set it to the path of a folder.")
    if named.strip():
        folder, whence = Path(named), "LOSSVIZ_HOME names"
    else:
        folder, whence = _user_cache(environ) / "lossviz", "lossviz keeps its cache in"
    try:
        folder = folder.expanduser().absolute()
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError) as error:
        raise HomeError(f"{whence} {folder}, which cannot be made ({error}). {_ADVICE}") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise HomeError(f"{whence} {folder}, which cannot be written to. {_ADVICE}")
    return folder


_ADVICE = "Set LOSSVIZ_HOME to a folder that you may write to."


def _user_cache(environ: Mapping[str, str]) -> Path:
    """Where the platform keeps a user's caches."""
    if sys.platform == "win32":
        return Path(environ.get("LOCALAPPDATA") or "~/AppData/Local")
    if sys.platform == "darwin":
        return Path("~/Library/Caches")
    named = Path(environ.get("XDG_CACHE_HOME", ""))
    return named if named.is_absolute() else Path("~/.cache")  # the XDG rules: a relative path is ignored
