"""One welcome per Mitgliedsnummer: by mail, or by letter where there is no address."""

from collections.abc import Collection, Iterable
from datetime import timedelta
from uuid import UUID

from django.conf import settings

from members.models import Membership, Onboarding, Person
from members.queries.letters import WELCOME as WELCOME
from members.services.onboarding import assign_fallback
from portal.common import clock
from portal.common.outbox import services as outbox
from portal.common.outbox.models import OutgoingMail

# Nobody waits longer for a decision about their Ortsverein; then the fallback person writes.
LONGEST_UNDECIDED = timedelta(days=3)


def queue_welcomes(onboardings: Iterable[Onboarding]) -> int:
    """Put the welcomes of these newcomers into the outbox; each gets at most one, ever.

    Once per Mitgliedsnummer, and once per person: somebody entered by hand gets a number later.
    """
    onboardings = _without_welcome(list(onboardings))
    numbers = dict(
        Membership.objects.filter(
            person__in=[o.person_id for o in onboardings], has_ended=False
        ).values_list("person_id", "number")
    )
    not_before = clock.now() + timedelta(minutes=settings.WELCOME_HOLD_MINUTES)
    drafts = [
        outbox.Draft(
            kind=WELCOME,
            recipient_key=onboarding.person_id,
            address=onboarding.person.email,
            dedupe_key=f"{WELCOME}:{numbers.get(onboarding.person_id) or onboarding.person_id}",
            ids={"onboarding": str(onboarding.pk)},
            channel=_channel(onboarding.person),
            not_before=not_before,
        )
        for onboarding in onboardings
    ]
    return outbox.queue(*drafts)


def _without_welcome(onboardings: list[Onboarding]) -> list[Onboarding]:
    people = [o.person_id for o in onboardings]
    rows = OutgoingMail.objects.filter(kind=WELCOME, recipient_key__in=people)
    welcomed = set(rows.values_list("recipient_key", flat=True))
    # Members invited by a wave are no newcomers, wherever they move.
    return [o for o in onboardings if o.person_id not in welcomed and o.wave_id is None]


def forget_unsent(people: Collection[UUID]) -> None:
    """Whoever was not written to may be welcomed later; whoever was is not, ever again.

    A row that the worker holds at this moment is skipped, it counts as sent; so does a letter that
    is printed, because it may lie in the post box.
    """
    waiting = OutgoingMail.objects.select_for_update(skip_locked=True).filter(
        kind=WELCOME,
        recipient_key__in=people,
        state__in=[OutgoingMail.State.QUEUED, OutgoingMail.State.FAILED],
        batch=None,
    )
    OutgoingMail.objects.filter(pk__in=list(waiting.values_list("pk", flat=True))).delete()


def again(person: Person) -> None:
    """A welcome that an exit stopped before it left is owed again, once that was a mistake."""
    stopped = OutgoingMail.objects.filter(
        kind=WELCOME, recipient_key=person.pk, state=OutgoingMail.State.DROPPED, batch=None
    )
    running = Onboarding.objects.running().filter(person=person).select_related("person")
    if running.exists() and stopped.delete()[0] and person.gliederung_id:
        queue_welcomes(running)


def _channel(person: Person) -> str:
    return OutgoingMail.Channel.MAIL if person.email else OutgoingMail.Channel.LETTER


def welcome_undecided() -> int:
    """After three days without a decision the district's fallback person welcomes (design §5)."""
    waiting = (
        Onboarding.objects.running()
        .filter(
            person__gliederung__isnull=True,
            arrived_on__lte=clock.today() - LONGEST_UNDECIDED,
            responsible__isnull=True,
        )
        .select_related("person")
    )
    onboardings = list(waiting)
    assign_fallback(onboardings)
    return queue_welcomes(onboardings)
