"""Mails the members app plans but has not put into the outbox yet."""

from collections.abc import Iterable
from datetime import date, timedelta
from uuid import UUID

from members.models import Amt, DigestRun, Onboarding, Person
from members.queries import pulse
from members.services.digests import DIGEST
from members.services.welcome import LONGEST_UNDECIDED, WELCOME
from portal.common import clock, quiet
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


@register("members.digest")
def collected_mail(recipient_key: UUID, until: date) -> Iterable[Forecast]:
    """Whoever holds an office may get one a day; whether there is a reason, nobody knows yet."""
    held = Amt.objects.active().filter(person=recipient_key).exclude(person__email="")
    reader = Person.objects.filter(pk__in=held.values("person")).first()
    if reader is None:
        return
    today = clock.today()
    day = today + timedelta(days=DigestRun.objects.filter(day=today).exists())
    while quiet.is_quiet_day(day) or reader.digest_day not in ("daily", str(day.weekday())):
        day += timedelta(days=1)
    rhythm = reader.get_digest_day_display()
    note = rhythm if reader.digest_day == "daily" else f"{rhythm}, wenn es etwas gibt"
    yield Forecast(day, kinds.title(DIGEST), "E-Mail", note)


@register("members.pulse")
def the_two_questions(recipient_key: UUID, until: date) -> Iterable[Forecast]:
    """„Bist du angekommen?“ comes by mail only; without an address somebody asks on the phone."""
    for day in pulse.coming(recipient_key, until):
        yield Forecast(day, kinds.title(pulse.PULSE), "E-Mail")
