"""What can be taken home of a run, as the page offers it, and that nothing is made before it is asked for."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from lossviz.training.settings import Settings
from lossviz.ui.training import take_home
from lossviz.ui.training.take_home import settings_json
from tests.ui.fake_jobs import FakeJobs
from tests.ui.run_page import finished_page, leave_weights


@pytest.fixture
def offered(monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[Callable[[], Any], str, str | None]]:
    """What the page offers, by the button's label: how it is made, its file's name, why not."""
    found: dict[str, tuple[Callable[[], Any], str, str | None]] = {}
    real = take_home._button

    def note(label: str, make: Callable[[], Any], file_name: str, *rest: Any) -> None:  # noqa: ANN401 - as it is called
        found[label] = make, file_name, rest[2] if len(rest) > 2 else None
        real(label, make, file_name, *rest)

    monkeypatch.setattr(take_home, "_button", note)
    return found


Offered = dict[str, tuple[Callable[[], Any], str, str | None]]


def labels(app: AppTest) -> dict[str, bool]:
    """The download buttons, and whether they can be pressed."""
    return {button.proto.label: not button.proto.disabled for button in app.download_button}


def test_a_run_on_drawn_garments_offers_everything(jobs: FakeJobs, offered: Offered) -> None:
    app = finished_page(jobs, weights=True, tab="Take home")
    assert labels(app) == {
        "Script": True,
        "Images for the script": True,
        "Settings": True,
        "Curves": True,
        "Weights": True,
        "Report": True,
    }
    stem = "lossviz-drawn-garments-run-1"
    endings = {"Script": "py", "Images for the script": "npz", "Settings": "json", "Curves": "csv"}
    for label, ending in {**endings, "Weights": "safetensors", "Report": "html"}.items():
        assert offered[label][1] == f"{stem}.{ending}"
    assert f"{stem}.npz" in offered["Script"][0](), "the script names the file that lies beside it"
    assert offered["Weights"][0]() == (jobs.folder / "weights.safetensors").read_bytes()


def test_a_run_on_fashion_mnist_needs_no_images(jobs: FakeJobs) -> None:
    jobs.ready("FashionMNIST")
    assert "Images for the script" not in labels(finished_page(jobs, name="FashionMNIST", tab="Take home"))


def test_nothing_is_made_before_it_is_asked_for(jobs: FakeJobs, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("script", "report", "arrays", "csv", "settings_json"):
        monkeypatch.setattr(take_home, name, lambda *_, **__: pytest.fail("made before it was asked for"))
    finished_page(jobs, weights=True, tab="Take home")


def test_what_is_not_there_says_why(jobs: FakeJobs, offered: Offered) -> None:
    app = finished_page(jobs, tab="Take home")
    assert not labels(app)["Weights"]
    assert offered["Weights"][2] == "This run left no weights."


def test_a_script_without_its_images_is_not_offered(jobs: FakeJobs, offered: Offered) -> None:
    jobs.ready("FashionMNIST")  # while the run is on drawn garments
    app = finished_page(jobs, tab="Take home")
    assert not labels(app)["Script"]
    assert "not at hand" in str(offered["Script"][2])
    assert "Images for the script" not in labels(app)


def test_weights_that_are_gone_are_told(jobs: FakeJobs, offered: Offered) -> None:
    finished_page(jobs, weights=True, tab="Take home")
    (jobs.folder / "weights.safetensors").unlink()
    with pytest.raises(FileNotFoundError, match="Train again"):
        offered["Weights"][0]()


def test_the_settings_come_back_as_they_were(jobs: FakeJobs) -> None:
    settings = Settings(
        loss="CrossEntropyLoss", arguments={"weight": (1.0, 2.0, *(0.5,) * 8)}, learning_rate=0.1 / 3
    )
    jobs.submit(settings, "somebody")
    text = settings_json(jobs.finish())
    values = json.loads(text)
    assert values["data"] == "drawn-garments"
    assert Settings.parse({**values, "data": "auto"}) == settings


def test_the_report_has_the_runs_name_as_plain_text(jobs: FakeJobs, offered: Offered) -> None:
    jobs.names["run-1"] = "<b>bold</b>"
    finished_page(jobs, tab="Take home")
    text = offered["Report"][0]()
    assert "&lt;b&gt;bold&lt;/b&gt;" in text
    assert "<b>bold</b>" not in text
    assert "drawn garments no. " in text


def test_the_fake_leaves_weights_as_a_run_does(jobs: FakeJobs) -> None:
    jobs.submit(Settings(epochs=2), "somebody")
    leave_weights(jobs)
    assert jobs.artefact("run-1", "weights") == jobs.folder / "weights.safetensors"
