"""What somebody enters about themselves."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password

from members.models import Amt, Person, User
from portal.common.forms import PortalFormMixin
from portal.common.outbox import languages


class PasswordForm(PortalFormMixin, forms.Form):
    """One password field, twice the honesty: it may be shown, pasted, and made by a manager."""

    password = forms.CharField(
        label="Passwort",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="Mindestens 12 Zeichen. Ein Satz ist leichter zu merken als ein Wort.",
        max_length=200,
    )

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._user = User(email=person.email, person=person)

    def clean_password(self) -> str:
        password = self.cleaned_data["password"]
        validate_password(password, self._user)
        return password


class ProfileForm(PortalFormMixin, forms.ModelForm):
    class Meta:
        model = Person
        fields = ("preferred_channel", "language")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = languages.choices()
        self.fields["language"] = forms.ChoiceField(label="Sprache", choices=choices)


class ShownPhoneForm(PortalFormMixin, forms.Form):
    shown_phone = forms.ChoiceField(
        label="Welche Nummer sehen deine Neumitglieder?",
        choices=Amt.ShownPhone.choices,
        widget=forms.RadioSelect,
    )
    is_flinta = forms.BooleanField(
        label="Ich bin eine Frau oder FLINTA*-Person",
        required=False,
        help_text="Freiwillig. Manche Neumitglieder sprechen lieber mit einer Frau oder "
        "FLINTA*-Person und kommen dann zu dir. Angezeigt wird es niemandem.",
    )
