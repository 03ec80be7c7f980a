"""Train a small network on FashionMNIST and watch its curves."""

import streamlit as st

from lossviz.ui.navigation import guard
from lossviz.ui.training.page import training_page

guard()
st.title("Training")
training_page()
