"""Master data of a person, entered by staff."""

from typing import Any

from django import forms

from members.forms.fields import PhoneField, PlzField
from members.forms.organisation import open_gliederungen
from members.models import Person
from portal.common.outbox import languages
from portal.common.verwaltung import RowForm


class PersonForm(RowForm):
    phone = PhoneField(label="Telefon")
    mobile = PhoneField(label="Mobil")
    plz = PlzField(required=False)
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
