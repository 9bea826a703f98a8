"""SMTP sink: accepts every message on the loopback interface and keeps it as a file.

The only module that imports aiosmtpd, which production does not install.
"""

import argparse
import asyncio
import os
import signal
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from portal.common.local.mailbox import read_mode, store

HOST = "127.0.0.1"


class Sink:
    """aiosmtpd handler; the mode is read anew for each message."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 -- the name is aiosmtpd's
        mode = read_mode(self.folder)
        if mode == "reject-4xx":
            return "451 4.3.0 Try again later"
        if mode == "reject-5xx":
            return "550 5.1.1 No such mailbox"
        if mode.startswith("slow:"):
            # Before storing: whoever hangs up early was not promised anything.
            await asyncio.sleep(float(mode.removeprefix("slow:")))
        store(self.folder, self._with_envelope(envelope))
        if mode == "drop-after-data" and isinstance(server.transport, asyncio.WriteTransport):
            server.transport.abort()
        return "250 2.0.0 Stored"

    def _with_envelope(self, envelope: Envelope) -> bytes:
        content = envelope.content
        body = content if isinstance(content, bytes) else str(content).encode()
        recipients = ", ".join(envelope.rcpt_tos)
        return f"X-Sink-To: {recipients}\r\n".encode() + body


async def serve(folder: Path, port: int, port_file: Path) -> None:
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    handler = Sink(folder)
    server = await loop.create_server(
        lambda: SMTP(handler, hostname="localhost", enable_SMTPUTF8=True, loop=loop),
        host=HOST,
        port=port,
    )
    temporary = port_file.with_name(f".{port_file.name}.{os.getpid()}")
    temporary.write_text(f"{server.sockets[0].getsockname()[1]}\n", encoding="ascii")
    temporary.replace(port_file)
    await stopped.wait()
    server.close()


def main() -> None:
    parser = argparse.ArgumentParser(prog="portal.common.local.sink")
    parser.add_argument("--dir", type=Path, required=True)
    parser.add_argument("--port-file", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args()
    options.dir.mkdir(parents=True, exist_ok=True)
    asyncio.run(serve(options.dir, options.port, options.port_file))


if __name__ == "__main__":
    main()
