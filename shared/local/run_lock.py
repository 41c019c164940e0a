"""One run per VAR_DIR: the lock that a second one finds taken."""

from __future__ import annotations

import contextlib
import fcntl
import os
from typing import TYPE_CHECKING

from shared.local.errors import LocalError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextlib.contextmanager
def run_lock(var_dir: Path) -> Iterator[None]:
    """Hold VAR_DIR for this process; the kernel lets go of it however the process ends.

    Raises:
        LocalError: naming the process that holds it, or when VAR_DIR cannot be written.

    """
    path = var_dir / "run.lock"
    try:
        var_dir.mkdir(parents=True, exist_ok=True)
        file = path.open("a+", encoding="ascii")
    except OSError as error:
        raise LocalError(f"VAR_DIR {var_dir} cannot be written: {error.strerror}.") from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid = path.read_text(encoding="ascii").strip()
            raise LocalError(
                f"{var_dir} is in use: Allotment already runs there as process {pid}. "
                f"Stop it with Ctrl-C in its terminal, or with `kill {pid}`.",
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
