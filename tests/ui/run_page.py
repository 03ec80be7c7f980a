"""The training page with a run that has ended, for tests of what stands below it."""

from __future__ import annotations

from dataclasses import replace

import torch
from streamlit.testing.v1 import AppTest

from lossviz.training.data.dataset import open_dataset
from lossviz.training.settings import Settings
from lossviz.training.tasks.tasks import TASKS
from lossviz.training.weights import save_weights
from tests.ui.fake_jobs import GARMENTS, FakeJobs
from tests.ui.whole_app import whole_app


def finished_page(
    jobs: FakeJobs,
    settings: Settings | None = None,
    *,
    name: str = GARMENTS,
    weights: bool = False,
    tab: str | None = None,
) -> AppTest:
    """The page of a run that has finished.

    Args:
        jobs: The job manager that the page finds.
        settings: What was trained.
        name: The data's name.
        weights: Whether it left weights.
        tab: The tab that is open; only that is drawn. None for the first.
    """
    run_id = jobs.submit(settings or Settings(epochs=2), "somebody")
    jobs.finish(run_id, name)
    if weights:
        leave_weights(jobs, run_id)
    app = whole_app()
    app.switch_page("pages/training.py")
    app.query_params["run"] = run_id
    if tab is not None:
        app.session_state["training/look"] = tab
    app.run()
    assert not app.exception
    return app


def leave_weights(jobs: FakeJobs, run_id: str = "run-1") -> None:
    """The run leaves the weights of its network, as they are before the first step."""
    run = jobs.runs[run_id]
    if run.result is None:
        run = jobs.finish(run_id)
    assert run.result is not None
    assert jobs.status.dataset_folder is not None
    path = jobs.folder / "weights.safetensors"
    torch.manual_seed(0)
    network = TASKS[run.settings.task].network(run.settings)
    save_weights(network, None, run.settings, open_dataset(jobs.status.dataset_folder), path)
    artefacts = {**run.result.artefacts, "weights": str(path)}
    jobs.runs[run_id] = replace(run, result=replace(run.result, artefacts=artefacts))
