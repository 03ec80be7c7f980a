"""How a network is trained on FashionMNIST: data, models, engine, worker and jobs. Knows no Streamlit."""
