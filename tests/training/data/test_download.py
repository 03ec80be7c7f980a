"""Downloads against a local server that fails in every way a network can."""

from __future__ import annotations

import http.server
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lossviz.training.data.download import DownloadError, answering, fetch

CONTENT = bytes(range(256)) * 1_000
Answer = Callable[["Handler", int], None]


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers as the test says, and notes what was asked."""

    def do_GET(self) -> None:
        """Give the next answer."""
        server = self.server
        assert isinstance(server, Server)
        start = int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").removesuffix("-"))
        server.starts.append(start)
        server.answers.pop(0)(self, start)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Server(http.server.ThreadingHTTPServer):
    """A local server with its answers lined up."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: list[Answer] = []
        self.starts: list[int] = []
        self.hang = threading.Event()

    @property
    def url(self) -> str:
        """The server's address."""
        return f"http://127.0.0.1:{self.server_address[1]}/"


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server()
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield running
    running.hang.set()
    running.shutdown()
    thread.join()
    running.server_close()


def whole(handler: Handler, _start: int) -> None:
    """A server that knows no Range."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(CONTENT)))
    handler.end_headers()
    handler.wfile.write(CONTENT)


def ranged(handler: Handler, start: int) -> None:
    if start >= len(CONTENT):
        handler.send_error(416)
        return
    handler.send_response(206 if start else 200)
    handler.send_header("Content-Length", str(len(CONTENT) - start))
    if start:
        handler.send_header("Content-Range", f"bytes {start}-{len(CONTENT) - 1}/{len(CONTENT)}")
    handler.end_headers()
    handler.wfile.write(CONTENT[start:])


def cut_off(handler: Handler, start: int) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(CONTENT)))
    handler.end_headers()
    handler.wfile.write(CONTENT[start : start + 100_000])


def stalling(handler: Handler, start: int) -> None:
    cut_off(handler, start)
    handler.wfile.flush()
    server = handler.server
    assert isinstance(server, Server)
    server.hang.wait(20)


def wrong(handler: Handler, _start: int) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "5")
    handler.end_headers()
    handler.wfile.write(b"wrong")


def absent(handler: Handler, _start: int) -> None:
    handler.send_error(404)


def endless(handler: Handler, _start: int) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", str(2**40))
    handler.end_headers()


def intact(path: Path) -> bool:
    return path.read_bytes() == CONTENT


def get(server: Server, target: Path, *answers: Answer) -> list[tuple[int, int]]:
    server.answers[:] = answers
    told: list[tuple[int, int]] = []
    fetch(server.url + "file", target, intact, lambda *step: told.append(step), read_seconds=0.5)
    return told


def test_a_file_comes_with_its_progress(server: Server, tmp_path: Path) -> None:
    told = get(server, tmp_path / "file", ranged)
    assert intact(tmp_path / "file")
    assert told[0] == (0, len(CONTENT))
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("first", [cut_off, stalling])
def test_what_was_cut_off_is_resumed(server: Server, tmp_path: Path, first: Answer) -> None:
    get(server, tmp_path / "file", first, ranged)
    assert intact(tmp_path / "file")
    assert server.starts == [0, 100_000]


def test_a_server_without_range_starts_again(server: Server, tmp_path: Path) -> None:
    get(server, tmp_path / "file", cut_off, whole)
    assert intact(tmp_path / "file")


def test_another_process_resumes_what_is_there(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file.part").write_bytes(CONTENT[:5_000])
    told = get(server, tmp_path / "file", ranged)
    assert server.starts == [5_000]
    assert told[0] == (5_000, len(CONTENT))
    assert intact(tmp_path / "file")


def test_a_part_longer_than_the_file_is_thrown_away(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file.part").write_bytes(CONTENT + b"more")
    get(server, tmp_path / "file", ranged, ranged)
    assert intact(tmp_path / "file")


def test_a_wrong_part_is_thrown_away_once_it_is_whole(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file.part").write_bytes(b"not the beginning")
    get(server, tmp_path / "file", ranged, ranged)
    assert intact(tmp_path / "file")
    assert server.starts == [17, 0]


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        ([wrong] * 3, "checksum"),
        ([cut_off, cut_off, cut_off], "ended after"),
        ([stalling, stalling, stalling], "stopped sending"),
        ([absent], "404"),
        ([endless], "far more"),
    ],
    ids=["wrong", "cut off", "stalling", "absent", "endless"],
)
def test_a_file_that_does_not_come_says_why(
    server: Server, tmp_path: Path, answers: list[Answer], says: str
) -> None:
    with pytest.raises(DownloadError, match=says):
        get(server, tmp_path / "file", *answers)
    assert not (tmp_path / "file").exists()


def test_only_the_web_is_asked(tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match="only http"):
        fetch(f"file://{__file__}", tmp_path / "file", intact, lambda *_: None)


def test_the_mirror_that_answers_comes_first(server: Server) -> None:
    server.answers[:] = [ranged]
    closed = "http://127.0.0.1:9/"
    assert answering([closed, server.url], "file") == [server.url, closed]


def test_a_silent_network_is_decided_within_the_time() -> None:
    # A server that takes connections and never answers.
    silent = socket.create_server(("127.0.0.1", 0))
    with silent, pytest.raises(DownloadError, match="no answer within"):
        answering([f"http://127.0.0.1:{silent.getsockname()[1]}/"], "file", within=0.3)


def test_no_mirror_at_all_is_said() -> None:
    with pytest.raises(DownloadError, match="no address"):
        answering([], "file")
