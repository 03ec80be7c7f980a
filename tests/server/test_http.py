"""The real server over HTTP: fresh deep links, many sessions, hostile links."""

from __future__ import annotations

import threading
import time
import urllib.parse
import urllib.request
from pathlib import Path

import pytest

from lossviz.losses.call import exact
from lossviz.losses.catalogue import CATEGORIES, catalogue
from lossviz.losses.digits import shown
from lossviz.losses.entry import LossEntry
from lossviz.losses.link import PanelState, to_link
from lossviz.losses.plain_symbol import gradient_name
from lossviz.ui.specs_ahead import every_spec
from tests.live_server import LiveServer, elements, live_server
from tests.patience import PATIENCE

pytestmark = pytest.mark.server


def metrics(answer: dict[str, object]) -> dict[str, str]:
    """The metrics of a snapshot."""
    tree = answer["tree"]
    assert isinstance(tree, dict)
    return {m["props"]["label"]: m["props"]["value"] for m in elements(tree, "metric")}


def test_a_deep_link_on_a_fresh_server(tmp_path: Path) -> None:
    with live_server(tmp_path) as server:
        answer = server.interact(
            page="regression", query_params={"loss": ["HuberLoss"], "prediction": ["3"], "delta": ["2"]}
        )
        assert answer["status"] == "ready"
        assert metrics(answer) == {"loss": "4", "∂loss/∂x": "2"}
        assert [page["url_path"] for page in answer["pages"]] == ["", *CATEGORIES, "training"]


@pytest.mark.parametrize("entry", list(catalogue().values()), ids=lambda entry: entry.name)
def test_every_preset_of_every_loss_is_a_link(app_server: LiveServer, entry: LossEntry) -> None:
    # One visitor follows them all: the server allows only so many sessions.
    visitor = {"session_id": app_server.interact()["session_id"]}
    for preset in entry.presets:
        settings = entry.defaults | dict(preset.settings)
        link = to_link(PanelState(entry, settings, preset.overlays))
        parameters = {key: [value] for key, value in link.items()}
        answer = app_server.interact(**visitor, page=entry.category, query_params=parameters)
        assert answer["status"] == "ready"
        assert not list(elements(answer["tree"], "warning"))
        said = exact(entry, settings)
        found = metrics(answer)
        assert (found["loss"], found[gradient_name(entry)]) == (shown(said.loss), shown(said.gradient))


def test_sessions_do_not_share_their_knobs(app_server: LiveServer) -> None:
    answers = [
        app_server.interact(page="regression", query_params={"loss": ["MSELoss"], "prediction": [str(x)]})
        for x in (1, 2, 3)
    ]
    assert [metrics(answer)["loss"] for answer in answers] == ["1", "4", "9"]
    again = app_server.interact(session_id=answers[0]["session_id"])
    assert metrics(again)["loss"] == "1"


@pytest.mark.parametrize("value", ["1e999", "'; DROP TABLE", "\u202e2", "%00", "9" * 5000])
def test_a_hostile_link_is_answered(app_server: LiveServer, value: str) -> None:
    answer = app_server.interact(page="regression", query_params={"loss": ["L1Loss"], "prediction": [value]})
    assert answer["status"] == "ready"
    assert metrics(answer)["loss"] in {"2.5", "5"}
    tree = answer["tree"]
    (warning,) = elements(tree, "warning")
    assert "prediction" in warning["props"]["body"]


def test_every_page_is_served(app_server: LiveServer) -> None:
    for page in app_server.interact()["pages"]:
        url = urllib.parse.urljoin(app_server.url + "/", page["url_path"])
        with urllib.request.urlopen(url, timeout=PATIENCE) as response:  # noqa: S310 - a loopback address
            assert response.status == 200


def test_nothing_went_wrong_on_the_server(app_server: LiveServer) -> None:
    app_server.interact(page="regression")
    wrong = [
        line for line in app_server.output if "Traceback" in line or "Error" in line or "deprecat" in line
    ]
    assert wrong == []


def test_a_server_writes_every_spec_ahead_and_the_next_leaves_them_as_they_are(tmp_path: Path) -> None:
    def kept() -> dict[str, int]:
        return {path.name: path.stat().st_mtime_ns for path in tmp_path.glob("specs/*/*")}

    with live_server(tmp_path) as server:
        # The picture of the home page is kept in a file of its own.
        first = server.interact()
        last = time.monotonic() + PATIENCE
        while "complete" not in kept():
            assert time.monotonic() < last, "\n".join(server.output)
            threading.Event().wait(0.2)
    before = kept()
    assert len(before) == len(list(every_spec())) + 1
    with live_server(tmp_path) as server:
        asked = {"page": "ranking", "query_params": {"loss": ["TripletMarginLoss"]}}
        assert server.interact(**asked)["status"] == first["status"] == "ready"
    assert kept() == before
