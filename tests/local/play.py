"""A run for the tests to start, signal and kill: `make run` in miniature, told by one JSON argument."""

import contextlib
import encodings.ascii
import encodings.idna  # noqa: F401 - now, because after a change of user the library may be out of reach
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from shared.local.child import Backoff
from shared.local.errors import LocalError
from shared.local.guard import guard
from shared.local.run_lock import run_lock
from shared.local.servers import ServerOptions, start_servers
from shared.local.supervisor import run

HASTE = {"fsync": "off", "max_connections": "20", "shared_buffers": "16MB"}


def play(told: dict[str, Any]) -> None:
    var_dir = Path(told["var_dir"])
    options = ServerOptions(
        shelter=Path(told["shelter"]),
        initdb_options=("--no-sync", "--wal-segsize=1"),
        postgres_settings=HASTE,
        postgres_port=told.get("postgres_port"),
    )
    with contextlib.ExitStack() as stack:
        stack.enter_context(run_lock(var_dir))
        servers = stack.enter_context(start_servers(var_dir, options)) if told.get("servers") else None
        say(f"up {os.getpid()}")
        if "commands" not in told:
            time.sleep(1000)
        run(
            told["commands"],
            environments=dict.fromkeys(told["commands"], told.get("environment", {})),
            ready_urls=told.get("ready_urls", ()),
            on_ready=lambda: say("READY"),
            tend=servers.tend if servers else lambda _say: None,
            backoff=Backoff(0.05, 0.2, 30.0),
            stop_seconds=1.0,
        )
        say("stopped")


def say(sentence: str) -> None:
    sys.stdout.write(f"{sentence}\n")
    sys.stdout.flush()


def main(told: dict[str, Any]) -> int:
    if "uid" in told:
        os.setgroups([])
        os.setgid(told["uid"])
        os.setuid(told["uid"])
    if told.get("guard", True):
        guard(patience_seconds=told.get("patience", 10.0))
    try:
        play(told)
    except LocalError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1])))
