"""The partner gateway: scoped-key license generation and nothing else (GATEWAY 1)."""

from __future__ import annotations

import os

import structlog
from flask import Flask

from gateway_app import api_log, edge, problems, reads
from gateway_app.schemas import GenerateRequestSchema
from gateway_app.views import docs, generations, health, jobs, ping
from shared import db, failpoints, logs, queue
from shared.config import Settings, read_settings
from shared.rates.windows import RateWindows, connect


def create_app(settings: Settings) -> Flask:
    """Return the gateway under ``settings``."""
    app = Flask(__name__, static_folder=None)
    db.configure(app, settings, role="gateway")
    edge.register(app, settings)
    api_log.register(app)
    problems.register(app)
    reads.register(app, settings)
    app.extensions["rate_windows"] = RateWindows(
        connect(settings.redis_url), log=structlog.get_logger(), circuit=queue.circuit_of(app)
    )
    app.extensions["generate_schema"] = GenerateRequestSchema(max_count=settings.max_count_per_call)
    app.register_blueprint(generations.blueprint)  # contract key, each view walks the ladder
    app.register_blueprint(jobs.blueprint)  # contract key, the same ladder without spending a call
    app.register_blueprint(ping.blueprint)  # contract key; tells what a call would meet, counts nothing
    app.register_blueprint(docs.blueprint)  # no key: the reference, the same for everybody
    app.register_blueprint(health.blueprint)  # no key: says nothing about anybody
    return app


def from_environ() -> Flask:
    """Return the gateway as gunicorn starts it. Raises SettingsError naming every problem."""
    settings = read_settings(os.environ, process="gateway")
    logs.configure(settings.log_level)
    failpoints.arm(settings.failpoints)
    return create_app(settings)
