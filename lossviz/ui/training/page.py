"""The training page from top to bottom."""

from __future__ import annotations

from functools import partial

import streamlit as st

from lossviz.training.home import HomeError
from lossviz.ui.messages import plain, problems
from lossviz.ui.training.comparison import comparison
from lossviz.ui.training.data_part import data_part
from lossviz.ui.training.loss_part import loss_part
from lossviz.ui.training.manager import manager
from lossviz.ui.training.pipeline import (
    network_part,
    preset_sentence,
    presets,
    settings_part,
    task_choice,
)
from lossviz.ui.training.race_part import race_part
from lossviz.ui.training.results_part import results_part
from lossviz.ui.training.run_view import run_view, train_button
from lossviz.ui.training.runs_part import runs_part
from lossviz.ui.training.state import open_state


def training_page() -> None:
    """Data, network, loss, settings; then the run, and what came of it."""
    try:
        jobs = manager()
    except HomeError as error:
        st.error(plain(str(error)), icon=":material/folder_off:")
        return
    jobs.warm_up()
    state = open_state(jobs)
    problems(jobs.notices(), ":material/dns:")
    problems(state.problems)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        task_choice(state)
        train_button(state, jobs)
    presets(state)
    preset_sentence(state)
    for left, right in ((partial(data_part, jobs=jobs), network_part), (loss_part, settings_part)):
        columns = st.columns(2, gap="small")
        with columns[0]:
            left(state)
        with columns[1]:
            right(state)
    problems(state.faults(jobs.limits), ":material/tune:")
    race_part(state, jobs)
    comparison(state, jobs)
    state.write_link()
    # Runs side by side take the place of a run by itself, unless the link names one too.
    snapshot = run_view(state, jobs) if state.run_id or not state.compare else None
    if snapshot is not None and snapshot.ended and snapshot.initial is not None:
        results_part(state, jobs, snapshot)
    runs_part(state, jobs)
