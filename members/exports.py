"""What staff may take out of the portal as a file, and which columns it has."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Prefetch, Subquery

from members.models import Amt, District, Membership, Milestone, Onboarding, Person, User
from portal.common.exports import Export, Rows, register

RUN = "export.run"


def _newcomers(user: User) -> Rows:
    current = Membership.objects.filter(has_ended=False)
    return (
        Onboarding.objects.visible_to(user)
        .running()
        .filter(wave=None)
        .select_related("person__gliederung__level", "responsible")
        .prefetch_related(
            Prefetch("milestones", Milestone.objects.order_by("position"), to_attr="steps"),
            Prefetch("person__memberships", current, to_attr="current"),
        )
        .order_by("person__gliederung__name", "person__sort_name", "pk")
    )


def _newcomer(row: Any) -> Iterable[object]:
    joined = next((held.joined_on for held in row.person.current), None)
    steps = [f"{step.title}: {step.get_state_display()}" for step in row.steps[:3]]
    return (
        row.person.family_name,
        row.person.given_name,
        row.person.gliederung or "",
        f"{joined:%d.%m.%Y}" if joined else "",
        row.responsible.full_name if row.responsible else "",
        *steps,
        *[""] * (3 - len(steps)),
    )


def _offices(user: User) -> Rows:
    visible = Person.objects.visible_to(user)
    office = District.objects.values("phone")[:1]
    return (
        Amt.objects.active()
        .filter(person__in=visible)
        .annotate(office_phone=Subquery(office))
        .select_related("person", "gliederung__level")
        .order_by("gliederung__path", "kind", "person__sort_name")
    )


def _office(row: Any) -> Iterable[object]:
    phones = {
        Amt.ShownPhone.OWN: row.person.best_phone,
        Amt.ShownPhone.OFFICE: row.office_phone,
    }
    return (
        row.get_kind_display(),
        row.gliederung,
        row.person.family_name,
        row.person.given_name,
        phones.get(Amt.ShownPhone(row.shown_phone), ""),
        f"{row.last_day:%d.%m.%Y}",
    )


register(
    Export(
        code="neumitglieder",
        title="Neumitglieder",
        sentence="Wer gerade ankommt, wer sich kümmert und was schon geschehen ist.",
        capability=RUN,
        columns=(
            "Nachname",
            "Vorname",
            "Ortsverein",
            "Eintritt",
            "Ansprechperson",
            "1. Schritt",
            "2. Schritt",
            "3. Schritt",
        ),
        rows=_newcomers,
        person="person",
        cells=_newcomer,
        named=lambda row: [row.responsible_id] if row.responsible_id else [],
    )
)
register(
    Export(
        code="aemter",
        title="Ämter",
        sentence="Wer welches Amt hat und unter welcher Nummer des Amtes zu erreichen ist.",
        capability=RUN,
        columns=("Amt", "Gliederung", "Nachname", "Vorname", "Telefon", "längstens bis"),
        rows=_offices,
        person="person",
        cells=_office,
    )
)
