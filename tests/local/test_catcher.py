"""The webhook catcher: keeps the last ones, shows them harmlessly, on this machine only."""

import http.client
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from shared.local import catcher, ready
from shared.local.catcher import Catcher
from shared.local.ports import free_port


@pytest.fixture
def port() -> Iterator[int]:
    with Catcher(0) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def ask(port: int, method: str, path: str = "/", body: Any = None, headers: dict[str, str] | None = None) -> Any:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read().decode()
    finally:
        connection.close()


def test_what_was_posted_is_shown_newest_first_and_readable(port: int) -> None:
    assert ask(port, "POST", "/first", json.dumps({"type": "contract.exhausted", "left": 0}))[0] == 200
    assert ask(port, "POST", "/second", b"plain", {"webhook-id": "msg_1"})[0] == 200
    page = ask(port, "GET")[2]
    assert page.index("/second") < page.index("/first")
    assert "webhook-id: msg_1" in page
    assert "  &quot;left&quot;: 0" in page


def test_nothing_in_it_can_run(port: int) -> None:
    attack = "<script>alert(1)</script>"
    ask(port, "POST", "/" + attack.replace(" ", ""), attack, {"X-Attack": attack})
    _, headers, page = ask(port, "GET")
    assert "<script" not in page
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self';")
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("body", [b'"\\ud800"', b"\xff\x00\xfe", b"[" * 100_000, b"9" * 10_000, b"x" * 200_000])
def test_a_body_of_any_kind_is_shown(port: int, body: bytes) -> None:
    assert ask(port, "POST", "/", body)[0] == 200
    assert ask(port, "GET")[0] == 200


def test_only_the_last_hundred_are_kept(port: int) -> None:
    for number in range(catcher.KEPT + 5):
        ask(port, "POST", f"/number-{number}.", b"")
    page = ask(port, "GET")[2]
    assert page.count("<article>") == catcher.KEPT
    assert "number-4." not in page
    assert "number-5." in page


def test_a_body_over_one_mebibyte_is_refused(port: int) -> None:
    assert ask(port, "POST", "/", b"", {"Content-Length": str(2**20 + 1)})[0] == 413
    assert ask(port, "POST", "/", b"x" * 2**20)[0] == 200


def test_a_body_without_a_length_is_refused(port: int) -> None:
    assert ask(port, "POST", "/", iter([b"chunk"]), {"Transfer-Encoding": "chunked"})[0] == 411


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_foreign_name_that_resolves_here_sees_nothing(port: int, method: str) -> None:
    assert ask(port, method, "/", headers={"Host": f"evil.example:{port}"})[0] == 404


def test_it_tells_that_it_is_well_and_nothing_else(port: int) -> None:
    assert ask(port, "GET", "/healthz")[::2] == (200, "ok\n")
    assert ask(port, "GET", "/other")[0] == 404


def test_it_runs_as_a_program_on_its_port(eventually: Callable[..., bool]) -> None:
    port = free_port()
    with subprocess.Popen(
        [sys.executable, "-m", "shared.local.catcher"],
        env=os.environ | {"CATCHER_PORT": str(port)},
        stderr=subprocess.DEVNULL,
    ) as program:
        assert eventually(lambda: ready.answers(f"http://127.0.0.1:{port}/healthz"))
        assert ask(port, "GET", "/healthz")[0] == 200
        program.terminate()


@pytest.mark.parametrize(("value", "status"), [("", 2), ("many", 2), ("70000", 1)])
def test_a_port_that_is_none_is_a_sentence(value: str, status: int) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "shared.local.catcher"],
        env=os.environ | {"CATCHER_PORT": value},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status
    assert "CATCHER_PORT" in done.stderr
    assert "Traceback" not in done.stderr
