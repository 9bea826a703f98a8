"""Master data of a person, entered by staff."""

from typing import Any

import phonenumbers
from django import forms

from members.forms.organisation import PLZ, open_gliederungen
from members.models import Person
from portal.common.outbox import languages
from portal.common.verwaltung import RowForm

HOME = "DE"


class PersonForm(RowForm):
    language = forms.ChoiceField(label="Sprache", choices=languages.choices)

    class Meta:
        model = Person
        fields = (
            "given_name",
            "family_name",
            "email",
            "phone",
            "mobile",
            "plz",
            "preferred_channel",
            "language",
            "gliederung",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance._state.adding:
            place: Any = self.fields["gliederung"]
            place.queryset = open_gliederungen(self.user).filter(level__takes_members=True)
            place.help_text = "Leer bei Beschäftigten und anderen, die kein Mitglied sind."
        else:
            del self.fields["gliederung"]  # moving house is a use case of its own

    def clean_plz(self) -> str:
        plz: str = self.cleaned_data["plz"].strip()
        if plz and not PLZ.fullmatch(plz):
            raise forms.ValidationError("Eine Postleitzahl hat fünf Ziffern.")
        return plz

    def clean_phone(self) -> str:
        return _number(self.cleaned_data["phone"])

    def clean_mobile(self) -> str:
        return _number(self.cleaned_data["mobile"])


def _number(text: str) -> str:
    """Return a number as the import writes it."""
    if not text.strip():
        return ""
    try:
        number = phonenumbers.parse(text, HOME)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        raise forms.ValidationError("Das ist keine Telefonnummer. Bitte prüf sie.")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
