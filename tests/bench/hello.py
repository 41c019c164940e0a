"""The cheapest answer Flask can give; what a generate call is measured against."""

from flask import Flask

app = Flask(__name__)


@app.get("/healthz")
def hello() -> str:
    return "hello"
