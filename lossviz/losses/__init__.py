"""What is taught: every loss as data, its torch call, and the text around it. Knows no Streamlit, no Altair."""
