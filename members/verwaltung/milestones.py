"""Which promises newcomers get, and when they fall due."""

from django.db.models import Count

from members.forms.milestones import TemplateForm
from members.models import MilestoneTemplate
from members.policies import can_manage_organisation
from members.services import templates
from members.services.onboarding import DEFAULT_TEMPLATE
from portal.common.verwaltung import Column, Section, State, register


def _state(template: MilestoneTemplate) -> State | None:
    if template.code == DEFAULT_TEMPLATE:
        return State("für alle Neumitglieder")
    return None if template.is_offered else State("nicht mehr zur Wahl")


def _steps(template: MilestoneTemplate) -> str:
    count = getattr(template, "step_count", None) or template.steps.count()
    return "1 Schritt" if count == 1 else f"{count} Schritte"


register(
    Section(
        code="meilensteine",
        title="Meilensteine",
        sentence="Was wir neuen Mitgliedern versprechen, und bis wann.",
        icon="flag",
        may=can_manage_organisation,
        rows=lambda _user: MilestoneTemplate.objects.annotate(step_count=Count("steps")).order_by(
            "name"
        ),
        columns=(Column("Name", lambda template: template.name), Column("Schritte", _steps)),
        form=TemplateForm,
        save=lambda form, user: templates.save_template(form, user.person),
        new="Neue Vorlage",
        hint="Was du hier änderst, gilt für alle, die ab jetzt neu dazukommen. "
        "Termine, die schon versprochen sind, bleiben, wie sie sind.",
        state=_state,
        events=(
            "template.created",
            "template.changed",
        ),
    )
)
