"""The report of a run: one page that asks nothing of anybody, true to the run, whatever the run is called."""

from __future__ import annotations

import base64
import io
import math
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from lossviz.training import calibration, engine
from lossviz.training.data.dataset import Dataset
from lossviz.training.events import Epoch, Event, Finished, Initial, Started, Steps
from lossviz.training.report import report
from lossviz.training.report_svg import Line, curves, ticks
from lossviz.training.results import Predictions, load_predictions, worst_mistakes
from lossviz.training.settings import Settings
from lossviz.training.snapshots import Failure, RunSnapshot

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>&amp;</style></title>"
VOID, EMPTY = {"meta", "img", "br"}, {"path", "circle"}


class Page(HTMLParser):
    """Reads a page and holds it to its rules: every element closed, nothing fetched, nothing that can run."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text: list[str] = []
        self.tags: list[str] = []
        self.images: list[dict[str, str | None]] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element begins."""
        self.tags.append(tag)
        assert tag not in ("script", "link", "iframe", "object", "embed", "form", "a", "base")
        for name, value in attrs:
            assert not name.startswith("on"), f"<{tag} {name}>"
            if name in ("src", "href", "srcset", "data", "action"):
                assert (value or "").startswith("data:image/png;base64,")
        if tag == "img":
            self.images.append(dict(attrs))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element without an inside."""
        self.tags.append(tag)
        assert tag in EMPTY
        assert all(not name.startswith("on") for name, _ in attrs)

    def handle_endtag(self, tag: str) -> None:
        """An element ends."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Text."""
        self.text.append(data)

    @property
    def words(self) -> str:
        """All text in one line."""
        return " ".join(" ".join(self.text).split())


def run(dataset: Dataset, folder: Path, **asked: Any) -> tuple[RunSnapshot, Predictions | None]:  # noqa: ANN401 - settings
    settings = Settings.parse({"model": "mlp", "train_size": 600, "epochs": 3, "device": "cpu", **asked})
    events: list[Event] = []
    engine.train(settings, dataset, events.append, folder=folder)
    steps = tuple(loss for event in events if isinstance(event, Steps) for loss in event.losses)
    [started] = [event for event in events if isinstance(event, Started)]
    [initial] = [event for event in events if isinstance(event, Initial)]
    epochs = tuple(event for event in events if isinstance(event, Epoch))
    finished = events[-1]
    assert isinstance(finished, Finished)
    left = finished.artefacts["predictions"]
    snapshot = RunSnapshot(
        "run-id",
        settings,
        "finished",
        started=started,
        initial=initial,
        step_losses=steps,
        epochs=epochs,
        result=finished,
    )
    return snapshot, load_predictions(Path(left)) if left else None


def test_a_report_tells_all_of_a_classifier(dataset: Dataset, tmp_path: Path) -> None:
    snapshot, predictions = run(dataset, tmp_path, loss="CrossEntropyLoss", label_smoothing=0.1)
    assert predictions is not None
    text = report(snapshot, name="My first run", predictions=predictions, dataset=dataset)
    page = Page(text)
    words = page.words
    assert words.count("My first run") == 2
    assert "nn.CrossEntropyLoss(label_smoothing=0.1)(network(images), labels)" in words
    assert "101,770 parameters" in words
    assert (dataset.origin in words) == (dataset.name != "FashionMNIST")
    result = snapshot.result
    assert result is not None
    assert f"{result.validation_accuracy * 100:.1f} %" in words
    assert f"{result.test_loss:.4f}" in words
    assert f"{calibration.expected_calibration_error(predictions):.3f}" in words
    for heading in (
        "What the curves say",
        "Curves",
        "Confusion",
        "Calibration",
        "Worst mistakes",
        "Settings",
    ):
        assert heading in words
    assert ("official test" in words) == (dataset.name == "FashionMNIST")
    assert page.tags.count("svg") == 4
    assert len(text) < 200_000


def test_the_worst_mistakes_are_pictures_with_the_datas_name(dataset: Dataset, tmp_path: Path) -> None:
    snapshot, predictions = run(dataset, tmp_path)
    assert predictions is not None
    page = Page(report(snapshot, predictions=predictions, dataset=dataset))
    worst = worst_mistakes(predictions, 8)
    assert len(page.images) == len(worst) > 0
    for image, index in zip(page.images, worst["index"], strict=True):
        assert (image["alt"] or "").startswith(f"{dataset.name} no. {index:,}: is ")
        packed = (image["src"] or "").partition("base64,")[2]
        pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(packed))))
        np.testing.assert_array_equal(pixels, dataset.train_images[index])


def test_every_picture_names_its_data(dataset: Dataset, tmp_path: Path) -> None:
    for task in ("classify", "reconstruct", "embed"):
        snapshot, predictions = run(dataset, tmp_path / task, task=task, epochs=1)
        text = report(snapshot, predictions=predictions, dataset=dataset)
        captions = re.findall(r"<figcaption>(.*?)</figcaption>", text)
        assert len(captions) >= 3
        assert all(dataset.name in caption for caption in captions), captions


def test_the_other_tasks_have_looks_of_their_own(dataset: Dataset, tmp_path: Path) -> None:
    snapshot, _ = run(dataset, tmp_path, task="reconstruct", loss="MSELoss")
    page = Page(report(snapshot, dataset=dataset))
    assert "Drawn again" in page.words
    assert len(page.images) == 20
    snapshot, _ = run(dataset, tmp_path, task="embed", loss="TripletMarginLoss")
    page = Page(report(snapshot, dataset=dataset))
    assert "The plane" in page.words
    assert page.tags.count("circle") > 60
    assert "active share" in page.words


@pytest.mark.parametrize("name", [HOSTILE, "a" * 5_000, "\u202e\x00\n"])
def test_nothing_that_a_run_brings_along_becomes_markup(dataset: Dataset, tmp_path: Path, name: str) -> None:
    snapshot, predictions = run(dataset, tmp_path, epochs=1)
    assert snapshot.started is not None
    assert snapshot.result is not None
    hostile = replace(
        snapshot,
        run_id=name,
        started=replace(snapshot.started, data_name=name, data_origin=name, device_name=name, device=name),
        result=replace(snapshot.result, warnings=[name]),
        failure=Failure(name, name),
    )
    page = Page(report(hostile, name=name, predictions=predictions, dataset=dataset))
    if name == HOSTILE:
        assert HOSTILE in "".join(page.text)


def test_nothing_is_fetched(dataset: Dataset, tmp_path: Path) -> None:
    snapshot, predictions = run(dataset, tmp_path, epochs=1)
    text = report(snapshot, predictions=predictions, dataset=dataset)
    assert "default-src 'none'" in text
    assert not re.search(r"(?i)url\(|@import|https?://", text.replace(dataset.origin, ""))


def test_a_run_with_next_to_nothing_has_a_report() -> None:
    page = Page(report(RunSnapshot("run", Settings(), "failed", failure=Failure("It broke.", "Mend it."))))
    assert "It broke. Mend it." in page.words
    page = Page(
        report(RunSnapshot("run", Settings(), "stopped", initial=Initial(2.3, 0.1, 2.3, 0.1, 90, 10)))
    )
    assert "Curves" in page.words


def test_a_diverged_run_has_a_report(dataset: Dataset, tmp_path: Path) -> None:
    snapshot, predictions = run(
        dataset, tmp_path, optimizer="sgd", learning_rate=100.0, schedule="constant", mistake="sum"
    )
    page = Page(report(snapshot, predictions=predictions, dataset=dataset))
    assert "iverge" in page.words


def test_a_mistake_is_told(dataset: Dataset, tmp_path: Path) -> None:
    snapshot, predictions = run(dataset, tmp_path, mistake="softmax-first")
    assert (
        "Wrong on purpose: Softmax before cross-entropy."
        in Page(report(snapshot, predictions=predictions)).words
    )


def test_images_that_are_not_at_hand_are_not_replaced_by_others(dataset: Dataset, tmp_path: Path) -> None:
    snapshot, predictions = run(dataset, tmp_path)
    for other in (None, replace(dataset, name="other data")):
        page = Page(report(snapshot, predictions=predictions, dataset=other))
        assert page.images == []
        assert "were not at hand" in page.words


@pytest.mark.parametrize(
    "values",
    [
        [],
        [1.0],
        [0.0, 0.0],
        [-3.0, -3.0],
        [math.nan, 1.0, math.inf, 2.0, 1.0],
        [math.nan],
        [1e-300, 2e-300],
        [1e300, 1.0],
        [1e20, 1e20 + 1],
        [-1.0, 5.0],
    ],
)
def test_a_curve_of_any_numbers_can_be_drawn(values: list[float]) -> None:
    text = curves("Title", "epoch", "loss", [Line("one", list(enumerate(values)), "#000000")])
    Page(text)
    assert "nan" not in text
    assert "inf" not in text.replace("no finite value", "")


def test_a_curve_is_interrupted_where_it_is_not_finite() -> None:
    line = Line("one", [(0.0, 1.0), (1.0, 2.0), (2.0, math.nan), (3.0, 1.0), (4.0, 0.5)], "#123456")
    assert (
        len(re.findall(r'<path d="M[^"]*L[^"]*" fill="none" stroke="#123456"', curves("t", "x", "y", [line])))
        == 2
    )


def test_ticks_are_round_and_few() -> None:
    dice = np.random.default_rng(0)
    for _ in range(300):
        low = float(dice.normal()) * 10.0 ** int(dice.integers(-6, 6))
        high = low + abs(float(dice.normal()) + 1e-3) * 10.0 ** int(dice.integers(-6, 6))
        if not high - low > 1e-9 * max(abs(low), abs(high)):
            continue
        found = ticks(low, high)
        assert 1 <= len(found) <= 7
        assert all(low - 1e-6 * (high - low) <= value <= high + 1e-6 * (high - low) for value in found)
