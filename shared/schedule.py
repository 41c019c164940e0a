"""The clock process: what runs when. Any number of clocks may run; each due thing is done once."""

from __future__ import annotations

import os
import signal
import threading
from datetime import timedelta

import structlog

from shared import clock, failpoints, logs
from shared.config import Settings, read_settings
from shared.db import bare_app, current_settings
from shared.errors import Busy
from shared.services import api_log, jobs
from shared.transaction import transaction

log = structlog.get_logger()


def tick() -> None:
    """Do what is due now: hints for jobs that wait (SPEC G-3), and calls too old to be kept (SPEC A-2)."""
    with transaction():
        found = jobs.sweep()
    if found:
        log.info("clock.jobs_hinted", jobs=found)
    with transaction():
        api_log.forget(before=clock.now() - timedelta(days=current_settings().api_log_days))


def run(settings: Settings, stop: threading.Event) -> None:
    """Tick every ``sweep_seconds`` until ``stop`` is set; a database that is away is waited for."""
    with bare_app(settings).app_context():
        while not stop.is_set():
            try:
                tick()
            except Busy:
                log.warning("clock.database_away")
            stop.wait(settings.sweep_seconds)


def main() -> None:
    """Run the clock until SIGTERM or SIGINT."""
    settings = read_settings(os.environ, process="clock")
    logs.configure(settings.log_level)
    failpoints.arm(settings.failpoints)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    run(settings, stop)


if __name__ == "__main__":
    main()
