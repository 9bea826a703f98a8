"""Something is wrong: blocked at once, and told to two people of the office (T24)."""

import random

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import Exists, OuterRef

from members.models import Amt, District, Person, Tandem, TandemReport, User
from members.models.users import SECOND_FACTORS
from members.services import tandem_mail
from portal.common import audit, clock

READERS = 2


def report(tandem: Tandem, reporter: Person, text: str) -> TandemReport:
    """Write it down; what is said later is added to what is open."""
    open_one = TandemReport.objects.open().filter(tandem=tandem, reporter=reporter).first()
    if open_one:
        if text not in open_one.text:
            joined = "\n".join(filter(None, [open_one.text, text]))
            open_one.text = joined[: TandemReport._meta.get_field("text").max_length]
            open_one.save(update_fields=["text"])
        return open_one
    made = TandemReport.objects.create(
        tandem=tandem, reporter=reporter, text=text, created_at=clock.now()
    )
    audit.record("tandem.reported", reporter.pk, made)
    find_readers(made)
    return made


def find_readers(made: TandemReport) -> None:
    """Two who can read it; who cannot any more is replaced, and the new one is written to."""
    able = readers(made)
    held = [one for one in (made.first_told, made.second_told) if one in able]
    others = [one for one in able if one not in held]
    new = random.sample(others, min(READERS - len(held), len(others)))
    told = [*held, *new, None, None][:READERS]
    if new or told != [made.first_told, made.second_told]:
        made.first_told, made.second_told = told
        made.save(update_fields=["first_told", "second_told"])
        tandem_mail.reported(made, new)


def readers(made: TandemReport) -> list[Person]:
    """People of the office who can get in, know nobody of it from an Ortsverein, and lead no one.

    Whoever is or was a side of the tandem is out, and so is who coordinates the mentoring.
    """
    tandem, district = made.tandem, District.current().gliederung
    sides = [made.reporter]
    if tandem is not None:
        sides += [tandem.newcomer, *tandem.mentors]
    near = Amt.objects.active().filter(gliederung__in=[one.gliederung_id for one in sides])
    leads = Amt.objects.active().filter(kind=Amt.Kind.MENTORING)
    office = Amt.objects.active().filter(kind=Amt.Kind.GESCHAEFTSSTELLE, gliederung=district)
    factor = Authenticator.objects.filter(user=OuterRef("pk"), type__in=SECOND_FACTORS)
    users = User.objects.filter(Exists(factor), is_active=True)
    found = (
        Person.objects.filter(pk__in=office.values("person"), user__in=users.values("pk"))
        .exclude(pk__in=[one.pk for one in sides])
        .exclude(pk__in=near.exclude(gliederung=district).values("person"))
        .exclude(pk__in=leads.values("person"))
    )
    return list(found.order_by("pk"))


@transaction.atomic
def find_missing_readers() -> None:
    """Every night: an office that ended takes no report with it."""
    rows = TandemReport.objects.open().select_for_update(of=("self",))
    for made in rows.select_related("reporter", "first_told", "second_told").order_by("pk"):
        find_readers(made)


@transaction.atomic
def close(made: TandemReport, by: Person) -> None:
    """Somebody has spoken with the person and knows what happens next."""
    made.closed_on, made.closed_by = clock.today(), by
    made.save(update_fields=["closed_on", "closed_by"])
    audit.record("tandem.report_closed", by.pk, made)
