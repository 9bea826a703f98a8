"""Excel files for tests: proper ones by openpyxl, and broken or hostile ones by hand."""

import io
import resource
import struct
import time
import zipfile

from openpyxl import Workbook

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
CONTENT_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships'
    '+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-'
    'officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
    "</Types>"
)
RELS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
    'relationships/{kind}" Target="{target}"/></Relationships>'
)
WORKBOOK = (
    f'<workbook xmlns="{MAIN}" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/'
    'relationships"><sheets><sheet name="a" sheetId="1" r:id="rId1"/></sheets></workbook>'
)


def seconds_of_work() -> float:
    """Processor time of this process and its children: the same on a busy machine."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def workbook(*rows, hidden_first=False, formats=None) -> bytes:
    """Write rows as Excel would; `formats` maps a column's letter to a number format."""
    book = Workbook()
    sheet = book.active
    if hidden_first:
        sheet.sheet_state = "hidden"
        sheet.append(["versteckt"])
        sheet = book.create_sheet("sichtbar")
    for row in rows:
        sheet.append(row)
    for letter, number_format in (formats or {}).items():
        for cell in sheet[letter]:
            cell.number_format = number_format
    return saved(book)


def saved(book: Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def sheet_xml(rows: str, before: str = "") -> str:
    return f'<worksheet xmlns="{MAIN}">{before}<sheetData>{rows}</sheetData></worksheet>'


def inline_row(number: int, *texts: str) -> str:
    cells = "".join(f'<c t="inlineStr"><is><t>{text}</t></is></c>' for text in texts)
    return f'<row r="{number}">{cells}</row>'


def packed(sheet: str, more: dict[str, bytes | str] | None = None) -> bytes:
    """Pack a sheet's XML into the smallest archive that Excel would open."""
    parts: dict[str, bytes | str] = {
        "[Content_Types].xml": CONTENT_TYPES,
        "_rels/.rels": RELS.format(kind="officeDocument", target="xl/workbook.xml"),
        "xl/workbook.xml": WORKBOOK,
        "xl/_rels/workbook.xml.rels": RELS.format(kind="worksheet", target="worksheets/sheet1.xml"),
        "xl/worksheets/sheet1.xml": sheet,
    }
    return zipped(parts | (more or {}))


def zipped(parts: dict[str, bytes | str]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            # Without a date of today, so that the same parts always give the same bytes.
            archive.writestr(zipfile.ZipInfo(name), part, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def with_false_size(content: bytes, name: str, size: int) -> bytes:
    """Let the directory claim that a part is smaller than it is."""
    start = content.rfind(name.encode())
    entry = content.rfind(b"PK\x01\x02", 0, start)
    return content[: entry + 24] + struct.pack("<I", size) + content[entry + 28 :]


GOOD = sheet_xml(inline_row(1, "Mitgliedsnummer", "Nachname") + inline_row(2, "1", "Weiß"))
LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha">'
    + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefghi", "bcdefghij", strict=True)
    )
    + "]>"
    + sheet_xml(inline_row(1, "Mitgliedsnummer", "Nachname") + inline_row(2, "1", "&j;"))
)
FAR_RIGHT = sheet_xml(
    f'<row r="1"><c r="XFD1" t="inlineStr"><is><t>x</t></is></c></row>{"<row/>" * 9}'
)
FAR = sheet_xml(inline_row(1, "Mitgliedsnummer", "Nachname") + inline_row(900_000_000, "1", "A"))
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20
ENCRYPTED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le") * 3
OLD_XLS = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "Workbook".encode("utf-16-le") * 100


def corpus() -> dict[str, tuple[str, bytes, str]]:
    """Hostile and broken files: name → (file name, content, what the sentence says)."""
    big = sheet_xml(inline_row(1, "x" * 30_000_000))
    random = bytes((n * n * 7919) % 251 for n in range(60_000))
    lying = with_false_size(packed(big), "xl/worksheets/sheet1.xml", 1000)
    text = "".join(chr(97 + byte % 26) for byte in random[:16_000])
    shared = f'<sst xmlns="{MAIN}"><si><t>{text}</t></si></sst>'
    repeated = "".join(
        f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c><c r="B{n}" t="s"><v>0</v></c></row>'
        for n in range(2, 5_000)
    )
    middle = len(packed(GOOD)) // 2
    many = {f"xl/media/{n}.bin": b"x" for n in range(250)}
    return {
        "high ratio": ("a.xlsx", packed(big), "ungewöhnlich gepackt"),
        "lying size": ("a.xlsx", lying, "beschädigt|ungewöhnlich gepackt"),
        "too much in all": (
            "a.xlsx",
            packed(GOOD, {f"xl/{n}.bin": random * 80 for n in range(5)}),
            "ungewöhnlich gepackt",
        ),
        "many entries": ("a.xlsx", packed(GOOD, many), "ungewöhnlich gepackt"),
        "directory of 50,000": (
            "a.xlsx",
            packed(GOOD) + b"PK\x01\x02" * 50_000,
            "ungewöhnlich gepackt",
        ),
        "nested zip": ("a.xlsx", zipped({"b.zip": zipped({"c.zip": packed(big)})}), "Archiv"),
        "nested in a workbook": (
            "a.xlsx",
            packed(GOOD, {"xl/b.zip": zipped({"c": b"x"})}),
            "Excel-Format wird nicht gelesen",
        ),
        "billion laughs": ("a.xlsx", packed(LAUGHS), "beschädigt"),
        "external entity": (
            "a.xlsx",
            packed(LAUGHS.replace('"ha"', 'SYSTEM "file:///etc/passwd"')),
            "beschädigt",
        ),
        "truncated": ("a.xlsx", packed(GOOD)[:-30], "beschädigt"),
        "cut in the middle": ("a.xlsx", packed(GOOD)[:400], "beschädigt"),
        "flipped bytes": (
            "a.xlsx",
            packed(GOOD)[: middle - 5] + b"\xff" * 10 + packed(GOOD)[middle + 5 :],
            "beschädigt",
        ),
        "no sheet at all": ("a.xlsx", packed("das ist kein XML"), "beschädigt"),
        "only a cell in column 16,384": ("a.xlsx", packed(FAR_RIGHT), "leer"),
        "300 columns": (
            "a.xlsx",
            packed(sheet_xml(inline_row(1, *("x" * 300)) + inline_row(2, "1"))),
            "mehr als 200 Spalten",
        ),
        "row 900,000,000": ("a.xlsx", packed(FAR), "sehr viele leere Zeilen"),
        "one text 10,000 times": (
            "a.xlsx",
            packed(
                sheet_xml(inline_row(1, "Mitgliedsnummer", "Nachname") + repeated),
                {
                    "xl/sharedStrings.xml": shared,
                    "[Content_Types].xml": CONTENT_TYPES.replace(
                        "</Types>",
                        '<Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.'
                        'openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>',
                    ),
                },
            ),
            "ungewöhnlich gepackt",
        ),
        "macros": (
            "a.xlsx",
            packed(GOOD, {"xl/vbaProject.bin": b"x"}),
            "Excel-Format wird nicht gelesen",
        ),
        "xlsm": ("a.xlsm", packed(GOOD), "Excel-Format wird nicht gelesen"),
        "xls": ("a.xls", OLD_XLS, "Excel-Format wird nicht gelesen"),
        "xls called xlsx": ("a.xlsx", OLD_XLS, "Excel-Format wird nicht gelesen"),
        "password": ("a.xlsx", ENCRYPTED, "Kennwort"),
        "empty zip": ("a.xlsx", b"PK\x05\x06" + bytes(18), "Archiv"),
        "zip that is no workbook": ("a.xlsx", zipped({"word/document.xml": b"<a/>"}), "Archiv"),
        "workbook called csv": ("a.csv", packed(GOOD), "endet auf „.csv“"),
        "csv called xlsx": ("a.xlsx", b"Mitgliedsnummer;Nachname\n1;A\n", "endet auf „.xlsx“"),
        "image called csv": ("a.csv", PNG, "ein Bild"),
        "image called xlsx": ("a.xlsx", PNG, "ein Bild"),
        "image": ("a.png", PNG, "Diese Art von Datei"),
        "pdf called csv": ("a.csv", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", "ein PDF"),
        "program called csv": ("a.csv", b"\x7fELF\x02\x01\x01" + bytes(200), "Zeichensatz"),
    }
