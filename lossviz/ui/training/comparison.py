"""Runs side by side: all of them while they go, then judged by what can be compared."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd
import streamlit as st

from lossviz.charts import reliability as reliability_chart
from lossviz.charts import run_overlay
from lossviz.charts.run_overlay import Kind, Run
from lossviz.training import race
from lossviz.training.calibration import reliability
from lossviz.training.frames import curves
from lossviz.training.jobs import JobManager, RunSnapshot
from lossviz.training.race import Contestant
from lossviz.training.results import Predictions, ResultsError, load_predictions
from lossviz.ui.messages import plain
from lossviz.ui.training import wording
from lossviz.ui.training.chart import chart
from lossviz.ui.training.race_part import field_name, value_name
from lossviz.ui.training.run_view import status_line, title
from lossviz.ui.training.state import Shown, TrainingState

_LOOK_SECONDS: Final = 1.0

_CANNOT: Final = "Raw values of different losses cannot be compared: 0.1 of one is not 0.1 of another. "
_CLASSIFY_ROWS: Final = ("validation_accuracy", "test_accuracy", "calibration_error", "worst_recall")
_ROWS: Final[Mapping[str, tuple[str, ...]]] = {
    "classify": _CLASSIFY_ROWS,
    "embed": ("validation_accuracy", "test_accuracy"),
    "reconstruct": ("squared_error", "absolute_error"),
}
_ROW_NAMES: Final[Mapping[str, str]] = {
    "validation_accuracy": "Validation accuracy",
    "test_accuracy": "Test accuracy",
    "calibration_error": "Expected calibration error",
    "worst_recall": "Recall of the worst class",
    "squared_error": "Mean squared error of a pixel",
    "absolute_error": "Mean absolute error of a pixel",
    "validation_loss": "Validation loss",
    "epochs": "Epochs",
    "seconds": "Seconds",
}
_SMALLER_IS_BETTER: Final = frozenset(
    {"calibration_error", "squared_error", "absolute_error", "validation_loss", "seconds"}
)


def comparison(state: TrainingState, jobs: JobManager) -> None:
    """The runs that the link names together, if it names any."""
    runs = _known(state, jobs)
    if not runs:
        return
    names = _names(jobs, runs)
    with st.container(horizontal=True, vertical_alignment="center"):
        fields = race.differing([run.settings for run in runs])
        what = f": {plain(field_name(fields[0]))}" if len(fields) == 1 else ""
        st.header(f"Side by side{what}", width="stretch", anchor=False)
        _buttons(state, jobs, runs)
    tasks = {run.settings.task for run in runs}
    going = any(not run.ended for run in runs)
    if len(tasks) > 1:
        st.warning(
            f"These runs were asked to do different things ({', '.join(sorted(tasks))}): nothing of them can be "
            "compared. Choose runs of one task.",
            icon=":material/balance:",
        )
    st.fragment(_watch, run_every=_LOOK_SECONDS if going else None)(
        state, jobs, names, going=going, draw=len(tasks) == 1, shown=state.shown
    )
    if not going and len(tasks) == 1:
        _judge(jobs, runs, names)
    st.divider()


def _known(state: TrainingState, jobs: JobManager) -> list[RunSnapshot]:
    found = [jobs.snapshot(run_id) for run_id in state.compare]
    runs = [run for run in found if run is not None]
    if len(runs) < race.LEAST_RUNS:  # the others were removed meanwhile
        state.compare = ()
        return []
    state.compare = tuple(run.run_id for run in runs)
    return runs


def _names(jobs: JobManager, runs: Sequence[RunSnapshot]) -> list[str]:
    """A name for each run, no two the same: the value in which they differ, or what their owner calls them."""
    fields = race.differing([run.settings for run in runs])
    lead = fields[0] if fields and fields[0] in ("loss", "optimizer") and len(fields) > 1 else None
    field = fields[0] if len(fields) == 1 else lead
    if field is not None:
        names = [value_name(run.settings, field) for run in runs]
        names = [name.removesuffix("Loss") or name for name in names]
    else:
        headers = [jobs.header(run.run_id) for run in runs]
        names = [
            (header.name if header is not None else "") or f"run {place}"
            for place, header in enumerate(headers, 1)
        ]
    twice = Counter(names)
    return [f"{name} ({place})" if twice[name] > 1 else name for place, name in enumerate(names, 1)]


def _buttons(state: TrainingState, jobs: JobManager, runs: Sequence[RunSnapshot]) -> None:
    own = [run for run in runs if not run.ended and jobs.owns(run.run_id, state.owner)]

    def stop() -> None:
        for run in reversed(own):  # those that wait first, so that none of them begins meanwhile
            jobs.stop(run.run_id, state.owner)

    if any(not run.ended for run in runs):
        st.button(
            "Stop all",
            icon=":material/stop:",
            key="training/compare/stop",
            on_click=stop,
            disabled=not own,
            help=None if own else "Only the browser that started these runs can stop them. You can watch.",
        )
    st.button(
        "Close",
        icon=":material/close:",
        key="training/compare/close",
        on_click=lambda: state.show_together(()),
        help="The runs stay; find them in the table of runs below.",
    )


def _watch(
    state: TrainingState, jobs: JobManager, names: list[str], *, going: bool, draw: bool, shown: Shown
) -> None:
    """What changes while runs go; only this part of the page is run again then."""
    found = [jobs.snapshot(run_id) for run_id in state.compare]
    runs = [run for run in found if run is not None]
    if state.shown != shown or len(runs) != len(names):
        st.rerun()  # the whole page: something else is shown, or a run was removed
    for run, name in zip(runs, names, strict=True):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            failed = f" · {plain(run.failure.message)}" if run.failure is not None else ""
            st.progress(min(1.0, max(0.0, run.progress)), f"**{plain(name)}** · {status_line(run)}{failed}")
            st.button(
                "Open",
                key=f"training/compare/open/{run.run_id}",
                type="tertiary",
                on_click=state.show,
                args=(run.run_id,),
            )
    if draw:
        _curves(runs, names, closely=all(run.ended for run in runs))
    if going and all(run.ended for run in runs):
        st.rerun()  # the whole page: they are judged now, and the timer is dropped


def _curves(runs: Sequence[RunSnapshot], names: Sequence[str], *, closely: bool) -> None:
    settings = [run.settings for run in runs]
    drawn = [Run(name, curves(run), run.settings.epochs) for run, name in zip(runs, names, strict=True)]
    about = " and ".join(dict.fromkeys(filter(None, (title(run) for run in runs))))
    same = race.same_loss(settings)
    first: Kind = "error" if settings[0].task == "reconstruct" else "accuracy"
    second: Kind = "loss" if same else "share"
    left, right = st.columns(2, gap="medium")
    with left:
        _picture(first, drawn, about, closely=closely)
    with right:
        if same or run_overlay.shares_fit(drawn):
            _picture(second, drawn, about)
        else:
            st.info(
                f"{_CANNOT}Nor has each a share of its value at the start: one of them does not begin above zero. "
                "So the losses are not drawn together; open a run to see its own.",
                icon=":material/balance:",
            )
    words = "Solid: validation images. Dashed: training images, re-measured after each epoch."
    if not same and run_overlay.shares_fit(drawn):
        words += f" {_CANNOT}So each loss is drawn as a share of its own value before the first step."
    st.caption(words)


def _picture(kind: Kind, runs: Sequence[Run], about: str, *, closely: bool = False) -> None:
    chart(
        run_overlay.spec(kind),
        run_overlay.datasets(kind, runs, about, closely=closely),
        run_overlay.alt_text(kind),
    )


def _judge(jobs: JobManager, runs: Sequence[RunSnapshot], names: Sequence[str]) -> None:
    """What came of runs that have all ended."""
    st.markdown(_fairness(runs))
    contestants = [
        Contestant(name, run, _predictions(jobs, run))
        for run, name in zip(runs, names, strict=True)
        if run.result is not None
    ]
    if len(contestants) < race.LEAST_RUNS:
        st.info("Fewer than two of these runs came to a result: there is nothing to judge.")
        return
    task = runs[0].settings.task
    table = race.compared(contestants)
    _table(table, task, same=race.same_loss([run.settings for run in runs]))
    _lead(contestants, table, task)
    answered = {
        each.name: reliability(each.predictions) for each in contestants if each.predictions is not None
    }
    if answered:
        left, right = st.columns([3, 2], gap="medium")
        with left:
            _recalls(race.recalls(contestants))
        with right:
            _reliability(answered, _unsure(contestants))


def _fairness(runs: Sequence[RunSnapshot]) -> str:
    """What the runs differ in, and whether they began alike, in Markdown."""
    settings = [run.settings for run in runs]
    fields = race.differing(settings)
    named = [field_name(name) for name in fields]
    words = []
    if not fields:
        words.append("These runs have the same settings: what differs between them is chance alone.")
    elif len(fields) == 1:
        words.append(f"The runs differ in one thing: the **{plain(named[0])}**.")
    else:
        several = f"{', '.join(named[:-1])} and {named[-1]}"
        words.append(
            f"The runs differ in **{plain(several)}**: which of these made the difference, they cannot tell."
        )
    started = [run.started for run in runs if run.started is not None]
    if len({each.data_name for each in started}) > 1:
        words.append("They were trained on **different data**, so no number below compares the settings.")
    same = race.same_start(started) if len(started) == len(runs) else None
    if same is not None:
        words.append(_start_words(same, started[0].weights_digest, started[0].batches_digest))
    return " ".join(words)


def _start_words(same: race.SameStart, weights: str, batches: str) -> str:
    if same.weights and same.batches:
        return f"**Same start, same batches**: weights {plain(weights)}, batches {plain(batches)} in all of them."
    if same.body and same.batches:
        return (
            "**Same batches; same start** but for the last layer, which belongs to the loss in one of them "
            f"(batches {plain(batches)})."
        )
    start = "Same start" if same.weights else "The first weights differ"
    order = "the same batches" if same.batches else "other batches"
    return f"{start}, {order}."


def _table(table: pd.DataFrame, task: str, *, same: bool) -> None:
    rows = [*_ROWS[task], *(["validation_loss"] if same else []), "epochs", "seconds"]
    rows = [row for row in rows if table[row].notna().any()]
    shown = {
        "": [_ROW_NAMES[row] for row in rows],
        **{plain(str(name)): [_cell(table, row, str(name)) for row in rows] for name in table.index},
    }
    st.table(
        pd.DataFrame(shown),
        hide_index=True,
        border="horizontal",
        width="content",
        alt="What can be compared of the runs, a column a run; the best value of a row is bold.",
    )
    if task == "embed":
        st.caption("Accuracy: share of the images whose nearest neighbour is of the same class.")


def _cell(table: pd.DataFrame, row: str, name: str) -> str:
    values = table[row].astype(float)
    text = _number(row, float(values[name]))
    best = float(values.min() if row in _SMALLER_IS_BETTER else values.max())
    # What reads the same is equally good.
    alone = [_number(row, float(value)) for value in values].count(text) == 1
    worst = f" ({table['worst_class'][name]})" if row == "worst_recall" and table["worst_class"][name] else ""
    return (
        f"**{text}{worst}**"
        if alone and float(values[name]) == best and row != "epochs"
        else f"{text}{worst}"
    )


def _number(row: str, value: float) -> str:
    if not math.isfinite(value):
        return "not finite" if row == "validation_loss" else "–"
    if row in ("epochs", "seconds"):
        return f"{value:,.0f}" if row == "epochs" or value >= 10 else f"{value:.1f}"
    if row in ("validation_loss", "squared_error", "absolute_error"):
        return f"{value:.4f}"
    return _percent(value)


def _percent(value: float) -> str:
    """A share in a cell, which does not break before its sign."""
    return wording.percent(value).replace(" ", "\u00a0")


def _lead(contestants: Sequence[Contestant], table: pd.DataFrame, task: str) -> None:
    """How much the best is ahead, and whether that is more than luck."""
    found = race.margin(contestants)
    if found is not None:
        lead = (
            f"Of the same {found.images:,} validation images, {found.only_leader:,} only **{plain(found.leader)}** "
            f"gets right and {found.only_second:,} only **{plain(found.second)}**. "
        )
        if found.only_leader == found.only_second:
            lead += "So they are even."
        elif found.beyond_chance:
            lead += "Chance in these images alone would give such a lead less than once in twenty."
        else:
            lead += (
                "So small a lead may be chance in these images: another validation set might turn it round."
            )
        st.markdown(lead)
    elif task == "classify" and all(each.predictions is not None for each in contestants):
        st.markdown(
            "They were measured on different validation images. The test images are the same for all of them."
            if table["test_accuracy"].notna().all()
            else "They were measured on different validation images, so small differences say nothing."
        )


def _recalls(recalls: pd.DataFrame) -> None:
    shown: dict[str, list[str]] = {"Recall of": [str(name) for name in recalls.index]}
    best, several = recalls.max(axis=1), recalls.nunique(axis=1) > 1
    for name in recalls.columns:
        shown[plain(str(name))] = [
            f"**{_percent(value)}**" if value == best.iloc[row] and several.iloc[row] else _percent(value)
            for row, value in enumerate(recalls[name])
        ]
    st.table(
        pd.DataFrame(shown),
        hide_index=True,
        border="horizontal",
        alt="For each class the share of its validation images that each run recognised; the best is bold.",
    )


def _unsure(contestants: Sequence[Contestant]) -> list[str]:
    """The runs whose losses ask for no probabilities."""
    return [each.name for each in contestants if each.run.settings.spec.takes in ("scores", "raw outputs")]


def _reliability(answered: Mapping[str, pd.DataFrame], unsure: Sequence[str]) -> None:
    chart(reliability_chart.spec(), reliability_chart.datasets(answered), reliability_chart.ALT)
    st.caption(
        "Reliability: on the diagonal the probabilities mean what they say; below it the network is too sure of "
        "itself. The expected calibration error is the mean distance from the diagonal, weighted by the images."
    )
    if unsure:
        st.caption(
            f"With {plain(' and '.join(unsure))} the network is not asked for probabilities: the softmax of its "
            "outputs stands for them here. It ranks the classes, and means nothing as a confidence."
        )


def _predictions(jobs: JobManager, run: RunSnapshot) -> Predictions | None:
    path = jobs.artefact(run.run_id, "predictions")
    if path is None:
        return None
    try:
        return load_predictions(path)
    except ResultsError:
        return None
