"""Fetching a file that may fail in every way a network can: slow, cut off, wrong, absent."""

from __future__ import annotations

import http.client
import queue
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

CONNECT_SECONDS = 4.0
DECIDE_SECONDS = 5.0
READ_SECONDS = 10.0
ATTEMPTS = 3
LARGEST_BYTES = 64 * 2**20
_BLOCK = 1 << 16

Progress = Callable[[int, int], None]
"""Called with bytes done and bytes in all (0 where the server does not say)."""


class DownloadError(RuntimeError):
    """A download that came to nothing; the message says why."""


def answering(
    mirrors: Sequence[str],
    name: str,
    *,
    within: float = DECIDE_SECONDS,
    connect_seconds: float = CONNECT_SECONDS,
) -> list[str]:
    """Ask all mirrors at once for a file and see which one answers first.

    Name resolution has no time-out of its own, so each mirror is asked in a thread that is left behind when the
    time is up.

    Args:
        mirrors: Addresses of folders, ending in "/".
        name: The file to ask for.
        within: Seconds for the decision.
        connect_seconds: Seconds for one connection.

    Returns:
        The mirrors, the one that answered first in front.

    Raises:
        DownloadError: None answered in time.
    """
    answers: queue.SimpleQueue[tuple[str, str | None]] = queue.SimpleQueue()

    def ask(mirror: str) -> None:
        try:
            with closing(_open(mirror + name, 0, connect_seconds)):
                answers.put((mirror, None))
        except DownloadError as error:
            answers.put((mirror, str(error)))

    for mirror in mirrors:
        threading.Thread(target=ask, args=(mirror,), daemon=True).start()
    deadline, said = time.monotonic() + within, []
    for _ in mirrors:
        try:
            mirror, problem = answers.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            said.append(f"no answer within {within:.0f} s")
            break
        if problem is None:
            return [mirror, *(other for other in mirrors if other != mirror)]
        said.append(problem)
    raise DownloadError("; ".join(dict.fromkeys(said)) or "there is no address to download from")


def fetch(
    url: str,
    target: Path,
    intact: Callable[[Path], bool],
    progress: Progress,
    *,
    read_seconds: float = READ_SECONDS,
    attempts: int = ATTEMPTS,
) -> None:
    """Download a file, going on where an earlier attempt was cut off; keep it only if it is intact.

    What has come is kept beside the target as `<name>.part`, so an interrupted download is resumed, also by
    another process. A server that cannot resume makes it start again.

    Args:
        url: The address, http or https.
        target: Where to keep the file.
        intact: Whether a file is what it should be; called with the whole download.
        progress: Told how far it is.
        read_seconds: A server silent for so long is given up for this attempt.
        attempts: How often to try.

    Raises:
        DownloadError: It did not come, or what came is not intact.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    problem = ""
    for _ in range(attempts):
        try:
            _continue(url, part, progress, read_seconds)
        except _CutOffError as error:
            problem = str(error)  # what came is kept: the next attempt goes on from there
            continue
        if intact(part):
            part.replace(target)
            return
        part.unlink()
        problem = "what came does not have the right checksum"
    raise DownloadError(f"{url}: {problem}")


class _CutOffError(Exception):
    """The connection ended too soon; trying again may help."""


def _continue(url: str, part: Path, progress: Progress, read_seconds: float) -> None:
    """Fetch what is missing of a file."""
    have = part.stat().st_size if part.exists() else 0
    try:
        response = _open(url, have, read_seconds)
    except _RangeError:
        part.unlink()  # there is nothing after what we have: what we have is something else
        have = 0
        response = _open(url, 0, read_seconds)
    with closing(response):
        if response.status != http.HTTPStatus.PARTIAL_CONTENT or not _starts_at(response, have):
            have = 0  # the server sends the whole file, whatever was asked
        length = response.headers.get("Content-Length", "")
        total = have + int(length) if length.isdigit() else 0
        if total > LARGEST_BYTES:
            raise DownloadError(f"{url}: {total:,} bytes are offered, far more than the file has")
        with part.open("r+b" if have else "wb") as file:
            file.seek(have)
            file.truncate()
            _copy(response, file.write, have, total, progress, url)


def _copy(
    response: http.client.HTTPResponse,
    write: Callable[[bytes], int],
    have: int,
    total: int,
    progress: Progress,
    url: str,
) -> None:
    progress(have, total)
    try:
        while block := response.read1(_BLOCK):
            write(block)
            have += len(block)
            progress(have, total)
            if have > LARGEST_BYTES:
                raise DownloadError(f"{url}: more came than the file has")
    except TimeoutError as error:
        raise _CutOffError("the server stopped sending") from error
    except (OSError, http.client.HTTPException) as error:
        raise _CutOffError(f"the connection broke ({error})") from error
    if have < total:
        raise _CutOffError(f"the connection ended after {have:,} of {total:,} bytes")


class _RangeError(Exception):
    """The server has nothing from that byte on."""


def _open(url: str, start: int, seconds: float) -> http.client.HTTPResponse:
    if urlsplit(url).scheme not in ("http", "https"):
        raise DownloadError(f"{url}: only http and https are fetched")
    headers = {"User-Agent": "lossviz", "Accept-Encoding": "identity"}
    if start:
        headers["Range"] = f"bytes={start}-"
    try:
        response = urllib.request.urlopen(  # noqa: S310 - the scheme was checked above
            urllib.request.Request(url, headers=headers),  # noqa: S310 - as above
            timeout=seconds,
        )
    except urllib.error.HTTPError as error:
        with closing(error):
            if error.code == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and start:
                raise _RangeError from error
            raise DownloadError(f"{url}: the server answers {error.code} {error.reason}") from error
    except (OSError, ValueError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", error)
        if isinstance(reason, TimeoutError):
            reason = f"no answer within {seconds:.0f} s"
        raise DownloadError(f"{url}: {reason}") from error
    return cast(http.client.HTTPResponse, response)


def _starts_at(response: http.client.HTTPResponse, start: int) -> bool:
    """Whether a partial answer begins where we asked it to."""
    return response.headers.get("Content-Range", "").startswith(f"bytes {start}-")
