"""The supervisor: what it starts keeps running, is heard, and never outlives it."""

import http.server
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from shared.local.ports import free_port
from shared.local.supervisor import read_procfile

# Deaf to SIGTERM, with a child in a group of its own: what a worker and its horse look like at their worst.
STUBBORN = """
import os, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if os.fork() == 0:
    os.setpgrp()
print("deaf", flush=True)
time.sleep(1000)
"""


@pytest.fixture
def mark(var_dir: Path) -> str:
    """A word on every command line of this test, by which to find what was left behind."""
    return var_dir.parent.name


@pytest.fixture
def stubborn(mark: str, tmp_path: Path) -> str:
    (tmp_path / "stubborn.py").write_text(STUBBORN)
    return f"{sys.executable} {tmp_path}/stubborn.py {mark}-child"


def sleeper(mark: str) -> str:
    return f"{sys.executable} -c 'import time; print(\"here\", flush=True); time.sleep(1000)' {mark}-child"


def test_the_procfile_is_read_without_its_release_line(tmp_path: Path) -> None:
    (tmp_path / "Procfile").write_text("release: allotment migrate\n# told\nadmin: gunicorn -b :$PORT x\nclock: tick\n")
    assert read_procfile(tmp_path / "Procfile") == {"admin": "gunicorn -b :$PORT x", "clock": "tick"}


def test_each_line_is_heard_behind_the_name_of_its_process_and_with_only_its_environment(
    start_play: Callable[..., Any],
) -> None:
    play = start_play(
        commands={"admin": "/usr/bin/env", "worker": "echo $TOLD"},
        environment={"TOLD": "openly"},
    )
    assert play.wait_for("worker | openly")
    assert play.wait_for("worker | ended with exit status 0; starting again in 0.05 s.")
    play.process.terminate()
    play.finish()
    assert "admin  | TOLD=openly" in play.lines
    assert "hidden" not in "".join(play.lines)


def test_a_child_that_dies_is_started_again_later_and_later(start_play: Callable[..., Any]) -> None:
    play = start_play(commands={"worker": "sh -c 'kill -KILL $$'"})
    waits = [play.wait_for("killed by SIGKILL").split()[-2] for _ in range(4)]
    assert waits == ["0.05", "0.1", "0.2", "0.2"]


@pytest.mark.parametrize("stop_signal", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("run", ["alone", "guarded"])
def test_a_signal_stops_everything_and_ends_with_0(
    start_play: Callable[..., Any],
    mark: str,
    called_with: Callable[[str], list[Any]],
    stop_signal: signal.Signals,
    run: str,
) -> None:
    play = start_play(commands={"one": sleeper(mark), "two": sleeper(mark)}, guard=run == "guarded")
    play.wait_for("here")
    play.wait_for("here")
    play.process.send_signal(stop_signal)
    assert play.finish() == (0, "")
    assert "stopped" in play.lines
    assert not called_with(f"{mark}-child")


def test_who_does_not_stop_is_killed_with_all_descendants(
    start_play: Callable[..., Any],
    stubborn: str,
    mark: str,
    called_with: Callable[[str], list[Any]],
) -> None:
    play = start_play(commands={"one": stubborn})
    play.wait_for("deaf")
    play.wait_for("deaf")
    play.process.terminate()
    assert play.finish()[0] == 0
    assert "one   | did not stop within 1 s; killed." in play.lines
    assert not called_with(f"{mark}-child")


@pytest.mark.parametrize("killed", ["supervisor", "guardian"])
def test_a_killed_supervisor_leaves_nothing_behind_not_even_the_stubborn(
    start_play: Callable[..., Any],
    stubborn: str,
    mark: str,
    all_gone: Callable[[str], bool],
    killed: str,
) -> None:
    play = start_play(commands={"one": stubborn}, patience=0.5)
    supervisor = play.supervisor()
    play.wait_for("deaf")
    play.wait_for("deaf")
    (supervisor if killed == "supervisor" else play.process).kill()
    assert all_gone(f"{mark}-child")


def test_without_a_guardian_the_kernel_tells_the_children(
    start_play: Callable[..., Any],
    mark: str,
    all_gone: Callable[[str], bool],
) -> None:
    play = start_play(commands={"one": sleeper(mark), "two": sleeper(mark)}, guard=False)
    play.wait_for("here")
    play.wait_for("here")
    play.process.kill()
    assert all_gone(f"{mark}-child")


def test_ready_is_called_once_when_all_answer(start_play: Callable[..., Any], mark: str) -> None:
    with healthz(200) as one, healthz(503) as other:
        play = start_play(commands={"one": sleeper(mark)}, ready_urls=[one.url, other.url])
        play.wait_for("here")
        time.sleep(0.6)
        other.status = 200
        play.wait_for("READY")
        time.sleep(0.4)
        play.process.terminate()
        play.finish()
    assert play.lines.count("READY") == 1
    assert other.asked >= 3, "it was asked again after refusing"


@contextmanager
def healthz(status: int) -> Iterator[Any]:
    """Answer as told by ``status`` on the yielded server."""

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.server.asked += 1
            self.send_response(self.server.status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", free_port()), Answer) as server:
        server.status, server.asked, server.url = status, 0, f"http://127.0.0.1:{server.server_port}/healthz"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_a_killed_child_takes_the_rest_of_its_group_along(
    start_play: Callable[..., Any],
    mark: str,
    eventually: Callable[..., bool],
) -> None:
    family = f"sh -c '{sys.executable} -c \"import time; time.sleep(1000)\" {mark}-grandchild & echo $$ here; wait'"
    play = start_play(commands={"web": family})
    leader = int(play.wait_for("here").split()[-2])
    (grandchild,) = psutil.Process(leader).children()
    os.kill(leader, signal.SIGKILL)
    assert eventually(lambda: not grandchild.is_running())
