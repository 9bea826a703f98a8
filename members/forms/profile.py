"""Four weeks of shifts to be tapped, and which mails I want."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django import forms
from django.forms.boundfield import BoundField

from members import shifts
from members.labels import SHIFTS
from portal.common import clock
from portal.common.dates import day
from portal.common.forms import PortalFormMixin
from portal.common.outbox.kinds import MailKind

# „?“ is short for „weiß ich noch nicht“ where five fit beside each other.
WORDS = SHIFTS | {shifts.UNKNOWN: "?"}


@dataclass(frozen=True, slots=True)
class Week:
    """One card: its number, its days, and whether there is a week before to copy."""

    number: int
    title: str
    days: list[BoundField]

    @property
    def can_copy(self) -> bool:
        return self.number > 0


class ShiftsForm(PortalFormMixin, forms.Form):
    """One row of radio buttons per day; works without JavaScript."""

    # The Monday the page was made for: a page left open over Sunday means the old days.
    monday = forms.DateField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, letters: str, **kwargs: Any) -> None:
        self._monday = shifts.monday_of(clock.today())
        kwargs["initial"] = {"monday": self._monday.isoformat()}
        super().__init__(*args, **kwargs)
        for number, letter in enumerate(letters):
            when = self._monday + timedelta(days=number)
            self.fields[f"day_{number}"] = forms.ChoiceField(
                label=day(when),
                choices=list(WORDS.items()),
                initial=letter,
                required=False,
                widget=forms.RadioSelect,
            )

    def clean_monday(self) -> date:
        monday: date = self.cleaned_data["monday"]
        if abs((self._monday - monday).days) not in (0, shifts.WEEK):
            raise forms.ValidationError("Diese Seite ist zu alt. Bitte lade sie neu.")
        return monday

    def letters(self, copy_week: int | None = None) -> str:
        """Return the plan from this Monday on, one week made like the one before if wished."""
        given = "".join(
            self.cleaned_data[f"day_{number}"] or shifts.UNKNOWN for number in range(shifts.DAYS)
        )
        if copy_week is not None and 0 < copy_week < shifts.WEEKS:
            given = shifts.copied(given, copy_week)
        return shifts.seen_from(given, self.cleaned_data["monday"], self._monday)

    def weeks(self) -> Iterator[Week]:
        for number in range(shifts.WEEKS):
            first = number * shifts.WEEK
            days = [self[f"day_{first + offset}"] for offset in range(shifts.WEEK)]
            yield Week(number, f"{days[0].label} bis {days[-1].label}", days)


class MailChoiceForm(PortalFormMixin, forms.Form):
    """One question per kind that may be declined."""

    def __init__(
        self,
        *args: Any,
        kinds: Iterable[MailKind],
        ways: list[tuple[str, str]],
        chosen: Mapping[str, str],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        usual, offered = ways[0][0], {code for code, _ in ways}
        for kind in kinds:
            held = chosen.get(kind.code, usual)
            self.fields[kind.code] = forms.ChoiceField(
                label=kind.title,
                help_text=f"Warum wir schreiben: {kind.reason}",
                choices=ways,
                initial=held if held in offered else usual,
                widget=forms.RadioSelect,
                error_messages={"required": "Bitte wähle eine der Möglichkeiten."},
            )
