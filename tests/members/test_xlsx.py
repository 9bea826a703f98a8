"""Excel files: what is read, and that no hostile file takes a second or does any harm."""

import time
from datetime import date, datetime

import pytest

from members.imports import gate, rules, xlsx, xlsx_child
from members.imports.reader import Unreadable, open_sheet, read
from tests.members.workbooks import (
    GOOD,
    corpus,
    packed,
    seconds_of_work,
    sheet_xml,
    workbook,
)

HEADER = ["Mitgliedsnummer", "Nachname", "PLZ", "Eintrittsdatum", "Beitrag", "Notiz"]
CORPUS = corpus()


def test_a_workbook_is_read_like_the_same_csv():
    table = read(workbook(HEADER, [4711, "Weiß", "30159", date(2026, 10, 1), 12.5, None]), "a.XLSX")
    assert table.encoding == "xlsx"
    assert [(line.number, line.cells) for line in table.lines] == [
        (2, {"number": "4711", "family_name": "Weiß", "plz": "30159", "joined_on": "2026-10-01"})
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (30159.0, "30159"),
        (12.5, "12.5"),
        (True, "True"),
        (datetime(2026, 10, 1, 13, 5), "2026-10-01"),
        (date(2026, 10, 1), "2026-10-01"),
        ("  Anna ", "  Anna "),
        (None, ""),
        (12345678901234, "12345678901234"),
    ],
)
def test_a_cell_is_read_as_a_person_sees_it(value, text):
    sheet = open_sheet(workbook(["A", "B", "C"], [value, "x", "y"]))
    assert sheet.records == [(2, [text, "x", "y"])]


def test_a_postal_code_keeps_its_leading_zero():
    content = workbook(["A", "PLZ"], ["x", 1067], formats={"B": "00000"})
    assert open_sheet(content).records[0][1] == ["x", "01067"]


def test_the_first_visible_sheet_counts():
    content = workbook(HEADER, [1, "Weiß"], hidden_first=True)
    assert open_sheet(content).header == HEADER


def test_blank_rows_and_columns_that_are_only_coloured_do_no_harm():
    content = workbook([None], HEADER, [None], [1, "Weiß"], *[[None] * 300] * 20)
    sheet = open_sheet(content)
    assert (sheet.header, sheet.records) == (HEADER, [(4, ["1", "Weiß"])])


@pytest.mark.parametrize("value", ["=1+1", "=HYPERLINK(1)", "#REF!"])
def test_a_formula_rejects_its_row_and_names_the_field(value):
    table = read(workbook(HEADER, [1, value], [2, "Weiß"]))
    first, second = rules.clean(table.lines, date(2026, 11, 22))
    assert [(p.row, p.field, p.level) for p in first.problems] == [(2, "Nachname", "rejected")]
    assert second.is_rejected is False


@pytest.mark.parametrize("claim", ["", '<dimension ref="A1"/>', '<dimension ref="A1:XFD1048576"/>'])
def test_a_file_that_lies_about_its_size_is_read_by_what_it_holds(claim):
    sheet = open_sheet(packed(GOOD.replace("<sheetData>", f"{claim}<sheetData>")))
    assert sheet.records == [(2, ["1", "Weiß"])]


@pytest.mark.parametrize("name", list(CORPUS))
def test_a_hostile_or_broken_file_is_refused_within_a_second(name):
    file_name, content, says = CORPUS[name]
    started = seconds_of_work()
    with pytest.raises(Unreadable, match=says):
        read(content, file_name)
    assert seconds_of_work() - started < 1


def test_a_workbook_without_a_visible_cell_is_empty():
    with pytest.raises(Unreadable, match="leer"):
        open_sheet(packed(sheet_xml("")))


def test_more_rows_than_allowed_are_refused():
    content = workbook(HEADER, *[[n, "A"] for n in range(11)])
    assert len(list(xlsx_child.sheet_rows(content, 11, 200))) == 12
    with pytest.raises(xlsx_child.Refused, match="rows"):
        list(xlsx_child.sheet_rows(content, 10, 200))


def test_a_child_that_takes_too_long_is_ended():
    content = workbook(HEADER, [1, "Weiß"])
    started = time.perf_counter()
    with pytest.raises(Unreadable, match="nicht geöffnet"):
        xlsx.rows(content, seconds=0.01)
    assert time.perf_counter() - started < 5


def test_output_larger_than_a_pipe_comes_through():
    content = workbook(HEADER, *[[n, "x" * 900] for n in range(500)])
    assert len(open_sheet(content).records) == 500


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd.csv", "a\x00.csv", "a\u202evsc.csv", "a\r\nb.csv", "C:\\x\\a.csv", ".csv "],
)
def test_only_the_ending_of_a_name_is_looked_at(name):
    if name == ".csv ":
        assert gate.kind_of(b"a;b\n1;2\n", name) == "csv"
    assert gate.kind_of(b"a;b\n1;2\n", name) == "csv"


@pytest.mark.parametrize("name", ["a.exe", "a.csv.html", "a.svg", "a.zip"])
def test_another_ending_is_refused(name):
    with pytest.raises(Unreadable, match="Diese Art von Datei"):
        gate.kind_of(b"a;b\n1;2\n", name)
