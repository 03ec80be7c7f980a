"""What lossviz is, and the way to every loss."""

import streamlit as st

from lossviz.ui.home import catalogue_map, guide, invitation
from lossviz.ui.navigation import guard
from lossviz.ui.page_link import no_link
from lossviz.ui.warm_up import warm_up

guard()
no_link()
st.title("Understand a PyTorch loss by touching it")
invitation()
guide()
catalogue_map()
warm_up()
