"""A membership export of invented people, with dates relative to today."""

import csv
import io
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from members.models import Gliederung, PostalCode
from members.sorting import fold

GIVEN = (
    "Jana Mehmet Ulla Ahmet Svenja Lukas Marta Tarek Ines Bernd Olena Karim Wiebke Jörg Aylin "
    "Paul Greta Nuri Heike Tom Zeynep Ralf Lea Dimitri Sabine Emre Franka Piotr Nele Omar Birgit "
    "Jonas Samira Klaus Mila Volker Lina Yusuf Antje Felix Rana Detlef Hanna Can Silke Moritz"
).split()
FAMILY = (
    "Brunner Kaya Sievers Wolters Demir Hartung Nowak Lüders Özcan Falke Behrens Schütte Haddad "
    "Krüger Petrenko Thiele Arslan Wessel Grote Jansen Yildiz Mertens Bartels Öztürk Rohde Engel "
    "Kowalski Tietjen Aydin Bode Ramadani Voges Stolze Fischer Said Hüls Marten Dörries Weiß Block"
).split()
HEADER = (
    "Mitgliedsnummer;Anrede;Vorname;Name;Straße;PLZ;Ort;Telefon;Mobil;E-Mail;Geburtsdatum;"
    "Eintrittsdatum;Austrittsdatum;Mitgliedsart;Ortsverein;Beitrag"
).split(";")
# None of these names is known to the import, so that the columns have to be mapped once.
FOREIGN = {
    "Mitgliedsnummer": "Kennziffer",
    "Anrede": "Form",
    "Vorname": "Name 2",
    "Name": "Name 1",
    "Straße": "Adresszeile",
    "PLZ": "Zustellbereich",
    "Ort": "Zustellort",
    "Telefon": "Tel. 1",
    "Mobil": "Tel. 2",
    "E-Mail": "Elektronische Post",
    "Geburtsdatum": "geb.",
    "Eintrittsdatum": "dabei seit",
    "Austrittsdatum": "dabei bis",
    "Mitgliedsart": "Form der Mitgliedschaft",
    "Ortsverein": "Gruppe",
}
FIRST_NUMBER = 810001
# The Ortsverein the README walks through: one newcomer per situation, days since joining.
SHOWCASE = "Gehrden"
SHOWCASE_DAYS = (38, 26, 3, 70, 150, 190)
# And two in the Ortsverein without Ansprechperson.
VACANT = "Uetze"
VACANT_DAYS = (20, 5)


@dataclass(frozen=True, slots=True)
class Place:
    ortsverein: str
    plz: str
    ort: str


def _places() -> list[Place]:
    plz: dict[object, list[str]] = {}
    for code in PostalCode.objects.order_by("plz"):
        plz.setdefault(code.kommune_id, []).append(code.plz)
    found = []
    for gliederung in Gliederung.objects.filter(level__takes_members=True).order_by("name"):
        kommune = gliederung.kommunen.order_by("ags").first()
        if kommune:
            found += [Place(gliederung.name, code, kommune.name) for code in plz[kommune.pk]]
    return found


def _address(given: str, family: str, number: int) -> str:
    letters = "".join(c for c in fold(f"{given}.{family}") if c.isascii() and c not in " '")
    return f"{letters}{number % 1000}@example.org"


def _row(
    dice: random.Random, number: int, place: Place, joined: date, today: date
) -> dict[str, str]:
    given, family = dice.choice(GIVEN), dice.choice(FAMILY)
    age = dice.randint(18, 75)
    born = today - timedelta(days=age * 365 + dice.randint(0, 364))
    prefix = dice.choice(("", "OV ", "SPD-Ortsverein "))
    return {
        "Mitgliedsnummer": str(number),
        "Anrede": "",
        "Vorname": given,
        "Name": family,
        "Straße": f"Musterweg {dice.randint(1, 90)}",
        "PLZ": place.plz,
        "Ort": place.ort,
        "Telefon": "",
        "Mobil": f"0151 {dice.randint(10_000_000, 99_999_999)}",
        "E-Mail": _address(given, family, number) if dice.random() > 0.07 else "",
        "Geburtsdatum": f"{born:%d.%m.%Y}",
        "Eintrittsdatum": f"{joined:%d.%m.%Y}",
        "Austrittsdatum": "",
        "Mitgliedsart": "Mitglied",
        "Ortsverein": prefix + place.ortsverein,
        "Beitrag": f"{dice.randint(3, 60)},00",
    }


def rows(count: int, today: date, seed: int = 136) -> Iterator[dict[str, str]]:
    """Yield `count` members: the showcase first, then the district; a few rows are unclear."""
    dice = random.Random(seed)
    places = _places()
    told = [(SHOWCASE, days) for days in SHOWCASE_DAYS] + [(VACANT, days) for days in VACANT_DAYS]
    for index in range(count):
        place, days = dice.choice(places), int(dice.triangular(1, 700, 60))
        if index < len(told):
            name, days = told[index]
            place = next(place for place in places if place.ortsverein == name)
        row = _row(dice, FIRST_NUMBER + index, place, today - timedelta(days=days), today)
        if index < len(told):
            row["E-Mail"] = row["E-Mail"] or _address(row["Vorname"], row["Name"], index)
        yield _make_unclear(row, index, today)


def _make_unclear(row: dict[str, str], index: int, today: date) -> dict[str, str]:
    if index == 10:
        row["Ortsverein"] = "Entenhausen"
    elif index == 20:
        row["E-Mail"] = "keine-adresse"
    elif index == 30:
        row["Name"] = ""
    elif index == 40:
        row["PLZ"] = "10115"
    elif index in (50, 51):
        row["Geburtsdatum"] = f"{today - timedelta(days=16 * 365):%d.%m.%Y}"
    return row


def table(count: int, today: date, *, foreign: bool = False) -> list[list[str]]:
    """Return header and rows; `foreign` is the layout of a system nobody here has seen before."""
    header = [FOREIGN.get(name, name) for name in HEADER] if foreign else HEADER
    return [header, *([row[name] for name in HEADER] for row in rows(count, today))]


def as_csv(count: int, today: date, *, foreign: bool = False) -> bytes:
    """Return the export as the district's system writes it: semicolons, Windows-1252."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerows(table(count, today, foreign=foreign))
    return text.getvalue().encode("cp1252", errors="replace")


def as_xlsx(count: int, today: date, *, foreign: bool = False) -> bytes:
    """Return the same as an Excel workbook, with days as days."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Mitglieder")
    for row in table(count, today, foreign=foreign):
        sheet.append([_as_excel_keeps_it(text) for text in row])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _as_excel_keeps_it(text: str) -> str | date:
    try:
        return datetime.strptime(text, "%d.%m.%Y").date()  # noqa: DTZ007 -- a day has no zone
    except ValueError:
        return text
