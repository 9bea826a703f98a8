"""Give an office to somebody, and change its dates."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.urls import reverse
from django.utils.html import format_html

from members.forms.organisation import open_gliederungen
from members.models import Amt, Gliederung, Person
from members.services.offices import Grant
from members.sorting import fold
from portal.common import clock
from portal.common.forms import DayInput, PortalFormMixin

SHOWN_PEOPLE = 10
ANY_DAY = {
    "pledged_on": "Erst mit Verpflichtung und Schulung öffnet das Amt etwas.",
    "ende": "Ohne Datum endet es nach 24 Monaten, wenn es niemand verlängert.",
}


def day_field(name: str) -> forms.DateField:
    """A date of Amt as the browser's own date field."""
    field: Any = Amt._meta.get_field(name)
    return forms.DateField(
        label=field.verbose_name,
        required=not field.blank,
        help_text=ANY_DAY.get(name, ""),
        widget=DayInput(),
    )


class TermForm(PortalFormMixin, forms.Form):
    """The dates of an office that exists; who and where never change."""

    beginn = day_field("beginn")
    ende = day_field("ende")
    pledged_on = day_field("pledged_on")
    trained_on = day_field("trained_on")
    shown_phone = forms.ChoiceField(label="Neumitglieder sehen", choices=Amt.ShownPhone.choices)

    def __init__(self, *args: Any, user: Any, instance: Amt | None = None, **kwargs: Any) -> None:
        self.user, self.instance = user, instance
        known = {name: getattr(instance, name) for name in TERM} if instance else {}
        kwargs["initial"] = known | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        beginn, ende = data.get("beginn"), data.get("ende")
        if beginn and ende and ende < beginn:
            self.add_error("ende", "Das Ende liegt vor dem Beginn.")
        today = clock.today()
        for name in ("pledged_on", "trained_on"):
            if (day := data.get(name)) and day > today:
                self.add_error(name, "Bitte trag das ein, wenn es stattgefunden hat.")
        return data


TERM = ("beginn", "ende", "pledged_on", "trained_on", "shown_phone")


class PersonField(forms.ModelChoiceField):
    """Two people of one name are told apart by what staff know about them."""

    def label_from_instance(self, obj: Any) -> str:
        place = obj.gliederung.name if obj.gliederung else "ohne Gliederung"
        numbers = [m.number for m in obj.memberships.all() if m.number]
        known = f"Nr. {numbers[0]}" if numbers else obj.email or obj.best_phone or obj.plz
        return " · ".join(part for part in (obj.full_name, place, known) if part)


class GrantForm(TermForm):
    """Find the person by name; several of that name are offered to choose from."""

    kind = forms.ChoiceField(label="Amt", choices=Amt.Kind.choices)
    gliederung = forms.ModelChoiceField(
        label="Gliederung", queryset=Gliederung.objects.none(), empty_label="Bitte wählen"
    )
    who = forms.CharField(
        label="Wer?", max_length=100, required=False, help_text="Vor- und Nachname genügen."
    )
    person = PersonField(
        label="Welche Person?",
        queryset=Person._base_manager.none(),
        required=False,
        widget=forms.RadioSelect,
        empty_label=None,
    )
    replaces = forms.BooleanField(
        label="löst die bisherige Ansprechperson ab",
        required=False,
        help_text="Deren Amt endet dann am Tag davor.",
    )
    field_order = ("kind", "gliederung", "who", "person", *TERM, "replaces")

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        given = dict(kwargs.get("initial") or {})
        kwargs["initial"] = {"beginn": clock.today(), "shown_phone": "office"} | given
        super().__init__(*args, user=user, **kwargs)
        place: Any = self.fields["gliederung"]
        place.queryset = open_gliederungen(user)
        self._found = self._candidates(given)
        choice: Any = self.fields["person"]
        found = Person.objects.filter(pk__in=[person.pk for person in self._found])
        choice.queryset = found.select_related("gliederung").prefetch_related("memberships")
        self.fields["who"].help_text = self._way_to_a_new_person()
        if not self._found:
            del self.fields["person"]
        elif not self.is_bound:
            del self.fields["who"]  # somebody's page led here

    def _way_to_a_new_person(self) -> str:
        """Lead to the form of a new person, with the name that was typed."""
        given_name, _, family_name = (self.data.get("who") or "").strip()[:100].rpartition(" ")
        typed = {"given_name": given_name, "family_name": family_name} if family_name else {}
        url = reverse("dashboards:verwaltung_new", args=["personen"])
        return format_html(
            "Vor- und Nachname genügen. Noch nicht im Portal? "
            '<a class="back" href="{}">Neue Person anlegen</a>',
            f"{url}?{urlencode(typed)}" if typed else url,
        )

    def _candidates(self, given: dict[str, Any]) -> list[Person]:
        visible = Person.objects.visible_to(self.user)
        words = (self.data.get("who") or "").strip()[:100]
        chosen = self.data.get("person") or given.get("person")
        found = []
        if chosen:
            field = forms.UUIDField()
            try:
                found = list(visible.filter(pk=field.clean(chosen)))
            except forms.ValidationError:
                found = []
        if words:
            others = visible.matching(words).order_by("sort_name", "pk")[:SHOWN_PEOPLE]
            found += [person for person in others if person not in found]
        return found

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("person") is None:
            data["person"] = self._exact(data.get("who") or "")
        return data

    def _exact(self, who: str) -> Person | None:
        """Take somebody without asking back only if the whole name fits nobody else."""
        words = set(fold(who).split())
        exact = [p for p in self._found if set(fold(p.full_name).split()) == words]
        if len(self._found) == len(exact) == 1:
            return exact[0]
        if self._found:
            self.add_error("person", "Bitte wähle die Person aus.")
        elif who:
            self.add_error("who", f"Niemand heißt „{who}“. Leg die Person bitte zuerst an.")
        else:
            self.add_error("who", "Bitte gib einen Namen an.")
        return None

    def grant(self) -> Grant:
        data = self.cleaned_data
        return Grant(
            person=data["person"],
            gliederung=data["gliederung"],
            kind=data["kind"],
            beginn=data["beginn"],
            ende=data["ende"],
            pledged_on=data["pledged_on"],
            trained_on=data["trained_on"],
            shown_phone=data["shown_phone"],
            replaces=data["replaces"],
        )


def amt_form(*args: Any, instance: Amt | None = None, **kwargs: Any) -> TermForm:
    """Return the form of a new office or of one that exists."""
    if instance is None:
        return GrantForm(*args, **kwargs)
    return TermForm(*args, instance=instance, **kwargs)
