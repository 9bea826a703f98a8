"""What staff find in the demo: letters that wait, a mail that failed, an address that rests."""

from django.db.models import Q

from members.models import Membership, Onboarding, Person
from members.queries import post as query
from portal.common import clock
from portal.common.models import OutgoingMail
from portal.common.outbox import addresses, desk
from portal.common.outbox import services as outbox
from portal.dashboards.demo import file

STREETS = ("Lange Straße 12", "Am Deister 3", "Gartenweg 7", "")
State = OutgoingMail.State


def build(staff: Person) -> None:
    """Newcomers without an address wait for their letter; two messages have gone wrong."""
    people = _without_internet()
    for index, onboarding in enumerate(people):
        person = onboarding.person
        person.email, person.street = "", STREETS[index % len(STREETS)]
        person.save(update_fields=["email", "street"])
        outbox.readdress(person.pk, "")
    theirs = query.letters(recipient_key__in=[onboarding.person_id for onboarding in people])
    theirs.update(not_before=clock.now())
    printed = desk.print_letters([letter.pk for letter in theirs[:3]], staff.pk)
    in_batch = OutgoingMail.objects.filter(batch=printed.batch).order_by("id")
    desk.tick([in_batch.values_list("pk", flat=True)[0]], clock.today(), staff.pk)
    _trouble()


def _without_internet() -> list[Onboarding]:
    """Some who are still arriving, none of them with a role of the demo."""
    roles = Q(person__memberships__number=str(file.FIRST_NUMBER + 1))
    running = Onboarding.objects.running().exclude(roles).select_related("person")
    return list(running.order_by("started_on", "person__sort_name")[:9])


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
