"""Regression losses: a number against a number."""

import streamlit as st

from lossviz.ui.loss_panel import loss_panel
from lossviz.ui.loss_text import loss_text
from lossviz.ui.navigation import guard

guard()
st.title("Regression losses")
panel = loss_panel("regression")
loss_text(panel.entry)
