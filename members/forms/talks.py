"""How a talk went."""

import uuid
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django import forms

from members.models import Contact, Onboarding, Person
from members.services.onboarding import Talk
from portal.common.forms import DayInput, PortalFormMixin


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
    partner = forms.CharField(
        label="War jemand Bekanntes dabei? (freiwillig)",
        max_length=120,
        required=False,
        help_text="Name und Amt, zum Beispiel die Ortsbürgermeisterin. Das Mitglied kann es lesen.",
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
            partner=data["partner"],
        )


@dataclass(frozen=True, slots=True)
class Choice:
    """One button: when to call again."""

    label: str
    on: date


def follow_up_days(today: date) -> list[Choice]:
    """The three days people say most; any other is typed."""
    monday = today + timedelta(days=7 - today.weekday())
    if monday == today + timedelta(days=1):  # on a Sunday the week that begins is not meant
        monday += timedelta(days=7)
    return [
        Choice("morgen", today + timedelta(days=1)),
        Choice("in 3 Tagen", today + timedelta(days=3)),
        Choice("nächste Woche", monday),
    ]


class FollowUpForm(PortalFormMixin, forms.Form):
    """When to call again: one of the days above, or a day of one's own."""

    on = forms.DateField(
        label="An einem anderen Tag",
        widget=DayInput,
        error_messages={
            "required": "Bitte wähle einen Tag.",
            "invalid": "Das ist kein Tag. Bitte wähle ihn im Kalender.",
        },
    )


def usual_kind(person: Person) -> str:
    """Return the kind of contact that fits the channel this person prefers."""
    return {
        Person.Channel.EMAIL: Contact.Kind.EMAIL,
        Person.Channel.MESSENGER: Contact.Kind.MESSENGER,
        Person.Channel.LETTER: Contact.Kind.LETTER,
        Person.Channel.MEETING: Contact.Kind.MEETING,
    }.get(Person.Channel(person.preferred_channel), Contact.Kind.CALL)
