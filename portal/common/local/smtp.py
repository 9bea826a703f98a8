"""The SMTP sink as a child process."""

import contextlib
import os
import signal
import smtplib
import socket
import sys
from pathlib import Path

from portal.common.local.process import Server

HOST = "127.0.0.1"
SOURCE = Path(__file__).parents[3]


def is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with contextlib.suppress(OSError):
            probe.bind((HOST, port))
            return True
    return False


class Sink(Server):
    """Keeps its port over restarts where it can: other processes have it in their settings."""

    title = "SMTP-Senke"
    death_signal = signal.SIGTERM

    def __init__(self, root: Path) -> None:
        super().__init__(root, "sink")
        self.directory = root / "mail"
        self._port_file = root / "sink.port"

    @property
    def port(self) -> int:
        """The port of the last start; 0 before the first."""
        try:
            return int(self._port_file.read_text(encoding="ascii"))
        except (OSError, ValueError):
            return 0

    @property
    def url(self) -> str:
        return f"smtp://{HOST}:{self.port}"

    def launch(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        port = self.port if is_free(self.port) else 0
        self._port_file.unlink(missing_ok=True)
        command = [
            *(sys.executable, "-m", "portal.common.local.sink", "--dir", str(self.directory)),
            *("--port-file", str(self._port_file), "--port", str(port)),
        ]
        self._spawn(command, env=dict(os.environ), cwd=SOURCE)

    def answers(self) -> bool:
        if not self.port:
            return False
        with (
            contextlib.suppress(OSError, smtplib.SMTPException),
            smtplib.SMTP(HOST, self.port, timeout=2.0) as client,
        ):
            return client.noop()[0] == 250
        return False
