"""Load tests: what users do (`locustfile.py`), and how slow it may be (`budget.toml`)."""
