"""What the members app puts on somebody's list "Zu tun"."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone

from members import policies
from members.models import Amt, OneTimeCode, Person
from members.queries import access as access_query
from members.queries import meldungen, newcomers, offices, recertification, standing, transfers
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


def _call(onboarding: Any) -> str:
    name = onboarding.person.first_name
    if onboarding.says_not_arrived:
        return f"{name} ist noch nicht richtig angekommen – ruf bitte an"
    if onboarding.mail_came_back:
        return f"Eine Mail an {name} kam nicht an, bitte ruf an"
    return f"{name} freut sich auf deinen Anruf"


@register("undecided")
def undecided(user: Any, today: date) -> Iterable[Todo]:
    """One item for the whole inbox, not one per row."""
    if not policies.can_edit_people(user):
        return
    count = Person.objects.visible_to(user).exclude(open_question="").count()
    if count:
        yield Todo(
            key="undecided",
            kind="undecided",
            title="Eine Zuordnung ist offen" if count == 1 else f"{count} Zuordnungen sind offen",
            due_on=today,
            url=reverse("members:undecided"),
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
    return Todo(key="office-ending", kind="office-ending", title=title, due_on=due_on, url=url)


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


@register("standing")
def how_it_stands(user: Any, today: date) -> Iterable[Todo]:
    """Changes of Ortsverein, one's own newcomers who wait, and what the office looks after."""
    if user.can("onboarding.act"):
        found = standing.standing(user)
        yield from _own(found, today)
        yield from _of_the_office(found, today)


def _own(found: standing.Standing, today: date) -> Iterable[Todo]:
    """Does it fit at the moment? One is asked oneself, a week before anybody else hears of it."""
    if found.moves and found.first_move_on:
        yield Todo(
            key="transfers",
            kind="transfers",
            title="Ein Wechsel wartet auf deine Zusage"
            if found.moves == 1
            else f"{found.moves} Wechsel warten auf deine Zusage",
            due_on=found.first_move_on + transfers.ANSWER_WITHIN,
            url=reverse("members:transfers"),
        )
    if found.my_newcomers:
        yield Todo(
            key="fits",
            kind="fits",
            title=f"{_people_wait(found.my_newcomers)}. Passt es gerade nicht? Gib ab.",
            due_on=today,
            url=reverse("members:absences"),
        )


def _of_the_office(found: standing.Standing, today: date) -> Iterable[Todo]:
    if found.to_ask:
        yield Todo(
            key="coverage",
            kind="coverage",
            title="Bei einer Ansprechperson nachfragen, ob es gerade passt"
            if found.to_ask == 1
            else f"Bei {found.to_ask} Ansprechpersonen nachfragen, ob es gerade passt",
            due_on=today,
            url=reverse("members:coverage"),
        )
    if found.unchecked:
        yield Todo(
            key=f"recertify:{recertification.quarter_begins(today)}",
            kind="recertify",
            title="Ein Amt prüfen: stimmt es noch?"
            if found.unchecked == 1
            else f"{found.unchecked} Ämter prüfen: stimmen sie noch?",
            due_on=recertification.due_on(),
            url=reverse("members:recertify"),
        )
    if found.left:
        yield Todo(
            key="win-back",
            kind="win-back",
            title="Jemand ist ausgetreten: einmal nachfragen"
            if found.left == 1
            else f"{found.left} sind ausgetreten: einmal nachfragen",
            due_on=today + timedelta(days=found.days_left),
            url=reverse("members:win_back"),
        )


def _people_wait(count: int) -> str:
    return "Ein Mensch wartet" if count == 1 else f"{count} Menschen warten"


@register("meldung")
def people_who_asked(user: Any, today: date) -> Iterable[Todo]:
    """„Sag mir Bescheid“ is answered within a week: one item per place, for one person."""
    for waiting in meldungen.waiting_answers(user, meldungen.Owners(user)):
        yield Todo(
            key=f"meldung:{waiting.ort.pk}",
            kind="meldung",
            title=waiting.question,
            due_on=waiting.due_on,
            url=reverse("members:meldungen"),
        )


@register("ort")
def places_to_confirm(user: Any, today: date) -> Iterable[Todo]:
    """Unless somebody says that it still exists, a place leaves the catalogue (R9)."""
    for waiting in meldungen.to_confirm(user, meldungen.Owners(user)):
        yield Todo(
            key=f"ort:{waiting.ort.pk}",
            kind="ort",
            title=waiting.question,
            due_on=waiting.due_on,
            url=reverse("members:ort", args=[waiting.ort.pk]),
        )
