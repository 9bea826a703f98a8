"""Fields that several forms share."""

import re
from typing import Any

from django import forms

from members import phones

PLZ = re.compile(r"^[0-9]{5}$")


class PlzField(forms.RegexField):
    """Five digits; leave it empty where it is not required."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", "PLZ")
        mistake = {"invalid": "Eine Postleitzahl hat fünf Ziffern."}
        super().__init__(regex=PLZ, strip=True, error_messages=mistake, **kwargs)


class PhoneField(forms.CharField):
    """A number as the import writes it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=40, required=False, **kwargs)

    def clean(self, value: Any) -> str:
        text: str = super().clean(value)
        number = phones.normal(text)
        if text and not number:
            raise forms.ValidationError(
                "Das ist keine Telefonnummer. Bitte prüfe sie oder lass das Feld leer."
            )
        return number
