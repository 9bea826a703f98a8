"""Why somebody may see more people today."""

from django import forms

from portal.common.forms import PortalFormMixin


class ReleaseForm(PortalFormMixin, forms.Form):
    reason = forms.CharField(
        label="Wofür wird das heute gebraucht?",
        help_text="Ein Satz genügt. Eine zweite Person liest ihn.",
        min_length=10,
        max_length=200,
        error_messages={
            "required": "Bitte schreib in einem Satz, wofür es gebraucht wird.",
            "min_length": "Bitte schreib ein wenig mehr, damit die zweite Person es versteht.",
        },
    )
