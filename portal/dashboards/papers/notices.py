"""What people are told about their data (Art. 13): members with Du, everybody else with Sie."""

from collections.abc import Iterable, Iterator

from portal.dashboards.papers.activities import ACTIVITIES, Activity
from portal.dashboards.papers.derive import (
    STAYS,
    categories,
    companions,
    recipients,
    ruled,
    staying,
)
from portal.dashboards.papers.document import Block, Heading, House, Layer, Points, Text

COOKIES = (
    "Nur, was zum Anmelden und Absenden nötig ist (§ 25 Abs. 2 TDDDG). Keine Zählung, keine "
    "fremden Server, darum auch kein Cookie-Banner."
)
ON_BEHALF = (
    "Wer unseren Server und den Mailversand betreibt, arbeitet nur in unserem Auftrag. In Länder "
    "außerhalb der EU gibt das Portal nichts."
)

RIGHTS_OF_MEMBERS = (
    "Auskunft und Mitnehmen: Du bekommst alles, was über dich hier steht (Art. 15 und 20).",
    "Berichtigung: Stimmt etwas nicht, ändern wir es (Art. 16).",
    "Löschung und Einschränkung: Was wir nicht brauchen, geht weg oder ruht (Art. 17 und 18).",
    "Widerspruch: Du kannst sagen, dass wir etwas lassen sollen (Art. 21).",
    "Widerruf: Jedes Ja kannst du jederzeit zurücknehmen (Art. 7). Was bis dahin geschah, "
    "bleibt erlaubt.",
    "Kein Computer entscheidet über dich. Vorschläge prüft immer ein Mensch.",
)
RIGHTS_OF_CITIZENS = (
    "Widerruf: Ein Tipp auf den Link in unserer Mail oder ein Anruf, und alles ist "
    "gelöscht (Art. 7). Was bis dahin geschah, bleibt erlaubt.",
    "Auskunft und Mitnehmen: Sie bekommen alles, was über Sie hier steht (Art. 15 und 20).",
    "Berichtigung, Löschung und Einschränkung (Art. 16 bis 18).",
    "Widerspruch (Art. 21).",
    "Kein Computer entscheidet über Sie.",
)


def for_members(house: House) -> Iterator[Block]:
    """Plain words, details one tap away."""
    told = [(activity, activity.to_members) for activity in ACTIVITIES if activity.to_members]
    yield Text(
        "Wer in einer Partei ist, geht nur die Partei etwas an. Deshalb speichern wir wenig und "
        "zeigen es wenigen."
    )
    yield from _who(house)
    yield Heading("Was wir speichern, wozu und wie lange")
    yield from _layers(told)
    yield Text(
        "Name, Mitgliedsnummer, Gliederung und wie man dich erreicht, kommen aus der "
        "Mitgliederverwaltung der Partei, alles andere von dir oder von Menschen, die mit dir "
        "gesprochen haben. Angaben zu Themen, Zeit und Wünschen sind freiwillig: Ohne sie fehlt "
        "dir hier nichts."
    )
    yield Heading("Auf welcher Grundlage")
    yield Text(
        "Dass du Mitglied bist, zeigt eine politische Meinung. Das ist besonders geschützt. Eine "
        "Partei darf Daten ihrer Mitglieder für ihre Arbeit verwenden, gibt sie aber nicht ohne "
        "Einwilligung nach außen:"
    )
    yield _bases((activity, activity.basis) for activity, _ in told)
    yield Heading("Wer es sieht")
    yield Text(
        "Deine Ansprechperson, ihre Vertretung und der Vorsitz bei dir vor Ort, und die "
        f"Geschäftsstelle. Alle haben sich zur Vertraulichkeit verpflichtet und melden sich mit "
        f"zwei Faktoren an. Wer dich heute sehen darf, steht unter „Ich“ bei „Meine Daten“. "
        f"{ON_BEHALF}"
    )
    yield Heading("Deine Rechte")
    yield Points(RIGHTS_OF_MEMBERS)
    yield Text(
        f"Ein Anruf oder eine Mail genügt: {house.phone}, {house.email}. Wir antworten innerhalb "
        f"eines Monats. Beschweren kannst du dich auch bei der Aufsichtsbehörde: {house.authority}."
    )
    yield Heading("Cookies")
    yield Text(COOKIES)


def for_citizens(house: House) -> Iterator[Block]:
    """For whoever fills in „Ich will mitmachen“, and whatever is asked of citizens later."""
    told = [(activity, activity.to_citizens) for activity in ACTIVITIES if activity.to_citizens]
    yield Text(
        "Sie interessieren sich für uns. Wir speichern nur, was Sie selbst eintragen, und nur, "
        "damit sich ein Mensch bei Ihnen meldet."
    )
    yield from _who(house)
    yield Heading("Was wir speichern, wozu und wie lange")
    yield from _layers(told)
    yield Text(
        "Sie müssen nichts angeben. Ohne Namen, E-Mail und Postleitzahl können wir uns aber nicht "
        "melden."
    )
    yield Heading("Auf welcher Grundlage")
    yield Text(
        "Nur mit Ihrer ausdrücklichen Einwilligung, denn aus Ihrem Interesse lässt sich auf eine "
        "politische Meinung schließen. Erst wenn Sie auf den Link in unserer Mail tippen, gilt sie:"
    )
    yield _bases((activity, activity.citizens_basis) for activity, _ in told)
    yield Heading("Wer es sieht")
    yield Text(
        "Die Ansprechperson in Ihrem Ort, ihre Vertretung, der Vorsitz dort und die "
        f"Geschäftsstelle. Niemand sonst; wir geben nichts weiter. {ON_BEHALF}"
    )
    yield Heading("Ihre Rechte")
    yield Points(RIGHTS_OF_CITIZENS)
    yield Text(
        f"Ein Anruf oder eine Mail genügt: {house.phone}, {house.email}. Wir antworten innerhalb "
        f"eines Monats. Beschweren können Sie sich auch bei der Aufsichtsbehörde: "
        f"{house.authority}."
    )
    yield Heading("Cookies")
    yield Text(COOKIES)


def _who(house: House) -> Iterator[Block]:
    yield Heading("Wer verantwortlich ist")
    yield Text(
        f"{house.controller}, {house.office}, {house.address}. Telefon {house.phone}, "
        f"E-Mail {house.email}."
    )
    yield Text(f"Datenschutzbeauftragte:r: {house.protection}.")


def _layers(told: Iterable[tuple[Activity, str]]) -> Iterator[Block]:
    for activity, sentence in told:
        yield Layer(
            activity.name,
            sentence,
            (
                ("Daten", ", ".join(categories(activity, plain=True) or categories(activity))),
                ("Wer es sieht", ", ".join(recipients(activity))),
                *_ends(activity),
            ),
        )


def _ends(activity: Activity) -> Iterator[tuple[str, str]]:
    """Each period of a rule; what goes along with a person is one line."""
    yield from ((period.title, period.until) for period in ruled(activity))
    if companions(activity):
        yield "Alles andere davon", "so lange wie die Person, zu der es gehört"
    yield from ((p.title, f"bleibt: {p.until}") for p in staying(activity) if p.until != STAYS)


def _bases(relied_on: Iterable[tuple[Activity, tuple[str, ...]]]) -> Layer:
    """Each legal basis once, with what it carries."""
    carried: dict[str, list[str]] = {}
    for activity, bases in relied_on:
        for basis in bases:
            carried.setdefault(basis, []).append(activity.name)
    pairs = tuple((basis, ", ".join(names)) for basis, names in carried.items())
    return Layer("Die Paragrafen im Einzelnen", "Welche Vorschrift was erlaubt.", pairs)
