"""What people enter about events."""

import re
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms

from events import labels, policies, queries, times
from events.models import CheckItem, Event, EventReport, Registration, Series
from events.models.registrations import MOST_COMPANIONS
from events.services.places import Wish
from members.models import Gliederung, Kommune, Person, Topic, User
from portal.common import clock
from portal.common.forms import DayInput, PortalFormMixin

ONCE = ""
# What stands in links and addresses, and in no name.
NO_NAME = re.compile(r"[./:@<>\d]")
# An event of last week may still get a better description.
PAST_DAYS, FARTHEST_DAYS = 3650, 3650 + 3 * 365


class TimeInput(forms.TimeInput):
    """The browser's own field for a time."""

    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


class DayField(forms.DateField):
    """A day somebody may plan for; calendars go on for ever, plans do not."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=DayInput(), **kwargs)

    def clean(self, value: Any) -> Any:
        day = super().clean(value)
        if day and not 0 <= (day - clock.today()).days + PAST_DAYS <= FARTHEST_DAYS:
            raise forms.ValidationError("Bitte nimm einen Tag in den nächsten drei Jahren.")
        return day


class MomentsMixin(forms.Form):
    """Day and times as a clock on the wall shows them."""

    day = DayField(label="Tag")
    begins = forms.TimeField(label="Beginn", widget=TimeInput())
    ends = forms.TimeField(label="Ende", widget=TimeInput(), required=False)

    minutes = 120

    def _moments(self) -> tuple[datetime, datetime] | None:
        """Beginning and end; an end before the beginning is on the next day."""
        said = self.cleaned_data
        day, begins, ends = said.get("day"), said.get("begins"), said.get("ends")
        if day is None or begins is None or "ends" in self.errors:
            return None
        try:
            starts_at = times.moment(day, begins)
        except times.NoSuchTime as error:
            self.add_error("begins", str(error))
            return None
        if ends is None:
            return starts_at, starts_at + timedelta(minutes=self.minutes)
        if ends == begins:
            self.add_error("ends", "Das Ende ist gleich dem Beginn.")
            return None
        try:
            return starts_at, times.moment(day + timedelta(days=ends < begins), ends)
        except times.NoSuchTime as error:
            self.add_error("ends", str(error))
            return None


class NewEventForm(PortalFormMixin, MomentsMixin, forms.ModelForm):
    """What makes an evening: day, time, place. Everything else comes with the kind."""

    repeats = forms.ChoiceField(
        label="Wiederholt sich",
        required=False,
        choices=[(ONCE, "nein"), *Series.Rhythm.choices],
    )
    until = DayField(label="Reihe bis", required=False)

    class Meta:
        model = Event
        fields = ("title", "place", "gliederung")

    field_order = ("title", "day", "begins", "ends", "place", "gliederung", "repeats", "until")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        self.minutes = self.instance.kind.minutes
        own = Gliederung.objects.where(user, can="events.manage").open()
        fields["gliederung"].queryset = own.select_related("level").order_by(
            "level__position", "name"
        )
        if len(own) == 1:
            self.instance.gliederung = own[0]
            del fields["gliederung"]
        fields["ends"].help_text = f"Leer: {self.minutes} Minuten."
        fields["place"].required = True

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if moments := self._moments():
            self.instance.starts_at, self.instance.ends_at = moments
            if moments[0] < clock.now():
                self.add_error("day", "Dieser Zeitpunkt ist schon vorbei.")
        if said.get("repeats") and not said.get("until"):
            self.add_error("until", "Bis wann geht die Reihe?")
        elif said.get("repeats") and said.get("day") and said["until"] <= said["day"]:
            self.add_error("until", "Die Reihe endet vor dem zweiten Termin.")
        return said

    @property
    def repeat(self) -> tuple[str, Any] | None:
        said = self.cleaned_data
        return (said["repeats"], said["until"]) if said.get("repeats") else None


def _several(label: str, help_text: str) -> forms.ModelMultipleChoiceField:
    return forms.ModelMultipleChoiceField(
        label=label,
        queryset=Person._base_manager.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=help_text,
    )


class EventForm(PortalFormMixin, MomentsMixin, forms.ModelForm):
    """Everything about an event; only the first facts are needed."""

    access = forms.MultipleChoiceField(
        label="Barrierefreiheit",
        required=False,
        choices=list(labels.ACCESS.items()),
        widget=forms.CheckboxSelectMultiple,
    )
    extras = forms.MultipleChoiceField(
        label="Gut zu wissen",
        required=False,
        choices=list(labels.EXTRAS.items()),
        widget=forms.CheckboxSelectMultiple,
    )
    online_url = forms.URLField(
        label="Link zur Videokonferenz",
        max_length=300,
        required=False,
        assume_scheme="https",
        help_text="Sieht nur, wer angemeldet ist.",
    )
    greeters = _several("Patinnen und Paten", "Ihr Vorname steht beim Termin. Frag sie vorher.")
    delegates = _several(
        "Helfen mit", "Dürfen diesen Termin ändern und sehen, wer kommt. Sonst nichts."
    )
    awareness = forms.ModelChoiceField(
        label="Awareness-Person",
        queryset=Person._base_manager.none(),
        required=False,
        empty_label="noch niemand",
        help_text="An wen man sich wendet, wenn etwas nicht stimmt.",
    )
    closes = DayField(label="Anmeldung bis einschließlich", required=False)

    class Meta:
        model = Event
        fields = (
            "title",
            "text",
            "audience",
            "place",
            "address",
            "kommune",
            "online_url",
            "needs_registration",
            "capacity",
            "access",
            "extras",
            "cost",
            "language",
            "guests",
            "topics",
            "co_hosts",
            "greeters",
            "awareness",
            "delegates",
        )
        widgets = {
            "topics": forms.CheckboxSelectMultiple,
            "co_hosts": forms.CheckboxSelectMultiple,
            "text": forms.Textarea(attrs={"rows": 4}),
        }
        help_texts = {
            "capacity": "Leer: so viele, wie kommen.",
            "guests": "Zum Beispiel Menschen aus Rat und Parlament.",
        }

    FIRST = ("title", "day", "begins", "ends", "place", "address", "kommune", "text", "audience")
    GROUPS = (
        ("Anmeldung", ("needs_registration", "capacity", "closes", "online_url")),
        ("Gut zu wissen", ("access", "extras", "cost", "language", "guests", "topics")),
        ("Wer euch hilft", ("greeters", "awareness", "delegates")),
        ("Zusammen mit anderen", ("co_hosts",)),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        event: Event = self.instance
        self._keep_to_own(event, user)
        start, end = times.local(event.starts_at), times.local(event.ends_at)
        self.initial.update(day=start.date(), begins=start.time(), ends=end.time())
        if event.register_until:
            self.initial["closes"] = times.local(event.register_until).date()
        fields["topics"].queryset = Topic.objects.filter(is_offered=True)
        fields["kommune"].queryset = Kommune.objects.order_by("short_name")
        fields["kommune"].empty_label = "nicht an einem Ort"
        people = queries.helpers(event)
        for name in {"greeters", "delegates", "awareness"} & fields.keys():
            fields[name].queryset = people
            fields[name].label_from_instance = _short_name
        if "co_hosts" in fields:
            others = Gliederung.objects.open().exclude(pk=event.gliederung_id)
            fields["co_hosts"].queryset = others.select_related("level").order_by(
                "level__position", "name"
            )

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        self.moved = False
        if moments := self._moments():
            before = self.instance.starts_at, self.instance.ends_at
            self.moved = moments != before
            if self.moved and moments[0] < clock.now():
                self.add_error("day", "Dieser Zeitpunkt ist schon vorbei.")
            self.instance.starts_at, self.instance.ends_at = moments
        closes = said.get("closes")
        if closes and said.get("day") and closes > said["day"]:
            self.add_error("closes", "Die Anmeldung endet nach dem Termin.")
        elif closes:
            try:
                last = times.moment(closes, time(23, 59))
                self.instance.register_until = min(last, self.instance.ends_at)
            except times.NoSuchTime as error:
                self.add_error("closes", str(error))
        else:
            self.instance.register_until = None
        return said

    def _keep_to_own(self, event: Event, user: User) -> None:
        """Who was only asked by name asks nobody else, and shows it to nobody else."""
        if not policies.can_plan_for(user, event.gliederung):
            for name in ("delegates", "co_hosts", "audience"):
                del self.fields[name]

    def first_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.FIRST if name in self.fields]

    def groups(self) -> list[tuple[str, list[forms.BoundField], bool]]:
        """Title, fields, and whether something in it has to be looked at."""
        found = [
            (title, [self[name] for name in names if name in self.fields])
            for title, names in self.GROUPS
        ]
        return [(title, some, any(one.errors for one in some)) for title, some in found if some]

    @property
    def changed(self) -> list[str]:
        own = [
            name for name in self.changed_data if name not in {"day", "begins", "ends", "closes"}
        ]
        if self.moved:
            own += ["starts_at", "ends_at"]
        return own + (["register_until"] if "closes" in self.changed_data else [])


def _short_name(person: Person) -> str:
    """Enough to tell two apart (R12)."""
    return f"{person.first_name} {person.family_name[:1]}."


class WishForm(PortalFormMixin, forms.ModelForm):
    """Optional words with a registration."""

    companions = forms.IntegerField(
        label="Wie viele bringst du mit?", min_value=0, max_value=MOST_COMPANIONS, required=False
    )

    class Meta:
        model = Registration
        fields: tuple[str, ...] = ("companions", "needs", "question", "offers_lift")

    def clean_companions(self) -> int:
        return self.cleaned_data["companions"] or 0

    @property
    def wish(self) -> Wish:
        said = self.cleaned_data
        return Wish(
            said["companions"], said["needs"], said["question"], said.get("offers_lift", False)
        )


class GuestForm(WishForm):
    """A guest without an account; the address is confirmed by mail."""

    guest_name = forms.CharField(label="Ihr Name", max_length=100)
    guest_email = forms.EmailField(label="Ihre E-Mail-Adresse")

    class Meta(WishForm.Meta):
        fields = ("companions", "needs", "question")

    field_order = ("guest_name", "guest_email", "companions", "needs", "question")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["companions"].label = "Wie viele bringen Sie mit?"
        fields["needs"].label = "Was brauchen Sie, damit Sie dabei sein können?"
        fields["question"].label = "Ihre Frage vorab"

    def clean_guest_name(self) -> str:
        name = " ".join(self.cleaned_data["guest_name"].split())
        if NO_NAME.search(name):
            raise forms.ValidationError("Bitte nur Ihren Namen.")
        return name

    def clean_guest_email(self) -> str:
        return str(self.cleaned_data["guest_email"]).lower()


class CancelForm(PortalFormMixin, forms.Form):
    reason = forms.CharField(
        label="Warum fällt es aus?",
        max_length=200,
        required=False,
        help_text="Ein Satz für alle, die angemeldet sind.",
    )
    following = forms.BooleanField(label="auch alle folgenden der Reihe", required=False)

    def __init__(self, *args: Any, event: Event, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if event.series_id is None or not policies.can_plan_for(user, event.gliederung):
            del self.fields["following"]


class CheckItemForm(PortalFormMixin, forms.ModelForm):
    """One more thing to do, before or after."""

    due_on = DayField(label="Bis wann?")

    class Meta:
        model = CheckItem
        fields = ("text", "due_on")
        labels = {"text": "Was ist noch zu tun?"}

    def clean_due_on(self) -> date:
        day: date = self.cleaned_data["due_on"]
        if day < clock.today():
            raise forms.ValidationError("Dieser Tag ist schon vorbei.")
        return day


class ReportForm(PortalFormMixin, forms.ModelForm):
    """Two minutes afterwards."""

    class Meta:
        model = EventReport
        fields = ("headcount", "newcomers", "topics", "results", "differently", "photos_allowed")
        widgets = {"results": forms.Textarea(attrs={"rows": 4})}
