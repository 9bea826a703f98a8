"""One way to write a number, for the import and for every form."""

import pytest

from members import phones


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("0511 648595", "+49 511 648595"),
        ("'+49 (511) 648595", "+49 511 648595"),
        ("0511 648595 ext. 12", "+49 511 648595"),
        ("+43 1 58858", "+43 1 58858"),
        ("12", ""),
        ("siehe Handy", ""),
        ("", ""),
    ],
)
def test_a_number_has_one_form_or_none(text, stored):
    assert phones.normal(text) == stored
