"""Where lossviz meets the page: the only package that imports Streamlit."""
