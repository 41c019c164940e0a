"""A small receiver of webhooks for local runs: it keeps the last ones in memory and shows them on a page."""

from __future__ import annotations

import os
import sys
from collections import deque
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from shared import clock
from shared.local import catcher_page
from shared.local.ports import LOOPBACK

if TYPE_CHECKING:
    from datetime import datetime

KEPT = 100
BODY_LIMIT_BYTES = 1024 * 1024
IDLE_SECONDS = 10.0


@dataclass(frozen=True, kw_only=True)
class Caught:
    """One received webhook."""

    received_at: datetime
    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


class Catcher(ThreadingHTTPServer):
    """The server; binds loopback only and forgets everything when it ends."""

    daemon_threads = True

    def __init__(self, port: int) -> None:
        super().__init__((LOOPBACK, port), _Handler)
        self.caught: deque[Caught] = deque(maxlen=KEPT)

    @property
    def own_names(self) -> set[str]:
        """The Host headers of who means this server; a foreign name that resolves here is none of them."""
        return {f"{name}:{self.server_port}" for name in (LOOPBACK, "localhost")}


class _Handler(BaseHTTPRequestHandler):
    server: Catcher
    server_version = "catcher"
    timeout = IDLE_SECONDS

    def do_GET(self) -> None:
        if self.path == "/healthz":
            self._answer(HTTPStatus.OK, "ok\n")
        elif self.path == "/style.css":
            self._answer(HTTPStatus.OK, catcher_page.STYLE, "text/css; charset=utf-8")
        elif self.path == "/" and self._is_for_us():
            page = catcher_page.render(list(self.server.caught))
            self._answer(HTTPStatus.OK, page, "text/html; charset=utf-8")
        else:
            self._answer(HTTPStatus.NOT_FOUND, "There is no such page here.\n")

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not self._is_for_us():
            self._refuse(HTTPStatus.NOT_FOUND, "This name is not the catcher's.\n")
        elif not (length.isascii() and length.isdigit()):
            self._refuse(HTTPStatus.LENGTH_REQUIRED, "Send the body with a Content-Length.\n")
        elif len(length) > len(str(BODY_LIMIT_BYTES)) or int(length) > BODY_LIMIT_BYTES:
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"At most {BODY_LIMIT_BYTES} bytes.\n")
        else:
            self._catch(self.rfile.read(int(length)))

    def _catch(self, body: bytes) -> None:
        headers = tuple(self.headers.items())
        self.server.caught.appendleft(
            Caught(received_at=clock.now(), path=self.path, headers=headers, body=body),
        )
        self._answer(HTTPStatus.OK, "Caught.\n")

    def _is_for_us(self) -> bool:
        return self.headers.get("Host", "") in self.server.own_names

    def _refuse(self, status: HTTPStatus, text: str) -> None:
        self.close_connection = True  # the body is not read
        self._answer(status, text)

    def _answer(self, status: HTTPStatus, text: str, kind: str = "text/plain; charset=utf-8") -> None:
        body = text.encode(errors="backslashreplace")  # JSON may spell half a surrogate pair
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def end_headers(self) -> None:
        for name, value in catcher_page.SECURITY_HEADERS.items():
            self.send_header(name, value)
        super().end_headers()


def main() -> int:
    """Serve on CATCHER_PORT until killed; return 2 when that is no port number, 1 when it is taken."""
    try:
        port = int(os.environ.get("CATCHER_PORT", ""))
    except ValueError:
        sys.stderr.write("CATCHER_PORT must be set to a port number.\n")
        return 2
    try:
        catcher = Catcher(port)
    except (OSError, OverflowError) as error:
        sys.stderr.write(f"The catcher cannot listen on CATCHER_PORT {port}: {error}.\n")
        return 1
    with catcher:
        catcher.serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main())
