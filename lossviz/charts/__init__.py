"""How it is drawn: a frame in, a Vega-Lite spec out. Knows no Streamlit."""
