"""The table of runs: this browser's own, to open, name, pin, remove and compare."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import streamlit as st

from lossviz.training.jobs import JobManager, RunHeader, RunRefusedError
from lossviz.training.race import LEAST_RUNS, MOST_RUNS
from lossviz.training.run_header import Ending
from lossviz.training.run_name import MOST_CHARACTERS
from lossviz.ui.messages import plain
from lossviz.ui.training import wording
from lossviz.ui.training.part import part
from lossviz.ui.training.state import Shown, TrainingState

_LOOK_SECONDS: Final = 2.0
_A_PAGE: Final = 8

_ENDINGS: Final[Mapping[Ending, str]] = {
    "finished": "Finished",
    "stopped": "Stopped",
    "too-long": "Stopped: it took too long",
    "abandoned": "Stopped: nobody looked at it",
    "failed": "Failed",
    "killed": "Failed: its process was killed",
    "interrupted": "Interrupted: the server ended",
}
_OTHERS: Final = (
    "This run was started in another browser. You may look at it and compare it; only that browser can rename, pin, "
    "stop or remove it."
)


def runs_part(state: TrainingState, jobs: JobManager) -> None:
    """The runs of this browser, newest first, and those of others that the link opened."""
    inside = part(state, "Runs", "those of this browser, to open, compare, name, keep or remove")
    if inside is None:
        return
    with inside:
        going = bool(jobs.going(state.owner))
        st.fragment(_table, run_every=_LOOK_SECONDS if going else None)(
            state, jobs, going=going, shown=state.shown
        )


def _runs(state: TrainingState, jobs: JobManager) -> tuple[list[RunHeader], list[RunHeader]]:
    own = jobs.headers(state.owner)
    known = {run.run_id for run in own}
    opened = dict.fromkeys(filter(None, (state.run_id, *state.compare)))
    others = [jobs.header(run_id) for run_id in opened if run_id not in known]
    return own, [run for run in others if run is not None]


def _table(state: TrainingState, jobs: JobManager, *, going: bool, shown: Shown) -> None:
    """What changes while runs go; only this part of the page is run again then."""
    own, others = _runs(state, jobs)
    if state.shown != shown or (going and not jobs.going(state.owner)):
        st.rerun()  # the whole page: another run is shown above, or the timer is dropped
    for notice in jobs.notices():
        st.caption(plain(notice))
    refused = state.kept.get("runs/refused")
    if refused:
        st.warning(plain(refused), icon=":material/block:")
    if not own:
        st.caption(
            "This browser has trained nothing yet. Its runs are kept here, when the server starts anew too."
        )
    page = _page(state, len(own))
    for run in own[page * _A_PAGE : (page + 1) * _A_PAGE]:
        _row(state, jobs, run, own=True)
    for run in others:
        _row(state, jobs, run, own=False)
    if others:
        st.caption(_OTHERS)
    if own or others:
        _compare(state, [*own, *others])


def _page(state: TrainingState, runs: int) -> int:
    """Which page of the table is shown, from 0."""
    pages = max(1, -(-runs // _A_PAGE))
    if pages == 1:
        return 0
    key = "training/runs/page"
    st.session_state[key] = min(int(state.kept.get("runs/page", 1)), pages)

    def turned() -> None:
        state.kept["runs/page"] = st.session_state[key]

    return int(st.pagination(pages, key=key, on_change=turned)) - 1


def called(run: RunHeader) -> str:
    """What a run is called: its name, or what it trains; plain text."""
    return run.name or f"{wording.loss_line(run.settings)}, {wording.MODELS[run.settings.model]}"


def _row(state: TrainingState, jobs: JobManager, run: RunHeader, *, own: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center", border=False):
        with st.container(width=330, gap=None):
            _pick(state, run)
            trained = [wording.training_line(run.settings), f"seed {run.settings.seed}"]
            if run.name:
                trained = [wording.loss_line(run.settings), wording.MODELS[run.settings.model], *trained]
            st.caption(plain(" · ".join(trained)))
        took = wording.duration(run.elapsed) if run.elapsed else "–"
        st.markdown(f"{_state(run)}  \n{took}", width=130)
        st.markdown(f"{_measure(run)}  \n{_loss(run)}", width=150)
        st.button(
            "Open",
            key=f"training/run/{run.run_id}",
            disabled=run.run_id == state.run_id,
            on_click=state.show,
            args=(run.run_id,),
        )
        if own:
            _menu(state, jobs, run)
    if own and state.kept.get("runs/rename") == run.run_id:
        _rename(state, jobs, run)
    if own and state.kept.get("runs/remove") == run.run_id:
        _remove(state, jobs, run)


def _pick(state: TrainingState, run: RunHeader) -> None:
    """Choose a run for the comparison; the row's heading at the same time."""
    key = f"training/runs/pick/{run.run_id}"
    picked: list[str] = state.kept.setdefault("runs/picked", [])
    st.session_state[key] = run.run_id in picked

    def chosen() -> None:
        rest = [run_id for run_id in picked if run_id != run.run_id]
        state.kept["runs/picked"] = [*rest, run.run_id] if st.session_state[key] else rest

    pin = " :material/keep:" if run.pinned else ""
    st.checkbox(
        f"**{plain(called(run))}**{pin}",
        key=key,
        on_change=chosen,
        disabled=run.run_id not in picked and len(picked) >= MOST_RUNS,
    )


def _state(run: RunHeader) -> str:
    if run.ending is not None:
        return _ENDINGS[run.ending]
    words = {
        "queued": "Waiting",
        "preparing": "Getting the data",
        "starting": "Starting",
        "stopping": "Stopping",
    }
    if run.state != "running" or run.epoch is None:
        return words.get(run.state, "Training")
    return f"Training, epoch {run.epoch.epoch + 1} of {run.settings.epochs}"


def _measure(run: RunHeader) -> str:
    """The measure of the run's task, on the validation images."""
    point = run.result or run.epoch
    if point is None:
        return "–"
    if run.settings.task == "reconstruct":
        error = point.metrics.get("mean squared error", math.nan)
        return f"squared error {_number(error)}"
    name = "neighbours" if run.settings.task == "embed" else "accuracy"
    return f"{name} {wording.percent(point.validation_accuracy)}"


def _loss(run: RunHeader) -> str:
    point = run.result or run.epoch
    return f"loss {_number(point.validation_loss)}" if point is not None else "–"


def _number(value: float) -> str:
    return f"{value:.4f}" if math.isfinite(value) else "not finite"


def _menu(state: TrainingState, jobs: JobManager, run: RunHeader) -> None:
    key = f"training/runs/menu/{run.run_id}"
    options = ["Rename", "Pin: keep it when older runs go" if not run.pinned else "Unpin"]
    options.append("Remove…" if run.ending is not None else "Stop")

    def chosen() -> None:
        asked = str(st.session_state[key])
        if asked == "Rename":
            state.kept.update({"runs/rename": run.run_id, "runs/remove": None})
        elif asked == "Remove…":
            state.kept.update({"runs/remove": run.run_id, "runs/rename": None, "runs/sure": False})
        elif asked == "Stop":
            jobs.stop(run.run_id, state.owner)
        else:
            _try(state, lambda: jobs.pin(run.run_id, state.owner, pinned=not run.pinned))

    st.menu_button(
        "More",
        options,
        key=key,
        on_click=chosen,
        icon=":material/more_vert:",
        help="Rename, pin or remove this run.",
    )


def _rename(state: TrainingState, jobs: JobManager, run: RunHeader) -> None:
    """A field for another name; what was typed stays when it is refused."""
    key, kept = f"training/runs/name/{run.run_id}", f"runs/name/{run.run_id}"
    st.session_state[key] = state.kept.get(kept, run.name)

    def typed() -> None:
        state.kept[kept] = st.session_state[key]

    def done() -> None:
        state.kept.pop(kept, None)
        state.kept["runs/rename"] = None

    def save() -> None:
        if _try(state, lambda: jobs.rename(run.run_id, state.owner, state.kept.get(kept, run.name))):
            done()

    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input("Name; empty for none", key=key, max_chars=MOST_CHARACTERS, on_change=typed, width=320)
        st.button("Save", key=f"training/runs/save/{run.run_id}", on_click=save)
        st.button("Cancel", key=f"training/runs/leave/{run.run_id}", on_click=done, type="tertiary")


def _remove(state: TrainingState, jobs: JobManager, run: RunHeader) -> None:
    """Ask twice, in two places: a hand that clicks twice on the menu removes nothing."""
    key = f"training/runs/sure/{run.run_id}"
    st.session_state[key] = bool(state.kept.get("runs/sure", False))

    def ticked() -> None:
        state.kept["runs/sure"] = st.session_state[key]

    def done() -> None:
        state.kept.update({"runs/remove": None, "runs/sure": False})

    def remove() -> None:
        # The button is enabled by the box alone; a message that was sent without it is not.
        if not state.kept.get("runs/sure") or not _try(state, lambda: jobs.remove(run.run_id, state.owner)):
            return
        state.kept["runs/picked"] = [each for each in state.kept.get("runs/picked", []) if each != run.run_id]
        state.compare = tuple(each for each in state.compare if each != run.run_id)
        state.run_id = None if state.run_id == run.run_id else state.run_id
        done()

    with st.container(horizontal=True, vertical_alignment="center"):
        st.checkbox(
            f"Remove **{plain(called(run))}** with its curves and results. There is no way back.",
            key=key,
            on_change=ticked,
        )
        st.button(
            "Remove for good",
            icon=":material/delete:",
            key=f"training/runs/gone/{run.run_id}",
            on_click=remove,
            disabled=not state.kept.get("runs/sure", False),
        )
        st.button("Keep it", key=f"training/runs/keep/{run.run_id}", on_click=done, type="tertiary")


def _compare(state: TrainingState, runs: Sequence[RunHeader]) -> None:
    """Lay the chosen runs over one another."""
    known = {run.run_id for run in runs}
    picked = [run_id for run_id in state.kept.get("runs/picked", []) if run_id in known]
    state.kept["runs/picked"] = picked
    words = (
        f"Compare the {len(picked)} chosen runs"
        if len(picked) >= LEAST_RUNS
        else f"Choose {LEAST_RUNS} to {MOST_RUNS} runs to compare"
    )
    st.button(
        words,
        icon=":material/stacked_line_chart:",
        key="training/runs/compare",
        disabled=len(picked) < LEAST_RUNS,
        on_click=state.show_together,
        args=(picked,),
    )


def _try(state: TrainingState, action: Callable[[], Any]) -> bool:
    """Do something to a run; whether it was done. Why not is told above the table."""
    state.kept["runs/refused"] = None
    try:
        action()
    except RunRefusedError as error:
        state.kept["runs/refused"] = str(error)
        return False
    return True
