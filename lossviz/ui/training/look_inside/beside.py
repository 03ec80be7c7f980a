"""A picture with words beside it, as most looks are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lossviz.ui.training.chart import chart


def picture_beside_words(
    spec: Mapping[str, Any], datasets: Mapping[str, pd.DataFrame], alt: str
) -> tuple[DeltaGenerator, DeltaGenerator]:
    """Draw a picture, and leave room for words on its right; on a phone they stand below.

    Args:
        spec: A Vega-Lite specification without its data.
        datasets: The data, by the names that the specification uses.
        alt: What a screen reader says.

    Returns:
        The column of the picture, which it fills so far, and that of the words.
    """
    picture, words = st.columns([3, 2], gap="medium")
    with picture:
        chart(spec, datasets, alt)
    return picture, words
