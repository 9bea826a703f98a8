"""`python -m tests.production.drill_world build PEOPLE | erase`: what the drill's app does.

Prints JSON. Whoever is to be erased has a canary as name, in a mail that waits and in a note.
"""

import json
import sys
import uuid
from datetime import timedelta

import django

PASSWORD = "ein langer Satz über Rüben"
# One person asks for it, and three classes of data reach the end of their time.
GONE = {
    "request": 1,
    "membership.left": 3,
    "application.withdrawn": 2,
    "interest.silent": 4,
}
BATCH = 2000


def canary(rule: str, number: int) -> str:
    return f"Zzgone{rule.replace('.', '')}{number}"


def canaries() -> list[str]:
    return [canary(rule, number) for rule, many in GONE.items() for number in range(many)]


def build(people: int) -> dict[str, object]:
    """The tests' district, a login with second factor, those who will go, and a crowd."""
    from tests.world import build_world

    world = build_world()
    staff = world.user("staff")
    staff.set_password(PASSWORD)
    staff.save(update_fields=["password"])
    for name in canaries():
        _plant(name, world.gliederung("Gehrden"), world.user("ansprechperson"))
    for first in range(0, people, BATCH):
        _crowd(first, min(people, first + BATCH), world.gliederung("Uetze"))
    return {"login": staff.email}


def _plant(name: str, gliederung, caller) -> None:
    from members.models import Contact, Invitation
    from portal.common import clock
    from portal.common.models import OutgoingMail
    from tests.world import make_newcomer, make_user

    onboarding = make_newcomer(name, gliederung, own_interest=f"Interesse {name}")
    person, now = onboarding.person, clock.now()
    make_user(person, second_factor=True)
    Contact.objects.create(
        onboarding=onboarding,
        made_by=caller.person,
        made_on=clock.today(),
        result=Contact.Result.REACHED,
        note=f"Notiz {name}",
        created_at=now,
        submit_token=uuid.uuid4(),
    )
    Invitation.objects.create(person=person, created_at=now, expires_at=now + timedelta(days=1))
    for state in ("queued", "sent"):
        OutgoingMail.objects.create(
            kind="members.welcome",
            recipient_key=person.pk,
            address=person.email,
            dedupe_key=f"{name} {state}",
            message_id=f"{name} {state}",
            state=state,
            sent_at=now if state == "sent" else None,
            created_at=now,
            not_before=now,
        )


def _crowd(first: int, last: int, gliederung) -> None:
    """Members with membership and clock, as many as asked for."""
    from members.models import Membership, Person
    from members.services import onboarding
    from portal.common import clock

    today = clock.today()
    people = Person.objects.bulk_create(
        Person(
            given_name="Kim",
            family_name=f"Menge{number}",
            sort_name=f"menge{number}",
            email=f"menge{number}@example.org",
            gliederung=gliederung,
        )
        for number in range(first, last)
    )
    joined = today - timedelta(days=20)
    Membership.objects.bulk_create(
        Membership(
            person=person,
            number=f"K-{first + offset}",
            kind=Membership.Kind.MEMBER,
            joined_on=joined,
            first_seen_on=today,
        )
        for offset, person in enumerate(people)
    )
    onboarding.start_many([onboarding.Arrival(person, joined) for person in people])


def erase() -> dict[str, object]:
    from members.models import Person
    from members.services.erasure import erase as erase_people

    erased = 0
    for rule, many in GONE.items():
        names = [canary(rule, number) for number in range(many)]
        found = Person.objects.filter(family_name__in=names).values_list("pk", flat=True)
        erased += erase_people(list(found), rule)
    return {"erased": erased}


def main() -> None:
    django.setup()
    from portal.common.scope import scope

    with scope("system:drill"):
        done = build(int(sys.argv[2])) if sys.argv[1] == "build" else erase()
    print(json.dumps(done))


if __name__ == "__main__":
    main()
