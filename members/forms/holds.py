"""Keep somebody's data from being deleted."""

from datetime import date

from django import forms

from portal.common import clock
from portal.common.forms import DayInput, PortalFormMixin


class HoldForm(PortalFormMixin, forms.Form):
    reason = forms.CharField(
        label="Grund",
        max_length=200,
        help_text="Zum Beispiel: Beitragsstreit, läuft beim Amtsgericht.",
    )
    until = forms.DateField(
        label="bis",
        required=False,
        widget=DayInput(),
        help_text="Ohne Datum gilt die Sperre, bis jemand sie aufhebt.",
    )

    def clean_until(self) -> date | None:
        until: date | None = self.cleaned_data["until"]
        if until and until < clock.today():
            raise forms.ValidationError("Das liegt in der Vergangenheit.")
        return until
