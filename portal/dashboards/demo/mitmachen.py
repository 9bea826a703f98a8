"""What the demo's Gliederungen offer, and who asked: a catalogue of a usual autumn."""

from dataclasses import dataclass
from datetime import date, timedelta

from members.models import Amt, Gliederung, Kommune, Meldung, MitmachOrt, Onboarding, Person, Topic
from portal.common import clock
from portal.dashboards.demo import file

Kind = MitmachOrt.Kind
DISTRICT = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the catalogue; `place` names the Gliederung, "" is the whole district."""

    place: str
    kind: str
    title: str
    sentence: str
    topics: tuple[str, ...] = ()
    when: str = ""
    slots: tuple[str, ...] = ()
    minutes: int | None = None
    point: str = ""
    way: str = ""  # "online" or "home"
    language: str = "de"
    tags: tuple[str, ...] = ()
    just_come: bool = False
    days: int = 20  # since somebody confirmed it


CATALOGUE = (
    Entry(
        file.SHOWCASE, Kind.TREFF, "Stammtisch in Gehrden",
        "Essen, trinken, reden. Politik darf, muss aber nicht.",
        (), "jeden 1. Montag um 19 Uhr", ("mo-abend",), 120, "Nebenzimmer der Ratsstube",
        tags=("barrierefrei",), just_come=True,
    ),
    Entry(
        file.SHOWCASE, Kind.PROJECT, "Sichere Schulwege in Gehrden",
        "Wir laufen Schulwege ab und sammeln, wo es eng wird.",
        ("mobilitaet", "bildung"), "montags abends", ("mo-abend",), 90, "Grundschule Am Castrum",
        tags=("mit-kindern",),
    ),
    Entry(
        file.SHOWCASE, Kind.TASK, "Plakate zählen",
        "Geh deine Straße ab und schreib auf, welche Plakate noch hängen.",
        ("sonstiges",), "wann du willst", (), 30, way="home",
    ),
    Entry(
        file.SHOWCASE, Kind.TASK, "Kuchen für den Infostand",
        "Ein Blech genügt. Jemand holt es bei dir ab.",
        (), "samstags vormittags", ("wochenende",), 60,
    ),
    Entry(
        file.SHOWCASE, Kind.ARBEITSKREIS, "Arbeitskreis Klima",
        "Wärme, Solar, Bäume: was die Stadt tun kann.",
        ("klima", "wohnen"), "dienstags abends", ("di-abend",), 120, "Rathaus, Raum 2",
    ),
    Entry(
        file.SHOWCASE, Kind.BASISGRUPPE, "Offene Gartengruppe",
        "Gemeinsam pflanzen am Bürgergarten.",
        ("klima",), "am Wochenende", ("wochenende",), 120, "Bürgergarten am Nordrand", days=230,
    ),
    Entry(
        DISTRICT, Kind.TASK, "Beitrag gegenlesen",
        "Lies einen Text von uns und sag, ob man ihn versteht.",
        ("bildung", "digitales"), "wann du willst", (), 20, way="home",
    ),
    Entry(
        DISTRICT, Kind.TASK, "Ideen für die Buslinien sammeln",
        "Schreib auf, wann dein Bus fehlt. Das geht an die Regionsfraktion.",
        ("mobilitaet",), "wann du willst", (), 15, way="home",
    ),
    Entry(
        DISTRICT, Kind.TASK, "Übersetzen: ein Flugblatt",
        "Eine Seite vom Deutschen ins Türkische.",
        ("sonstiges",), "wann du willst", (), 45, way="home", language="tr",
    ),
    Entry(
        DISTRICT, Kind.AG, "Jusos Region Hannover",
        "Für alle unter 35, auch ohne Vorwissen.",
        ("bildung", "klima"), "mittwochs abends", ("mi-abend",), 120, "Parteihaus, 2. Stock",
        just_come=True,
    ),
    Entry(
        DISTRICT, Kind.AG, "Arbeitsgemeinschaft 60 plus",
        "Reden, Ausflüge und Politik mit Erfahrung.",
        ("gesundheit",), "werktags vormittags", ("mo-fr-vormittag",), 120,
        "Parteihaus, Saal", tags=("vormittags", "barrierefrei"),
    ),
    Entry(
        DISTRICT, Kind.ARBEITSKREIS, "Digitaler Feierabend",
        "Eine Stunde online: ein Thema, ein Gast, viele Fragen.",
        ("digitales", "wirtschaft"), "donnerstags abends", ("do-abend",), 60, way="online",
        tags=("online",), just_come=True,
    ),
    Entry(
        DISTRICT, Kind.AG, "Arbeit und Leben",
        "Für alle, die arbeiten oder Arbeit suchen. Mit Betriebsräten.",
        ("wirtschaft", "gesundheit"), "donnerstags abends", ("do-abend",), 120, "Parteihaus",
    ),
    Entry(
        "Ronnenberg", Kind.TREFF, "Frühstück mit dem Ortsverein",
        "Brötchen, Kaffee und was gerade los ist.",
        (), "samstags um 10 Uhr", ("wochenende",), 90, "Familienzentrum Empelde",
        tags=("mit-kindern",), just_come=True,
    ),
    Entry(
        "Ronnenberg", Kind.PROJECT, "Radwege nach Hannover",
        "Wir messen, wo die Lücke ist, und schreiben einen Antrag.",
        ("mobilitaet", "klima"), "dienstags abends", ("di-abend",), 90, "Gemeinschaftshaus",
    ),
    Entry(
        "Wennigsen", Kind.BASISGRUPPE, "Deutsch üben beim Tee",
        "Reden in ganz einfachem Deutsch.",
        ("bildung", "sicherheit"), "werktags vormittags", ("mo-fr-vormittag",), 60, "Teestube",
        tags=("deutschlernende", "vormittags", "mit-kindern"), just_come=True,
    ),
    Entry(
        "Barsinghausen", Kind.ARBEITSKREIS, "Wohnen und Mieten",
        "Wir helfen beim Lesen der Nebenkosten und reden über neue Wohnungen.",
        ("wohnen",), "mittwochs abends", ("mi-abend",), 90, "Calenberger Zentrum",
    ),
    Entry(
        "Linden-Limmer", Kind.TREFF, "Spieleabend in Linden",
        "Brettspiele und Menschen aus dem Viertel.",
        (), "donnerstags abends", ("do-abend",), 150, "Freizeitheim", just_come=True,
    ),
    Entry(
        "Linden-Limmer", Kind.PROJECT, "Gesund im Viertel",
        "Mit der Praxis um die Ecke: was hier fehlt.",
        ("gesundheit",), "montags abends", ("mo-abend",), 90, "Stadtteilladen", days=260,
    ),
    Entry(
        "Uetze", Kind.TASK, "Fotos vom Bahnhof",
        "Drei Fotos, auf denen man sieht, was kaputt ist.",
        ("mobilitaet", "digitales"), "wann du willst", (), 30,
    ),
    Entry(
        "Laatzen", Kind.TREFF, "Feierabend-Runde Laatzen",
        "Kurz zusammensitzen nach der Arbeit.",
        (), "montags abends", ("mo-abend",), 90, "Leine-Center, Café", days=300,
    ),
)  # fmt: skip


def build(today: date) -> None:
    """The catalogue, and two people who asked in the Ortsverein of the README."""
    topics = {topic.code: topic for topic in Topic.objects.all()}
    orte = {entry.title: _add(entry, topics, today) for entry in CATALOGUE}
    asking = Onboarding.objects.running().filter(
        person__gliederung__name=file.SHOWCASE, person__user=None
    )
    first, second = [one.person for one in asking.select_related("person").order_by("pk")[:2]]
    _ask(orte["Sichere Schulwege in Gehrden"], first, 3)
    _ask(orte["Arbeitskreis Klima"], second, 10)


def _add(entry: Entry, topics: dict[str, Topic], today: date) -> MitmachOrt:
    gliederung = _gliederung(entry.place)
    ort = MitmachOrt.objects.create(
        kind=entry.kind,
        title=entry.title,
        sentence=entry.sentence,
        gliederung=gliederung,
        kommune=_kommune(entry, gliederung),
        meeting_point=entry.point,
        is_online=entry.way == "online",
        from_home=entry.way == "home",
        usual_times=entry.when,
        slots=list(entry.slots),
        minutes=entry.minutes,
        language=entry.language,
        tags=list(entry.tags),
        host=_host(gliederung),
        just_come=entry.just_come,
        confirmed_on=today - timedelta(days=entry.days),
    )
    ort.topics.set(topics[code] for code in entry.topics)
    return ort


def _gliederung(name: str) -> Gliederung:
    if name:
        return Gliederung.objects.open().get(name=name)
    return Gliederung.objects.get(district__isnull=False)


def _kommune(entry: Entry, gliederung: Gliederung) -> Kommune | None:
    if entry.way:
        return None
    return gliederung.kommunen.first() or Kommune.objects.filter(short_name="Hannover").first()


def _host(gliederung: Gliederung) -> Person | None:
    """Whoever leads the Ortsverein; in the whole district it varies, so nobody is named."""
    if not gliederung.level.takes_members:
        return None
    kinds = (Amt.Kind.ANSPRECHPERSON, Amt.Kind.VORSITZ)
    amt = gliederung.aemter.filter(kind__in=kinds).order_by("kind").first()
    return amt.person if amt else None


def _ask(ort: MitmachOrt, person: Person, days: int) -> None:
    Meldung.objects.create(ort=ort, person=person, created_at=clock.now() - timedelta(days=days))
