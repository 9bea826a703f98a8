"""What this app puts behind *Verwaltung*."""

from typing import Any

from django import forms

from events import policies
from events.models import EventKind
from events.services.kinds import save_kind
from members.policies import can_manage_organisation
from portal.common.verwaltung import (
    PEOPLE,
    Card,
    Column,
    RowForm,
    Section,
    State,
    register,
    register_card,
)


class LinesField(forms.CharField):
    """One entry per line."""

    def prepare_value(self, value: Any) -> Any:
        return value if isinstance(value, str) or value is None else "\n".join(value)

    def to_python(self, value: Any) -> Any:
        lines = [line.strip() for line in (super().to_python(value) or "").splitlines()]
        return [line for line in lines if line]

    def validate(self, value: Any) -> None:
        super().validate(value)
        if any(len(line) > 160 for line in value):
            raise forms.ValidationError("Bitte höchstens 160 Zeichen je Zeile.")


def _lines(label: str, help_text: str) -> LinesField:
    area = forms.Textarea(attrs={"rows": 5})
    return LinesField(
        label=label, required=False, widget=area, help_text=help_text, max_length=4000
    )


class EventKindForm(RowForm):
    checklist = _lines("Checkliste", "Je Zeile: Tage vorher: was. Zum Beispiel 14: Raum klären.")
    agenda = _lines("Ablauf", "Je Zeile: Minuten: was. Zum Beispiel 10: Begrüßung.")
    questions = _lines("Fragen danach", "Je Zeile eine Frage.")

    class Meta:
        model = EventKind
        fields = (
            "name",
            "position",
            "is_offered",
            "minutes",
            "needs_registration",
            "is_for_newcomers",
            "reminder_hours",
            "checklist",
            "agenda",
            "questions",
        )


register(
    Section(
        code="terminarten",
        title="Arten von Terminen",
        sentence="Was zu einem Neumitgliederabend, einem Stammtisch oder Fest gehört.",
        icon="calendar-days",
        may=can_manage_organisation,
        rows=lambda _user: EventKind.objects.all(),
        columns=(
            Column("Name", lambda kind: kind.name),
            Column("dauert", lambda kind: f"{kind.minutes} Minuten"),
            Column("Checkliste", lambda kind: f"{len(kind.checklist)} Schritte"),
        ),
        form=EventKindForm,
        save=lambda form, user: save_kind(form, user.person),
        new="Neue Art",
        state=lambda kind: None if kind.is_offered else State("nicht mehr zur Wahl"),
        events=("event_kind.created", "event_kind.changed"),
    )
)
register_card(
    Card(
        "Termine",
        "Was ansteht, wer kommt, und was noch vorzubereiten ist.",
        "calendar-days",
        "events:termine",
        policies.can_plan,
        PEOPLE,
    )
)
