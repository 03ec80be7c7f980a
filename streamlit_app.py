"""lossviz: ``streamlit run streamlit_app.py``."""

from pathlib import Path

import streamlit as st

from lossviz.ui import navigation
from lossviz.ui.browser_scripts import browser_scripts
from lossviz.ui.server_start import start_server
from lossviz.ui.style import style
from lossviz.ui.unsent_page import keep_unsent_page

keep_unsent_page()
start_server()
page = navigation.build()
st.set_page_config(
    f"{page.title} · lossviz", Path(__file__).parent / "lossviz" / "ui" / "icon.svg", layout="wide"
)
st.logo(Path(__file__).parent / "lossviz" / "ui" / "logo.svg", size="large")
style()
browser_scripts()
navigation.run(page)
