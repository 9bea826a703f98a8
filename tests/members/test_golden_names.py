"""Names survive every encoding that can carry them, and a workbook."""

from datetime import date

import pytest

from members.imports import reader, rules
from tests.golden import NAMES
from tests.members.workbooks import workbook

HEADER = ("Mitgliedsnummer", "Vorname", "Nachname")


def carried(encoding):
    """The names that this encoding can write."""
    found = []
    for given, family in NAMES:
        try:
            f"{given}{family}".encode(encoding)
        except UnicodeEncodeError:
            continue
        found.append((given, family))
    return found


def read_back(content):
    rows = rules.clean(reader.read(content).lines, date(2026, 11, 22))
    assert [row.problems for row in rows] == [[]] * len(rows)
    return [(row.values["given_name"], row.values["family_name"]) for row in rows]


@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize(
    ("encoding", "bom", "count"),
    [
        ("utf-8", b"", 500),
        ("utf-8-sig", b"", 500),
        ("utf-16", b"", 500),
        ("utf-16-be", b"\xfe\xff", 500),
        ("cp1252", b"", None),
    ],
)
def test_500_names_survive_an_encoding(encoding, bom, count, separator):
    names = carried(encoding)
    assert len(names) == count or 150 < len(names) < 500
    lines = [separator.join(HEADER)]
    lines += [separator.join((str(n), *name)) for n, name in enumerate(names, start=1)]
    assert read_back(bom + "\r\n".join(lines).encode(encoding)) == names


def test_500_names_survive_a_workbook():
    rows = [(n, *name) for n, name in enumerate(NAMES, start=1)]
    assert read_back(workbook(HEADER, *rows)) == NAMES


def test_letters_written_in_two_parts_are_put_together():
    content = "Mitgliedsnummer;Vorname;Nachname\n1;Jo\u0308rg;S\u0327ahin\n".encode()
    assert read_back(content) == [("Jörg", "Şahin")]
