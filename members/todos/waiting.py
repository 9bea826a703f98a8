"""What waits for somebody and is counted or named by one query (`queries/waiting.py`)."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.urls import reverse

from members import admission
from members.models.tandems import ANSWER_WITHIN
from members.queries import (
    addressees,
    coverage,
    recertification,
    transfers,
    waiting,
    win_back,
)
from portal.common.dates import long_day
from portal.common.todos import Todo, register_several


def of_mine(today: date) -> Mapping[UUID, Todo]:
    """What `_fits` says to each, asked once for everybody."""
    asked = coverage.all_to_ask_themselves()
    return {pk: _asked_yourself(count, today) for pk, count in asked.items()}


@register_several(
    {
        waiting.MINE: of_mine,
        waiting.MOVES: addressees.of_moves,
        waiting.INTEREST: addressees.of_interest,
        waiting.APPLICATION: addressees.of_applications,
        waiting.DESK: addressees.of_desk,
        waiting.MENTOR: addressees.of_mentors,
        waiting.BOARD: addressees.of_coordinators,
    }
)
def what_waits(user: Any, today: date, kinds: Collection[str]) -> Iterable[Todo]:
    """Applications, interested people, changes, whoever left, one's own newcomers: one query."""
    for one in waiting.waiting_for(user, today, kinds):
        yield _WAITING[one.kind](one, today)


def _application(one: waiting.Waiting, today: date) -> Todo:
    assert one.day is not None  # the day of the application
    last = admission.deemed_on(one.day)
    if admission.is_deemed(one.day, today):
        title = f"{one.name} gilt seit {long_day(last)} als angenommen, bitte eintragen"
    else:
        title = f"Antrag von {one.name}: bitte bis {long_day(last)} entscheiden"
    return Todo(
        key=f"admission:{one.pk}",
        kind="admission",
        title=title,
        due_on=last,
        url=reverse("members:admission", args=[one.pk]),
        person=str(one.person),
        step=admission.step(one.day, today),  # from day 21 on every day one more (B6)
    )


def _interested(one: waiting.Waiting, today: date) -> Todo:
    assert one.day is not None  # the day of the confirmation
    waits = "freut sich" if today < one.day + waiting.INTEREST_WAITS else "wartet noch"
    return Todo(
        key=f"interest:{one.pk}",
        kind="interest",
        title=f"{one.name} interessiert sich und {waits} auf einen Anruf",
        due_on=one.day + timedelta(days=7),
        url=reverse("members:interested", args=[one.pk]),
        person=str(one.person),
    )


def _cases(one: waiting.Waiting) -> tuple[str, ...]:
    return tuple(map(str, one.cases))


def _held(one: waiting.Waiting, today: date) -> Todo:
    return Todo(
        key="interest-held",
        kind="interest-held",
        title="Anfragen von „Ich will mitmachen“ sind zu prüfen",
        due_on=(one.day or today) + timedelta(days=2),
        url=reverse("members:interest_held"),
        cases=_cases(one),
    )


def _moves(one: waiting.Waiting, today: date) -> Todo:
    return Todo(
        key="transfers",
        kind="transfers",
        title="Ein Wechsel wartet auf deine Zusage"
        if one.count == 1
        else f"{one.count} Wechsel warten auf deine Zusage",
        due_on=(one.day or today) + transfers.ANSWER_WITHIN,
        url=reverse("members:transfers"),
        cases=_cases(one),
    )


def _fits(one: waiting.Waiting, today: date) -> Todo:
    return _asked_yourself(one.count, today)


def _asked_yourself(count: int, today: date) -> Todo:
    """Does it fit at the moment? One is asked oneself, a week before anybody else hears of it."""
    people = "Ein Mensch wartet" if count == 1 else f"{count} Menschen warten"
    return Todo(
        key="fits",
        kind="fits",
        title=f"{people}. Passt es gerade nicht? Gib ab.",
        due_on=today,
        url=reverse("members:absences"),
    )


def _ask(one: waiting.Waiting, today: date) -> Todo:
    return Todo(
        key="coverage",
        kind="coverage",
        title="Bei einer Ansprechperson nachfragen, ob es gerade passt"
        if one.count == 1
        else f"Bei {one.count} Ansprechpersonen nachfragen, ob es gerade passt",
        due_on=today,
        url=reverse("members:coverage"),
        cases=_cases(one),
    )


def _vacant(one: waiting.Waiting, today: date) -> Todo:
    """Named again when it happens somewhere else."""
    where = "einer Gliederung" if one.count == 1 else f"{one.count} Gliederungen"
    return Todo(
        key="vacant",
        kind="vacant",
        title=f"In {where} fehlt Ansprechperson oder Stellvertretung",
        due_on=today,
        url=reverse("members:coverage"),
        cases=_cases(one),
    )


def _recertify(one: waiting.Waiting, today: date) -> Todo:
    return Todo(
        key=f"recertify:{recertification.quarter_begins(today)}",
        kind="recertify",
        title="Ein Amt prüfen: stimmt es noch?"
        if one.count == 1
        else f"{one.count} Ämter prüfen: stimmen sie noch?",
        due_on=recertification.due_on(),
        url=reverse("members:recertify"),
    )


def _left(one: waiting.Waiting, today: date) -> Todo:
    return Todo(
        key="win-back",
        kind="win-back",
        title="Jemand ist ausgetreten: einmal nachfragen"
        if one.count == 1
        else f"{one.count} sind ausgetreten: einmal nachfragen",
        due_on=(one.day or today) + win_back.WITHIN,
        url=reverse("members:win_back"),
        cases=_cases(one),
    )


def _rules(one: waiting.Waiting, today: date) -> Todo:
    return Todo(
        key="retention",
        kind="retention",
        title="Eine Löschregel wartet auf dein Ja"
        if one.count == 1
        else f"{one.count} Löschregeln warten auf dein Ja",
        due_on=today,
        url=reverse("members:retention"),
    )


def _stopped(one: waiting.Waiting, today: date) -> Todo:
    return Todo(
        key=f"look-stop:{one.pk}",
        kind="look-stop",
        title=f"{one.name} hat sehr viele Menschen geöffnet: bitte nachfragen",
        due_on=one.day,
        url=reverse("members:look_stop", args=[one.pk]),
        person=str(one.person),
    )


def _released(one: waiting.Waiting, today: date) -> Todo:
    return Todo(
        key=f"look-release:{one.pk}",
        kind="look-release",
        title=f"Freigabe für {one.name} ansehen",
        due_on=one.day,
        url=reverse("members:look_stop", args=[one.pk]),
        person=str(one.person),
    )


def _files(one: waiting.Waiting, today: date) -> Todo:
    return Todo(
        key="export-delete",
        kind="export-delete",
        title="Eine ausgegebene Datei: schon gelöscht?"
        if one.count == 1
        else f"{one.count} ausgegebene Dateien: schon gelöscht?",
        due_on=one.day,
        url=reverse("members:exports"),
    )


def _rights(one: waiting.Waiting, today: date) -> Todo:
    """Due within a month by law: named again a week before, and when the day has come."""
    assert one.day is not None  # the last day for an answer
    left = (one.day - today).days
    return Todo(
        key=f"rights:{one.pk}",
        kind="rights",
        title=f"{one.name} fragt nach den eigenen Daten: bitte bis {long_day(one.day)} antworten",
        due_on=one.day,
        url=reverse("members:rights_request", args=[one.pk]),
        person=str(one.person),
        step=2 if left <= 0 else 1 if left <= 7 else 0,
    )


def _asked_mentor(one: waiting.Waiting, today: date) -> Todo:
    return Todo(
        key="asked-mentor",
        kind="asked-mentor",
        title="Jemand wünscht sich dich als Mentor:in"
        if one.count == 1
        else f"{one.count} Menschen wünschen sich dich als Mentor:in",
        due_on=(one.day or today) + ANSWER_WITHIN,
        url=reverse("members:my_tandems"),
        cases=_cases(one),
    )


def _tandems(one: waiting.Waiting, today: date) -> Todo:
    return Todo(
        key="tandems",
        kind="tandems",
        title="Ein Tandem braucht deinen Anruf"
        if one.count == 1
        else f"{one.count} Tandems brauchen deinen Anruf",
        due_on=today,
        url=reverse("members:tandem_board"),
        cases=_cases(one),
    )


def _reports(one: waiting.Waiting, today: date) -> Todo:
    return Todo(
        key="tandem-report",
        kind="tandem-report",
        title="Jemand hat etwas gemeldet: bitte heute anrufen",
        due_on=one.day,
        url=reverse("members:tandem_reports"),
        cases=_cases(one),
    )


def _applied(one: waiting.Waiting, today: date) -> Todo:
    return Todo(
        key="mentor-applied",
        kind="mentor-applied",
        title="Jemand möchte Mentor:in werden: bitte anrufen"
        if one.count == 1
        else f"{one.count} Menschen möchten Mentor:in werden: bitte anrufen",
        due_on=(one.day or today) + ANSWER_WITHIN,
        url=reverse("members:mentors"),
        cases=_cases(one),
    )


_WAITING = {
    waiting.ASKED_MENTOR: _asked_mentor,
    waiting.TANDEMS: _tandems,
    waiting.REPORTS: _reports,
    waiting.APPLIED: _applied,
    waiting.RULES: _rules,
    waiting.FILES: _files,
    waiting.STOPPED: _stopped,
    waiting.RELEASED: _released,
    waiting.RIGHTS: _rights,
    waiting.APPLICATION: _application,
    waiting.INTEREST: _interested,
    waiting.HELD: _held,
    waiting.MOVES: _moves,
    waiting.MINE: _fits,
    waiting.ASK: _ask,
    waiting.VACANT: _vacant,
    waiting.OFFICES: _recertify,
    waiting.LEFT: _left,
}
