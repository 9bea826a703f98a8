"""„Bist du angekommen?“: one tap."""

from django import forms

from members.models import Pulse
from portal.common.forms import PortalFormMixin

YES, NO = "ja", "nein"


class PulseForm(PortalFormMixin, forms.Form):
    """Either an answer, or whether it may be told."""

    answer = forms.ChoiceField(choices=Pulse.Answer.choices, required=False)
    told = forms.ChoiceField(choices=[(YES, "Ja"), (NO, "Nein")], required=False)
