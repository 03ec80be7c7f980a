"""A picture of one's own on the training page: the steps, the answer, and what is refused."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image, ImageDraw
from streamlit.testing.v1 import AppTest

from lossviz.training.settings import Settings
from tests.ui.fake_jobs import FakeJobs
from tests.ui.run_page import finished_page


def shirt() -> bytes:
    """A dark T-shirt on white paper."""
    image = Image.new("RGB", (300, 240), "white")
    ImageDraw.Draw(image).polygon(
        [(60, 40), (240, 40), (260, 100), (210, 90), (210, 220), (90, 220), (90, 90), (40, 100)], "navy"
    )
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def upload(app: AppTest, data: bytes, name: str = "shirt.png") -> AppTest:
    """Send a picture."""
    app.file_uploader(key="training/own/file").upload(name, data, "image/png").run()
    assert not app.exception
    return app


def words(app: AppTest) -> str:
    """What is written on the page."""
    parts: list[Any] = [*app.markdown, *app.caption, *app.info, *app.warning, *app.error]
    return "\n".join(str(part.value) for part in parts)


def captions(app: AppTest) -> list[str]:
    """What stands under the pictures."""
    return [image.caption for group in app.get("image") for image in group.proto.imgs]


def test_a_picture_goes_through_its_steps_to_an_answer(jobs: FakeJobs) -> None:
    app = finished_page(jobs, weights=True, tab="Your own picture")
    before = len(app.get("vega_lite_chart"))
    assert "light on black" in words(app)
    upload(app, shirt())
    shown = captions(app)
    for step in ("1. As sent", "2. Square", "3. Grey", "4. Inverted", "28 × 28"):
        assert any(step in caption for caption in shown), shown
    assert "The network, trained on drawn garments, says **" in words(app)
    charts = app.get("vega_lite_chart")
    assert len(charts) == before + 1
    bars = b"".join(each.data.data for each in charts[-1].proto.datasets)
    assert b"true class" not in bars, "nobody has said what it is"


@pytest.mark.parametrize(
    ("data", "says"), [(b"no picture", "not a picture that can be read here"), (shirt()[:200], "damaged")]
)
def test_anything_else_is_refused_in_words(jobs: FakeJobs, data: bytes, says: str) -> None:
    app = upload(finished_page(jobs, weights=True, tab="Your own picture"), data)
    assert says in app.warning[-1].value
    assert "The network, trained on" not in words(app)


def test_the_camera_is_not_asked_for_until_it_is_wanted(jobs: FakeJobs) -> None:
    app = finished_page(jobs, weights=True, tab="Your own picture")
    assert not app.get("camera_input")
    app.button_group(key="training/own/way").set_value("Camera").run()
    assert not app.exception
    assert len(app.get("camera_input")) == 1


def test_a_run_without_weights_says_so(jobs: FakeJobs) -> None:
    assert "left no weights" in words(finished_page(jobs, tab="Your own picture"))


def test_weights_that_are_gone_or_damaged_are_told(jobs: FakeJobs) -> None:
    app = finished_page(jobs, weights=True, tab="Your own picture")
    path = jobs.folder / "weights.safetensors"
    path.write_bytes(path.read_bytes()[:100])
    assert "cannot be read" in words(upload(app, shirt()))
    path.unlink()
    assert "not there any more" in words(upload(app, shirt()))


@pytest.mark.parametrize(
    ("task", "says"), [("embed", "on its plane"), ("reconstruct", "Drawn again by the network")]
)
def test_the_other_tasks_answer_in_their_own_way(jobs: FakeJobs, task: str, says: str) -> None:
    settings = Settings.parse({"task": task, "model": "mlp", "epochs": 2})
    app = upload(finished_page(jobs, settings, weights=True, tab="Your own picture"), shirt())
    assert says in words(app) + "\n".join(captions(app))
