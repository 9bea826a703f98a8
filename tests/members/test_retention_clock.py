"""Each class of data disappears in its night, and not in the night before."""

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from dateutil.relativedelta import relativedelta
from django.utils import timezone

from members.models import (
    Absence,
    Amt,
    Assignment,
    Contact,
    Hold,
    Interest,
    Invitation,
    Look,
    LookStop,
    MatchingRun,
    MatchProposal,
    Meldung,
    Membership,
    MitmachOrt,
    Onboarding,
    OneTimeCode,
    PairRule,
    Parteibuch,
    Person,
    PhoneAnswer,
    Pulse,
    Reminder,
    RightsRequest,
    Session,
    TandemReport,
    Transfer,
    WaveReply,
)
from members.services import rights
from portal.common import clock, retention
from portal.common.models import (
    AddressTrouble,
    Consent,
    ConsentText,
    ExportRun,
    OutgoingMail,
    RetentionRun,
)
from tests.members.tandem_people import tandem
from tests.retention_help import registered, tonight
from tests.world import make_person, make_user


def months(number):
    return relativedelta(months=number)


def days(number):
    return timedelta(days=number)


def mail(**values):
    number = uuid4()
    return OutgoingMail.objects.create(
        **{
            "kind": "members.digest",
            "recipient_key": uuid4(),
            "address": "a@example.org",
            "dedupe_key": str(number),
            "message_id": f"<{number}>",
            "created_at": clock.now(),
            "not_before": clock.now(),
            "state": "sent",
            "sent_at": clock.now(),
            "body": "Hallo",
        }
        | values
    )


def form(state, person=None, **values):
    return Interest.objects.create(
        state=state,
        given_name="A",
        family_name="B",
        email="ab@example.org",
        plz="30989",
        person=person,
        created_at=clock.now(),
        link_until=clock.now() + timedelta(hours=72),
        **values,
    )


def leaves(world, reason="wish", joined=True, **values):
    person = make_person("Geht", world.gliederung("Gehrden"))
    today = clock.today()
    Membership.objects.create(
        person=person,
        joined_on=today - days(500) if joined else None,
        left_on=today,
        left_reason=reason,
        has_ended=True,
        first_seen_on=today,
    )


def arrived(world, state="finished", **values):
    Onboarding.objects.filter(pk=world.onboarding("newcomer").pk).update(
        started_on=clock.today(), state=state, **values
    )
    return world.onboarding("newcomer")


def noted(world, state="finished"):
    Contact.objects.create(
        onboarding=arrived(world, state),
        made_on=clock.today(),
        result="reached",
        note="Notiz",
        partner="Bekannt",
        created_at=clock.now(),
        submit_token=uuid4(),
    )


def wave_reply(world, answer):
    WaveReply.objects.create(
        onboarding=world.onboarding("newcomer"), answer=answer, answered_at=clock.now()
    )


def consent(world):
    text = ConsentText.objects.first()
    now = clock.now()
    Consent.objects.create(
        subject=uuid4(), text=text, channel="online", given_at=now, withdrawn_at=now
    )


def interested(world):
    person = make_person("Interessiert", world.gliederung("Gehrden"))
    form("confirmed", person, confirmed_at=clock.now() - days(20), talked_on=clock.today())


def code(world):
    user = world.user("member")
    OneTimeCode.objects.create(
        user=user,
        mark="x",
        made_by=world.person("staff"),
        told=world.person("vorsitz"),
        created_at=clock.now(),
        expires_at=clock.now(),
    )


def office(world):
    world.person("ex_officer").aemter.all().delete()  # ended a day before this one
    Amt.objects.create(
        person=world.person("member"),
        gliederung=world.gliederung("Springe"),
        kind="vorsitz",
        beginn=clock.today() - days(30),
        ende=clock.today(),
    )


def meldung(world):
    ort = MitmachOrt.objects.create(
        kind="treff",
        title="Treff",
        sentence="Wir treffen uns.",
        gliederung=world.gliederung("Gehrden"),
        confirmed_on=clock.today(),
    )
    now = clock.now()
    Meldung.objects.create(
        ort=ort, person=world.person("newcomer"), created_at=now - days(9), answered_at=now
    )


def transfer(world):
    Transfer.objects.create(
        person=world.person("newcomer"),
        from_gliederung=world.gliederung("Gehrden"),
        to_gliederung=world.gliederung("Uetze"),
        state="done",
        started_at=clock.now() - days(9),
        ended_at=clock.now(),
    )


def assignment(world):
    Assignment.objects.create(onboarding=arrived(world), made_at=clock.now())


def unused_login(world):
    user = make_user(make_person("Zugang"), second_factor=False)
    user.last_login = clock.now()
    user.save()


def request(person, **values):
    values = {"state": "done", "answered_on": clock.today()} | values
    return RightsRequest.objects.create(
        person=person, created_at=clock.now(), due_on=clock.today(), **values
    )


def asks_to_be_erased(world):
    """Staff said yes, and the answer is still on its way: then it waits two weeks."""
    leaves(world)
    one = request(Person.objects.get(family_name="Geht"), kind="erasure", state="accepted")
    mail(dedupe_key=f"{rights.ANSWERED}:{one.pk}", state="queued", sent_at=None)


def looked(world):
    viewer, person = world.person("vorsitz"), world.person("newcomer")
    Look.objects.create(viewer=viewer, person=person, day=clock.today())


def stopped(world):
    LookStop.objects.create(
        viewer=world.person("vorsitz"), day=clock.today(), stopped_at=clock.now(), most=200
    )


def took_out(world):
    ExportRun.objects.create(
        made_by=uuid4(), code="aemter", count=3, made_at=clock.now(), delete_on=clock.today()
    )


def proposed(world):
    MatchingRun.objects.update(state="done")
    run = MatchingRun.objects.create(created_at=clock.now(), state="done")
    MatchProposal.objects.create(
        run=run, onboarding=world.onboarding("newcomer"), reason_code="none", explanation="–"
    )


def handed_over(world, state="finished"):
    book = arrived(world, state).milestones.get(code="parteibuch")
    Parteibuch.objects.update_or_create(milestone=book, defaults={"occasion": "Fest"})


NOW = {
    "person.left": (leaves, days(90)),
    "person.asked": (asks_to_be_erased, days(15)),
    "person.refused": (lambda w: leaves(w, "refused", joined=False), months(3)),
    "person.interested": (interested, months(6)),
    "person.unknown": (lambda w: make_person("Niemand"), months(6)),
    "person.unused_login": (unused_login, months(6)),
    "hold.over": (
        lambda w: Hold.objects.create(
            person=w.person("member"), reason="x", set_on=clock.today(), lifted_at=clock.now()
        ),
        months(3),
    ),
    "interest.unconfirmed": (lambda w: form("new"), days(7)),
    "interest.held": (lambda w: form("held"), days(30)),
    "interest.closed": (lambda w: form("closed", closed_on=clock.today()), months(3)),
    "interest.joined": (
        lambda w: form("joined", w.person("member"), confirmed_at=clock.now()),
        months(6),
    ),
    "newcomer.notes": (noted, months(12)),
    "newcomer.notes_open": (lambda w: noted(w, "running"), months(24)),
    "newcomer.wishes": (lambda w: arrived(w, motives=["klima"]), months(12)),
    "newcomer.wishes_open": (lambda w: arrived(w, "running", motives=["x"]), months(24)),
    "newcomer.pulse": (
        lambda w: Pulse.objects.create(
            onboarding=w.onboarding("newcomer"), number=1, asked_on=clock.today()
        ),
        months(12),
    ),
    "wave.refused": (lambda w: wave_reply(w, "lieber-nicht"), days(30)),
    "wave.replies": (lambda w: wave_reply(w, "anruf"), months(12)),
    "office.ended": (office, months(24)),
    "absence": (
        lambda w: Absence.objects.create(
            person=w.person("vorsitz"), first_day=clock.today(), last_day=clock.today()
        ),
        months(3),
    ),
    "reminder": (
        lambda w: Reminder.objects.create(
            recipient=w.person("vorsitz"),
            key="x",
            first_told_on=clock.today(),
            told_on=clock.today(),
        ),
        months(12),
    ),
    "assignment": (assignment, months(12)),
    "transfer": (transfer, months(12)),
    "phone_answer": (
        lambda w: PhoneAnswer.objects.create(
            person=w.person("newcomer"), code="pulse", entered_at=clock.now()
        ),
        months(12),
    ),
    "meldung": (meldung, months(6)),
    "registration": (lambda w: registered(w, came=True), months(12)),
    "registration.guest": (
        lambda w: registered(w, person=None, guest_email="g@example.org"),
        days(14),
    ),
    "registration.words": (lambda w: registered(w, needs="Rampe"), days(7)),
    "registration.no": (lambda w: registered(w, state="cancelled"), days(30)),
    "invitation": (
        lambda w: Invitation.objects.create(
            person=w.person("member"), created_at=clock.now(), expires_at=clock.now()
        ),
        months(3),
    ),
    "one_time_code": (code, months(3)),
    "mail.body": (lambda w: mail(), days(14)),
    "mail.envelope": (lambda w: mail(body=""), days(90)),
    "mail.once": (lambda w: mail(kind="members.welcome", body=""), days(90)),
    "mail.nobody": (lambda w: mail(kind="account.nobody", body=""), days(1)),
    "mail.trouble": (
        lambda w: AddressTrouble.objects.create(
            address="x@example.org", recipient_key=uuid4(), last_at=clock.now()
        ),
        months(12),
    ),
    "consent.proof": (consent, months(36)),
    "person.minor": (
        lambda w: Person.objects.filter(pk=w.person("newcomer").pk).update(
            adult_on=clock.today() + days(5)
        ),
        days(5),
    ),
    "session": (
        lambda w: Session.objects.create(
            session_key="x", session_data="x", expire_date=clock.now() + days(14)
        ),
        days(14),
    ),
    "rights.answered": (lambda w: request(w.person("member"), kind="correction"), months(36)),
    "look": (looked, months(12)),
    "look.stopped": (stopped, months(12)),
    "export": (took_out, months(24)),
    "matching.proposals": (proposed, months(3)),
    "tandem.no": (lambda w: tandem(w, "ended", outcome="lapsed"), days(30)),
    "tandem": (lambda w: tandem(w, "ended"), months(12)),
    "tandem.blocked": (lambda w: tandem(w, "ended", outcome="blocked"), months(36)),
    "tandem.report": (
        lambda w: TandemReport.objects.create(
            tandem=tandem(w),
            reporter=w.person("newcomer"),
            created_at=clock.now(),
            closed_on=clock.today(),
        ),
        months(12),
    ),
    "pair_rule": (
        lambda w: PairRule.objects.create(
            newcomer=w.person("newcomer"),
            mentor=w.person("mentor"),
            kind="forbidden",
            made_at=clock.now(),
        ),
        months(12),
    ),
    "newcomer.parteibuch": (handed_over, months(12)),
    "newcomer.parteibuch_open": (lambda w: handed_over(w, "running"), months(24)),
    "retention.notes": (
        lambda w: RetentionRun.objects.create(rule="x", day=clock.today(), at=clock.now()),
        months(36),
    ),
}
# Shown by tests of the import.
ELSEWHERE = {"import.rows", "import.files", "import.changes"}


def test_every_rule_has_its_night():
    assert set(NOW) | ELSEWHERE == {rule.code for rule in retention.rules()}


@pytest.mark.parametrize("code", NOW)
def test_it_goes_in_its_night_and_not_in_the_night_before(world, code):
    make, period = NOW[code]
    make(world)
    # By the clock on the wall: in summer a moment of a winter's evening is on the next day.
    began = timezone.localtime(clock.now())
    # A month has no thirtieth of February: then it goes up to three days later, never earlier.
    due = began + period
    with time_machine.travel(due - days(1) - timedelta(minutes=1), tick=False):
        assert code not in tonight(code)
    with time_machine.travel(due + days(3), tick=False):
        assert tonight(code) == {code: 1}
        assert tonight(code) == {}
