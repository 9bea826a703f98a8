"""Templates of what newcomers are promised, kept by staff; running promises are copies."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.text import slugify

from members.models import MilestoneTemplate, Person, Step
from members.services.onboarding import DEFAULT_TEMPLATE
from members.sorting import fold
from portal.common import audit
from portal.common.errors import DomainError
from portal.common.locks import lock_for_transaction

# Positions are unique at every moment; moved ones wait up here.
ASIDE = 1000


@dataclass(frozen=True, slots=True)
class StepData:
    """One step as staff want it; `code` is empty for a new one."""

    code: str
    title: str
    kind: str
    opens_after_months: int
    due_after_months: int
    responsible: str
    explanation: str


@transaction.atomic
def save_template(form: Any, by: Person) -> MilestoneTemplate:
    """Store a template with its steps in this order. Nobody's promises change by it."""
    lock_for_transaction("milestone-templates")
    template: MilestoneTemplate = form.instance
    steps: Sequence[StepData] = form.steps()
    _require_sense(template, steps)
    is_new = template._state.adding
    if is_new:
        template.code = _free(
            slugify(fold(template.name))[:36] or "vorlage",
            set(MilestoneTemplate.objects.values_list("code", flat=True)),
        )
    template.save()
    _write(template, steps)
    if form.changed_data:
        code = "template.created" if is_new else "template.changed"
        audit.record(code, by.pk, template, form.changed_data)
    return template


def _require_sense(template: MilestoneTemplate, steps: Sequence[StepData]) -> None:
    same = MilestoneTemplate.objects.filter(name__iexact=template.name).exclude(pk=template.pk)
    if same.exists():
        raise DomainError("So heißt schon eine andere Vorlage. Bitte nimm einen anderen Namen.")
    if template.code == DEFAULT_TEMPLATE and not template.is_offered:
        raise DomainError(
            "Mit dieser Vorlage beginnen alle Neumitglieder. Sie steht immer zur Wahl."
        )
    if not steps:
        raise DomainError("Eine Vorlage braucht mindestens einen Schritt.")
    if steps[0].kind != Step.Kind.CONTACT:
        raise DomainError("Der erste Schritt ist immer ein Gespräch. Bitte ändere die Reihenfolge.")
    for step in steps:
        if step.due_after_months <= step.opens_after_months:
            raise DomainError(
                f"„{step.title}“ wäre fällig, bevor es zählt. "
                "„Fällig nach Monaten“ muss größer sein als „Zählt ab Monat“."
            )


def _write(template: MilestoneTemplate, steps: Sequence[StepData]) -> None:
    """Keep the rows of steps that stay, so that two people changing one template do not mix."""
    kept = {step.code: step for step in template.steps.all()}
    template.steps.exclude(code__in=[step.code for step in steps]).delete()
    template.steps.update(position=F("position") + ASIDE)
    taken = set(kept)
    for position, wanted in enumerate(steps, start=1):
        step = kept.get(wanted.code)
        if step is None:
            code = _free(slugify(fold(wanted.title))[:36] or "schritt", taken)
            taken.add(code)
            step = Step(template=template, code=code)
        step.position = position
        step.title, step.kind = wanted.title, wanted.kind
        step.opens_after_months = wanted.opens_after_months
        step.due_after_months = wanted.due_after_months
        step.responsible, step.explanation = wanted.responsible, wanted.explanation
        step.save()


def _free(wanted: str, taken: set[str]) -> str:
    numbered = (f"{wanted}-{number}" for number in range(2, len(taken) + 3))
    return next(code for code in (wanted, *numbered) if code not in taken)
