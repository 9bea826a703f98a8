"""A template of promises with all its steps on one page."""

from collections.abc import Iterator
from typing import Any

from django import forms

from members.models import MilestoneTemplate, Step
from members.services.templates import StepData
from portal.common.verwaltung import RowForm

AWAY = "weg"
LONGEST = 36
# What a template nobody has written yet starts with.
FIRST_STEPS = 3
ROLES = Step.Responsible.choices


class TemplateForm(RowForm):
    """Each step is a group of fields; a new step without a name does not exist."""

    class Meta:
        model = MilestoneTemplate
        fields = ("name", "is_offered")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [] if self.instance._state.adding else list(self.instance.steps.all())
        more = 1 if known else FIRST_STEPS
        self._groups: list[tuple[str, Step | None]] = [(f"schritt-{s.code}", s) for s in known]
        self._groups += [(f"neu-{number}", None) for number in range(1, more + 1)]
        for place, (prefix, step) in enumerate(self._groups, start=1):
            self._add(prefix, step, place)
        self.order_fields([n for n in self.fields if n != "is_offered"] + ["is_offered"])

    def _add(self, prefix: str, step: Step | None, place: int) -> None:
        """Add one step's fields; only those of a known step have to be filled in."""
        is_one_more = step is None and not self.instance._state.adding
        name = "Neuer Schritt" if is_one_more else f"{place}. Schritt"
        for field, form_field in _step_fields(step, place, len(self._groups)):
            form_field.label = f"{name}: {form_field.label}"
            self.fields[f"{prefix}-{field}"] = form_field

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        for prefix, step in self._groups:
            if step or not data.get(f"{prefix}-title"):
                continue
            for field in ("due", "explanation"):
                if not data.get(f"{prefix}-{field}") and f"{prefix}-{field}" not in self.errors:
                    self.add_error(f"{prefix}-{field}", "Bitte ausfüllen.")
        return data

    def steps(self) -> list[StepData]:
        """Return what is to be stored, in the chosen order."""
        places: list[tuple[int, int, int]] = []
        found: list[StepData] = []
        for number, (prefix, step) in enumerate(self._groups, start=1):
            data: dict[str, Any] = {f: self.cleaned_data.get(f"{prefix}-{f}") for f in FIELDS}
            if not data["title"] or data["place"] == AWAY:
                continue
            place = int(data["place"])
            # Moved up it stands before, moved down behind the step that was there.
            moved = (place > number) - (place < number)
            places.append((place, moved, len(found)))
            found.append(
                StepData(
                    code=step.code if step else "",
                    title=data["title"],
                    kind=data["kind"],
                    opens_after_months=data["opens"] or 0,
                    due_after_months=data["due"],
                    responsible=data["responsible"],
                    explanation=data["explanation"],
                )
            )
        return [found[index] for *_, index in sorted(places)]


FIELDS = ("title", "kind", "opens", "due", "responsible", "explanation", "place")


def _step_fields(step: Step | None, place: int, last: int) -> Iterator[tuple[str, forms.Field]]:
    is_known = step is not None
    yield (
        "title",
        forms.CharField(
            label="Name",
            max_length=60,
            required=is_known,
            initial=step.title if step else "",
            help_text="" if step else "Bleibt das leer, kommt kein Schritt dazu.",
        ),
    )
    yield (
        "kind",
        forms.ChoiceField(
            label="Art",
            choices=Step.Kind.choices,
            initial=step.kind if step else Step.Kind.CONTACT,
        ),
    )
    yield (
        "opens",
        forms.IntegerField(
            label="Zählt ab Monat",
            required=False,
            initial=step.opens_after_months if step else 0,
            help_text="0 heißt: vom ersten Tag an.",
            min_value=0,
            max_value=LONGEST,
        ),
    )
    yield (
        "due",
        forms.IntegerField(
            label="Fällig nach Monaten",
            required=is_known,
            initial=step.due_after_months if step else None,
            min_value=0,
            max_value=LONGEST,
        ),
    )
    yield (
        "responsible",
        forms.ChoiceField(
            label="Wer ist zuständig?",
            choices=ROLES,
            initial=step.responsible if step else Step.Responsible.ANSPRECHPERSON,
        ),
    )
    yield (
        "explanation",
        forms.CharField(
            label="Erklärung für das Neumitglied",
            max_length=200,
            required=is_known,
            initial=step.explanation if step else "",
            widget=forms.Textarea(attrs={"rows": 2}),
        ),
    )
    choices = [(str(n), f"an Stelle {n}") for n in range(1, last + 1)]
    away = [(AWAY, "entfernen")] if is_known else []
    yield "place", forms.ChoiceField(label="Wohin?", choices=[*choices, *away], initial=str(place))
