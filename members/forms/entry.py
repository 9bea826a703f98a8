"""Enter a new member, and an exit, by hand."""

import uuid
from typing import Any

from django import forms

from members.forms.fields import PhoneField, PlzField
from members.forms.imports import GliederungForm
from members.imports import rules
from members.imports.lookalikes import similar_people
from members.imports.reader import LABELS, Line
from members.models import Membership, Person
from members.services.entry import Entry
from portal.common import clock
from portal.common.forms import DayInput, PortalFormMixin
from portal.common.outbox import languages

FIELDS = {label: name for name, label in LABELS.items()}
# In the form a channel that cannot be used is a mistake to put right, not a warning.
MUST_BE_RIGHT = {
    "email": "Das ist keine E-Mail-Adresse. Bitte prüfe sie oder lass das Feld leer.",
}
NO_NUMBER = "0"


class EntryForm(GliederungForm):
    """The same rules as for a row of the export; whoever looks known is asked about first."""

    given_name = forms.CharField(label="Vorname", max_length=100, required=False)
    family_name = forms.CharField(label="Nachname", max_length=100)
    email = forms.CharField(label="E-Mail", max_length=254, required=False)
    phone = PhoneField(label="Telefon oder Mobil")
    plz = PlzField(required=False)
    street = forms.CharField(
        label="Straße und Hausnummer",
        max_length=100,
        required=False,
        help_text="Ohne E-Mail kommt das Willkommen als Brief; nur dafür heben wir sie auf.",
    )
    city = forms.CharField(label="Ort", max_length=80, required=False)
    joined_on = forms.DateField(
        label="Eintritt am",
        widget=DayInput(),
        required=False,
        help_text="Leer lassen, solange der Vorstand noch entscheidet.",
    )
    applied_on = forms.DateField(
        label="Antrag vom",
        widget=DayInput(),
        required=False,
        help_text="Ohne Eintritt steht der Antrag unter „Aufnahmen“, bis er entschieden ist.",
    )
    kind = forms.ChoiceField(label="Mitgliedsart", choices=Membership.Kind.choices)
    language = forms.ChoiceField(label="Sprache", choices=languages.choices)
    channel = forms.ChoiceField(label="Am liebsten erreichbar per", choices=Person.Channel.choices)
    number = forms.CharField(
        label="Mitgliedsnummer",
        max_length=40,
        required=False,
        help_text="Wenn du sie noch nicht kennst, bringt sie der nächste Import mit.",
    )
    sure = forms.BooleanField(label="Das ist jemand anderes, trotzdem eintragen", required=False)
    submit_token = forms.UUIDField(widget=forms.HiddenInput)
    field_order = (
        "given_name",
        "family_name",
        "email",
        "phone",
        "street",
        "plz",
        "city",
        "gliederung",
        "joined_on",
        "applied_on",
        "kind",
        "language",
        "channel",
        "number",
        "sure",
        "submit_token",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"submit_token": uuid.uuid4(), "joined_on": clock.today()})
        super().__init__(*args, **kwargs)
        self.values: dict[str, str] = {}
        self.lookalikes: list[Person] = []
        place = self.fields["gliederung"]
        place.required = False
        place.help_text = "Leer lassen, wenn sie sich aus der PLZ ergibt oder noch unklar ist."
        if not self.is_bound:
            del self.fields["sure"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        row = self._row(data)
        for problem in row.problems:
            name = FIELDS[problem.field]
            if name in self.fields and name not in self.errors:
                self._complain(name, problem)
        self.values = row.values | {"number": data.get("number") or ""}
        self._ask_for_a_day(data)
        self._ask_how_to_reach(data)
        self._ask_about_lookalikes(data)
        return data

    def _row(self, data: dict[str, Any]) -> rules.Row:
        names = ("given_name", "family_name", "email", "phone", "street", "plz", "city")
        cells = {name: data.get(name) or "" for name in names}
        cells["number"] = data.get("number") or NO_NUMBER
        for name in ("joined_on", "applied_on"):
            cells[name] = data[name].isoformat() if data.get(name) else ""
        (row,) = rules.clean([Line(0, cells)], clock.today())
        row.values["kind"] = data.get("kind") or Membership.Kind.MEMBER
        return row

    def _complain(self, name: str, problem: rules.Problem) -> None:
        if problem.level == rules.REJECTED:
            self.add_error(name, problem.message)
        elif name in MUST_BE_RIGHT:
            self.add_error(name, MUST_BE_RIGHT[name])

    def _ask_for_a_day(self, data: dict[str, Any]) -> None:
        """Either a member since, or an applicant since; never both the wrong way round."""
        joined, applied = data.get("joined_on"), data.get("applied_on")
        if {"joined_on", "applied_on"} & set(self.errors):
            return
        if not joined and not applied:
            self.add_error("joined_on", "Bitte trag den Eintritt ein oder den Tag des Antrags.")
        elif joined and applied and joined < applied:
            self.add_error("joined_on", "Der Eintritt kann nicht vor dem Antrag liegen.")

    def _ask_how_to_reach(self, data: dict[str, Any]) -> None:
        """Somebody whom nobody can reach would only wait."""
        has_address = data.get("street") and data.get("plz")
        if self.errors or data.get("email") or data.get("phone") or has_address:
            return
        name = data.get("given_name") or data.get("family_name")
        self.add_error(
            "phone",
            f"Wie erreichen wir {name}? Bitte mindestens Telefon, E-Mail oder Anschrift.",
        )

    def _ask_about_lookalikes(self, data: dict[str, Any]) -> None:
        """Somebody who looks like this is shown once; a tick says that it is somebody else."""
        if self.errors:
            return
        people = similar_people(self.values).exclude(pk=data["submit_token"])
        self.lookalikes = list(people.select_related("gliederung").order_by("sort_name", "pk")[:5])
        if self.lookalikes and not data.get("sure"):
            self.add_error("sure", "Gibt es diese Person schon? Sieh bitte erst nach.")

    def entry(self) -> Entry:
        data = self.cleaned_data
        return Entry(
            values=self.values,
            gliederung=data["gliederung"],
            language=data["language"],
            channel=data["channel"],
            token=data["submit_token"],
        )


class ExitForm(PortalFormMixin, forms.Form):
    """When somebody leaves, and why as far as it is known."""

    day = forms.DateField(label="Austritt am", widget=DayInput())
    reason = forms.ChoiceField(
        label="Grund", choices=Membership.LeftReason.choices, widget=forms.RadioSelect
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        died = data.get("reason") == Membership.LeftReason.DEATH
        if died and data.get("day") and data["day"] > clock.today():
            self.add_error("day", "Ein Todestag kann nicht in der Zukunft liegen.")
        return data
