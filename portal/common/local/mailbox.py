"""The sink's folder: one file per accepted message, doubles countable by name."""

import hashlib
import os
from collections import Counter
from collections.abc import Iterator
from email.message import Message
from email.parser import BytesHeaderParser
from pathlib import Path

MODE_FILE = "mode"


def file_key(message_id: str) -> str:
    return hashlib.sha256(message_id.encode("utf-8", "surrogateescape")).hexdigest()[:32]


def message_id_of(headers: Message) -> str:
    """Unfolded; long ids arrive broken over two lines."""
    return "".join(str(headers.get("Message-ID", "")).split())


def store(folder: Path, content: bytes) -> Path:
    """Complete under its name or not there at all."""
    message_id = message_id_of(BytesHeaderParser().parsebytes(content))
    key = file_key(message_id) if message_id else hashlib.sha256(content).hexdigest()[:32]
    number = 1
    while (target := folder / f"{key}-{number}.eml").exists():
        number += 1
    temporary = folder / f".{target.name}.{os.getpid()}"
    temporary.write_bytes(content)
    temporary.rename(target)
    return target


def messages(folder: Path) -> Iterator[Path]:
    """Oldest first."""
    yield from sorted(folder.glob("*.eml"), key=lambda path: (path.stat().st_mtime_ns, path.name))


def copies(folder: Path, message_id: str) -> int:
    """How often this message was accepted; cheap, for a probe before a retry."""
    return sum(1 for _ in folder.glob(f"{file_key(message_id)}-*.eml"))


def count_by_message_id(folder: Path) -> Counter[str]:
    """Every accepted message; a value above one is a double."""
    counts: Counter[str] = Counter()
    for path in folder.glob("*.eml"):
        with path.open("rb") as file:
            counts[message_id_of(BytesHeaderParser().parse(file))] += 1
    return counts


def read_mode(folder: Path) -> str:
    try:
        return (folder / MODE_FILE).read_text(encoding="utf-8").strip() or "ok"
    except OSError:
        return "ok"


def set_mode(folder: Path, mode: str) -> None:
    """`ok`, `reject-4xx`, `reject-5xx`, `slow:SECONDS` or `drop-after-data`."""
    temporary = folder / f".{MODE_FILE}.{os.getpid()}"
    temporary.write_text(mode, encoding="utf-8")
    temporary.rename(folder / MODE_FILE)
