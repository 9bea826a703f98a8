"""Children that never outlive us, and servers made of one child."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Literal

from portal.common.local.errors import LocalError

Identity = Literal["self", "namespace", "nobody"]

LAUNCHER = Path(__file__).with_name("launcher.py")
LOG_LIMIT = 1_000_000
TICK = 0.02


def guarded(
    command: Sequence[str],
    death_signal: signal.Signals = signal.SIGTERM,
    identity: Identity = "self",
) -> list[str]:
    """The command, wrapped so that it gets the signal when the starting thread ends."""
    return [
        *(sys.executable, "-I", "-S", str(LAUNCHER)),
        *(str(os.getpid()), str(int(death_signal)), identity),
        *command,
    ]


def process_state(pid: int) -> str | None:
    """The kernel's letter for the process; None when there is no such process."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    return stat.rpartition(")")[2].split()[0]


def is_running(pid: int) -> bool:
    """Whether the process does anything; a zombie does not."""
    if Path("/proc/self/stat").exists():
        return process_state(pid) not in (None, "Z", "X")
    with contextlib.suppress(OSError):
        os.kill(pid, 0)
        return True
    return False


def is_alive(process: subprocess.Popen[bytes]) -> bool:
    """Of a killed process with threads, the last of which still ends, poll() knows nothing yet."""
    return process.poll() is None and is_running(process.pid)


def all_pids() -> Iterator[int]:
    proc = Path("/proc")
    if not proc.is_dir():
        return
    for entry in proc.iterdir():
        if entry.name.isdigit() and is_running(int(entry.name)):
            yield int(entry.name)


def send(pid: int, number: signal.Signals, *, group: bool = False) -> None:
    with contextlib.suppress(ProcessLookupError):
        if group:
            os.killpg(pid, number)
        else:
            os.kill(pid, number)


def wait_gone(pids: Sequence[int], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while any(is_running(pid) for pid in pids):
        if time.monotonic() > deadline:
            return False
        time.sleep(TICK)
    return True


def wait_exit(process: subprocess.Popen[bytes], seconds: float) -> bool:
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(seconds)
    return process.returncode is not None


def open_log(path: Path) -> IO[bytes]:
    """Append, but keep at most one old generation."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > LOG_LIMIT:
        path.replace(path.with_name(path.name + ".1"))
    return path.open("ab")


def tail(path: Path, lines: int = 12) -> str:
    if not path.exists():
        return ""
    return "\n".join(path.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])


class Server(ABC):
    """One foreground process with a log file; tests may kill and freeze it."""

    title: str
    death_signal: signal.Signals = signal.SIGKILL
    ready_seconds: float = 30.0

    def __init__(self, root: Path, log_name: str) -> None:
        self.root = root
        self.log = root / "log" / f"{log_name}.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._log_offset = 0

    @abstractmethod
    def launch(self) -> None:
        """Start the process and return at once."""

    @abstractmethod
    def answers(self) -> bool:
        """Whether the server answers a question."""

    def start(self) -> None:
        """Does nothing but wait when the server runs already."""
        if not self.alive:
            self.launch()
        self.wait_ready()

    @property
    def pid(self) -> int | None:
        """The process number while it runs."""
        return self._process.pid if self._process is not None and self.alive else None

    @property
    def alive(self) -> bool:
        return self._process is not None and is_alive(self._process)

    def wait_ready(self) -> None:
        deadline = time.monotonic() + self.ready_seconds
        while not self.answers():
            if not self.alive:
                raise LocalError(f"{self.title} startet nicht.\n{self._recent_log()}")
            if time.monotonic() > deadline:
                self.kill()
                raise LocalError(f"{self.title} antwortet nicht. Protokoll: {self.log}")
            time.sleep(TICK)

    def stop(self) -> None:
        self._stop_by((signal.SIGTERM, 3.0))

    def kill(self) -> None:
        """Crash it."""
        self._stop_by()

    def freeze(self) -> None:
        """Keep the connections, answer nothing."""
        if self.pid:
            os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        if self.pid:
            os.kill(self.pid, signal.SIGCONT)

    def _spawn(
        self,
        command: Sequence[str],
        *,
        env: Mapping[str, str],
        cwd: Path,
        identity: Identity = "self",
    ) -> None:
        self._stop_by()
        with open_log(self.log) as log:
            self._log_offset = log.tell()
            self._process = subprocess.Popen(
                guarded(command, self.death_signal, identity),
                cwd=cwd,
                env=dict(env),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # Ctrl-C at the terminal is for the supervisor alone.
                start_new_session=True,
            )

    def _stop_by(self, *steps: tuple[signal.Signals, float]) -> None:
        process = self._process
        if process is None:
            return
        for number, seconds in steps:
            if process.poll() is not None:
                break
            process.send_signal(number)
            process.send_signal(signal.SIGCONT)
            wait_exit(process, seconds)
        if process.poll() is None:
            process.kill()
        process.wait()
        self._process = None

    def _recent_log(self) -> str:
        with self.log.open("rb") as log:
            log.seek(self._log_offset)
            text = log.read().decode("utf-8", errors="replace")
        return "\n".join(text.splitlines()[-12:])
