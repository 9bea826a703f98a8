"""What staff find in the demo: letters that wait, a mail that failed, an address that rests."""

from django.utils import timezone

from members.models import Membership, Onboarding, Person
from members.services import welcome
from portal.common import clock
from portal.common.models import OutgoingMail
from portal.common.outbox import addresses, desk
from portal.dashboards.demo import file

STREETS = ("Lange Straße 12", "Am Deister 3", "Gartenweg 7", "")
State = OutgoingMail.State


def build(staff: Person) -> None:
    """Newcomers without an address wait for their letter; two messages have gone wrong."""
    without = [
        onboarding
        for onboarding in Onboarding.objects.running().select_related("person")
        if not onboarding.person.email
    ]
    for index, onboarding in enumerate(without):
        onboarding.person.street = STREETS[index % len(STREETS)]
        onboarding.person.save(update_fields=["street"])
    welcome.queue_welcomes(without)
    letters = OutgoingMail.objects.filter(
        recipient_key__in=[onboarding.person_id for onboarding in without],
        channel=OutgoingMail.Channel.LETTER,
        state=State.QUEUED,
    )
    letters.update(not_before=clock.now())
    already = list(letters.order_by("id").values_list("pk", flat=True)[:2])
    if already:
        desk.print_letters(already, staff.pk)
        desk.tick(already[:1], timezone.localdate(), staff.pk)
    _trouble()


def _trouble() -> None:
    """One mail came back, and from another address mail came back twice."""
    showcase = Membership.objects.get(number=str(file.FIRST_NUMBER + 1)).person
    waiting = (
        OutgoingMail.objects.filter(channel=OutgoingMail.Channel.MAIL, state=State.QUEUED)
        .exclude(recipient_key=showcase.pk)
        .order_by("id")
    )
    for mail, bounces in zip(waiting[:2], (1, 2), strict=False):
        mail.state, mail.bounced_at = State.FAILED, clock.now()
        mail.reason = "kam zurück: Die Adresse gibt es nicht (5.1.1)"
        mail.save(update_fields=["state", "bounced_at", "reason"])
        for _ in range(bounces):
            addresses.count_hard_bounce(mail)
