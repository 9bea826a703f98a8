"""What somebody has done as a mentor, on paper; it names nobody else."""

from django.db.models import Count, Max, Min

from members.models import District, Person, Tandem
from members.models.tandems import TandemQuerySet
from portal.common import clock
from portal.common.dates import long_day
from portal.common.outbox import letters


def is_due(person: Person) -> bool:
    return _done(person).exists()


def _done(person: Person) -> TandemQuerySet:
    return Tandem.objects.of_mentor(person).filter(outcome=Tandem.Outcome.COMPLETED)


def pdf(person: Person) -> bytes | None:
    """Set it as PDF/UA; None before the first tandem was finished."""
    figures = {"first": Min("started_on"), "last": Max("ended_on"), "number": Count("pk")}
    span = _done(person).aggregate(**figures)
    if not span["number"]:
        return None
    district, first, last = District.current(), span["first"], span["last"]
    people = "eine Person" if span["number"] == 1 else f"{span['number']} Personen"
    body = (
        f"{person.full_name} hat als Mentor:in {people} begleitet, die neu dazugekommen sind.\n\n"
        f"Zeitraum: {long_day(first)} {first.year} bis {long_day(last)} {last.year}.\n\n"
        "Dazu gehörten:\n"
        "- regelmäßige Gespräche und Treffen\n"
        "- Orientierung in Strukturen, Aufgaben und Abläufen\n"
        "- Vertraulichkeit und ein verabredeter Abschluss\n\n"
        "Das geschah ehrenamtlich. Wir danken herzlich dafür.\n\n\n\n"
        f"{district.office_name}"
    )
    made = letters.Letter(
        sender=f"{district.street} · {district.city}",
        address=(person.full_name,),
        day=f"{clock.today():%d.%m.%Y}",
        subject="Bescheinigung über ehrenamtliches Mentoring",
        body=body,
    )
    return letters.as_pdf([made], "Bescheinigung")
