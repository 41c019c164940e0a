"""Addresses inside the back-office: where the present page is, and where one may be sent back to."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import request

LONGEST = 2000


def full_path() -> str:
    """Return path and query of the present request."""
    return request.full_path if request.query_string else request.path


def local_path(wanted: str | None, default: str) -> str:
    r"""Return ``wanted`` when it is a path on this host and nothing else, else ``default``.

    Browsers read a backslash as a slash and drop control characters, so ``/\host`` and ``/<tab>/host`` would leave.
    """
    if not wanted or len(wanted) > LONGEST or not wanted.startswith("/") or wanted.startswith("//"):
        return default
    if "\\" in wanted or not wanted.isprintable() or " " in wanted:
        return default
    try:
        parts = urlsplit(wanted)
    except ValueError:
        return default
    return default if parts.scheme or parts.netloc else wanted
