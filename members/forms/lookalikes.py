"""„Dieselbe Person“ or „jemand anderes“, for every row of a page (R5)."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.forms import BoundField

from members.models import ImportRow, Person
from members.services.imports.lookalikes import Choice, candidates
from portal.common.forms import PortalFormMixin

Decision = ImportRow.Decision
OTHER = "other"


class LookalikesForm(PortalFormMixin, forms.Form):
    """One question per row, with everybody the row may be."""

    def __init__(self, *args: Any, rows: Sequence[ImportRow], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._rows = rows
        self._candidates = candidates(rows)
        for row in rows:
            people = self._candidates[row.pk]
            self.fields[self._name(row)] = forms.ChoiceField(
                label="Wer ist das?",
                choices=[*((str(p.pk), _same(p)) for p in people), *LATER],
                initial=str(row.lookalike_id) if row.lookalike_id else row.decision,
                widget=forms.RadioSelect,
                required=False,
            )

    @staticmethod
    def _name(row: ImportRow) -> str:
        return f"row-{row.pk}"

    def questions(self) -> Iterator[tuple[ImportRow, list[Person], BoundField]]:
        """Yield row, people and field side by side."""
        for row in self._rows:
            yield row, self._candidates[row.pk], self[self._name(row)]

    def choices(self) -> dict[int, Choice]:
        return {row.pk: _choice(self.cleaned_data[self._name(row)]) for row in self._rows}


LATER = ((OTHER, "Jemand anderes: neu aufnehmen"), ("", "Später entscheiden"))


def _same(person: Person) -> str:
    return f"Dieselbe Person wie {person.full_name}"


def _choice(answer: str) -> Choice:
    if answer in ("", OTHER):
        return Choice(Decision.OTHER if answer else "")
    return Choice(Decision.SAME, UUID(answer))
