"""A partner's client over HTTP: keeps its connection, retries with the same key, and remembers every answer."""

from __future__ import annotations

import http.client
import json
import time
from dataclasses import dataclass, field
from typing import Any

TRIES = 12


@dataclass
class Partner:
    """Calls ``generate`` of one contract on one gateway."""

    port: int
    contract: str
    key: str
    unanswered: int = 0
    statuses: dict[int, int] = field(default_factory=dict)
    _connection: http.client.HTTPConnection | None = None

    def generate(self, **request: Any) -> tuple[int, dict[str, Any]]:
        """Return status and answer; a lost connection or a 409 or 503 is tried again with the same request."""
        for attempt in range(TRIES):
            try:
                status, answer = self._post(json.dumps(request))
            except (OSError, http.client.HTTPException):
                self.unanswered += 1
                self.close()
                time.sleep(min(0.05 * 2**attempt, 1))
                continue
            if status not in {409, 503}:
                self.statuses[status] = self.statuses.get(status, 0) + 1
                return status, answer
            time.sleep(0.1)
        raise AssertionError(f"no answer after {TRIES} tries")

    def _post(self, body: str) -> tuple[int, dict[str, Any]]:
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        self._connection.request("POST", f"/api/v1/contracts/{self.contract}/generate", body, headers)
        answer = self._connection.getresponse()
        return answer.status, json.loads(answer.read())

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
