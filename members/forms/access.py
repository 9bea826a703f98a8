"""What is entered to get in, and to let somebody in."""

import uuid
from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password

from portal.common.forms import PortalFormMixin

AGAIN = "Bitte öffne diese Seite noch einmal."
_HELP = (
    "Mindestens 12 Zeichen. Bleibt das Feld leer, gilt dein altes Passwort weiter. "
    "Mit einem Amt brauchst du ein neues."
)


class EmailForm(PortalFormMixin, forms.Form):
    email = forms.EmailField(
        label="Deine E-Mail-Adresse",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        max_length=200,
    )


class OneTimeForm(PortalFormMixin, forms.Form):
    email = forms.EmailField(
        label="E-Mail-Adresse, mit der du dich anmeldest",
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
        max_length=200,
    )
    code = forms.CharField(
        label="Einmalcode vom Telefon",
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autocapitalize": "off"}),
        max_length=20,
    )
    password = forms.CharField(
        label="Neues Passwort, falls du eines möchtest",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_HELP,
        max_length=200,
        required=False,
    )

    def clean_password(self) -> str:
        """Checked before the code, and without the person: the answer must not depend on it."""
        password: str = self.cleaned_data["password"]
        if password:
            validate_password(password)
        return password


class MailedCodeForm(PortalFormMixin, forms.Form):
    code = forms.CharField(
        label="Code aus der E-Mail",
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autocapitalize": "characters"}
        ),
        max_length=20,
    )


class JoinForm(PortalFormMixin, forms.Form):
    number = forms.CharField(
        label="Mitgliedsnummer",
        help_text="Sie steht in deinem Parteibuch und auf Briefen der Partei.",
        max_length=40,
    )
    proof = forms.CharField(
        label="Postleitzahl oder E-Mail-Adresse",
        help_text="So, wie sie in der Mitgliederverwaltung steht.",
        max_length=200,
    )


class CodeRequestedForm(PortalFormMixin, forms.Form):
    """The tick that stands between a voice on the telephone and a login."""

    called_back = forms.BooleanField(
        label="Ich habe unter dieser Nummer zurückgerufen",
        error_messages={"required": "Bitte ruf zuerst zurück und kreuze es dann an."},
    )

    submit_token = forms.UUIDField(
        widget=forms.HiddenInput, error_messages={"required": AGAIN, "invalid": AGAIN}
    )

    def __init__(self, *args: Any, has_phone: bool, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"submit_token": uuid.uuid4()})
        super().__init__(*args, **kwargs)
        if not has_phone:
            self.fields["called_back"].label = "Die Person war mit ihrem Ausweis bei mir"
