"""Whether the started applications answer yet."""

from __future__ import annotations

import http.client
from http import HTTPStatus
from urllib.parse import urlsplit

_ANSWER_SECONDS = 1.0


def answers(url: str) -> bool:
    """Tell whether ``url`` answers 200 within a second, asked past any proxy of the environment."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=_ANSWER_SECONDS)
    try:
        connection.request("GET", parts.path or "/")
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
