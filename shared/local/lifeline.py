"""How a process started here learns that its parent died, and how a family of processes is ended."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterable
    from pathlib import Path

    Steps = Iterable[tuple[signal.Signals, float]]

_SET_DEATH_SIGNAL = 1
_SET_CHILD_SUBREAPER = 36
# Loaded here, because between fork and exec nothing may be loaded. Only Linux has these calls; elsewhere a
# killed supervisor leaves its servers running, and the next start ends them.
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def die_with(parent: int, stop_signal: signal.Signals) -> None:
    """Have the kernel send ``stop_signal`` to this process when the process ``parent``, its parent, dies."""
    _prctl(_SET_DEATH_SIGNAL, stop_signal)
    if os.getppid() != parent:  # it died before the kernel was asked
        os._exit(1)


def tie(stop_signal: signal.Signals) -> Callable[[], None]:
    """Return what a child runs before exec, after any change of user, to die with the calling process.

    The kernel watches the *thread* that forks: start such children from the main thread.
    """
    parent = os.getpid()
    return lambda: die_with(parent, stop_signal)


def adopt_orphans() -> None:
    """Make this process, not init, the parent of every descendant whose own parent dies."""
    _prctl(_SET_CHILD_SUBREAPER, 1)


def _prctl(option: int, value: int) -> None:
    if _LIBC is not None:
        _LIBC.prctl(option, ctypes.c_ulong(value), 0, 0, 0)


def living_in(directory: Path, name: str) -> list[psutil.Process]:
    """Return the processes called ``name`` that work in ``directory``, whatever any pid file says."""
    return [
        one for one in psutil.process_iter(["name"]) if one.info["name"] == name and _works_in(one, directory.resolve())
    ]


def _works_in(one: psutil.Process, directory: Path) -> bool:
    try:
        return one.cwd() == str(directory)
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        # The root of many containers may not look into other users' processes, but sees how they were called.
        with contextlib.suppress(psutil.Error):
            return f" {directory} " in " ".join(["", *one.cmdline(), ""])
        return False


def stop(child: subprocess.Popen[bytes], steps: Steps) -> None:
    """End a child of ours and wait for it; ``steps`` as for ``end``."""
    end(lambda: [psutil.Process(child.pid)] if child.poll() is None else [], steps)
    child.wait()


def end(find: Callable[[], list[psutil.Process]], steps: Steps) -> bool:
    """End the processes that ``find`` returns and tell whether none is left.

    Each step is a signal and how many seconds it may take. A process whose parent is found as well is left to
    that parent: only a SIGKILL goes to all.
    """
    for stop_signal, patience_seconds in steps:
        found = find()
        pids = {one.pid for one in found}
        for one in found:
            with contextlib.suppress(psutil.Error):
                if stop_signal is signal.SIGKILL or one.ppid() not in pids:
                    one.send_signal(stop_signal)
        psutil.wait_procs(found, timeout=patience_seconds)
    return not find()
