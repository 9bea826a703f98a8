"""„Ich will mitmachen“: a form, one mail, a confirmation, and only then a Person (T18, T19)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.crypto import salted_hmac

from members.imports.places import Places
from members.imports.rules import Row
from members.models import (
    Card,
    Interest,
    InterestMark,
    Membership,
    Person,
    Topic,
)
from members.models.retention import held_people
from members.queries.nothing_else import is_nothing_else
from members.queries.responsible import ResponsiblePeople
from members.services import (
    erasure,
    interest_contacts,
    invitations,
    organisation,
    signing_in,
)
from members.services.people import lock_people
from members.services.reference import INTEREST
from portal.common import audit, clock, consents
from portal.common.errors import DomainError
from portal.common.locks import lock_for_transaction
from portal.common.models import Consent
from portal.common.outbox import services as outbox

CONFIRM = "members.interest_confirm"
LINK_LIVES = timedelta(hours=72)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
MOST_MAILS = 3
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
State, Doubt = Interest.State, Interest.Doubt
_signer = signing.Signer(salt="interest")


@dataclass(frozen=True, slots=True)
class Asked:
    """One form as it was sent; `doubt` says why it looks like a machine's."""

    given_name: str
    family_name: str
    email: str
    phone: str
    plz: str
    language: str
    topics: Iterable[Topic] = field(default=())
    card: str = ""
    tell_inviter: bool = False
    doubt: str = Doubt.NONE


# --- From the form to the mail: the same work for every address (T4) -------------------------


@transaction.atomic
def ask(asked: Asked) -> None:
    """Keep the form and write one mail, or none; nobody outside can tell which."""
    # One after the other: otherwise a flood would race past the cap.
    lock_for_transaction("members.interest")
    counter = _Counter(asked.email)
    member = _member_with(asked.email)
    inviter = Card.objects.filter(code=asked.card).values_list("person", flat=True).first()
    doubt = asked.doubt or (Doubt.MANY if counter.house_is_full else Doubt.NONE)
    now = clock.now()
    interest = Interest.objects.create(
        state=State.HELD if doubt else State.NEW,
        doubt=doubt,
        given_name=asked.given_name,
        family_name=asked.family_name,
        email=asked.email.strip(),
        phone=asked.phone,
        plz=asked.plz,
        language=asked.language,
        invited_by_id=inviter,
        tell_inviter=asked.tell_inviter,
        created_at=now,
        link_until=now + LINK_LIVES,
    )
    interest.topics.add(*asked.topics)
    _write(interest, member, counter.take(wanted=not doubt))


def _write(interest: Interest, member: Person | None, allowed: bool) -> None:
    """Queue exactly one row: the link, what helps a member, or one for nobody."""
    if member and allowed:
        invitations.send_to(member, interest.email)
    elif allowed:
        outbox.queue(
            outbox.Draft(
                kind=CONFIRM,
                recipient_key=interest.pk,
                address=interest.email,
                dedupe_key=f"{CONFIRM}:{uuid4()}",
                ids={"interest": str(interest.pk)},
                expires_at=interest.link_until,
            )
        )
    else:
        outbox.queue(signing_in.draft_for_nobody(f"{interest.email} {interest.pk}"))


class _Counter:
    """Who was written to how often, known by a keyed hash only."""

    def __init__(self, email: str) -> None:
        local, _, domain = email.strip().lower().rpartition("@")
        # Everything after a plus lands in the same mailbox.
        subject = f"{local.partition('+')[0]}@{domain}"
        marks = [
            salted_hmac("interest", subject, secret, algorithm="sha256").hexdigest()
            for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
        ]
        new = InterestMark(mark=marks[0], last_at=LONG_AGO)
        InterestMark.objects.bulk_create([new], ignore_conflicts=True)
        self._rows = list(InterestMark.objects.filter(mark__in=marks).order_by("last_at"))
        lately = InterestMark.objects.filter(last_at__gt=clock.now() - HOUR).count()
        self.house_is_full = lately >= settings.INTEREST_MAILS_PER_HOUR

    @property
    def is_free(self) -> bool:
        rested = all(row.last_at <= clock.now() - DAY for row in self._rows)
        return rested and sum(row.mails for row in self._rows) < MOST_MAILS

    def take(self, *, wanted: bool) -> bool:
        """Count one mail if it is wanted and may leave; the row is written in any case."""
        allowed = wanted and self.is_free and not self.house_is_full
        row = self._rows[-1]
        if allowed:
            row.mails, row.last_at = row.mails + 1, clock.now()
        row.save(update_fields=["mails", "last_at"])
        return allowed


def _member_with(email: str) -> Person | None:
    """A member gets what helps a member, not a second Person."""
    current = Membership.objects.filter(has_ended=False)
    found = Person.objects.filter(email__iexact=email.strip(), memberships__in=current)
    return found.select_related("user").order_by("sort_name", "pk").first()


class Gone(DomainError):
    """Erased in the meantime, by the other tap or by the night."""


def _locked(interest: Interest) -> Interest:
    found = Interest.objects.select_for_update(of=("self",)).filter(pk=interest.pk).first()
    if found is None:
        raise Gone("Hier ist nichts mehr da: Alles ist schon gelöscht.")
    return found


# --- The link -------------------------------------------------------------------------------


def url(interest: Interest) -> str:
    """The address of the page that confirms, and later deletes; the row knows until when."""
    path = reverse("members:interest_confirm", args=[_signer.sign(interest.pk.hex)])
    return settings.BASE_URL + path


def find(token: str) -> Interest | None:
    """Return the form behind a link as long as there is something left of it."""
    try:
        pk = UUID(hex=_signer.unsign(token))
    except (signing.BadSignature, ValueError):
        return None
    usable = [State.NEW, State.CONFIRMED, State.JOINED, State.CLOSED]
    return Interest.objects.filter(pk=pk, state__in=usable).first()


@transaction.atomic
def confirm(interest: Interest) -> Interest:
    """The address is theirs: now there is a Person, a consent, and somebody who calls."""
    # Nobody lands in a Gliederung that is being merged away; and one address that has sent
    # several forms is not confirmed from two of them at once.
    organisation.lock()
    interest = _locked(interest)
    if interest.state != State.NEW or interest.link_is_over:
        return interest
    interest.confirmed_at = clock.now()
    known = _known(interest)
    if known:
        interest.state, interest.person, interest.closed_on = State.CLOSED, known, clock.today()
        interest.save()
        return interest
    person = _new_person(interest)
    interest.state, interest.person = State.CONFIRMED, person
    interest.responsible_id = interest_contacts.responsible_for(person, ResponsiblePeople())
    interest.save()
    consents.give(person.pk, INTEREST, interest.language, Consent.Channel.ONLINE, person.pk)
    audit.record("interest.confirmed", person.pk, interest)
    return interest


def _known(interest: Interest) -> Person | None:
    """A member since, or confirmed from another form: nobody becomes two people."""
    member = Q(memberships__has_ended=False)
    waiting = Q(interests__state=State.CONFIRMED)
    found = Person.objects.filter(member | waiting, email__iexact=interest.email)
    return found.order_by("pk").first()


def _new_person(interest: Interest) -> Person:
    place = Places().place(Row(0, {"plz": interest.plz}))
    person = Person.objects.create(
        given_name=interest.given_name,
        family_name=interest.family_name,
        email=interest.email,
        phone=interest.phone,
        plz=interest.plz,
        language=interest.language,
        preferred_channel=Person.Channel.PHONE if interest.phone else Person.Channel.EMAIL,
        gliederung_id=place.gliederung,
        kommune_id=place.kommune,
        open_question=place.question,
    )
    person.topics.set(interest.topics.all())
    return person


@transaction.atomic
def ask_again(interest: Interest) -> None:
    """Answer „Neuen Link schicken“ of an old link; the same limits hold."""
    lock_for_transaction("members.interest")
    interest = _locked(interest)
    counter = _Counter(interest.email)
    wanted = interest.state == State.NEW and interest.link_is_over
    allowed = counter.take(wanted=wanted)
    if allowed:
        interest.link_until = clock.now() + LINK_LIVES
    interest.save(update_fields=["link_until"])
    _write(interest, None, allowed)


@transaction.atomic
def erase(interest: Interest, by: UUID | None) -> bool:
    """„Doch nicht“: everything goes, the person too as long as they are nothing else here.

    Of somebody whose data are held only the consent ends, and nobody calls any more: then False.
    """
    lock_people()
    interest = _locked(interest)
    person = interest.person
    if interest.state == State.JOINED:
        raise DomainError(
            "Der Antrag auf Mitgliedschaft ist schon eingetragen. Bitte rufen Sie uns an."
        )
    if person:
        consents.withdraw(person.pk, INTEREST, by or person.pk)
        if held_people().filter(person=person.pk).exists():
            interest.state = State.CLOSED
            interest.save(update_fields=["state"])
            audit.record("interest.closed", by, interest)
            return False
    audit.record("interest.erased", by, interest)
    nothing_else = Person.objects.filter(is_nothing_else(clock.today()))
    if person and interest.state == State.CONFIRMED and nothing_else.filter(pk=person.pk).exists():
        erasure.erase([person.pk], "interest.withdrawn")
    erasure.erase_forms([interest.pk])
    return True


# --- Who calls ------------------------------------------------------------------------------


@transaction.atomic
def log_talk(interest: Interest, *, reached: bool, by: Person) -> None:
    """One tap after the call; no note, there is nothing promised yet."""
    name = "talked_on" if reached else "tried_on"
    still = Interest.objects.filter(pk=interest.pk, state=State.CONFIRMED)
    if not still.update(**{name: clock.today()}):
        raise DomainError("Hier ist nichts mehr offen.")
    audit.record("interest.talked", by.pk, interest, [name])


def joined(people: Iterable[UUID]) -> None:
    """They have applied, or the export knows them: nobody has to win them any more."""
    Interest.objects.filter(person__in=list(people), state=State.CONFIRMED).update(
        state=State.JOINED
    )


# --- Looked at by a human -------------------------------------------------------------------


@transaction.atomic
def release(interest: Interest, by: Person) -> None:
    """It was a human: send the link, within the limits of this address."""
    lock_for_transaction("members.interest")
    interest = _locked(interest)
    if interest.state != State.HELD:
        raise DomainError("Diese Anfrage ist schon geprüft.")
    counter = _Counter(interest.email)
    if not counter.take(wanted=True):
        raise DomainError("An diese Adresse geht heute keine Mail mehr. Bitte später noch einmal.")
    interest.state, interest.link_until = State.NEW, clock.now() + LINK_LIVES
    interest.save(update_fields=["state", "link_until"])
    _write(interest, _member_with(interest.email), allowed=True)
    audit.record("interest.released", by.pk, interest)


@transaction.atomic
def discard(interests: Iterable[UUID], by: Person) -> int:
    """Throw away what a machine sent; nothing was mailed, nothing remains."""
    held = Interest.objects.filter(pk__in=list(interests), state=State.HELD)
    count = erasure.erase_forms(list(held.values_list("pk", flat=True)))
    audit.record("interest.discarded", by.pk, count=count)
    return count
