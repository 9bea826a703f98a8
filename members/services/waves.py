"""Waves: invite members whom nobody has spoken with for long, some at a time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction

from members.models import (
    Gliederung,
    Milestone,
    MilestoneTemplate,
    Onboarding,
    Person,
    User,
    Wave,
    WaveReply,
)
from members.queries import waves as query
from members.services import answers
from members.services import onboarding as onboarding_service
from members.services.people import lock_people
from portal.common import audit, clock
from portal.common.errors import DomainError
from portal.common.outbox import services as outbox
from portal.common.outbox.models import MailChoice, OutgoingMail

TEMPLATE = "wieder-anschluss"
RECONNECT = query.RECONNECT
# More messages than this need a second yes (R4).
MANY_MESSAGES = 100
TAKEN_BACK = "Welle zurückgenommen"
# A „lieber nicht“ is forgotten; that no further invitation comes is the person's own wish (R7).
Answer = WaveReply.Answer
OPEN = "offen"


class WaveChanged(DomainError):
    """Between preview and confirmation it became other people."""


@dataclass(frozen=True, slots=True)
class Order:
    """What was chosen in the form, and what its preview showed."""

    token: UUID
    name: str
    gliederung: Gliederung
    months: int
    size: int
    way: str
    meeting_at: datetime | None
    meeting_place: str
    digest: str


@transaction.atomic
def start(order: Order, user: User) -> Wave:
    """Invite exactly the people the preview showed; a second confirmation starts nothing."""
    lock_people()
    earlier = Wave.objects.filter(pk=order.token).first()
    if earlier:
        return earlier
    found = query.without_contact(user, order.months, order.gliederung)
    people = query.next_ones(found, order.size)
    if not people:
        raise WaveChanged("Zurzeit gibt es hier niemanden, den wir einladen können.")
    if query.preview(people).digest != order.digest:
        raise WaveChanged(
            "Inzwischen hat sich etwas geändert, vielleicht hat jemand anderes eine Welle "
            "gestartet. Bitte sieh dir die Vorschau noch einmal an."
        )
    wave = _create(order, user)
    started = _start_clock(people, wave)
    _invite(started)
    audit.record("wave.started", user.person_id, wave, count=len(started))
    return wave


def _create(order: Order, user: User) -> Wave:
    return Wave.objects.create(
        id=order.token,
        name=order.name,
        gliederung=order.gliederung,
        template=MilestoneTemplate.objects.get(code=TEMPLATE),
        way=order.way,
        months_without_contact=order.months,
        meeting_at=order.meeting_at,
        meeting_place=order.meeting_place,
        created_by_id=user.person_id,
        created_at=clock.now(),
    )


def _start_clock(people: Iterable[Person], wave: Wave) -> list[Onboarding]:
    today = clock.today()
    arrivals = [onboarding_service.Arrival(person, today) for person in people]
    started = onboarding_service.start_many(arrivals, TEMPLATE)
    # A mentor is for newcomers first; who wants one can still say so.
    Onboarding.objects.filter(pk__in=[one.pk for one in started]).update(
        wave=wave, wants_mentor=False
    )
    return started


def _invite(onboardings: Iterable[Onboarding]) -> None:
    not_before = clock.now() + timedelta(minutes=settings.WELCOME_HOLD_MINUTES)
    mail, letter = OutgoingMail.Channel.MAIL, OutgoingMail.Channel.LETTER
    outbox.queue(
        *(
            outbox.Draft(
                kind=RECONNECT,
                recipient_key=onboarding.person_id,
                address=onboarding.person.email,
                dedupe_key=f"{RECONNECT}:{onboarding.pk}",
                ids={"onboarding": str(onboarding.pk)},
                channel=mail if onboarding.person.email else letter,
                not_before=not_before,
            )
            for onboarding in onboardings
        )
    )


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What became of „zurücknehmen“."""

    people: int
    stay: int


@transaction.atomic
def undo(wave: Wave, by: Person) -> TakenBack:
    """Take back whoever has noticed nothing; who was written to or called stays.

    Their onboarding is deleted, not closed: an invitation nobody saw leaves no trace, and the
    next wave may ask them.
    """
    lock_people()
    # Not against foreign keys: whoever logs a talk looks at the wave while holding their row.
    wave = Wave.objects.select_for_update(no_key=True).get(pk=wave.pk)
    # The rows are locked before anybody is judged: the worker cannot take one meanwhile.
    waiting = OutgoingMail.objects.select_for_update().filter(
        kind=RECONNECT,
        recipient_key__in=wave.onboardings.values("person"),
        state=OutgoingMail.State.QUEUED,
    )
    mails = {mail.recipient_key: mail.pk for mail in waiting}
    # Whoever logs a talk or answers holds this row: only after it is ours, we see what they did.
    list(wave.onboardings.select_for_update(of=("self",)).order_by("pk"))
    unseen = list(query.untouched(wave).order_by("pk"))
    pks = [mails[one.person_id] for one in unseen if one.person_id in mails]
    OutgoingMail.objects.filter(pk__in=pks).update(
        state=OutgoingMail.State.DROPPED, reason=TAKEN_BACK
    )
    Onboarding.objects.filter(pk__in=[one.pk for one in unseen]).delete()
    wave.undone_at = wave.undone_at or clock.now()
    wave.save(update_fields=["undone_at"])
    audit.record("wave.undone", by.pk, wave, ["undone_at"], count=len(unseen))
    return TakenBack(len(unseen), wave.onboardings.count())


# --- What people answer -----------------------------------------------------------------------


@transaction.atomic
def reply(onboarding: Onboarding, answer: str) -> None:
    """Store what somebody invited by a wave wants; „lieber nicht“ ends it, without any question."""
    onboarding = (
        Onboarding.objects.select_for_update(of=("self",))
        .select_related("person", "wave")
        .get(pk=onboarding.pk)
    )
    if onboarding.wave is None or onboarding.state != Onboarding.State.RUNNING:
        raise DomainError("Hier ist nichts mehr offen.")
    if answer == Answer.COMES and not query.can_meet(onboarding.wave, clock.now()):
        raise DomainError("Das Treffen ist schon vorbei oder es gibt keins.")
    WaveReply.objects.update_or_create(
        onboarding=onboarding, defaults={"answer": answer, "answered_at": clock.now()}
    )
    if answer == Answer.NO:
        _end(onboarding)
    audit.record("wave.answered", onboarding.person_id, onboarding, ["reply"])


def _end(onboarding: Onboarding) -> None:
    """The membership goes on as before; only invitations of this kind come no more."""
    onboarding.milestones.open().update(state=Milestone.State.VOID)
    onboarding.state, onboarding.next_due_on = Onboarding.State.CLOSED, None
    onboarding.asked_for_call_at = onboarding.follow_up_on = None
    onboarding.save(update_fields=["state", "next_due_on", "asked_for_call_at", "follow_up_on"])
    MailChoice.objects.update_or_create(
        recipient_key=onboarding.person_id,
        kind=RECONNECT,
        defaults={"way": MailChoice.Way.NONE},
    )


def _open_for(person: Person) -> Onboarding | None:
    found = Onboarding.objects.running().filter(person=person, wave__isnull=False)
    return found.select_related("reply").first()


def _said(person: Person) -> str | None:
    onboarding = _open_for(person)
    if onboarding is None:
        return None
    return onboarding.reply.answer if hasattr(onboarding, "reply") else OPEN


def _set_reply(person: Person, value: str, by: Person) -> None:
    onboarding = _open_for(person)
    if onboarding and value != OPEN:
        reply(onboarding, value)


answers.register(
    answers.Answer(
        "reconnect",
        "Antwort auf die Einladung",
        lambda: [(OPEN, "noch offen"), *Answer.choices],
        _said,
        _set_reply,
        links=("reconnect-call", "reconnect-meeting", "reconnect-no"),
    )
)
