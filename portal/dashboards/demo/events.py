"""A usual autumn of events: what is on, who comes, who waits, and what somebody should report."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from events import times
from events.models import Event, EventKind, EventReport, Registration
from events.services import events as service
from events.services import places
from members.models import Amt, District, Gliederung, Kommune, Onboarding, Person, Topic
from portal.common import clock
from portal.common.outbox.models import OutgoingMail
from portal.dashboards.demo import file

DISTRICT = ""
Audience = Event.Audience
NEWCOMER = "neumitglied@demo.example.org"
# Of the last evenings: how many came, how many of them new.
EVENINGS = ((14, 9), (11, 7), (17, 12), (8, 5), (13, 9))


@dataclass(frozen=True, slots=True)
class Entry:
    """One event; `place` names the Gliederung, "" is the whole district."""

    place: str
    kind: str
    title: str
    days: int
    at: time
    where: str
    text: str = ""
    address: str = ""
    audience: str = Audience.MEMBERS
    capacity: int | None = None
    online: str = ""
    access: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    guests: str = ""
    topics: tuple[str, ...] = ()


CALENDAR = (
    Entry(
        file.SHOWCASE, "neumitgliederabend", "Abend für alle, die neu sind", 12, time(19),
        "Bürgerhaus Gehrden", "Kennenlernen, fragen, und herausfinden, wobei du mitmachen magst.",
        "Kirchstraße 1, 30989 Gehrden", Audience.NEWCOMERS, 20,
        access=("stufenlos", "bahn"), extras=("alkoholfrei", "essen", "heimweg"),
        guests="jemand aus dem Rat",
    ),
    Entry(
        file.SHOWCASE, "bildung", "Erste Schritte: Wie wird eigentlich etwas beschlossen?", 5,
        time(18, 30), "Bibliothek", "Ein Abend, danach kennst du die Abkürzungen.",
        "Dammstraße 14, 30989 Gehrden", capacity=4, access=("stufenlos", "wc"),
        extras=("leicht", "kinder-dabei"), topics=("bildung",),
    ),
    Entry(
        file.SHOWCASE, "stammtisch", "Stammtisch in Gehrden", 8, time(19), "Ratsstube",
        "Essen, trinken, reden. Politik darf, muss aber nicht.", "Markt 3, 30989 Gehrden",
        Audience.PUBLIC,
    ),
    Entry(
        DISTRICT, "podium", "Wem gehört die Stadt? Podium zum Wohnen", 20, time(19), "Freizeitheim",
        "Vier Menschen, eine Stunde, danach fragt ihr.", "Windheimstraße 4, 30451 Hannover",
        Audience.PUBLIC, 80, access=("stufenlos", "wc", "hoeren"), guests="zwei Abgeordnete",
        topics=("wohnen",),
    ),
    Entry(
        DISTRICT, "vernetzung", "Online-Treff für alle mit Schichtarbeit", 10, time(10, 30),
        "zu Hause",
        "Vormittags, kurz und ohne Anreise.", online="https://konferenz.example.org/treff",
        extras=("kinder-dabei",),
    ),
    Entry(
        file.SHOWCASE, "verteilaktion", "Weihnachtsgrüße verteilen", 16, time(15), "Marktplatz",
        "Immer zu zweit, danach gibt es Punsch.", "Markt 1, 30989 Gehrden", capacity=12,
        extras=("alkoholfrei",),
    ),
)  # fmt: skip


def build(today: date) -> None:
    planner = {
        name: Amt.objects.active(today).filter(gliederung=node, kind=kind).first()
        for name, node, kind in (
            (file.SHOWCASE, Gliederung.objects.get(name=file.SHOWCASE), "ansprechperson"),
            (DISTRICT, District.current().gliederung, "geschaeftsstelle"),
        )
    }
    made = {entry.title: _announce(entry, today, planner[entry.place]) for entry in CALENDAR}
    contact = planner[file.SHOWCASE]
    assert contact is not None  # the showcase has one
    stammtisch = made["Stammtisch in Gehrden"]
    again = stammtisch.starts_at + timedelta(days=14)
    service.create(
        service.copy(stammtisch, again, again + timedelta(hours=2)),
        contact.person,
        ("fortnightly", times.local(again).date() + timedelta(days=42)),
    )
    people = _newcomers()
    _fill(made["Erste Schritte: Wie wird eigentlich etwas beschlossen?"], people[1:7])
    _fill(made["Abend für alle, die neu sind"], people[3:8])
    _fill(made["Weihnachtsgrüße verteilen"], people[:3])
    _invite(made["Abend für alle, die neu sind"], people[0])
    off = _announce(
        Entry(file.SHOWCASE, "spieleabend", "Spieleabend", 3, time(19), "Jugendtreff"),
        today,
        contact,
    )
    service.cancel(off, "Der Jugendtreff wird renoviert.", contact.person)
    _past(today, contact, people)
    # What was confirmed by mail is long read; the demo's mailbox begins with the welcomes.
    OutgoingMail.objects.filter(kind__startswith="events.").delete()


def _announce(entry: Entry, today: date, office: Amt | None) -> Event:
    assert office is not None  # the demo has filled it
    starts_at = times.moment(today + timedelta(days=entry.days), entry.at)
    kind = EventKind.objects.get(code=entry.kind)
    event = service.create(
        Event(
            kind=kind,
            title=entry.title,
            text=entry.text,
            gliederung=office.gliederung,
            audience=entry.audience,
            starts_at=starts_at,
            ends_at=starts_at + timedelta(minutes=kind.minutes),
            place=entry.where,
            address=entry.address,
            kommune=None if entry.place == DISTRICT else office.gliederung.kommunen.first(),
            online_url=entry.online,
            capacity=entry.capacity,
            needs_registration=kind.needs_registration or entry.capacity is not None,
            access=list(entry.access),
            extras=list(entry.extras),
            guests=entry.guests,
        ),
        office.person,
    )
    event.topics.set(Topic.objects.filter(code__in=entry.topics))
    return event


def _newcomers() -> list[Person]:
    """Newcomers of the showcase; the one who can be visited in the demo first."""
    running = Onboarding.objects.running().filter(person__gliederung__name=file.SHOWCASE)
    found = [one.person for one in running.select_related("person").order_by("started_on", "pk")]
    visitor = Person.objects.get(user__email=NEWCOMER)
    return [visitor, *(one for one in found if one != visitor)]


def _fill(event: Event, people: list[Person]) -> None:
    words = (
        places.Wish(needs="Ein Platz weit vorn, ich höre schlecht."),
        places.Wish(companions=1),
        places.Wish(question="Wie werde ich Delegierte:r?"),
        places.Wish(offers_lift=True),
    )
    for number, person in enumerate(people):
        wish = words[number] if number < len(words) else places.Wish()
        places.register(event, person, person, wish)


def _invite(event: Event, person: Person) -> None:
    now = clock.now()
    Registration.objects.create(
        event=event, person=person, state="invited", created_at=now, invited_at=now
    )


def _past(today: date, contact: Amt, people: list[Person]) -> None:
    """Five evenings with a report, and one of last week that still waits for its own."""
    kind = EventKind.objects.get(code="neumitgliederabend")
    for number, (came, new) in enumerate(EVENINGS):
        event = _was(kind, today - timedelta(days=60 * (number + 1)), contact)
        EventReport.objects.create(
            event=event,
            headcount=came,
            newcomers=new,
            topics="Vorstellungsrunde, Busverkehr, erste Aufgaben",
            results="Viele wünschen sich ein Treffen am Vormittag.",
            differently="Mehr Zeit für die Gruppenarbeit.",
            written_on=times.local(event.ends_at).date() + timedelta(days=1),
        )
    last = _was(kind, today - timedelta(days=2), contact)
    Registration.objects.bulk_create(
        Registration(
            event=last,
            person=person,
            state="registered",
            came=number != 1,
            created_at=last.starts_at - timedelta(days=9),
            queued_at=last.starts_at - timedelta(days=9),
        )
        for number, person in enumerate(people[1:5])
    )


def _was(kind: EventKind, day: date, contact: Amt) -> Event:
    starts_at: datetime = times.moment(day, time(19))
    return Event.objects.create(
        kind=kind,
        title="Abend für alle, die neu sind",
        gliederung=contact.gliederung,
        state=Event.State.PUBLISHED,
        audience=Audience.NEWCOMERS,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=2),
        place="Bürgerhaus Gehrden",
        kommune=Kommune.objects.filter(gliederungen=contact.gliederung).first(),
        responsible=contact.person,
        capacity=20,
    )
