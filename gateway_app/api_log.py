"""Telling the log of every call: a bounded queue that one thread empties twice a second (SCHEMA 8)."""

from __future__ import annotations

import atexit
import queue
import threading
import time

import structlog
from flask import Flask, Response, current_app, g, request

from gateway_app.callers import caller_address
from shared import clock
from shared.errors import DomainError
from shared.logs import cut
from shared.services import api_log
from shared.services.api_log import Call, Caller
from shared.services.door import Visitor
from shared.transaction import transaction

log = structlog.get_logger()

WAITING_MOST = 10_000
FLUSH_SECONDS = 0.25
BATCH_MOST = 500


class ApiLog:
    """Takes calls without waiting and writes them soon after; what does not fit is counted and said."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._waiting: queue.Queue[Call] = queue.Queue(WAITING_MOST)
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        self._dropped = 0

    def add(self, call: Call) -> None:
        """Take one call; the thread is started by the first one, after the process has forked."""
        if self._thread is None:
            self._start()
        try:
            self._waiting.put_nowait(call)
        except queue.Full:
            self._dropped += 1

    def flush(self) -> None:
        """Write what waits, in batches; a database that is away costs the batch, never a call."""
        while batch := self._take():
            try:
                with self._app.app_context(), transaction():
                    api_log.write(calls=batch)
            except DomainError:
                self._dropped += len(batch)
        if self._dropped:
            log.warning("api_log.dropped", calls=self._dropped)
            self._dropped = 0

    def _take(self) -> list[Call]:
        batch: list[Call] = []
        while len(batch) < BATCH_MOST and not self._waiting.empty():
            batch.append(self._waiting.get_nowait())
        return batch

    def _start(self) -> None:
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="api-log", daemon=True)
                self._thread.start()
                atexit.register(self.flush)

    def _run(self) -> None:
        while True:
            time.sleep(FLUSH_SECONDS)
            try:
                self.flush()
            except Exception:
                log.exception("api_log.flush_failed")


def register(app: Flask) -> None:
    """Log the calls of ``app``."""
    app.extensions["api_log"] = ApiLog(app)
    app.after_request(_tell)


def _tell(response: Response) -> Response:
    """Log what carried a good key or was refused; pages and health checks that were served are neither."""
    if "visitor" in g or "code" in g:
        writer: ApiLog = current_app.extensions["api_log"]
        writer.add(_call(response))
    return response


def _call(response: Response) -> Call:
    address = caller_address()
    asked = (request.view_args or {}).get("contract")
    return Call(
        at=clock.now(),
        caller=_caller(g.get("visitor")),
        asked_contract=cut(asked)[:64] if isinstance(asked, str) and asked.isprintable() else None,
        address=str(address) if address else None,
        method=request.method[:10],
        endpoint=request.endpoint or "",
        status=response.status_code,
        code=g.get("code"),
        cause=g.get("cause", ""),
        latency_ms=(time.perf_counter() - g.started) * 1000,
        request_id=g.request_id,
        client_request_id=g.get("client_request_id"),
        is_generate=request.endpoint == "generations.create",
    )


def _caller(visitor: Visitor | None) -> Caller | None:
    if visitor is None:
        return None
    return Caller(
        environment_id=visitor.blueprint.environment_id,
        contract_id=visitor.blueprint.contract_id,
        key_id=visitor.key_id,
        key=visitor.public_id,
    )
