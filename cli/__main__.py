"""`python -m cli` is `ekyc` where the package is not installed."""

from cli.main import app

app(prog_name="ekyc")
