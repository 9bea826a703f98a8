"""When the collected reminders come."""

from django import forms

from members.models import Person
from portal.common.forms import PortalFormMixin


class DigestDayForm(PortalFormMixin, forms.Form):
    digest_day = forms.ChoiceField(
        label="Wann sollen dich Erinnerungen erreichen?",
        choices=Person.DigestDay.choices,
        widget=forms.RadioSelect,
    )
