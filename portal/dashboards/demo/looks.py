"""Who looked at whom in the demo: weeks of care, one busy evening, one file to delete."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone

from members.models import Amt, Look, LookStop, Person, User
from portal.common import audit
from portal.common.models import ExportRun
from portal.dashboards.demo import file

# Days ago on which the demo's newcomer was looked at.
BY_CONTACT = (1, 6, 13, 27)
BY_OFFICE = (20,)
MOST = 200
FILE_AGE = timedelta(days=15)


def build(today: date) -> None:
    """Call once after the logins."""
    newcomer, contact, office = (
        User.objects.get(email=f"{code}@demo.example.org").person
        for code in ("neumitglied", "ansprechperson", "geschaeftsstelle")
    )
    for viewer, ages in ((contact, BY_CONTACT), (office, BY_OFFICE)):
        for age in ages:
            day = today - timedelta(days=age)
            Look.objects.create(viewer=viewer, person=newcomer, day=day, is_close=True)
    _stopped(today - timedelta(days=1))
    _file(office, today)


def _stopped(day: date) -> None:
    """A Vorsitz who went through a long list; nobody has asked yet."""
    chairs = Amt.objects.active().filter(kind=Amt.Kind.VORSITZ, person__user__isnull=False)
    held = chairs.exclude(gliederung__name=file.SHOWCASE).order_by("gliederung__name").first()
    if held is None:
        return
    seen = Person.objects.exclude(pk=held.person_id).order_by("sort_name", "pk")[:MOST]
    Look.objects.bulk_create(Look(viewer=held.person, person=person, day=day) for person in seen)
    found = LookStop.objects.create(
        viewer=held.person, day=day, stopped_at=_evening(day), most=MOST
    )
    audit.record("looks.stopped", held.person_id, found, count=MOST)


def _file(office: Person, today: date) -> None:
    """Two weeks ago a file was needed; is it gone?"""
    made_on = today - FILE_AGE
    run = ExportRun.objects.create(
        made_by=office.pk,
        code="neumitglieder",
        purpose="Einladungen zum Neumitgliederabend vorbereiten",
        count=38,
        made_at=_evening(made_on),
        delete_on=made_on + timedelta(days=14),
    )
    audit.record("export.made", office.pk, run, count=run.count)


def _evening(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(19, 20)))
