"""A run as one page of HTML that can be printed: nothing in it is fetched, and nothing in it can run.

Knows no torch. Everything that comes from a run, its name above all, is escaped.
"""

from __future__ import annotations

import base64
import io
import math
import re
from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lossviz.training import calibration, report_svg
from lossviz.training.classes import CLASS_NAMES
from lossviz.training.data.dataset import Dataset
from lossviz.training.data.fashion_mnist import NAME as FASHION_MNIST
from lossviz.training.model_tables import layers
from lossviz.training.objectives.mistakes import MISTAKES
from lossviz.training.report_svg import TRAIN, VALIDATION, Line
from lossviz.training.results import Predictions, by_class, confusion, worst_mistakes
from lossviz.training.run_diagnosis import diagnose_run
from lossviz.training.snapshots import RunSnapshot

_WORST: Final = 8

_STYLE: Final = """
:root { color-scheme: light; }
body { font: 14px/1.45 system-ui, sans-serif; color: #262730; background: #fff; max-width: 960px; margin: 1.5rem auto;
  padding: 0 1rem; }
h1 { font-size: 1.6rem; margin: 0; overflow-wrap: anywhere; } h2 { font-size: 1.1rem; margin: 1.2rem 0 .4rem; }
p { margin: .3rem 0; overflow-wrap: anywhere; }
figure { margin: 0; break-inside: avoid; } figcaption { font-size: .85rem; }
svg { width: 100%; height: auto; }
.row { display: flex; flex-wrap: wrap; gap: 1rem; } .row > * { flex: 1 1 300px; min-width: 0; }
.pictures { display: flex; flex-wrap: wrap; gap: .8rem; } .pictures figure { width: 112px; flex: none; }
.pictures img { width: 112px; height: 112px; image-rendering: pixelated; display: block; }
.pictures .two img { display: inline-block; width: 54px; height: 54px; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .85rem; }
th, td { padding: .15rem .4rem; text-align: right; border-bottom: 1px solid #ddd; } th:first-child { text-align: left; }
td.text { text-align: left; overflow-wrap: anywhere; } .wide { overflow-x: auto; }
pre { white-space: pre-wrap; background: #f4f4f6; padding: .5rem; overflow-wrap: anywhere; }
.verdict { border-left: 4px solid #0072B2; padding-left: .7rem; }
.key { white-space: nowrap; margin-right: .6rem; font-size: .85rem; }
.key span { display: inline-block; width: .7rem; height: .7rem; border-radius: 50%; margin-right: .25rem; }
@media print { body { margin: 0; max-width: none; font-size: 11px; } h2 { break-after: avoid; } td { print-color-adjust:
  exact; -webkit-print-color-adjust: exact; } @page { size: A4; margin: 12mm; } }
"""


def report(
    snapshot: RunSnapshot,
    *,
    name: str = "",
    predictions: Predictions | None = None,
    dataset: Dataset | None = None,
) -> str:
    """A run as a page.

    Args:
        snapshot: The run.
        name: What its owner calls it.
        predictions: Its answers on the validation images, to classify.
        dataset: The images it was trained on, for pictures of its mistakes.

    Returns:
        A whole HTML document: styles, curves and pictures are in it.
    """
    data = _data_name(snapshot)
    title = name or "A training run"
    parts = [
        f"<h1>{escape(title)}</h1>",
        _subtitle(snapshot, data),
        _diagnosis(snapshot),
        _numbers(snapshot),
        _curves(snapshot, data),
        _pipeline(snapshot),
        *_answers(predictions, dataset, data),
        _looks(snapshot, data),
        _settings(snapshot),
        f"<p><small>Made by lossviz from run {escape(snapshot.run_id)}. Every value was computed by torch.</small></p>",
    ]
    policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)} · lossviz</title><style>{_STYLE}</style></head><body>\n"
        + "\n".join(filter(None, parts))
        + "\n</body></html>\n"
    )


def _data_name(snapshot: RunSnapshot) -> str:
    return snapshot.started.data_name if snapshot.started is not None else "data not known yet"


def _subtitle(snapshot: RunSnapshot, data: str) -> str:
    settings, started = snapshot.settings, snapshot.started
    words = [
        f"{data}, {settings.train_size:,} images",
        f"{settings.loss}, to {settings.task}",
        settings.model,
        f"{settings.epochs} epoch{'s' if settings.epochs != 1 else ''}",
        snapshot.state,
    ]
    if started is not None:
        words.append(f"{started.device_name or started.device}, threads: {started.threads}")
    # Where FashionMNIST lies on the server is nothing to take home; what drawn garments are is.
    drawn = started is not None and data != FASHION_MNIST
    origin = f"<p>{escape(started.data_origin)}</p>" if started is not None and drawn else ""
    failure = snapshot.failure
    failed = f"<p><b>{escape(failure.message)}</b> {escape(failure.advice)}</p>" if failure else ""
    return f"<p>{escape(' · '.join(words))}</p>{origin}{failed}"


def _diagnosis(snapshot: RunSnapshot) -> str:
    found = diagnose_run(snapshot)
    if found is None:
        return ""
    evidence = " ".join(found.evidence)
    advice = f"<p><b>What to try.</b> {escape(found.advice)}</p>" if found.advice else ""
    return (
        f'<h2>What the curves say</h2><div class="verdict"><p><b>{escape(found.headline)}</b> {escape(evidence)}</p>'
        f"{advice}</div>"
    )


def _numbers(snapshot: RunSnapshot) -> str:
    result = snapshot.result
    if result is None:
        return ""
    official = "official " if _data_name(snapshot) == FASHION_MNIST else ""
    rows = [
        (
            "validation",
            result.validation_measured_on,
            result.validation_loss,
            result.validation_accuracy,
            result.metrics,
        )
    ]
    if result.test_loss is not None and snapshot.started is not None:
        accuracy = result.test_accuracy if result.test_accuracy is not None else math.nan
        images = snapshot.started.test_images
        rows.append((f"{official}test", images, result.test_loss, accuracy, result.test_metrics))
    more = list(result.metrics)
    head = "".join(
        f"<th>{escape(each)}</th>" for each in ["images", "", "loss", "accuracy", *more] if each != ""
    )
    body = "".join(
        f"<tr><th>{escape(part)}</th><td>{images:,}</td><td>{_number(loss)}</td><td>{_percent(accuracy)}</td>"
        + "".join(f"<td>{_number(metrics.get(each, math.nan))}</td>" for each in more)
        + "</tr>"
        for part, images, loss, accuracy, metrics in rows
    )
    return f"<h2>What came of it</h2><table><tr><th></th>{head}</tr>{body}</table>"


def _curves(snapshot: RunSnapshot, data: str) -> str:
    initial = snapshot.initial
    if initial is None:
        return ""
    epochs = snapshot.epochs

    def lines(start: tuple[float, float], pairs: Iterable[tuple[float, float]]) -> list[Line]:
        both = [start, *pairs]
        return [
            Line(name, [(float(epoch), pair[place]) for epoch, pair in enumerate(both)], colour)
            for place, (name, colour) in enumerate((("train", TRAIN), ("validation", VALIDATION)))
        ]

    pictures = [
        report_svg.curves(
            f"Loss, {data}",
            "epoch",
            "loss",
            lines(
                (initial.train_loss, initial.validation_loss),
                ((e.train_loss, e.validation_loss) for e in epochs),
            ),
        )
    ]
    if snapshot.settings.task != "reconstruct":
        start = (initial.train_accuracy, initial.validation_accuracy)
        pairs = ((e.train_accuracy, e.validation_accuracy) for e in epochs)
        pictures.append(
            report_svg.curves(f"Accuracy, {data}", "epoch", "accuracy", lines(start, pairs), share=True)
        )
    for place, metric in enumerate(initial.metrics):
        values = [initial.metrics[metric], *(epoch.metrics.get(metric, math.nan) for epoch in epochs)]
        shown = Line("validation", list(enumerate(values)), VALIDATION)
        if place < 1 or snapshot.settings.task == "embed":
            pictures.append(report_svg.curves(f"{metric.capitalize()}, {data}", "epoch", "", [shown]))
    steps = [
        (step / snapshot.settings.steps_per_epoch, loss) for step, loss in _thinned(snapshot.step_losses)
    ]
    if steps:
        by_step = Line("train, by step", steps, TRAIN)
        pictures.append(report_svg.curves(f"Loss of each step's batch, {data}", "epoch", "loss", [by_step]))
    return f'<h2>Curves</h2><div class="row">{"".join(pictures)}</div>'


def _thinned(losses: Sequence[float], most: int = 400) -> list[tuple[int, float]]:
    """At most so many steps, evenly, the first and the last among them."""
    if not losses:
        return []
    places = np.unique(np.linspace(0, len(losses) - 1, min(most, len(losses))).round().astype(int))
    return [(int(place) + 1, losses[place]) for place in places]


def _pipeline(snapshot: RunSnapshot) -> str:
    settings = snapshot.settings
    spec = settings.spec
    inside = " → ".join(layer.name for layer in layers(settings) if layer.name != "Flatten")
    learned = sum(layer.parameters for layer in layers(settings))
    steps = re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", escape(spec.steps))
    cycle = "one cycle" if settings.schedule == "one-cycle" else "a constant learning rate"
    mistake = MISTAKES.get(settings.mistake)
    wrong = (
        f"<p><b>Wrong on purpose: {escape(mistake.title)}.</b> {escape(mistake.bug)} {escape(mistake.outcome)}</p>"
        if mistake
        else ""
    )
    told = [*dict.fromkeys(snapshot.result.warnings)] if snapshot.result is not None else []
    code = spec.code(settings.arguments, settings.label_smoothing, settings.mistake)
    warned = "".join(f"<p>torch warned: {escape(text)}</p>" for text in told)
    return (
        "<h2>From the images to the loss</h2>"
        f"<p><b>Data.</b> {settings.train_images:,} images to train on, {settings.validation_images:,} held out. "
        "Pixels from 0 to 1, minus their mean, divided by their deviation.</p>"
        f"<p><b>Network.</b> {escape(inside)}: {learned:,} parameters.</p>"
        f"<p><b>Loss.</b> {steps}. {escape(spec.text)}</p>"
        f"<pre>{escape(code)}</pre>{wrong}{warned}"
        f"<p><b>Training.</b> {escape(settings.optimizer)}, {cycle} of {settings.learning_rate:g}, batches of "
        f"{settings.batch_size:,}, {settings.epochs} epochs, {settings.steps_total:,} steps, seed {settings.seed}.</p>"
    )


def _answers(predictions: Predictions | None, dataset: Dataset | None, data: str) -> list[str]:
    """Confusion, calibration and the worst mistakes of a classifier."""
    if predictions is None or not len(predictions.labels):
        return []
    if not np.isfinite(predictions.probabilities).all():
        return ["<h2>Confusion</h2><p>The network gives no finite probabilities any more.</p>"]
    return [
        _confusion(predictions, data),
        _calibration(predictions, data),
        _mistakes(predictions, dataset, data),
    ]


def _confusion(predictions: Predictions, data: str) -> str:
    counts, classes = confusion(predictions).to_numpy(), by_class(predictions)
    head = "".join(f"<th>{escape(name)}</th>" for name in CLASS_NAMES)
    rows = []
    for place, name in enumerate(CLASS_NAMES):
        total = max(1, int(counts[place].sum()))
        cells = "".join(
            f'<td style="background:rgba({_SHADE[place == column]},{0.6 * counts[place, column] / total:.2f})">'
            f"{counts[place, column]:,}</td>"
            for column in range(len(CLASS_NAMES))
        )
        recall, precision = (_percent(float(classes.iloc[place][each])) for each in ("recall", "precision"))
        rows.append(f"<tr><th>{escape(name)}</th>{cells}<td>{recall}</td><td>{precision}</td></tr>")
    header = f"<tr><th></th>{head}<th>recall</th><th>precision</th></tr>"
    return (
        f"<h2>Confusion</h2><p>{escape(data)}, {len(predictions.labels):,} validation images: the true class in the "
        "rows, what the network called it in the columns.</p>"
        f'<div class="wide"><table>{header}{"".join(rows)}</table></div>'
    )


_SHADE: Final = {True: "0,114,178", False: "213,94,0"}


def _calibration(predictions: Predictions, data: str) -> str:
    table = calibration.reliability(predictions)
    error = calibration.expected_calibration_error(predictions)
    seen = table[table["images"] > 0]
    measured = Line("the network", list(zip(seen["confidence"], seen["accuracy"], strict=True)), TRAIN)
    perfect = Line("calibrated", [(0.0, 0.0), (1.0, 1.0)], report_svg.INK, dashed=True)
    picture = report_svg.curves(
        f"Reliability, {data}, {len(predictions.labels):,} validation images",
        "confidence",
        "accuracy",
        [measured, perfect],
        share=True,
    )
    losses = calibration.sample_losses(predictions)
    tenth = max(1, len(losses) // 10)
    carried = float(losses["carried"].iloc[tenth - 1])
    heavy = (
        f"<p>The tenth of the images with the largest cross-entropy carries {carried * 100:.0f} % of its sum.</p>"
        if math.isfinite(carried)
        else ""
    )
    return (
        f'<h2>Calibration</h2><div class="row">{picture}<div><p>Expected calibration error, {calibration.BINS} bins: '
        f"<b>{error:.3f}</b>. It is the mean distance between how sure the network is and how often it is right; 0 is "
        f"calibrated.</p>{heavy}</div></div>"
    )


def _mistakes(predictions: Predictions, dataset: Dataset | None, data: str) -> str:
    worst = worst_mistakes(predictions, _WORST)
    if not len(worst):
        return "<h2>Worst mistakes</h2><p>No mistakes on the validation images.</p>"
    if dataset is None or dataset.name != data:
        return (
            f"<h2>Worst mistakes</h2><p>The images of {escape(data)} were not at hand when this was made.</p>"
        )
    figures = []
    for row in worst.to_dict("records"):
        index = int(row["index"])
        words = (
            f"{data} no. {index:,}: is {row['true_class']} ({_percent(row['true_probability'])}), "
            f"called {row['predicted_class']} ({_percent(row['predicted_probability'])})"
        )
        figures.append(_figure(_image(dataset.train_images[index], words), words))
    return f'<h2>Worst mistakes</h2><div class="pictures">{"".join(figures)}</div>'


def _looks(snapshot: RunSnapshot, data: str) -> str:
    """What the last epoch looks like, to embed and to reconstruct."""
    point = snapshot.epochs[-1] if snapshot.epochs else snapshot.initial
    if point is None:
        return ""
    if point.plane is not None:
        places = [
            (float(x), float(y), label)
            for (x, y), label in zip(point.plane.points, point.plane.labels, strict=True)
        ]
        picture = report_svg.points(
            f"Where the network puts {len(places)} validation images, {data}", places, CLASS_NAMES
        )
        return f"<h2>The plane</h2>{picture}<p>{report_svg.key(CLASS_NAMES)}</p>"
    if point.pictures is not None:
        figures = []
        shown = point.pictures
        for index, original, drawn in zip(shown.indices, shown.originals, shown.reconstructions, strict=True):
            words = f"{data} no. {index:,}, and as the network draws it"
            pair = _image(original, f"{data} no. {index}") + _image(
                drawn, f"no. {index} drawn by the network"
            )
            figures.append(f'<figure class="two">{pair}<figcaption>{escape(words)}</figcaption></figure>')
        return f'<h2>Drawn again</h2><div class="pictures">{"".join(figures)}</div>'
    return ""


def _settings(snapshot: RunSnapshot) -> str:
    rows = "".join(
        f'<tr><th>{escape(name.replace("_", " "))}</th><td class="text">{escape(_shown(value))}</td></tr>'
        for name, value in snapshot.settings.as_dict().items()
    )
    return f"<h2>Settings</h2><table>{rows}</table>"


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} = {each}" for name, each in value.items()) or "the loss's defaults"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _figure(image: str, words: str) -> str:
    return f"<figure>{image}<figcaption>{escape(words)}</figcaption></figure>"


def _image(pixels: NDArray[np.uint8], alt: str) -> str:
    """A picture inside the page."""
    from PIL import Image

    written = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(written, "PNG")
    packed = base64.b64encode(written.getvalue()).decode("ascii")
    return f'<img src="data:image/png;base64,{packed}" alt="{escape(alt)}">'


def _number(value: float) -> str:
    return f"{value:.4f}" if math.isfinite(value) else "not finite"


def _percent(share: float) -> str:
    return f"{share * 100:.1f} %" if math.isfinite(share) else "–"
