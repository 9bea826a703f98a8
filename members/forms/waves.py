"""Prepare a wave, and confirm it."""

import uuid
from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone

from members.models import District, Gliederung, Wave
from members.queries.waves import Preview
from members.services.waves import MANY_MESSAGES, Order
from portal.common import clock
from portal.common.dates import long_day
from portal.common.forms import DayInput, PortalFormMixin

MOST_PEOPLE = 500


class WaveForm(PortalFormMixin, forms.Form):
    """Whom to invite, how many, and to what; when and where only for a meeting."""

    gliederung = forms.ModelChoiceField(
        label="Wo", queryset=Gliederung.objects.none(), empty_label=None
    )
    months = forms.IntegerField(
        label="Ohne Gespräch seit … Monaten", min_value=3, max_value=600, initial=12
    )
    size = forms.IntegerField(
        label="Wie viele auf einmal?",
        min_value=1,
        max_value=MOST_PEOPLE,
        initial=25,
        help_text="Lieber kleine Wellen: Jede Ansprechperson ruft höchstens drei in der Woche an.",
    )
    way = forms.ChoiceField(
        label="Wozu laden wir ein?",
        choices=Wave.Way.choices,
        initial=Wave.Way.CALL,
        widget=forms.RadioSelect,
    )
    meeting_on = forms.DateField(label="Treffen am", widget=DayInput(), required=False)
    meeting_time = forms.TimeField(
        label="Uhrzeit",
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"invalid": "Bitte eine Uhrzeit wie 18:00."},
    )
    meeting_place = forms.CharField(
        label="Ort des Treffens",
        max_length=160,
        required=False,
        help_text="Die drei Angaben braucht nur eine Einladung zum Treffen.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        district = District.current().gliederung
        places = Gliederung.objects.open().subtree(district).select_related("level")
        field = self.fields["gliederung"]
        field.queryset = places.order_by("level__position", "name")  # type: ignore[attr-defined]
        field.initial = district.pk

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        data["meeting_at"] = None
        if data.get("way") == Wave.Way.MEETING:
            for name in ("meeting_on", "meeting_time", "meeting_place"):
                if not data.get(name) and name not in self.errors:
                    self.add_error(name, "Für ein Treffen bitte ausfüllen.")
            if not self.errors:
                self._clean_moment(data)
        return data

    def _clean_moment(self, data: dict[str, Any]) -> None:
        moment = timezone.make_aware(datetime.combine(data["meeting_on"], data["meeting_time"]))
        if moment <= clock.now():
            self.add_error("meeting_on", "Das Treffen muss in der Zukunft liegen.")
        data["meeting_at"] = moment

    def order(self, confirmed: dict[str, Any]) -> Order:
        data = self.cleaned_data
        meets = data["way"] == Wave.Way.MEETING
        return Order(
            token=confirmed["token"],
            name=f"{data['gliederung'].name}, {long_day(clock.today())}"[-80:],
            gliederung=data["gliederung"],
            months=data["months"],
            size=data["size"],
            way=data["way"],
            meeting_at=data["meeting_at"],
            meeting_place=data["meeting_place"] if meets else "",
            digest=confirmed["digest"],
        )


class ConfirmWaveForm(PortalFormMixin, forms.Form):
    """The yes to exactly these people; many messages need a second one (R4)."""

    digest = forms.CharField(widget=forms.HiddenInput, max_length=64)
    token = forms.UUIDField(widget=forms.HiddenInput)
    many = forms.BooleanField(
        error_messages={"required": "Bitte bestätige, dass so viele Nachrichten verschickt werden."}
    )

    def __init__(self, *args: Any, preview: Preview, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"digest": preview.digest, "token": uuid.uuid4()})
        super().__init__(*args, **kwargs)
        count = len(preview.people)
        self.fields["many"].label = f"Ja, {count} Nachrichten sollen verschickt werden"
        if count <= MANY_MESSAGES:
            del self.fields["many"]
