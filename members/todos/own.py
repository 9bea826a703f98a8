"""What the members app puts on somebody's list "Zu tun"."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone

from members import policies
from members.models import Amt, OneTimeCode, Person
from members.queries import access as access_query
from members.queries import (
    addressees,
    meldungen,
    newcomers,
    offices,
    pulse,
)
from members.queries.import_runs import days_since_import
from members.services import recovery
from members.services.fresh_eyes import SETTLED_AFTER
from portal.common import clock
from portal.common.dates import long_day
from portal.common.todos import Todo, register

IMPORT_EVERY_DAYS = 7


@register("call")
def calls(user: Any, today: date) -> Iterable[Todo]:
    """The calls of this week, three at most."""
    for onboarding in newcomers.heute(user).calls:
        yield Todo(
            key=f"call:{onboarding.pk}",
            kind="call",
            title=_call(onboarding),
            due_on=onboarding.next_due_on,
            url=reverse("members:newcomer", args=[onboarding.pk]),
            person=str(onboarding.person_id),
        )


@register("not_arrived", addressees.of_not_arrived)
def not_arrived(user: Any, today: date) -> Iterable[Todo]:
    """For the digest: the ladder does not know this call. On lists it is the same as above."""
    if not user.can("onboarding.act"):
        return
    for onboarding in pulse.want_to_be_called(user):
        yield Todo(
            key=f"call:{onboarding.pk}",
            kind="call",
            title=_not_arrived(onboarding),
            due_on=onboarding.next_due_on,
            url=reverse("members:newcomer", args=[onboarding.pk]),
            person=str(onboarding.person_id),
        )


def _not_arrived(onboarding: Any) -> str:
    return f"{onboarding.person.first_name} ist noch nicht richtig angekommen – ruf bitte an"


def _call(onboarding: Any) -> str:
    name = onboarding.person.first_name
    if onboarding.says_not_arrived:
        return _not_arrived(onboarding)
    if onboarding.mail_came_back:
        return f"Eine Mail an {name} kam nicht an, bitte ruf an"
    return f"{name} freut sich auf deinen Anruf"


@register("undecided")
def undecided(user: Any, today: date) -> Iterable[Todo]:
    """One item for the whole inbox, not one per row."""
    if not policies.can_edit_people(user):
        return
    open_ones = Person.objects.visible_to(user).exclude(open_question="")
    cases = tuple(str(pk) for pk in open_ones.values_list("pk", flat=True))
    if count := len(cases):
        yield Todo(
            key="undecided",
            kind="undecided",
            title="Eine Zuordnung ist offen" if count == 1 else f"{count} Zuordnungen sind offen",
            due_on=today,
            url=reverse("members:undecided"),
            cases=cases,
        )


@register("office")
def office_changes(user: Any, today: date) -> Iterable[Todo]:
    """Offices a colleague has granted (R30) one by one, and all that end soon as one item."""
    if not policies.can_manage_organisation(user):
        return
    found = offices.needing_somebody(user)
    for amt in found.awaiting:
        yield Todo(
            key=f"office-confirm:{amt.pk}",
            kind="office-confirm",
            title=f"Bestätigen: {amt} für {amt.person.full_name}",
            due_on=today,
            url=reverse("dashboards:verwaltung_edit", args=["aemter", amt.pk]),
        )
    if found.ending:
        yield _ending(found.ending, today)


def _ending(aemter: Sequence[Amt], today: date) -> Todo:
    """One office by name; several as one item."""
    first = min(aemter, key=lambda amt: amt.last_day)
    if len(aemter) == 1:
        title = f"Amt von {first.person.full_name} endet am {long_day(first.last_day)}"
        url = reverse("dashboards:verwaltung_edit", args=["aemter", first.pk])
        due_on = first.last_day  # the sentence names a day; another beside it would confuse
    else:
        title = f"{len(aemter)} Ämter enden in den nächsten 60 Tagen"
        url = reverse("dashboards:verwaltung_list", args=["aemter"]) + "?liste=endet-bald"
        due_on = max(today, first.last_day - offices.VERY_SOON)
    return Todo(
        key="office-ending",
        kind="office-ending",
        title=title,
        due_on=due_on,
        url=url,
        cases=tuple(_threshold(amt, today) for amt in aemter),
    )


def _threshold(amt: Amt, today: date) -> str:
    """Named once when it ends soon, and once when very soon (60 and 14 days before)."""
    return f"{amt.pk}:{'very-soon' if amt.last_day <= today + offices.VERY_SOON else 'soon'}"


@register("import")
def next_import(user: Any, today: date) -> Iterable[Todo]:
    """Once a week somebody brings the export in (R34)."""
    if not policies.can_import(user):
        return
    days = days_since_import()
    if days is not None and days >= IMPORT_EVERY_DAYS:
        yield Todo(
            key="import",
            kind="import",
            title=f"Der letzte Import ist {days} Tage her",
            due_on=today - timedelta(days=days - IMPORT_EVERY_DAYS),
            url=reverse("members:import_list"),
        )


@register("code_notice")
def code_notices(user: Any, today: date) -> Iterable[Todo]:
    """Codes that were made on the telephone, for the second person, until seen (R27)."""
    if not any(recovery.may_be_told(amt, user.district) for amt in user.current_aemter):
        return  # spares everybody else the query
    unseen = OneTimeCode.objects.filter(told=user.person_id, seen_at=None)
    for code in unseen.select_related("user__person"):
        yield Todo(
            key=f"code_notice:{code.pk}",
            kind="code_notice",
            title=f"Einmalcode für {code.user.person.full_name} ansehen",
            due_on=timezone.localdate(code.created_at),
            url=reverse("members:code_notice", args=[code.pk]),
            person=str(code.user.person_id),
        )


@register("access")
def access(user: Any, today: date) -> Iterable[Todo]:
    """Who cannot get in, and who holds an office and has a new address: one query for both."""
    if not policies.can_manage_access(user):
        return
    for person in access_query.needing_somebody(user, clock.now() - SETTLED_AFTER):
        asked = person.asked_at is not None
        yield Todo(
            key=f"access:{person.pk}",
            kind="access",
            title=f"{person.full_name} kommt nicht rein und bittet um Rückruf"
            if asked
            else f"Neue E-Mail-Adresse von {person.full_name}: bitte nachfragen, ob sie stimmt",
            due_on=timezone.localdate(person.asked_at or person.new_address_at),
            url=reverse("members:access", args=[person.pk]),
            person=str(person.pk),
        )


@register("meldung", addressees.of_meldungen)
def people_who_asked(user: Any, today: date) -> Iterable[Todo]:
    """„Sag mir Bescheid“ is answered within a week: one item per place, for one person."""
    for place in meldungen.waiting_answers(user, meldungen.Owners(user)):
        yield Todo(
            key=f"meldung:{place.ort.pk}",
            kind="meldung",
            title=place.question,
            due_on=place.due_on,
            url=reverse("members:meldungen"),
        )


@register("ort", addressees.of_places)
def places_to_confirm(user: Any, today: date) -> Iterable[Todo]:
    """Unless somebody says that it still exists, a place leaves the catalogue (R9)."""
    for place in meldungen.to_confirm(user, meldungen.Owners(user)):
        yield Todo(
            key=f"ort:{place.ort.pk}",
            kind="ort",
            title=place.question,
            due_on=place.due_on,
            url=reverse("members:ort", args=[place.ort.pk]),
        )
