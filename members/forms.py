"""The shape of what people enter."""

import uuid
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.contrib.auth.password_validation import validate_password

from members.imports.reader import MAX_BYTES
from members.models import Amt, Contact, District, Gliederung, Onboarding, Person, User
from members.services.imports import MANY_MESSAGES
from members.services.onboarding import Talk


class PortalFormMixin:
    """Every form: the partial owns <form> and buttons, crispy only renders the fields."""

    @property
    def helper(self) -> FormHelper:
        helper = FormHelper()
        helper.form_tag = False
        helper.disable_csrf = True
        return helper


class ContactForm(PortalFormMixin, forms.Form):
    """Result by one button; kind and note are already right for the usual case."""

    result = forms.ChoiceField(label="Ergebnis", choices=Contact.Result.choices)
    kind = forms.ChoiceField(label="Wie?", choices=Contact.Kind.choices, required=False)
    note = forms.CharField(
        label="Notiz (freiwillig)",
        max_length=280,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Das Mitglied kann alles lesen, was hier steht. Höchstens 280 Zeichen.",
    )
    submit_token = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, onboarding: Onboarding, **kwargs: Any) -> None:
        usual = usual_kind(onboarding.person)
        kwargs.setdefault("initial", {"kind": usual, "submit_token": uuid.uuid4()})
        super().__init__(*args, **kwargs)
        self._usual = usual

    def talk(self) -> Talk:
        data = self.cleaned_data
        return Talk(
            kind=data["kind"] or self._usual,
            result=data["result"],
            note=data["note"],
            submit_token=data["submit_token"],
        )


def usual_kind(person: Person) -> str:
    """Return the kind of contact that fits the channel this person prefers."""
    return {
        Person.Channel.EMAIL: Contact.Kind.EMAIL,
        Person.Channel.MESSENGER: Contact.Kind.MESSENGER,
        Person.Channel.LETTER: Contact.Kind.LETTER,
        Person.Channel.MEETING: Contact.Kind.MEETING,
    }.get(Person.Channel(person.preferred_channel), Contact.Kind.CALL)


class ImportForm(PortalFormMixin, forms.Form):
    file = forms.FileField(
        label="Mitglieder-Export (CSV)",
        help_text="Höchstens 5 MB. Die Datei wird nach dem Einlesen nicht aufbewahrt.",
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,text/csv"}),
    )

    def content(self) -> bytes:
        """Return at most one byte more than allowed, so that the reader can say so."""
        return self.cleaned_data["file"].read(MAX_BYTES + 1)


class ConfirmImportForm(PortalFormMixin, forms.Form):
    """Many mails need a second yes (R4)."""

    many = forms.BooleanField(
        error_messages={"required": "Bitte bestätige, dass so viele Nachrichten verschickt werden."}
    )

    def __init__(self, *args: Any, messages: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["many"].label = f"Ja, {messages} Nachrichten sollen verschickt werden"
        if messages <= MANY_MESSAGES:
            del self.fields["many"]


class GliederungForm(PortalFormMixin, forms.Form):
    gliederung = forms.ModelChoiceField(
        label="Ortsverein", queryset=Gliederung.objects.none(), empty_label="Bitte wählen"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = Gliederung.objects.subtree(District.current().gliederung)
        self.fields["gliederung"].queryset = (  # type: ignore[attr-defined]  # ModelChoiceField
            found.filter(level__takes_members=True).select_related("level").order_by("name")
        )


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


class ShownPhoneForm(PortalFormMixin, forms.Form):
    shown_phone = forms.ChoiceField(
        label="Welche Nummer sehen deine Neumitglieder?",
        choices=Amt.ShownPhone.choices,
        widget=forms.RadioSelect,
    )
