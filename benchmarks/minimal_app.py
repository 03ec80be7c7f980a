"""The smallest Streamlit page with one slider and one chart: what the others are measured against."""

import pandas as pd
import streamlit as st

x = st.slider("x", 0, 100, 50, key="x")
st.line_chart(pd.DataFrame({"y": [(i - x) ** 2 for i in range(101)]}))
st.metric("value", x**2)
