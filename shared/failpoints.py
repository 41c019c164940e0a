"""Named places where a test may stop or slow a process; with no setting they cost one dictionary look-up."""

import os
import signal
import time

_armed: dict[str, str] = {}


def arm(spec: str) -> None:
    """Arm the failpoints named in ``spec``: ``name=kill``, ``name=stop`` or ``name=sleep:SECONDS``, comma separated.

    Raises ValueError when an entry is not of that form.
    """
    _armed.clear()
    for entry in filter(None, spec.split(",")):
        name, _, action = entry.partition("=")
        if action not in {"kill", "stop"} and not action.startswith("sleep:"):
            raise ValueError(f"Failpoint {entry!r} is not name=kill, name=stop or name=sleep:SECONDS.")
        _armed[name] = action


def reach(name: str) -> None:
    """Do what is armed at ``name``, if anything."""
    action = _armed.get(name)
    if action is None:
        return
    if action.startswith("sleep:"):
        time.sleep(float(action.removeprefix("sleep:")))
        return
    os.kill(os.getpid(), signal.SIGKILL if action == "kill" else signal.SIGSTOP)
