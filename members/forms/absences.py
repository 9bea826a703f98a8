"""From when to when somebody is away."""

from typing import Any

from django import forms

from portal.common import clock
from portal.common.forms import DayInput, PortalFormMixin


class AbsenceForm(PortalFormMixin, forms.Form):
    """Two days and nothing else; no reason is asked (R8)."""

    first_day = forms.DateField(label="Ich bin weg von", widget=DayInput())
    last_day = forms.DateField(label="bis", widget=DayInput())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"first_day": clock.today()})
        super().__init__(*args, **kwargs)
