"""Ports of this machine: a free one for a server of ours, and a sentence when a wished one is taken."""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING

from shared.local.errors import LocalError

if TYPE_CHECKING:
    from collections.abc import Mapping

LOOPBACK = "127.0.0.1"


def free_port() -> int:
    """Return a loopback port free at this moment; another program may still take it before it is used."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def ensure_free(ports: Mapping[str, int], *, host: str = LOOPBACK, patience_seconds: float = 2.0) -> None:
    """Check that every port, named by the variable that sets it, can be listened on.

    An earlier run that has just been killed may hold its ports for a moment, hence the patience.

    Raises:
        LocalError: naming every port that is taken, forbidden or wanted twice, each with its variable.

    """
    deadline = time.monotonic() + patience_seconds
    while problems := _problems(ports, host):
        if time.monotonic() >= deadline:
            raise LocalError("\n".join(problems))
        time.sleep(0.1)


def _problems(ports: Mapping[str, int], host: str) -> list[str]:
    first_use: dict[int, str] = {}
    problems = []
    for variable, port in ports.items():
        other = first_use.setdefault(port, variable)
        if other != variable:
            problems.append(f"Port {port} is wanted by both {other} and {variable}; give one another port.")
        elif reason := _refusal(host, port):
            problems.append(f"Port {port} ({variable}) {reason}; set {variable} to another port.")
    return problems


def _refusal(host: str, port: int) -> str:
    with socket.socket() as probe:
        # As web servers do: a port in TIME_WAIT counts as free, one being listened on does not.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen()
        except PermissionError:
            return "may not be opened by this user"
        except OverflowError:
            return "is not a port: the numbers go from 1 to 65535"
        except OSError:
            return "is already in use"
    return ""
