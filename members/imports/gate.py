"""What kind of file this is: told by its first bytes, and for XLSX by its directory alone.

Nothing is unpacked here: a bomb is refused before it can go off (T14).
"""

import io
import zipfile
from pathlib import PurePath

from members.imports.sheet import MAX_BYTES, Unreadable

CSV, XLSX = "csv", "xlsx"
MAX_UNPACKED = 20 * 1024 * 1024
MAX_RATIO = 100
MAX_ENTRIES = 200
# Larger files are checked in the background: no page takes longer than three seconds.
QUICK_CSV = 250_000
QUICK_XLSX = 600_000
ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
OLE_START = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_EXPORT = "Bitte exportiere die Mitgliederliste als CSV- oder XLSX-Datei."
OTHERS = (
    (b"\x89PNG", f"Das ist ein Bild und keine Tabelle. {_EXPORT}"),
    (b"\xff\xd8\xff", f"Das ist ein Bild und keine Tabelle. {_EXPORT}"),
    (b"GIF8", f"Das ist ein Bild und keine Tabelle. {_EXPORT}"),
    (b"RIFF", f"Das ist ein Bild und keine Tabelle. {_EXPORT}"),
    (b"%PDF", f"Das ist ein PDF und keine Tabelle. {_EXPORT}"),
)
OLD_EXCEL = (
    "Dieses Excel-Format wird nicht gelesen. Bitte öffne die Datei und speichere sie als "
    "„Excel-Arbeitsmappe (.xlsx)“ oder als CSV."
)
SUFFIXES = {
    ".csv": CSV,
    ".txt": CSV,
    ".xlsx": XLSX,
    "": "",
}
OLD_SUFFIXES = (".xls", ".xlsm", ".xlsb", ".xltx", ".xltm", ".xlt", ".ods")
TOO_MUCH = (
    "Diese Excel-Datei ist entpackt größer als 20 MB oder ungewöhnlich gepackt und wird deshalb "
    "nicht geöffnet. Bitte speichere die Mitgliederliste als CSV."
)
BROKEN = "Die Excel-Datei ist beschädigt. Bitte speichere sie neu oder nimm CSV."


def kind_of(content: bytes, name: str = "") -> str:
    """Return CSV or XLSX; raises Unreadable where name, first bytes and content disagree."""
    if len(content) > MAX_BYTES:
        raise Unreadable("Die Datei ist größer als 5 MB. Bitte teile sie auf.")
    # The name serves this question only; it is neither stored nor used on a disk.
    suffix = PurePath(name.strip().replace("\\", "/").replace("\x00", "")).suffix.lower()
    if suffix in OLD_SUFFIXES:
        raise Unreadable(OLD_EXCEL)
    if suffix not in SUFFIXES:
        raise Unreadable(f"Diese Art von Datei wird nicht gelesen. {_EXPORT}")
    kind = _by_content(content)
    if SUFFIXES[suffix] not in ("", kind):
        raise Unreadable(
            f"Der Name der Datei endet auf „{suffix}“, ihr Inhalt ist aber anders. {_EXPORT}"
        )
    return kind


def _by_content(content: bytes) -> str:
    if content.startswith(OLE_START):
        if ENCRYPTED in content:
            raise Unreadable(
                "Die Excel-Datei ist mit einem Kennwort geschützt. "
                "Bitte speichere sie ohne Kennwort."
            )
        raise Unreadable(OLD_EXCEL)
    for start, sentence in OTHERS:
        if content.startswith(start):
            raise Unreadable(sentence)
    if content.startswith(ZIP_STARTS):
        _check_zip(content)
        return XLSX
    return CSV


def _check_zip(content: bytes) -> None:
    # Counting first: reading a directory of 100,000 entries would take a second.
    if content.count(b"PK\x01\x02") > MAX_ENTRIES:
        raise Unreadable(TOO_MUCH)
    entries = _entries(content)
    names = {entry.filename for entry in entries}
    if not {"[Content_Types].xml", "xl/workbook.xml"} <= names:
        raise Unreadable(f"Das ist keine Excel-Datei, sondern ein anderes Archiv. {_EXPORT}")
    if any(name.lower().endswith(("vbaproject.bin", ".zip")) for name in names):
        raise Unreadable(OLD_EXCEL)
    if len(entries) > MAX_ENTRIES or sum(e.file_size for e in entries) > MAX_UNPACKED:
        raise Unreadable(TOO_MUCH)
    if any(entry.file_size > MAX_RATIO * entry.compress_size for entry in entries):
        raise Unreadable(TOO_MUCH)


def _entries(content: bytes) -> list[zipfile.ZipInfo]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise Unreadable(BROKEN) from error
    # Encrypted, or packed in a way that Excel does not use.
    methods = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
    if any(entry.flag_bits & 1 or entry.compress_type not in methods for entry in entries):
        raise Unreadable(BROKEN)
    return entries


def is_quick(content: bytes) -> bool:
    """Whether a file that passed the gate can be checked while somebody waits for the page."""
    if content.startswith(ZIP_STARTS):
        return sum(entry.file_size for entry in _entries(content)) <= QUICK_XLSX
    return len(content) <= QUICK_CSV
