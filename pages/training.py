"""Train a small network on FashionMNIST and watch its curves."""

import streamlit as st

from lossviz.ui.navigation import guard

guard()
st.title("Training")
