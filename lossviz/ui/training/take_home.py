"""A run to take home: script, settings, curves, weights, report. Each is made when it is asked for, not before."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import streamlit as st

from lossviz.training import weights
from lossviz.training.data.dataset import Dataset
from lossviz.training.frames import curves, export
from lossviz.training.jobs import JobManager, RunSnapshot
from lossviz.training.report import report
from lossviz.training.results import Predictions
from lossviz.training.take_home_arrays import arrays
from lossviz.training.take_home_script import no_script, script
from lossviz.ui.messages import plain
from lossviz.ui.training import wording
from lossviz.ui.training.run_view import title


def csv(snapshot: RunSnapshot) -> str:
    """Everything a run measured, as CSV: every row names the data and the settings."""
    settings = json.dumps(snapshot.settings.as_dict(), sort_keys=True)
    return export(snapshot).assign(settings=settings).to_csv(index=False, na_rep="not finite")


def settings_json(snapshot: RunSnapshot) -> str:
    """The settings as `Settings.parse` takes them; the data is the one that the run found, not "auto"."""
    values = snapshot.settings.as_dict()
    if snapshot.started is not None:
        fashion_mnist = snapshot.started.data_name == wording.FASHION_MNIST
        values["data"] = "fashion-mnist" if fashion_mnist else "drawn-garments"
    return json.dumps(values, indent=2) + "\n"


def take_home(
    jobs: JobManager, snapshot: RunSnapshot, predictions: Predictions | None, dataset: Dataset | None
) -> None:
    """What of a run can be taken home.

    Args:
        jobs: Keeps the run's files.
        snapshot: The run; it has ended.
        predictions: Its answers on the validation images, if it left some.
        dataset: The images it was trained on, if they are at hand.
    """
    name = title(snapshot) or "no data"
    stem = f"lossviz-{re.sub('[^a-z0-9]+', '-', name.lower())}-{snapshot.run_id[:8]}"
    drawn = name != wording.FASHION_MNIST
    with st.container(horizontal=True):
        _script(snapshot, dataset, stem, drawn=drawn)
        _button("Settings", lambda: settings_json(snapshot), f"{stem}.json", "application/json", "json")
        _button("Curves", lambda: csv(snapshot), f"{stem}.csv", "text/csv", "csv")
        _weights(jobs, snapshot, stem)
        _button(
            "Report",
            lambda: report(
                snapshot, name=_run_name(jobs, snapshot.run_id), predictions=predictions, dataset=dataset
            ),
            f"{stem}.html",
            "text/html",
            "report",
        )
    beside = f" Put the images ({stem}.npz) beside it: it cannot draw them." if drawn else ""
    st.markdown(
        "**Script**: Python that needs torch and numpy, not lossviz; it trains the same network on the same images and "
        f"prints the same values.{beside} **Settings**: JSON. **Curves**: every step and every epoch as CSV, with the "
        f"data's name ({plain(name)}) and the settings in each row. **Weights**: safetensors, which the script takes "
        "too. **Report**: a page of HTML to print."
    )
    why_not = no_script(snapshot.settings)
    if why_not:
        st.caption(plain(why_not))
    with st.expander("The curves as a table"):
        st.dataframe(
            curves(snapshot).drop(columns=["data"]).astype({"value": float}),
            hide_index=True,
            alt="The curves by epoch as numbers: epoch, step, measure, line, value, and on how many images.",
        )


def _script(snapshot: RunSnapshot, dataset: Dataset | None, stem: str, *, drawn: bool) -> None:
    images = f"{stem}.npz"
    needed = dataset if drawn else None
    statistics = (needed.mean, needed.std) if needed is not None else None
    missing = (
        "The run's images are not at hand now. Open the data part above." if drawn and not needed else None
    )
    why_not = no_script(snapshot.settings) or missing
    _button(
        "Script",
        lambda: script(snapshot, statistics=statistics, arrays=images),
        f"{stem}.py",
        "text/x-python",
        "script",
        why_not,
    )
    if needed is not None and why_not is None:
        _button(
            "Images for the script",
            lambda: arrays(snapshot.settings, needed),
            images,
            "application/octet-stream",
            "arrays",
        )


def _weights(jobs: JobManager, snapshot: RunSnapshot, stem: str) -> None:
    left = snapshot.result is not None and snapshot.result.artefacts.get(weights.ARTEFACT)

    def read() -> bytes:
        path = jobs.artefact(snapshot.run_id, weights.ARTEFACT)
        if path is None:
            raise FileNotFoundError("The weights of this run are not there any more. Train again.")
        return path.read_bytes()

    why_not = None if left else "This run left no weights."
    _button("Weights", read, f"{stem}.safetensors", "application/octet-stream", "weights", why_not)


def _run_name(jobs: JobManager, run_id: str) -> str:
    header = jobs.header(run_id)
    return header.name if header is not None else ""


def _button(
    label: str,
    make: Callable[[], str | bytes],
    file_name: str,
    mime: str,
    key: str,
    why_not: str | None = None,
) -> None:
    """A button that makes a file when it is pressed."""
    st.download_button(
        label,
        make,
        file_name=file_name,
        mime=mime,
        icon=":material/download:",
        key=f"training/take/{key}",
        on_click="ignore",
        disabled=why_not is not None,
        help=why_not,
    )
