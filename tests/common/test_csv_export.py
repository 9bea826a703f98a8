import csv
import io

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from portal.common.csv_export import STARTERS, as_csv, harmless


def read_back(content):
    text = content.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=";", strict=True))


def test_the_file_has_a_bom_semicolons_and_every_cell_in_quotes():
    assert as_csv(["Zeile", "Hinweis"], [[3, None], ["Weiß", 'sagt "ja"']]) == (
        b'\xef\xbb\xbf"Zeile";"Hinweis"\r\n"3";""\r\n"Wei\xc3\x9f";"sagt ""ja"""\r\n'
    )


@pytest.mark.parametrize("start", sorted(STARTERS))
@pytest.mark.parametrize("blanks", ["", " ", "\u00a0  "])
def test_whatever_starts_like_a_formula_gets_an_apostrophe(start, blanks):
    assert harmless(f"{blanks}{start}1+1") == f"'{blanks}{start}1+1"


@pytest.mark.parametrize("text", ["", " ", "Weiß", "0049 511 1", "'t Hooft", "a=b", "1-2"])
def test_an_ordinary_text_stays_as_it_is(text):
    assert harmless(text) == text


def test_the_header_is_guarded_too():
    assert read_back(as_csv(["=HYPERLINK()"], [])) == [["'=HYPERLINK()"]]


cells = st.text(st.characters(exclude_categories=("Cs",)), max_size=12) | st.text(
    st.sampled_from("=+-@|%\t\r\n \"';,a1"), max_size=8
)


@settings(max_examples=500, deadline=None)
@given(st.lists(st.lists(cells, min_size=2, max_size=3), max_size=4))
@example([["\ud800", "x"]])
def test_no_cell_of_any_file_starts_a_formula_and_every_text_survives(rows):
    for written, wanted in zip(read_back(as_csv(["a", "b"], rows))[1:], rows, strict=True):
        for cell, text in zip(written, wanted, strict=True):
            assert cell.removeprefix("'") == text.removeprefix("'").replace("\ud800", "?")
            assert not cell.lstrip() or cell.lstrip()[0] not in STARTERS
