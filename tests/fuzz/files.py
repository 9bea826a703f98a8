"""Files as no export should be: dialects, encodings, headers, cells and broken bytes."""

from xml.sax.saxutils import escape

from hypothesis import strategies as st

from members.imports.columns import ALIASES, LABELS
from tests.members.workbooks import packed, sheet_xml

ENCODINGS = (
    "utf-8",
    "utf-8-sig",
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "utf-32",
    "cp1252",
    "latin-1",
    "cp850",
    "mac-roman",
)
KNOWN = sorted({*LABELS.values(), *(alias for aliases in ALIASES.values() for alias in aliases)})
NASTY = (
    *("", " ", "-", "0", "'", '"', '""', ";", "\n", "\r\n", "\t", "\x00", "\ufeff", "\u202e"),
    *("=1+1", "+49 511 1", "-1", "@SUM(A1)", "%0A", "'=x", "\t=x", "|cmd", "＝1", "#REF!"),
    *("00.00.0000", "31.02.2026", "01.01.0001", "31.12.9999", "2026-10-01T00:00", "29.02.2012"),
    *("a@example.org", "a@b@c", "x" * 300, "ä" * 260, "9" * 41, "30159", "0" * 20, "1e309"),
    *("https://x.example", "www.x", "+" + "9" * 30, "0511/123-45 (ab 18)", "tel:+49;ext=1"),
    *("Gast", "Juso", "SPD-Ortsverein Gehrden", "ov", "\U0001f600", "e\u0301", "İ", "ß", "ﬁ"),
)
characters = st.characters(exclude_categories=("Cs",))
cells = st.sampled_from(NASTY) | st.text(characters, max_size=12) | st.sampled_from(KNOWN)
GOOD = {
    "number": tuple(map(str, range(4711, 4811))),
    "family_name": ("Weiß", "von der Leyen", "Şahin", "O’Neill", "x" * 99),
    "given_name": ("Anna", "Jörg", ""),
    "email": ("a@example.org", ""),
    "phone": ("0511 648595", "+49 511 648595", ""),
    "mobile": ("0151 72979298", ""),
    "plz": ("30989", "30449", "99999"),
    "born_on": ("01.01.1980", "29.02.2012", ""),
    "joined_on": ("01.10.2026", "01.05.1971", "2026-10-01"),
    "left_on": ("", "", "01.11.2026", "31.12.2026"),
    "applied_on": ("", "01.09.2026"),
    "kind": ("Mitglied", "Gast", ""),
    "gliederung": ("Gehrden", "OV Uetze", ""),
}
names = st.sampled_from(KNOWN) | cells


def _written(cell: str, separator: str, quoting: int) -> str:
    if quoting == 0:
        return cell
    if quoting == 1 or any(c in cell for c in (separator, '"', "\n", "\r")):
        return '"{}"'.format(cell.replace('"', '""'))
    return cell


@st.composite
def tables(draw: st.DrawFn) -> list[list[str]]:
    """Half of the tables are almost right, so that they come through to the rules."""
    if draw(st.booleans()):
        header = draw(st.lists(names, max_size=6))
        row = st.lists(cells, max_size=len(header) + 2)
        return [header, *draw(st.lists(row, max_size=5))]
    fields = [
        "number",
        "family_name",
        *draw(st.lists(st.sampled_from(list(GOOD)[2:]), unique=True)),
    ]
    good = st.tuples(*(st.sampled_from(GOOD[name]) for name in fields)).map(list)
    rows = draw(st.lists(good, min_size=1, max_size=5))
    for row in rows:
        place = draw(st.integers(0, 2 * len(row)))  # every second row has one odd cell
        if place < len(row):
            row[place] = draw(cells)
        if draw(st.integers(0, 9)) == 0:
            row.pop()
    return [[LABELS[name] for name in fields], *rows]


@st.composite
def csv_files(draw: st.DrawFn) -> bytes:
    separator = draw(st.sampled_from(";;;,\t|"))
    quoting = draw(st.sampled_from((0, 1, 2, 2, 2)))
    newline = draw(st.sampled_from(("\n", "\r\n", "\r")))
    lines = [
        separator.join(_written(cell, separator, quoting) for cell in row) for row in draw(tables())
    ]
    first = draw(st.sampled_from(("", "", "", "", "", "sep=;", f"SEP={separator}", "sep=x", "\n")))
    text = newline.join([first, *lines] if first else lines)
    encoding = draw(st.sampled_from((*("utf-8", "cp1252") * 6, *ENCODINGS)))
    content = text.encode(encoding, errors="replace")
    return draw(broken(content)) if draw(st.integers(0, 4)) == 0 else content


@st.composite
def broken(draw: st.DrawFn, content: bytes) -> bytes:
    """Cut something out and put something in."""
    start = draw(st.integers(0, len(content)))
    end = draw(st.integers(start, min(len(content), start + 20)))
    return content[:start] + draw(st.binary(max_size=4)) + content[end:]


KINDS = (
    '<c t="inlineStr"><is><t>{}</t></is></c>',
    '<c t="inlineStr"><is><t xml:space="preserve">{}</t></is></c>',
    '<c t="str"><v>{}</v></c>',
    "<c><v>{}</v></c>",
    '<c t="b"><v>{}</v></c>',
    '<c t="e"><v>{}</v></c>',
    '<c t="d"><v>{}</v></c>',
    '<c t="s"><v>{}</v></c>',
    "<c><f>{}</f><v>1</v></c>",
    '<c r="{}"><v>1</v></c>',
)


@st.composite
def workbooks(draw: st.DrawFn) -> bytes:
    """Workbooks with cells of every kind; some with broken bytes."""
    rows = ""
    for number, row in enumerate(draw(tables()), start=1):
        kinds = draw(st.sampled_from((KINDS[:1], KINDS[:1], KINDS)))
        texts = [escape("".join(c for c in cell if c.isprintable())) for cell in row]
        written = [draw(st.sampled_from(kinds)).format(text) for text in texts]
        rows += f'<row r="{number}">{"".join(written)}</row>'
    content = packed(sheet_xml(rows))
    return draw(broken(content)) if draw(st.integers(0, 4)) == 0 else content


contents = csv_files() | csv_files() | csv_files() | st.binary(max_size=300)
