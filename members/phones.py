"""Telephone numbers as they are stored: one form, so that equal ones are found. Pure."""

import phonenumbers

HOME = "DE"
SHORTEST = 10_000


def normal(text: str) -> str:
    """Return the number in international form; "" for what nobody could dial."""
    try:
        number = phonenumbers.parse(text.lstrip("'"), HOME)
    except phonenumbers.NumberParseException:
        return ""
    if (number.national_number or 0) < SHORTEST or not phonenumbers.is_possible_number(number):
        return ""
    number.extension = None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
