"""How a talk went."""

import uuid
from typing import Any

from django import forms

from members.models import Contact, Onboarding, Person
from members.services.onboarding import Talk
from portal.common.forms import PortalFormMixin


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
