"""Streamlit by itself: one of each part that lossviz uses, with nothing of lossviz. A test looks at its faults."""

from __future__ import annotations

import pandas as pd
import streamlit as st


def _parts() -> None:
    st.title("Streamlit alone")
    st.header("A heading", anchor=False)
    st.caption("A caption.")
    st.markdown("Words, `code` and a [link](https://pytorch.org).")
    st.metric("metric", 1)
    st.latex(
        r"\ell = (x - y)^2 = (2.5 - 0)^2 = 6.25 \quad \text{and more of it than fits on a line, so it scrolls}"
    )
    st.code("print(1)", language="python")
    with st.container(horizontal=True):
        st.button("Secondary")
        st.button("Primary", type="primary")
        st.button("Tertiary", type="tertiary")
        st.button("Disabled", disabled=True)
        st.page_link(pages[0], label="A page", icon=":material/home:")
        st.page_link(pages[0], label="A page that is not there", disabled=True)
    st.segmented_control("Segments", ["one", "two"], default="one")
    st.pills("Pills", ["one", "two"], default=["one"], selection_mode="multi")
    st.toggle("Toggle")
    st.checkbox("Checkbox")
    st.slider("Slider", 0, 10, 5)
    st.select_slider("Choice", ["a", "b"])
    st.selectbox("Select", ["one", "two"])
    st.multiselect("Several", ["one", "two"], default=["one"])
    st.radio("Radio", ["one", "two"])
    st.text_input("Text", placeholder="a placeholder")
    st.number_input("Number", 0, 10)
    st.file_uploader("File")
    st.download_button("Download", "1")
    st.progress(0.5, "Progress")
    for say in (st.info, st.warning, st.error, st.success):
        say("A message.")
    with st.expander("Expander", expanded=True):
        st.markdown("Inside.")
    with st.popover("Popover"):
        st.markdown("Inside.")
    first, second = st.tabs(["First", "Second"])
    first.markdown("Inside.")
    second.markdown("Inside.")
    frame = pd.DataFrame({"x": [1.0, 2.0], "y": [3.0, 4.0]})
    st.dataframe(frame)
    st.data_editor(frame)
    st.vega_lite_chart(
        frame, {"mark": "point", "encoding": {"x": {"field": "x"}, "y": {"field": "y"}}}, alt="Points."
    )


pages = [st.Page(_parts, title="Alone", default=True), st.Page(lambda: None, title="Other", url_path="other")]
st.navigation({"": pages[:1], "More": pages[1:]}, position="top").run()
