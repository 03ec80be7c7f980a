"""What lossviz is, a loss to touch, and the way to every other."""

import streamlit as st

from lossviz.ui.home import catalogue_map, guide, invitation, looks
from lossviz.ui.home_picture import live_picture
from lossviz.ui.navigation import guard
from lossviz.ui.page_link import no_link
from lossviz.ui.paint_first import let_the_browser_paint
from lossviz.ui.warm_up import warm_up

guard()
no_link()
looks()
st.title("Understand a PyTorch loss by touching it")
left, right = st.columns([5, 4], gap="large")
with left:
    live_picture()
with right:
    invitation()
# The guide and the links to all losses would hold the picture up for as long again.
let_the_browser_paint("home")
with right:
    guide()
catalogue_map()
warm_up()
