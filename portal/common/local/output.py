"""Merges the children's lines on the terminal, each with the name of its child."""

import os
import selectors
import sys
from typing import IO

NAME_WIDTH = 7
CHUNK = 65536


class Output:
    """Single-threaded: a child's life hangs on the thread that started it."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._rest: dict[int, bytes] = {}
        self._streams: dict[int, IO[bytes]] = {}

    def add(self, name: str, stream: IO[bytes]) -> None:
        os.set_blocking(stream.fileno(), False)
        self._rest[stream.fileno()] = b""
        self._streams[stream.fileno()] = stream
        self._selector.register(stream, selectors.EVENT_READ, name)

    def pump(self, seconds: float) -> None:
        """Pass on what arrives within this time."""
        for key, _events in self._selector.select(seconds):
            try:
                chunk = os.read(key.fd, CHUNK)
            except BlockingIOError:
                continue
            *lines, rest = (self._rest[key.fd] + chunk).split(b"\n")
            if not chunk:
                lines, rest = ([rest] if rest else []), b""
                self._selector.unregister(key.fileobj)
                del self._rest[key.fd]
                self._streams.pop(key.fd).close()
            else:
                self._rest[key.fd] = rest
            for line in lines:
                self._print(key.data, line)

    def close(self) -> None:
        self._selector.close()
        for stream in self._streams.values():
            stream.close()

    def _print(self, name: str, line: bytes) -> None:
        text = line.decode("utf-8", errors="replace").rstrip("\r")
        print(f"{name:<{NAME_WIDTH}}| {text}", file=sys.stdout, flush=True)
