"""What the demo shows of waves and questions: one wave under way, one newcomer who is not there."""

import uuid
from datetime import timedelta

from members.models import (
    Contact,
    District,
    Gliederung,
    Membership,
    Onboarding,
    Person,
    Pulse,
    PulseTally,
    User,
    Wave,
)
from members.queries import waves as query
from members.queries.pulse import PULSE
from members.services import onboarding, pulse, waves
from members.services.welcome import WELCOME
from portal.common import clock
from portal.common.models import OutgoingMail
from portal.dashboards.demo import file

GIVEN = ("Horst", "Renate", "Ayla", "Dieter", "Ulrike", "Mehmet", "Sabine", "Kurt", "Ingrid")
FAMILY = ("Brandes", "Kruse", "Yıldız", "Meinecke", "Thiele", "Aydın", "Wolters", "Hagemann")
PLACES = (file.SHOWCASE, "Springe", "Laatzen", "Garbsen")
SIZE = 12
Answer, Result = waves.WaveReply.Answer, Contact.Result


def build(district: District) -> None:
    """Call after the import and the logins; all through the services a person would use."""
    _members()
    staff = User.objects.get(person=district.gliederung.aemter.get(kind="geschaeftsstelle").person)
    people = query.next_ones(query.without_contact(staff, 12, district.gliederung), SIZE)
    order = waves.Order(
        token=uuid.uuid4(),
        name="Herbst: wieder ins Gespräch kommen",
        gliederung=district.gliederung,
        months=12,
        size=SIZE,
        way=Wave.Way.MEETING,
        meeting_at=clock.now().replace(hour=17, minute=0) + timedelta(days=16),
        meeting_place="Bürgerhaus, kleiner Saal",
        digest=query.preview(people).digest,
    )
    _mixed(waves.start(order, staff))
    _questions()


def _members() -> None:
    """Some who have been members for years."""
    today = clock.today()
    for number in range(24):
        place = Gliederung.objects.filter(name=PLACES[number % len(PLACES)]).first()
        person = Person.objects.create(
            given_name=GIVEN[number % len(GIVEN)],
            family_name=FAMILY[number % len(FAMILY)],
            email="" if number % 5 == 4 else f"lange{number}@demo.example.org",
            street=f"Lange Straße {number + 1}" if number % 5 == 4 else "",
            mobile=f"+49 151 7000{number:04}",
            gliederung=place,
        )
        Membership.objects.create(
            person=person,
            number=f"{800_000 + number}",
            joined_on=today - timedelta(days=365 * (4 + number % 20)),
            first_seen_on=today,
        )


def _mixed(wave: Wave) -> None:
    invited = list(
        wave.onboardings.select_related("person", "responsible").order_by("person__sort_name")
    )
    for one, answer in zip(
        invited, (Answer.COMES, Answer.COMES, Answer.CALL, Answer.NO), strict=False
    ):
        waves.reply(one, answer)
    for one, result in zip(invited[4:], (Result.REACHED, Result.NOT_REACHED), strict=False):
        if one.responsible:
            talk = onboarding.Talk(Contact.Kind.CALL, result, uuid.uuid4())
            onboarding.log_contact(one, one.responsible, talk)


def _questions() -> None:
    """Two answered: one is well, one is not and wants it known. Others have the mail today."""
    asked = clock.today() - timedelta(days=2)
    newcomer = Membership.objects.get(number=str(file.FIRST_NUMBER + 1)).person
    here = Onboarding.objects.running().filter(person__gliederung__name=file.SHOWCASE, wave=None)
    others = here.exclude(person=newcomer).order_by("started_on", "person__sort_name")
    for one, value in zip(others[:2], (Pulse.Answer.RATHER_NO, Pulse.Answer.YES), strict=False):
        found = Pulse.objects.create(onboarding=one, number=2, asked_on=asked)
        pulse.answer(found.pk, value)
        if value == Pulse.Answer.RATHER_NO:
            pulse.tell(found.pk, may=True)
    pulse.ask_all()
    _welcomed_long_ago()
    last_month = clock.today() - timedelta(days=30)
    PulseTally.objects.create(arrived=31, not_yet=8, published_on=last_month)


def _welcomed_long_ago() -> None:
    """Whoever is asked today had the welcome when they came, or the question would wait a week."""
    asked = OutgoingMail.objects.filter(kind=PULSE).values("recipient_key")
    welcome = OutgoingMail.objects.filter(kind=WELCOME, recipient_key__in=asked)
    long_ago = clock.now() - timedelta(days=40)
    welcome.filter(state=OutgoingMail.State.QUEUED).update(
        state=OutgoingMail.State.SENT, sent_at=long_ago
    )
