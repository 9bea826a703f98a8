"""Mails the members app plans but has not put into the outbox yet."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from members.models import Onboarding, Person
from members.queries import pulse
from members.services.welcome import LONGEST_UNDECIDED, WELCOME
from portal.common import clock
from portal.common.outbox import kinds
from portal.common.outbox.forecasts import Forecast, register
from portal.common.outbox.models import OutgoingMail


@register("members.undecided")
def welcome_of_the_undecided(recipient_key: UUID, until: date) -> Iterable[Forecast]:
    """Whoever waits for an Ortsverein is welcomed by the office at the latest on the third day."""
    waiting = Onboarding.objects.running().filter(
        person=recipient_key, person__gliederung=None, responsible=None
    )
    written = OutgoingMail.objects.filter(recipient_key=recipient_key, kind=WELCOME)
    for onboarding in waiting.select_related("person"):
        if not written.exists():
            day = max(onboarding.arrived_on + LONGEST_UNDECIDED, clock.today())
            way = "E-Mail" if onboarding.person.email else "Brief"
            yield Forecast(day, kinds.title(WELCOME), way, "sobald der Ortsverein feststeht")


@register("members.pulse")
def the_two_questions(recipient_key: UUID, until: date) -> Iterable[Forecast]:
    """„Bist du angekommen?“ comes by mail only; without an address somebody asks on the phone."""
    if not Person.objects.filter(pk=recipient_key).exclude(email="").exists():
        return
    for day in pulse.coming(recipient_key, until):
        yield Forecast(day, kinds.title(pulse.PULSE), "E-Mail")
