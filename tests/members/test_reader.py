import time
from contextlib import suppress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from members.imports.reader import MAX_BYTES, Unreadable, open_sheet, read

HEADER = "Mitgliedsnummer;Vorname;Nachname;Eintrittsdatum"


def file(*lines, encoding="utf-8", separator=";"):
    return "\r\n".join([HEADER, *lines]).replace(";", separator).encode(encoding)


@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_separators_and_encodings_are_recognised(separator, encoding):
    table = read(file("1;Jörg;Weiß;01.10.2026", encoding=encoding, separator=separator))
    assert table.lines[0].cells == {
        "number": "1",
        "given_name": "Jörg",
        "family_name": "Weiß",
        "joined_on": "01.10.2026",
    }


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("Mitglieds-Nr.", "number"),
        ("MNr", "number"),
        ("mitgliedsnummer", "number"),
        ("Name", "family_name"),
        ("Email", "email"),
        ("E-Mail-Adresse", "email"),
        ("Mailadresse", "email"),
        ("Handy", "mobile"),
        ("Mitglied seit", "joined_on"),
        ("Geb.-Datum", "born_on"),
        ("OV", "gliederung"),
        ("Gliederung", "gliederung"),
        ("Status", "kind"),
    ],
)
def test_other_spellings_of_a_column_are_known(header, field):
    text = f"Mitgliedsnummer;Nachname;{header}\n1;Weiß;x\n"
    if field == "number":
        text = f"{header};Nachname\nx;Weiß\n"
    if field == "family_name":
        text = f"Mitgliedsnummer;{header}\n1;x\n"
    assert read(text.encode()).lines[0].cells[field] == "x"


def test_the_surname_column_wins_over_a_column_called_name():
    table = read(b"Mitgliedsnummer;Name;Nachname\n1;Anna Weber;Weber\n")
    assert table.lines[0].cells["family_name"] == "Weber"
    assert table.unused_columns == ["Name"]


def test_unknown_columns_are_named_but_not_read():
    table = read(b"Mitgliedsnummer;Nachname;Beitrag\n1;Weber;30,00\n")
    assert (table.lines[0].cells, table.unused_columns) == (
        {"number": "1", "family_name": "Weber"},
        ["Beitrag"],
    )


def test_rows_are_counted_as_a_spreadsheet_does():
    table = read(b'Mitgliedsnummer;Nachname\n1;A\n\n2;"B\nC"\n;\n3;D\n')
    assert [line.number for line in table.lines] == [2, 4, 6]


def test_the_excel_separator_line_is_skipped_and_not_counted():
    assert read(b"sep=;\r\nMitgliedsnummer;Nachname\r\n1;A\r\n").lines[0].number == 2


@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_the_separator_line_decides_where_no_column_is_known(separator):
    sheet = open_sheet(f"sep={separator}\na;b,c\td\n1;2,3\t4\n".encode())
    assert sheet.header == "a;b,c\td".split(separator)


def test_without_known_names_the_separator_is_the_one_that_makes_most_columns():
    assert open_sheet("Müşteri,Soyadı,Not\n1,Kaya,x\n".encode()).header == [
        "Müşteri",
        "Soyadı",
        "Not",
    ]


def test_blank_lines_before_the_header_are_skipped_and_counted():
    assert read(b"\n;;\nMitgliedsnummer;Nachname\n1;A\n").lines[0].number == 4


def test_thousands_of_blank_lines_and_doubled_unused_columns_do_no_harm():
    table = read(b"Mitgliedsnummer;Nachname;Notiz;Notiz\n1;A;x;y\n" + b"\n" * 60_000)
    assert len(table.lines) == 1


def test_a_short_row_has_empty_cells():
    assert read(b"Mitgliedsnummer;Nachname;Vorname\n1;A\n").lines[0].cells["given_name"] == ""


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("Mitgliedsnummer;Nachname\n1;A\n".encode("utf-16-le"), "Zeichensatz"),
        (b"", "leer"),
        (b"   \n  ", "leer"),
        (b"Mitgliedsnummer;Nachname\n", "nur eine Kopfzeile"),
        (b"a;b\n1;2\n", "kein bekannter Spaltenname"),
        (b"Vorname;Nachname\nA;B\n", "„Mitgliedsnummer“ fehlt"),
        (b"Mitgliedsnummer;Vorname\n1;B\n", "„Nachname“ fehlt"),
        (b"Mitgliedsnummer;Nachname;nachname\n1;B;C\n", "kommt mehrfach vor"),
        (b'Mitgliedsnummer;Nachname\n1;"B\n2;C\n', "Anführungszeichen"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "ein Bild und keine Tabelle"),
        (b"PK\x03\x04rest", "beschädigt"),
        (b"Mitglieds\x01\x02\x03nummer;Nachname\n1;A\n", "keine CSV-Datei"),
        (b"Mitgliedsnummer\n1\n", "nur eine Spalte"),
        (b"1;Jana;Weber;01.10.2026\n2;Kim;Weber;01.10.2026\n", "schon Angaben"),
        ("Mitgliedsnummer;Nachname\n1;Weiß\n2;Müller\n".encode() + b"3;Kr\xfcger\n", "In Zeile 4"),
        (b"\xff\xfe\x00", "Zeichensatz"),
        (b"Mitgliedsnummer;Nachname\n1;\x81\n", "Zeichensatz"),
        (b"Mitgliedsnummer;Nachname" + b";x" * 200 + b"\n1;A\n", "mehr als 200 Spalten"),
        (b"x" * (MAX_BYTES + 1), "größer als 5 MB"),
        (b"x" * 30_000_000, "größer als 5 MB"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_a_german_sentence(content, says):
    with pytest.raises(Unreadable, match=says):
        read(content)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400))
@example(b"Mitgliedsnummer;Nachname\n\x00;\x00\n")
@example(b'"')
def test_any_bytes_are_read_or_refused(content):
    with suppress(Unreadable):
        assert read(content).lines


cells = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=20)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(cells, cells), min_size=1, max_size=5))
def test_quoted_cells_come_back_unchanged(rows):
    quoted = ['"{}";"{}"'.format(*(c.replace('"', '""') for c in row)) for row in rows]
    text = "\n".join(["Mitgliedsnummer;Nachname", *quoted])
    filled = [row for row in rows if row[0].strip() or row[1].strip()]
    lines = read(text.encode()).lines if filled else []
    assert [(line.cells["number"], line.cells["family_name"]) for line in lines] == filled


def test_a_header_of_thousands_of_dots_is_read_in_no_time():
    began = time.monotonic()
    for cell in ("@." * 1500 + " x", "@" * 3000 + " x", "x@" + "." * 3000 + " x"):
        open_sheet(f"{cell};b\n1;2\n".encode())
    assert time.monotonic() - began < 0.5
