"""A run's numbers to take home: the curves as a table and as CSV."""

from __future__ import annotations

import json

import streamlit as st

from lossviz.training.frames import curves, export
from lossviz.training.jobs import RunSnapshot
from lossviz.ui.messages import plain
from lossviz.ui.training.run_view import title


def csv(snapshot: RunSnapshot) -> str:
    """Everything a run measured, as CSV: every row names the data and the settings."""
    settings = json.dumps(snapshot.settings.as_dict(), sort_keys=True)
    return export(snapshot).assign(settings=settings).to_csv(index=False, na_rep="not finite")


def take_home(snapshot: RunSnapshot) -> None:
    """The curves by epoch, and everything measured as a file."""
    table = curves(snapshot)
    name = title(snapshot) or "no data"
    st.dataframe(
        table.drop(columns=["data"]).astype({"value": float}),
        hide_index=True,
        alt="The curves by epoch as numbers: epoch, step, measure, line, value, and on how many images.",
    )
    st.download_button(
        "Curves as CSV",
        lambda: csv(snapshot),
        file_name=f"lossviz-{name.replace(' ', '-').lower()}-{snapshot.run_id[:8]}.csv",
        mime="text/csv",
        icon=":material/download:",
        key="training/csv",
        on_click="ignore",
    )
    st.caption(
        f"Every step and every epoch, with the data's name ({plain(name)}) and the settings in each row."
    )
