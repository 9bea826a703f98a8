"""What a file is for."""

from django import forms

from portal.common.forms import PortalFormMixin


class PurposeForm(PortalFormMixin, forms.Form):
    purpose = forms.CharField(
        label="Wofür brauchst du die Datei?",
        help_text="Zum Beispiel: Einladung zum Neumitgliederabend am 12. März vorbereiten.",
        min_length=10,
        max_length=200,
        error_messages={
            "required": "Bitte schreib, wofür du die Datei brauchst.",
            "min_length": "Bitte schreib ein wenig genauer, wofür du sie brauchst.",
        },
    )
