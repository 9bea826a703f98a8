"""One row of every personal model about one person, and a canary in each of its text columns."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.totp.internal.auth import TOTP
from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import models

from events.models import CalendarFeed, Event, EventKind, Registration
from members.models import (
    Absence,
    Assignment,
    Hold,
    ImportChange,
    ImportRun,
    Interest,
    Invitation,
    Look,
    LookRelease,
    LookStop,
    MatchingRun,
    MatchProposal,
    Meldung,
    Mentor,
    MitmachOrt,
    OneTimeCode,
    PairRule,
    Parteibuch,
    Pulse,
    Reminder,
    Session,
    Tandem,
    TandemFeedback,
    TandemMeeting,
    TandemReport,
    Topic,
    Transfer,
    WaveReply,
)
from members.services import answers, cards, onboarding, rights
from members.services.reference import MESSENGER
from portal.common import clock, consents
from portal.common.fields import FieldClass, personal, rules
from portal.common.models import AddressTrouble, ExportRun, MailChoice, OutgoingMail
from tests.world import TOTP_SECRET, World, make_amt

# No rows with a path to a person: see the reasons in members.services.export.rules.
ELSEWHERE = {"members.ImportRow", "common.AuditEvent"}
# Codes that something else or a constraint looks at.
CODES = {"kind", "language", "device", "digest_day", "reason_code", "guest_name", "guest_email"}


@dataclass(frozen=True)
class Planted:
    """Where a canary sits."""

    label: str
    name: str
    kind: FieldClass
    canary: str


def stage(world: World, role: str) -> None:
    """Let everything happen to this person once; through services where there are any."""
    person, user, running = world.person(role), world.user(role), world.onboarding(role)
    contact = world.person("ansprechperson")
    now, today = clock.now(), clock.today()
    onboarding.log_contact(
        running, contact, onboarding.Talk("call", "reached", uuid4(), "mag Züge", None, "Bo")
    )
    answers.enter(person, {"language": "en"}, contact)
    consents.give(person.pk, MESSENGER, "de", "phone", contact.pk)
    rights.ask(person, rights.Asked("correction", "Der Name stimmt nicht."), person)
    cards.make(person)
    person.topics.set(Topic.objects.all()[:2])
    make_amt(person, world.gliederung("Gehrden"), "bezirk", granted_by=contact)
    TOTP.activate(user, TOTP_SECRET)
    address = EmailAddress.objects.create(user=user, email=user.email)
    EmailConfirmation.objects.create(email_address=address, sent=now, key=uuid4().hex)
    Session.objects.create(
        session_key=uuid4().hex, user=user, device="Handy", since=now, expire_date=now
    )
    told = world.person("vorsitz")
    OneTimeCode.objects.create(
        user=user, made_by=contact, told=told, created_at=now, expires_at=now
    )
    Invitation.objects.create(person=person, created_at=now, expires_at=now)
    run = MatchingRun.objects.create(created_at=now)
    MatchProposal.objects.create(
        run=run, onboarding=running, mentor=Mentor.objects.get(person=world.person("mentor"))
    )
    Mentor.objects.create(person=person, prepared_on=today, active_from=today)
    tandem = Tandem.objects.create(
        newcomer=person,
        mentor=world.person("mentor"),
        state="active",
        asked_at=now,
        started_on=today,
        planned_end=today,
    )
    TandemMeeting.objects.create(tandem=tandem, met_on=today, how="call", noted_by=person)
    TandemFeedback.objects.create(
        tandem=tandem,
        person=person,
        useful=4,
        meetings=1,
        again=True,
        involved=True,
        given_on=today,
    )
    TandemReport.objects.create(tandem=tandem, reporter=person, created_at=now, first_told=told)
    PairRule.objects.create(
        newcomer=person, mentor=told, kind="forbidden", made_by=contact, made_at=now
    )
    places = {"from_gliederung": person.gliederung, "to_gliederung": world.gliederung("Uetze")}
    Transfer.objects.create(person=person, started_by=contact, started_at=now, **places)
    staged = ImportRun.objects.create(created_at=now, sha256=uuid4().hex)
    ImportChange.objects.create(run=staged, person=person, action="changed", before={}, after={})
    Parteibuch.objects.create(milestone=running.milestones.first(), given_by=contact)
    Absence.objects.create(person=person, first_day=today, last_day=today)
    Assignment.objects.create(onboarding=running, taker=contact, made_by=contact, made_at=now)
    Reminder.objects.create(recipient=person, key=f"x:{role}", first_told_on=today, told_on=today)
    Pulse.objects.create(onboarding=running, number=1, asked_on=today)
    WaveReply.objects.create(onboarding=running, answer="comes", answered_at=now)
    ort = MitmachOrt.objects.create(
        kind="treff",
        title="Treff am Montag",
        sentence="Wir reden.",
        gliederung=person.gliederung,
        host=told,
        confirmed_on=today,
    )
    Meldung.objects.create(ort=ort, person=person, created_at=now)
    event = Event.objects.create(
        kind=EventKind.objects.get(code="stammtisch"),
        title="Stammtisch",
        gliederung=person.gliederung,
        starts_at=now,
        ends_at=now + timedelta(hours=2),
        responsible=told,
    )
    Registration.objects.create(
        event=event, person=person, state="registered", created_at=now, entered_by=contact
    )
    CalendarFeed.objects.create(person=person, token_hash=uuid4().hex, made_on=today)
    Interest.objects.create(
        person=person, state="joined", created_at=now, link_until=now, responsible=told
    )
    AddressTrouble.objects.create(
        address=f"x{role}@example.org", recipient_key=person.pk, last_at=now
    )
    Hold.objects.create(person=person, reason="Streit", set_on=today)
    Look.objects.create(viewer=contact, person=person, day=today, is_close=True)
    stop = LookStop.objects.create(viewer=person, day=today, stopped_at=now, most=200)
    LookRelease.objects.create(stop=stop, from_most=200, reason="Versand", made_at=now)
    ExportRun.objects.create(
        made_by=person.pk, code="aemter", purpose="Rundruf", count=3, made_at=now, delete_on=today
    )
    MailChoice.objects.create(recipient_key=person.pk, kind="members.pulse", way="letter")
    OutgoingMail.objects.create(
        kind="members.welcome",
        recipient_key=person.pk,
        address=person.email,
        dedupe_key=uuid4().hex,
        message_id=uuid4().hex,
        state="sent",
        created_at=now,
        not_before=now,
        sent_at=now - timedelta(days=1),
    )


def rows_about(person) -> Iterator[tuple[str, list[Any]]]:
    """Every personal model with its rows, found by the registry's path alone."""
    for label in sorted(personal() - ELSEWHERE):
        found = apps.get_model(label)._default_manager.filter(**{rules()[label].subject: person.pk})
        yield label, list(found)


def plant(person, letter: str) -> list[Planted]:
    """Write something unmistakable into every text column of every row."""
    numbers, planted = itertools.count(1), []
    for label, rows in rows_about(person):
        for row in rows:
            values = {}
            for name, kind in rules()[label].fields.items():
                value = _canary(row._meta.get_field(name), f"Q{letter}{next(numbers):04d}z")
                if value is not None and name not in CODES:
                    values[name] = value[1]
                    planted.append(Planted(label, name, kind, value[0]))
            if values:
                type(row)._base_manager.filter(pk=row.pk).update(**values)
    return planted


TEXTS: tuple[type[models.Field], ...] = (models.CharField, models.TextField)


def _canary(field: Any, text: str) -> tuple[str, Any] | None:
    if field.primary_key or field.choices:
        return None
    if isinstance(field, models.EmailField):
        return text.lower(), f"{text.lower()}@example.org"
    if isinstance(field, TEXTS):
        return text, text
    if isinstance(field, models.JSONField):
        return text, {"x": text}
    if isinstance(field, ArrayField) and not field.base_field.choices:
        return text, [text]
    return None
