"""Ports: free ones are found, taken ones refused in a sentence with the variable to change."""

import socket
import threading
from collections.abc import Iterator

import pytest

from shared.local.errors import LocalError
from shared.local.ports import ensure_free, free_port


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield taken


def test_a_taken_port_is_refused_with_its_number_and_its_variable(listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    with pytest.raises(LocalError, match=rf"Port {port} \(ADMIN_PORT\) is already in use; set ADMIN_PORT"):
        ensure_free({"ADMIN_PORT": port, "GATEWAY_PORT": free_port()}, patience_seconds=0)


def test_one_port_for_two_variables_is_refused() -> None:
    port = free_port()
    with pytest.raises(LocalError, match=f"Port {port} is wanted by both ADMIN_PORT and CATCHER_PORT"):
        ensure_free({"ADMIN_PORT": port, "CATCHER_PORT": port}, patience_seconds=0)


def test_what_is_no_port_is_refused() -> None:
    with pytest.raises(LocalError, match="from 1 to 65535"):
        ensure_free({"ADMIN_PORT": 70_000}, patience_seconds=0)


def test_a_port_that_is_given_back_in_time_is_accepted(listener: socket.socket) -> None:
    closing = threading.Timer(0.2, listener.close)
    closing.start()
    ensure_free({"ADMIN_PORT": listener.getsockname()[1]}, patience_seconds=5)
    closing.join()
