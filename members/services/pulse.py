"""„Bist du angekommen?“: ask, answer, tell only with a yes, forget."""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.urls import reverse

from members.models import Onboarding, Person, Pulse, PulseTally
from members.pulse_words import pulse_words
from members.queries import pulse as query
from members.queries.pulse import PULSE
from members.services import answers
from members.services import onboarding as onboarding_service
from portal.common import clock
from portal.common.errors import DomainError
from portal.common.locks import lock_for_transaction
from portal.common.outbox import services as outbox

CHUNK = 1000
SALT = "pulse"
NOT_ASKED = "nicht-gefragt"
# Nobody needs to remember what somebody answered for longer (R7).
FORGOTTEN_AFTER = timedelta(days=30)
TOO_LATE = "Diese Frage ist nicht mehr offen. Wenn dir etwas fehlt, ruf uns gern an."


@transaction.atomic
def ask_all() -> int:
    """Ask everybody whose moment has come, once, however often and by how many this is called."""
    return sum(_ask(number) for number in (query.FIRST, query.SECOND))


def _ask(number: int) -> int:
    asked, last = 0, None
    while True:
        due = query.due(number, clock.today()).order_by("pk").select_related("person")
        found = list((due.filter(pk__gt=last) if last else due)[:CHUNK])
        if not found:
            return asked
        # Somebody else may have asked meanwhile: their row holds, and their mail.
        Pulse.objects.bulk_create(
            [Pulse(onboarding=one, number=number, asked_on=clock.today()) for one in found],
            ignore_conflicts=True,
        )
        outbox.queue(*_drafts(found, number))
        asked, last = asked + len(found), found[-1].pk


def _drafts(onboardings: list[Onboarding], number: int) -> list[outbox.Draft]:
    """No letter: who reads no mail is asked on the phone by their Ansprechperson."""
    return [
        outbox.Draft(
            kind=PULSE,
            recipient_key=one.person_id,
            address=one.person.email,
            dedupe_key=f"{PULSE}:{one.pk}:{number}",
            ids={"onboarding": str(one.pk), "number": str(number)},
            expires_at=clock.now() + query.STILL_NEW,
        )
        for one in onboardings
        if one.person.email
    ]


def link(onboarding: UUID, number: int, value: str = "") -> str:
    """Return the address on which this question is answered without login."""
    token = signing.dumps([str(onboarding), number, value], salt=SALT, compress=False)
    return settings.BASE_URL + reverse("members:pulse", args=[token])


def read_link(token: str) -> tuple[Pulse | None, str]:
    """Return the question behind a link and the answer it suggests; raises BadSignature."""
    onboarding, number, value = signing.loads(token, salt=SALT)
    found = Pulse.objects.select_related("onboarding__person")
    return found.filter(onboarding=onboarding, number=number).first(), value


@transaction.atomic
def answer(pulse: UUID, value: str) -> Pulse:
    """Store an answer, or change it; a changed one asks anew whether it may be told."""
    found = _locked(pulse)
    if found.answer == value:
        return found
    found.answer = value
    found.answered_at = found.answered_at or clock.now()
    found.may_be_told = False
    found.save(update_fields=["answer", "answered_at", "may_be_told"])
    onboarding_service.settle(found.onboarding)
    return found


@transaction.atomic
def tell(pulse: UUID, *, may: bool) -> Pulse:
    """The newcomer says whether the Ansprechperson may know; a yes can be taken back."""
    found = _locked(pulse)
    if found.answer not in query.NEGATIVE:
        raise DomainError("Dazu gibt es gerade nichts zu sagen.")
    found.may_be_told = may
    found.save(update_fields=["may_be_told"])
    if may:
        _runs_again(found.onboarding)
    else:
        onboarding_service.settle(found.onboarding)
    return found


def _runs_again(onboarding: Onboarding) -> None:
    """Everything promised is done, but there is one more call to make; the talk ends it again."""
    others = Onboarding.objects.running().filter(person=onboarding.person_id)
    if onboarding.state == Onboarding.State.FINISHED and not others.exists():
        onboarding.state = Onboarding.State.RUNNING
        onboarding.save(update_fields=["state"])


def _locked(pulse: UUID) -> Pulse:
    rows = Pulse.objects.select_for_update(of=("self", "onboarding"))
    found = rows.select_related("onboarding").filter(pk=pulse).first()
    if found is None or not query.is_open(found):
        raise DomainError(TOO_LATE)
    return found


@transaction.atomic
def answered_by_phone(person: Person, value: str, by: Person) -> None:
    """Whoever says it to the Ansprechperson has said it to them; it is kept like any answer."""
    pulse = open_of(person)
    if pulse is None:
        raise DomainError(TOO_LATE)
    answer(pulse.pk, value)
    if value in query.NEGATIVE:
        tell(pulse.pk, may=True)


def open_of(person: Person) -> Pulse | None:
    """Return the question this person can answer today."""
    arriving = query.askable().filter(person=person)
    pulse = query.newest(arriving.values_list("pk", flat=True))
    return pulse if pulse and query.is_open(pulse) else None


def own(onboarding: Onboarding) -> dict[str, object]:
    """What *Mein Start* shows: the open question, its words and its address, without a query."""
    found = query.open_for(onboarding)
    if found is None:
        return {}
    words = pulse_words(onboarding.person.language)
    return {
        "pulse": found,
        "pulse_words": words,
        "pulse_said": words.answers.get(found.answer, ""),
        "pulse_url": link(onboarding.pk, found.number),
    }


def is_asked_by_phone(person: Person) -> bool:
    """Is it the Ansprechperson who asks, at the next talk? Only where no mail can."""
    if person.email:
        return False
    pulse = open_of(person)
    return pulse is not None and pulse.answer == ""


@transaction.atomic
def forget() -> int:
    """Count answers older than 30 days without their person; a call that was wished for waits.

    The count becomes visible only when at least six of each kind have come together, so that
    neither a number nor the difference of two numbers is about fewer than six people.
    """
    lock_for_transaction(PULSE)
    old = Pulse.objects.exclude(answer="").filter(
        ~query.waits_for_talk(), answered_at__lt=clock.now() - FORGOTTEN_AFTER
    )
    forgotten = list(old.select_for_update(of=("self",)))
    if not forgotten:
        return 0
    tally, _ = PulseTally.objects.get_or_create(published_on=None)
    not_yet = sum(1 for pulse in forgotten if pulse.answer in query.NEGATIVE)
    tally.arrived += len(forgotten) - not_yet
    tally.not_yet += not_yet
    if min(tally.arrived, tally.not_yet) >= query.FEWEST:
        tally.published_on = clock.today()
    tally.save(update_fields=["arrived", "not_yet", "published_on"])
    Pulse.objects.filter(pk__in=[pulse.pk for pulse in forgotten]).update(
        answer="", answered_at=None, may_be_told=False
    )
    return len(forgotten)


answers.register(
    answers.Answer(
        "pulse",
        "Bist du angekommen?",
        lambda: [(NOT_ASKED, "Nicht gefragt"), *Pulse.Answer.choices],
        # What was answered before is not shown: whoever enters this need not know it.
        lambda person: NOT_ASKED if open_of(person) else None,
        answered_by_phone,
        read_out=lambda _person: (
            "Wenn du „eher nein“ oder „nein“ sagst, erfährt es deine Ansprechperson. "
            "Du musst nicht antworten."
        ),
        pages=("members:pulse",),
    )
)
