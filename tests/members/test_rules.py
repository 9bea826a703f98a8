from datetime import date

import pytest
from django.core.validators import validate_email
from hypothesis import given
from hypothesis import strategies as st

from members.imports.reader import Line
from members.imports.rules import clean, parse_date

TODAY = date(2026, 11, 22)
GOOD = {
    "number": "1",
    "given_name": "Anna",
    "family_name": "Weber",
    "email": "anna@example.org",
    "joined_on": "01.10.2026",
}


def one(**cells):
    (row,) = clean([Line(7, GOOD | cells)], TODAY)
    return row


def problems(row):
    return [(problem.level, problem.field) for problem in row.problems]


def test_a_clean_row_has_no_problems_and_iso_dates():
    row = one()
    assert problems(row) == []
    assert row.values["joined_on"] == "2026-10-01"


@pytest.mark.parametrize(
    ("cells", "field"),
    [
        ({"number": ""}, "Mitgliedsnummer"),
        ({"number": " "}, "Mitgliedsnummer"),
        ({"family_name": ""}, "Nachname"),
        ({"joined_on": "31.02.2026"}, "Eintrittsdatum"),
        ({"joined_on": "23.11.2026"}, "Eintrittsdatum"),
        ({"joined_on": "01.01.1850"}, "Eintrittsdatum"),
        ({"joined_on": "gestern"}, "Eintrittsdatum"),
        ({"left_on": "99.99.2026"}, "Austrittsdatum"),
        ({"given_name": "An\x00na"}, "Vorname"),
        ({"given_name": "An\x07na"}, "Vorname"),
        ({"family_name": "\u202eWeber"}, "Nachname"),
        ({"family_name": "=1+1"}, "Nachname"),
        ({"family_name": " =1+1"}, "Nachname"),
        ({"family_name": "'=1+1"}, "Nachname"),
        ({"family_name": "@SUM(A1)"}, "Nachname"),
        ({"family_name": "+1"}, "Nachname"),
        ({"email": "=HYPERLINK(1)"}, "E-Mail"),
        ({"mobile": "+cmd|' /C calc'!A0"}, "Mobil"),
        ({"given_name": "Gewinn! https://evil.example/x"}, "Vorname"),
        ({"family_name": "www.evil.example"}, "Nachname"),
        ({"number": "1" * 41}, "Mitgliedsnummer"),
        ({"family_name": "x" * 101}, "Nachname"),
    ],
)
def test_a_row_that_cannot_be_true_is_rejected(cells, field):
    row = one(**cells)
    assert ("rejected", field) in problems(row)
    assert row.is_rejected


@pytest.mark.parametrize(
    ("cells", "field", "left_out"),
    [
        ({"email": "keine-adresse"}, "E-Mail", "email"),
        ({"email": "a@example.org, b@example.org"}, "E-Mail", "email"),
        ({"email": "a@example.org b@example.org"}, "E-Mail", "email"),
        ({"email": "a@b"}, "E-Mail", "email"),
        ({"email": "Anna <a@example.org>"}, "E-Mail", "email"),
        ({"email": "presse%40x.de?bcc=me@evil.example"}, "E-Mail", "email"),
        ({"plz": "30159 Hannover-Mitte"}, "PLZ", "plz"),
        ({"mobile": "12"}, "Mobil", "mobile"),
        ({"phone": "siehe Handy"}, "Telefon", "phone"),
    ],
)
def test_a_bad_channel_is_a_warning_and_left_out(cells, field, left_out):
    row = one(**cells)
    assert problems(row) == [("warning", field)]
    assert row.values[left_out] == ""


def test_an_empty_address_is_normal_and_no_warning():
    assert problems(one(email="", mobile="-")) == []


def test_every_row_of_a_doubled_number_is_rejected():
    rows = clean([Line(2, GOOD), Line(3, GOOD | {"number": "2"}), Line(4, GOOD)], TODAY)
    assert [row.is_rejected for row in rows] == [True, False, True]


def test_an_exit_far_ahead_is_a_warning():
    assert problems(one(left_on="31.12.2026")) == [("warning", "Austrittsdatum")]
    assert problems(one(left_on="22.12.2026")) == []


def test_numbers_get_their_international_form():
    row = one(mobile="0151 72979298", phone="+49 511 648595")
    assert row.values["mobile"] == "+49 1517 2979298"
    assert row.values["phone"] == "+49 511 648595"


def test_the_birthday_is_dropped_and_majority_kept_for_minors_only():
    assert one(born_on="20.06.1961").values["adult_on"] == ""
    minor = one(born_on="23.11.2010")
    assert minor.values["adult_on"] == "2028-11-23"
    assert "born_on" not in minor.values


def test_born_on_29_february_is_of_age_when_that_day_has_passed():
    assert one(born_on="29.02.2012").values["adult_on"] == "2030-03-01"


@pytest.mark.parametrize(
    "email",
    ["a..b@example.org", "müller@example.org", "a.@example.org", "a@-x.org", "a@example.o"],
)
def test_an_address_that_no_mailserver_takes_is_left_out(email):
    assert one(email=email).values["email"] == ""


@given(st.emails())
def test_every_address_that_is_taken_can_be_written_to(email):
    taken = one(email=email).values["email"]
    if taken:
        validate_email(taken)


@pytest.mark.parametrize("name", ["JÃ¶rg", "J�rg"])
def test_letters_lost_before_the_export_are_pointed_out(name):
    assert problems(one(given_name=name)) == [("warning", "Vorname")]
    assert problems(one(given_name="João Ñandú")) == []


@pytest.mark.parametrize("sign", ["\x0b", "\x0c", "\x1c", "\x85"])
def test_rare_control_characters_are_rejected_too(sign):
    assert one(given_name=f"An{sign}na").is_rejected


def test_whoever_turns_18_today_is_of_age():
    assert one(born_on="22.11.2008").values["adult_on"] == ""


def test_blanks_and_line_breaks_in_a_name_become_one_blank():
    assert one(given_name=" Anna \n Lena ").values["given_name"] == "Anna Lena"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", "member"),
        ("Mitglied", "member"),
        ("Gastmitglied", "guest"),
        ("Unterstützer:in", "supporter"),
        ("Nur-Juso-Mitglied", "youth"),
    ],
)
def test_the_kind_of_membership_is_understood(text, kind):
    row = one(kind=text)
    assert (row.values["kind"], problems(row)) == (kind, [])


def test_an_unknown_kind_is_taken_as_member_with_a_warning():
    row = one(kind="Ehrenhalber")
    assert (row.values["kind"], problems(row)) == ("member", [("warning", "Mitgliedsart")])


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("01.10.2026", date(2026, 10, 1)),
        ("1.9.2026", date(2026, 9, 1)),
        ("2026-10-01", date(2026, 10, 1)),
        ("2026-10-01 00:00:00", date(2026, 10, 1)),
        ("01.10.26", None),
        ("2026-13-01", None),
        ("", None),
    ],
)
def test_dates_are_read_in_german_and_iso_form(text, day):
    assert parse_date(text) == day
