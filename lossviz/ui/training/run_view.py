"""A run while it goes: one status line and two pictures that are drawn on, and the buttons around them."""

from __future__ import annotations

import math
from collections.abc import Mapping

import streamlit as st

from lossviz.training.jobs import JobManager, RunSnapshot, RunState
from lossviz.ui.messages import plain
from lossviz.ui.training import wording
from lossviz.ui.training.doctor_part import diagnosis_of, doctor_part, marks, thresholds_part
from lossviz.ui.training.mistake_outcome import mistake_outcome
from lossviz.ui.training.range_test_part import range_test_part
from lossviz.ui.training.run_pictures import run_pictures
from lossviz.ui.training.state import TrainingState

_LOOK_SECONDS = 0.5
_DOING: Mapping[RunState, str] = {
    "preparing": "Getting the data ready.",
    "starting": "Starting the worker.",
    "stopping": "Stopping: measuring what was learned.",
}


def train_button(state: TrainingState, jobs: JobManager) -> None:
    """Start a run with the settings above."""
    busy = bool(jobs.going(state.owner))
    st.button(
        "Train",
        type="primary",
        icon=":material/play_arrow:",
        key="training/train",
        on_click=lambda: state.train(jobs),
        disabled=busy or bool(state.faults(jobs.limits)),
        help="A run of this browser is going on; stop it or wait." if busy else None,
    )


def run_view(state: TrainingState, jobs: JobManager) -> RunSnapshot | None:
    """The run shown, if there is one.

    Returns:
        Its snapshot, for what stands below.
    """
    snapshot = jobs.snapshot(state.run_id) if state.run_id else None
    if snapshot is None:
        st.caption("Nothing trained yet. The curves appear here, step by step, as soon as you press Train.")
        return None
    going = not snapshot.ended
    st.fragment(_run_view, run_every=_LOOK_SECONDS if going else None)(
        state, jobs, snapshot.run_id, going=going
    )
    if not snapshot.settings.range_test:
        thresholds_part(state)
    return snapshot


def _run_view(state: TrainingState, jobs: JobManager, run_id: str, *, going: bool) -> None:
    """What changes while a run goes; only this part of the page is run again then."""
    snapshot = jobs.snapshot(run_id)
    if snapshot is None:
        st.warning("This run was removed, or made room for newer ones. Train again.")
        return
    # Each slot is there at every moment: an element that came and went would make the pictures anew.
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.progress(min(1.0, max(0.0, snapshot.progress)), status_line(snapshot))
        _stop_button(state, jobs, snapshot)
    message = st.container()
    diagnosis = diagnosis_of(state, snapshot)
    if snapshot.settings.range_test:
        range_test_part(state, snapshot, title(snapshot))
    else:
        run_pictures(snapshot, title(snapshot), marks(diagnosis, snapshot))
    below = st.container()
    # While the run goes, words above the pictures would push them down.
    with message if snapshot.ended else below:
        _message(snapshot)
    _bug(snapshot)
    doctor_part(diagnosis, snapshot)
    st.caption(
        f"This run: {plain(title(snapshot))} · {wording.model_line(snapshot.settings)} · "
        f"{wording.loss_line(snapshot.settings)} · {wording.training_line(snapshot.settings)} · "
        f"seed {snapshot.settings.seed}"
    )
    if going and snapshot.ended:
        st.rerun()  # the whole page: what came of the run appears, and the timer is dropped


def title(snapshot: RunSnapshot) -> str:
    """The name of the data a run trains on, as every picture of it shows."""
    if snapshot.started is not None:
        return snapshot.started.data_name
    return "" if snapshot.settings.data == "auto" else wording.DATA[snapshot.settings.data]


def status_line(snapshot: RunSnapshot) -> str:
    """Where a run stands, in one line of Markdown."""
    if snapshot.state == "queued":
        parts = _queued(snapshot)
    elif snapshot.state == "running":
        parts = _running(snapshot)
    elif snapshot.ended:
        parts = _ended(snapshot)
    else:
        parts = [plain(snapshot.message or _DOING[snapshot.state])]
    return " · ".join(parts)


def _queued(snapshot: RunSnapshot) -> list[str]:
    parts = [f"In the queue: place {snapshot.queue_place or 1}"]
    if snapshot.waiting_for_seconds is not None:
        parts.append(f"about {wording.duration(snapshot.waiting_for_seconds)} to wait")
    return [*parts, "you may leave and come back by this page's link"]


def _running(snapshot: RunSnapshot) -> list[str]:
    parts = _where(snapshot)
    settings = snapshot.settings
    epoch = min(settings.epochs, len(snapshot.step_losses) // settings.steps_per_epoch + 1)
    parts.append(f"epoch {epoch} of {settings.epochs}")
    if snapshot.epochs:
        parts += _measured(snapshot)
    if snapshot.images_per_second:
        parts.append(f"{snapshot.images_per_second:,.0f} images/s")
    if snapshot.seconds_left is not None:
        parts.append(f"{wording.duration(snapshot.seconds_left)} left")
    return parts


def _measured(snapshot: RunSnapshot) -> list[str]:
    """What the last epoch came to, by the task's own measure."""
    last, task = snapshot.epochs[-1], snapshot.settings.task
    right = wording.MEASURES.get(task)
    named = [f"{right} {wording.percent(last.validation_accuracy)}"] if right else []
    error = last.metrics.get("mean squared error")
    return named if error is None else [*named, f"mean squared error {error:.4f}"]


def _ended(snapshot: RunSnapshot) -> list[str]:
    result = snapshot.result
    if snapshot.failure is not None:
        return ["Failed", *_where(snapshot)]  # why stands below
    if result is None:
        return [plain(snapshot.message) or snapshot.state.capitalize(), *_where(snapshot)]
    steps = f"{wording.count(result.step, 'step', 'steps')} in {wording.duration(result.seconds)}"
    speed = result.images_per_second
    fast = [f"{speed:,.0f} images/s"] if math.isfinite(speed) and speed else []
    return [snapshot.state.capitalize(), steps, *fast, *_where(snapshot)]


def _where(snapshot: RunSnapshot) -> list[str]:
    started = snapshot.started
    if started is None:
        return []
    threads = wording.count(started.threads, "thread", "threads") if started.device == "cpu" else ""
    maker = f" ({plain(started.device_name)})" if started.device_name else ""
    return [", ".join(filter(None, [f"{plain(started.device)}{maker}", threads]))]


def _stop_button(state: TrainingState, jobs: JobManager, snapshot: RunSnapshot) -> None:
    own = jobs.owns(snapshot.run_id, state.owner)

    def stop() -> None:
        jobs.stop(snapshot.run_id, state.owner)

    st.button(
        "Stop",
        icon=":material/stop:",
        key="training/stop",
        on_click=stop,
        disabled=not own or snapshot.ended or snapshot.state == "stopping",
        help=None if own else "Only the browser that started this run can stop it. You can watch.",
    )


def _message(snapshot: RunSnapshot) -> None:
    if snapshot.failure is not None:
        st.error(
            f"{plain(snapshot.failure.message)}  \n{plain(snapshot.failure.advice)}", icon=":material/error:"
        )
        return
    if snapshot.state == "stopped":
        st.info("Stopped. What the network had learned by then was measured and kept; see below.")
    for note in snapshot.data_notes:
        st.caption(plain(note))


def _bug(snapshot: RunSnapshot) -> None:
    """What a bug on purpose has done so far; always below the pictures, so that they stay where they are."""
    outcome = mistake_outcome(snapshot)
    if outcome:
        st.info(outcome, icon=":material/bug_report:")
    warned = warnings_of(snapshot)
    if warned:
        st.markdown("torch warned:")
        st.code("\n\n".join(warned), language=None, wrap_lines=True)


def warnings_of(snapshot: RunSnapshot) -> list[str]:
    """What torch warned of during a run, in its own words."""
    if snapshot.result is not None and snapshot.result.warnings:
        return snapshot.result.warnings
    return snapshot.epochs[-1].warnings if snapshot.epochs else []
