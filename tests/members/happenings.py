"""Everything that can happen to one newcomer, one function each."""

import uuid
from datetime import timedelta

from django.utils import timezone

from members.models import (
    Assignment,
    Contact,
    Invitation,
    Membership,
    MilestoneTemplate,
    Onboarding,
    Parteibuch,
    PhoneAnswer,
    Pulse,
    Transfer,
    Wave,
)
from members.services.reference import INTEREST, MESSENGER
from portal.common import clock, consents
from portal.common.models import Consent, OutgoingMail


def days_ago(days):
    return clock.now() - timedelta(days=days)


def day(days):
    return timezone.localdate(days_ago(days))


def talk(onboarding, by, days=5, **values):
    values = {"kind": "call", "result": "reached"} | values
    return Contact.objects.create(
        onboarding=onboarding,
        made_by=by,
        made_on=day(days),
        created_at=days_ago(days),
        submit_token=uuid.uuid4(),
        **values,
    )


def mail(person, kind="members.welcome", **values):
    now = days_ago(4)
    values = {"state": "sent", "sent_at": now, "channel": "mail"} | values
    return OutgoingMail.objects.create(
        kind=kind,
        recipient_key=person.pk,
        address="x@example.org",
        dedupe_key=uuid.uuid4().hex,
        message_id=uuid.uuid4().hex,
        created_at=now,
        not_before=now,
        **values,
    )


def wave(person, by):
    template = MilestoneTemplate.objects.first()
    return Wave.objects.create(
        name="Herbst",
        gliederung=person.gliederung,
        template=template,
        way="call",
        months_without_contact=12,
        created_by=by,
        created_at=days_ago(1),
    )


def pulse(onboarding, number=1, told=False):
    return Pulse.objects.create(
        onboarding=onboarding,
        number=number,
        asked_on=day(3),
        answer="eher-nein",
        answered_at=days_ago(2),
        may_be_told=told,
    )


def applied(world, person, onboarding):
    Membership.objects.filter(person=person).update(applied_on=day(30))


def left(world, person, onboarding):
    Membership.objects.filter(person=person).update(left_on=day(1), left_reason="moved")


def died(world, person, onboarding):
    Membership.objects.filter(person=person).update(left_on=day(1), left_reason="death")


def will_leave(world, person, onboarding):
    Membership.objects.filter(person=person).update(left_on=day(-1), left_reason="moved")


def won_back(world, person, onboarding):
    by = world.person("staff")
    Membership.objects.filter(person=person).update(win_back_on=day(1), win_back_by=by)


def asked(world, person, onboarding):
    Onboarding.objects.filter(pk=onboarding.pk).update(asked_for_call_at=days_ago(1))


def invited(world, person, onboarding):
    found = wave(person, world.person("staff"))
    Onboarding.objects.filter(pk=onboarding.pk).update(wave=found)


def invited_by_mistake(world, person, onboarding):
    invited(world, person, onboarding)
    Wave.objects.update(undone_at=clock.now())


def spoken(world, person, onboarding):
    talk(onboarding, world.person("ansprechperson"), note="Mag Musik.", partner="Frau Muster")


def tried(world, person, onboarding):
    talk(onboarding, world.person("ansprechperson"), kind="messenger", result="not_reached")


def kept(world, person, onboarding):
    milestone = onboarding.milestones.get(code="parteibuch")
    onboarding.milestones.filter(pk=milestone.pk).update(state="done", done_on=day(1))
    Parteibuch.objects.create(
        milestone=milestone,
        ordered_on=day(9),
        received_on=day(8),
        received_by=world.person("vorsitz"),
        given_by=world.person("deputy"),
    )


def given_up(world, person, onboarding):
    last = talk(onboarding, world.person("deputy"), result="not_reached")
    onboarding.milestones.filter(position=1).update(state="unreached", closed_by=last)


def handed_on(world, person, onboarding):
    Assignment.objects.create(
        onboarding=onboarding,
        giver=world.person("ansprechperson"),
        taker=world.person("deputy"),
        made_by=world.person("ansprechperson"),
        made_at=days_ago(3),
        undone_at=days_ago(2),
    )


def moved(world, person, onboarding):
    Transfer.objects.create(
        person=person,
        from_gliederung=person.gliederung,
        to_gliederung=world.gliederung("Uetze"),
        state="done",
        started_by=world.person("staff"),
        started_at=days_ago(9),
        ended_at=days_ago(8),
    )


def mailed(world, person, onboarding):
    mail(person)
    mail(person, channel="letter")


def not_mailed(world, person, onboarding):
    mail(person, kind="account.login_code")
    mail(person, state="dropped", sent_at=None)
    mail(world.person("other_newcomer"))


def phoned(world, person, onboarding):
    PhoneAnswer.objects.create(
        person=person, code="mentor", entered_by=world.person("deputy"), entered_at=days_ago(2)
    )


def allowed(world, person, onboarding):
    consents.give(person.pk, MESSENGER, "de", Consent.Channel.PHONE, world.person("deputy").pk)
    consents.withdraw(person.pk, MESSENGER, person.pk)


def agreed_to_more(world, person, onboarding):
    consents.give(person.pk, INTEREST, "de", Consent.Channel.PAPER, person.pk)


def got_in(world, person, onboarding):
    Invitation.objects.create(
        person=person, created_at=days_ago(9), expires_at=days_ago(-20), accepted_at=days_ago(8)
    )


def not_arrived(world, person, onboarding):
    pulse(onboarding, told=False)


def not_arrived_and_said_so(world, person, onboarding):
    pulse(onboarding, told=True)
