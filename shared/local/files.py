"""Small JSON files under VAR_DIR that only their owner may read."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from shared.local.errors import LocalError

if TYPE_CHECKING:
    from collections.abc import Mapping


def write_private(path: Path, content: Mapping[str, object]) -> None:
    """Replace the file at ``path`` by ``content`` as JSON, mode 0600; a crash leaves the old or the new."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(content, file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    Path(name).replace(path)


def read_private(path: Path) -> dict[str, object]:
    """Return the object in the file at ``path``, empty when there is no such file.

    Raises:
        LocalError: when the file holds anything but a JSON object.

    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise LocalError(f"{path} is damaged: it is no JSON object. Restore it, or remove it to start anew.")
    return content
