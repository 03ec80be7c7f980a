"""The other runs of this browser, to come back to."""

from __future__ import annotations

import streamlit as st

from lossviz.training.jobs import JobManager, RunSnapshot
from lossviz.ui.training import wording
from lossviz.ui.training.run_view import title
from lossviz.ui.training.state import TrainingState


def earlier_runs(state: TrainingState, jobs: JobManager) -> None:
    """The runs of this browser, newest first, to come back to."""
    runs = [run for run in jobs.recent(state.owner) if run.run_id != state.run_id]
    if not runs:
        return
    with st.expander(f"**Other runs of this browser** · {len(runs)}"):
        for run in runs:
            st.button(
                f"{run.state.capitalize()}{_reached(run)} · {title(run)} · {wording.model_line(run.settings)} · "
                f"{wording.loss_line(run.settings)} · {wording.training_line(run.settings)}",
                key=f"training/run/{run.run_id}",
                type="tertiary",
                on_click=state.show,
                args=(run.run_id,),
            )


def _reached(run: RunSnapshot) -> str:
    return f", validation {wording.percent(run.result.validation_accuracy)}" if run.result else ""
