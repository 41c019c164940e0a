"""The back-office: staff manage contracts, licenses and what belongs to them."""

from __future__ import annotations

import os

from flask import Flask
from flask_wtf import CSRFProtect

from admin_app import auth, edge, failures, gate, health, limits, menu, preferences, rates, second_step, shell
from shared import db, failpoints, logs
from shared.config import Settings, read_settings


def create_app(settings: Settings) -> Flask:
    """Return the back-office under ``settings``."""
    app = Flask(__name__)
    db.configure(app, settings, role="app")
    edge.register(app, settings)
    # The gate checks every unsafe method, so that no view can be exempted; a form is good as long as its session.
    app.config.update(WTF_CSRF_CHECK_DEFAULT=False, WTF_CSRF_TIME_LIMIT=None, WTF_CSRF_SSL_STRICT=False)
    CSRFProtect(app)  # type: ignore[no-untyped-call]
    gate.register(app)  # who, may they, is the form ours
    limits.register(app, settings)
    rates.register(app, settings)  # looked at, never spent
    failures.register(app)
    shell.register(app)
    app.register_blueprint(auth.blueprint)  # open: sign-in and one-time links; sign-out needs a session
    app.register_blueprint(second_step.blueprint)  # open: a code after the password
    app.register_blueprint(preferences.blueprint)  # each person's own
    app.register_blueprint(health.blueprint)  # open: says nothing about anybody
    menu.register(app)  # Flask-Admin's views, each with its permissions
    return app


def from_environ() -> Flask:
    """Return the back-office as gunicorn starts it. Raises SettingsError naming every problem."""
    settings = read_settings(os.environ, process="admin")
    logs.configure(settings.log_level)
    failpoints.arm(settings.failpoints)
    return create_app(settings)
