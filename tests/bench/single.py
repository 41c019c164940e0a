"""One license over HTTP with every check, against a bare Flask hello on the same gunicorn, in application CPU."""

from __future__ import annotations

import http.client
import json

import psutil

from shared.local.ports import free_port
from tests import running
from tests.bench.stage import Stage, show

CALLS, ROUNDS = 600, 5


def run(stage: Stage) -> None:
    """Print the ratio of CPU seconds: hello to generate."""
    contract, key = stage.world.reseller(quota=10**6, per_minute=100_000, per_hour=100_000, per_day=100_000)
    path, headers = f"/api/v1/contracts/{contract.id}/generate", {"Authorization": f"Bearer {key}"}
    with running.gateway(stage.environ, stage.directory) as (gateway, port), _hello(stage) as (hello, hello_port):
        _cpu(gateway, port, "POST", path, headers)  # warm
        ratios, costs = [], []
        for _ in range(ROUNDS):
            plain = _cpu(hello, hello_port, "GET", "/healthz", {})
            full = _cpu(gateway, port, "POST", path, headers)
            costs.append(full / CALLS * 1e6)
            ratios.append(plain / full)
    show("application CPU of one generate call", costs, " us")
    show("ratio to hello in application CPU (1 = as cheap)", ratios)


def _cpu(process: running.Process, port: int, method: str, path: str, headers: dict[str, str]) -> float:
    """Return the CPU seconds the process and its children spend on CALLS calls over one connection."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    body = json.dumps({"count": 1}) if method == "POST" else None
    before = _spent(process)
    for _ in range(CALLS):
        connection.request(method, path, body, {**headers, "Content-Type": "application/json"} if body else {})
        answer = connection.getresponse()
        answer.read()
        assert answer.status < 300, answer.status
    connection.close()
    return _spent(process) - before


def _spent(process: running.Process) -> float:
    times = [member.cpu_times() for member in process.family() if isinstance(member, psutil.Process)]
    return sum(spent.user + spent.system for spent in times)


class _hello:  # noqa: N801 - reads as what it runs
    """A bare Flask hello under the gateway's gunicorn settings."""

    def __init__(self, stage: Stage) -> None:
        self._port = free_port()
        command = [
            str(running.BIN / "gunicorn"), "-c", "gateway_app/gunicorn.conf.py", "tests.bench.hello:app",
        ]  # fmt: skip
        environ = {**stage.environ, "GATEWAY_PORT": str(self._port), "PYTHONPATH": str(running.ROOT)}
        self._process = running.Process(command, environ, stage.directory / "hello.log")

    def __enter__(self) -> tuple[running.Process, int]:
        running.wait_for(self._port, self._process)
        return self._process, self._port

    def __exit__(self, *_: object) -> None:
        self._process.stop()
