"""What the supervised processes say, line by line, each line behind the name of its process."""

from __future__ import annotations

import os
import selectors
from dataclasses import dataclass
from typing import IO, TextIO

_CHUNK_BYTES = 65_536
_LINE_BYTES = 65_536


@dataclass
class _Voice:
    name: str
    rest: bytes = b""


class Voices:
    """The open outputs of all processes, read without threads, because forking beside threads is unsafe."""

    def __init__(self, output: TextIO, names: list[str]) -> None:
        self._output = output
        self._width = max(map(len, [*names, "local"]))
        self._selector = selectors.DefaultSelector()

    def add(self, name: str, source: IO[bytes]) -> None:
        """Read ``source`` until its last writer closes it, which may be later than its process ends."""
        os.set_blocking(source.fileno(), False)
        self._selector.register(source, selectors.EVENT_READ, _Voice(name))

    def say(self, name: str, sentence: str) -> None:
        """Write one line in the name of ``name``."""
        self._output.write(f"{name:<{self._width}} | {sentence}\n")
        self._output.flush()

    def relay(self, seconds: float) -> None:
        """Pass on what is said within ``seconds``, returning as soon as something was."""
        for key, _ in self._selector.select(seconds):
            self._read(key)

    def close(self) -> None:
        """Pass on what is there and stop listening."""
        for key in list(self._selector.get_map().values()):
            self._read(key)
        for key in list(self._selector.get_map().values()):
            self._hang_up(key)
        self._selector.close()

    def _read(self, key: selectors.SelectorKey) -> None:
        voice: _Voice = key.data
        try:
            chunk = os.read(key.fd, _CHUNK_BYTES)
        except BlockingIOError:
            return
        *lines, voice.rest = (voice.rest + chunk).split(b"\n")
        if len(voice.rest) > _LINE_BYTES:
            lines, voice.rest = [*lines, voice.rest], b""
        for line in lines:
            self.say(voice.name, line.decode(errors="replace").rstrip("\r"))
        if not chunk:
            self._hang_up(key)

    def _hang_up(self, key: selectors.SelectorKey) -> None:
        if key.data.rest:
            self.say(key.data.name, key.data.rest.decode(errors="replace"))
        self._selector.unregister(key.fileobj)
        if not isinstance(key.fileobj, int):
            key.fileobj.close()  # type: ignore[attr-defined]
