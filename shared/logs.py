"""Structured logs: one JSON object a line, and nothing secret in it."""

from __future__ import annotations

import logging
import re
from collections.abc import MutableMapping
from typing import Any

import structlog

# What looks like a secret of ours is cut wherever it stands, should a library print it.
# The detail of a database error quotes the row: a password's hash, a license key.
SECRETS = re.compile(
    r"alk_(live|test)_[0-9A-Za-z]{8,}|whsec_[0-9A-Za-z+/=]{8,}|(?<=://)[^/\s:@]*:[^/\s@]+(?=@)"
    r"|(?<=DETAIL:  )(Key|Failing row)(?:[^\"\\\n]|\\[^n])*"
)
_as_json = structlog.processors.JSONRenderer()


def configure(level: str = "INFO") -> None:
    """Write log lines of ``level`` and above to standard output."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, format="%(message)s")


def render(logger: object, name: str, event: MutableMapping[str, Any]) -> str:
    """Return ``event`` as one line of JSON, cut wherever it holds a key, a webhook secret or a password in a URL."""
    return cut(str(_as_json(logger, name, event)))


def cut(text: str) -> str:
    """Return ``text`` without the keys and secrets in it, for whatever a stranger sent and we keep or say again."""
    return SECRETS.sub("[cut]", text)
