"""A picture of the training page: a specification, its data, and what a screen reader says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st


def chart(spec: Mapping[str, Any], datasets: Mapping[str, pd.DataFrame], alt: str) -> None:
    """Draw a picture as wide as its place.

    Args:
        spec: A Vega-Lite specification without its data.
        datasets: The data, by the names that the specification uses.
        alt: What a screen reader says.
    """
    st.vega_lite_chart(None, {**spec, "datasets": datasets}, width="stretch", alt=alt)
