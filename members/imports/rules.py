"""One line of an export → values and problems. Pure: no Django, no database."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from members import phones
from members.deadlines import add_months
from members.imports.columns import LABELS
from members.imports.sheet import Line
from members.sorting import fold

REJECTED, WARNING = "rejected", "warning"
ADULT_AFTER_MONTHS = 18 * 12
NOTICE = timedelta(days=31)
LONGEST_PLZ = 10
LONGEST_LINE = 100
LONGEST = {"number": 40, "given_name": 100, "family_name": 100, "email": 254}
WITHOUT_CLOCK = "Ohne Eintrittsdatum: wird ohne Fristen und ohne Mail aufgenommen."
APPLICATION = "Ein Antrag, noch kein Eintritt: steht unter „Aufnahmen“, ohne Fristen und ohne Mail."
_DATE = re.compile(r"^(?:(\d{1,2})[./](\d{1,2})[./](\d{4})|(\d{4})-(\d{2})-(\d{2})(?:[T ].*)?)$")
# Narrow on purpose: what is taken stands in mail headers and in mailto: links.
_ATOM = r"[A-Za-z0-9!#$*+/=^{|}~_-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_EMAIL = re.compile(rf"^{_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+[A-Za-z]{{2,63}}$")
_ADDRESS_IN_NAME = re.compile(r"://|www\.|@", re.IGNORECASE)
# Control characters; Unicode's "embedding" and "isolate" marks, which turn text around; and halves
# of characters, which no database takes.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
# What a wrong encoding leaves of ä, ö, ü, ß and é, and of letters nobody can restore.
_LOST = re.compile("\ufffd|Ã[¤¶¼Ÿ„–œ©]")
# What Excel leaves where a formula failed.
_FAILED = set("#NV #BEZUG! #WERT! #ZAHL! #NAME? #DIV/0! #NULL! #N/A #REF! #VALUE! #NUM!".split())


@dataclass(frozen=True, slots=True)
class Problem:
    row: int | None
    field: str
    level: str
    message: str

    def as_json(self) -> dict[str, object]:
        return {
            "row": self.row,
            "field": self.field,
            "level": self.level,
            "message": self.message,
        }


@dataclass(slots=True)
class Row:
    """A line with its normalised values; dates are ISO texts, "" means nothing given."""

    number: int
    values: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    @property
    def is_rejected(self) -> bool:
        return any(problem.level == REJECTED for problem in self.problems)

    def reject(self, name: str, message: str) -> None:
        self.problems.append(Problem(self.number, LABELS[name], REJECTED, message))

    def warn(self, name: str, message: str) -> None:
        self.problems.append(Problem(self.number, LABELS[name], WARNING, message))


def clean(lines: Iterable[Line], today: date) -> list[Row]:
    """Clean every line; a Mitgliedsnummer that comes twice rejects all its lines."""
    rows = [_clean_line(line, today) for line in lines]
    seen = Counter(row.values["number"] for row in rows if row.values.get("number"))
    for row in rows:
        if seen[row.values.get("number", "")] > 1:
            row.reject("number", "Diese Mitgliedsnummer steht mehrfach in der Datei. Welche gilt?")
    return rows


def _clean_line(line: Line, today: date) -> Row:
    row = Row(line.number)
    for name, text in line.cells.items():
        row.values[name] = _plain(row, name, text)
    if row.is_rejected:
        return row
    _check_identity(row)
    if len(row.values.get("plz", "")) > LONGEST_PLZ:
        row.warn("plz", "Das ist keine Postleitzahl. Aufgenommen ohne Postleitzahl.")
        row.values["plz"] = ""
    _clean_dates(row, today)
    _clean_channels(row)
    _clean_address(row)
    if "kind" in row.values:
        row.values["kind"] = _kind(row)
    return row


def _check_identity(row: Row) -> None:
    if not row.values["number"] and not _is_application(row):
        row.reject("number", "Die Mitgliedsnummer fehlt.")
    if not row.values["family_name"]:
        row.reject("family_name", "Der Nachname fehlt.")
    for name, limit in LONGEST.items():
        if len(row.values.get(name, "")) > limit:
            row.reject(name, f"Der Text ist länger als {limit} Zeichen.")
    for name in ("given_name", "family_name"):
        # Names stand in mails: nobody may send links to strangers with our greeting.
        if _ADDRESS_IN_NAME.search(row.values.get(name, "")):
            row.reject(name, "Hier steht eine Adresse statt eines Namens.")
        if _LOST.search(row.values.get(name, "")):
            row.warn(name, "Hier sind Buchstaben verloren gegangen. Bitte den Namen prüfen.")


def _is_application(row: Row) -> bool:
    """Whoever has applied gets a Mitgliedsnummer only with the admission (B6)."""
    return bool(row.values.get("applied_on")) and not row.values.get("joined_on")


def _plain(row: Row, name: str, text: str) -> str:
    """Return the cell with single blanks; reject what has no place in master data."""
    text = unicodedata.normalize("NFC", text)
    invisible = _INVISIBLE.search(text)
    text = " ".join(text.replace("\ufeff", "").replace("\u200b", "").split())
    if invisible:
        row.reject(name, "Hier steht ein unsichtbares Steuerzeichen. Bitte im Export korrigieren.")
        return ""
    if _is_formula(text, name):
        row.reject(name, "Hier steht eine Formel statt eines Wertes. Bitte im Export korrigieren.")
        return ""
    return "" if text in ("-", "–", "—") else text


def plain_name(text: str) -> tuple[str, str]:
    """Return a name typed by a stranger on one line, and what is wrong with it, if anything."""
    row = Row(0)
    name = _plain(row, "family_name", text)
    if row.problems:
        return name, "Hier steht ein Zeichen, das in keinem Namen vorkommt."
    return name, "" if name else "Bitte ausfüllen."


def _is_formula(text: str, name: str) -> bool:
    start = text.lstrip("' ")[:1]
    if start in ("+", "-") and text not in ("-", "–"):
        return not (name in ("phone", "mobile") and re.fullmatch(r"'?\+[\d\s()/.\-]+", text))
    return start in ("=", "@") or text in _FAILED


def parse_date(text: str) -> date | None:
    """Return the day written as TT.MM.JJJJ or JJJJ-MM-TT; None if there is no such day."""
    found = _DATE.match(text)
    if not found:
        return None
    day, month, year, iso_year, iso_month, iso_day = found.groups()
    try:
        if year:
            return date(int(year), int(month), int(day))
        return date(int(iso_year), int(iso_month), int(iso_day))
    except ValueError:
        return None


def _clean_dates(row: Row, today: date) -> None:
    joined = _date(row, "joined_on")
    if joined and joined > today:
        row.reject("joined_on", "Das Eintrittsdatum liegt in der Zukunft.")
    if joined and joined.year < 1900:
        row.reject("joined_on", "Dieses Eintrittsdatum kann nicht stimmen.")
    applied = _date(row, "applied_on")
    if applied and applied > today:
        row.reject("applied_on", "Das Antragsdatum liegt in der Zukunft.")
    if "joined_on" in row.values and not row.values["joined_on"] and not row.is_rejected:
        row.warn("joined_on", APPLICATION if applied else WITHOUT_CLOCK)
    left = _date(row, "left_on")
    if left and left > today + NOTICE:
        row.warn("left_on", "Der Austritt liegt mehr als 31 Tage in der Zukunft. Stimmt das?")
    _clean_birthday(row, today)


def _date(row: Row, name: str) -> date | None:
    if name not in row.values:  # no such column: what is stored stays
        return None
    text = row.values[name]
    if not text or text.startswith("00.00."):
        row.values[name] = ""
        return None
    day = parse_date(text)
    if day is None:
        row.reject(name, f"„{text[:20]}“ ist kein Datum. Erwartet wird zum Beispiel 31.01.2026.")
        return None
    row.values[name] = day.isoformat()
    return day


def _clean_birthday(row: Row, today: date) -> None:
    """Keep only the day of majority, and only for minors; the birthday itself is dropped (R15)."""
    if "born_on" not in row.values:
        return
    text = row.values.pop("born_on")
    row.values["adult_on"] = ""
    if not text:
        return
    born = parse_date(text)
    if born is None or born > today:
        row.warn("born_on", "Das Geburtsdatum ist nicht lesbar und wurde nicht ausgewertet.")
        return
    adult_on = add_months(born, ADULT_AFTER_MONTHS)
    if adult_on.day < born.day:  # born on 29 February: of age when that day has passed
        adult_on += timedelta(days=1)
    if adult_on > today:
        row.values["adult_on"] = adult_on.isoformat()


def _clean_channels(row: Row) -> None:
    email = row.values.get("email", "")
    if email.count("@") > 1:
        row.warn("email", "Hier stehen mehrere E-Mail-Adressen. Aufgenommen ohne E-Mail.")
    elif email and not _EMAIL.match(email):
        row.warn("email", "Das ist keine E-Mail-Adresse. Aufgenommen ohne E-Mail.")
    if "email" in row.values:
        row.values["email"] = email if _EMAIL.match(email) else ""
    for name in ("phone", "mobile"):
        if row.values.get(name):
            row.values[name] = _phone(row, name)


def _clean_address(row: Row) -> None:
    """Where somebody lives is kept only if nothing but a letter reaches them (R1)."""
    for name in ("street", "city"):
        if len(row.values.get(name, "")) > LONGEST_LINE:
            row.warn(name, f"Der Text ist länger als {LONGEST_LINE} Zeichen. Nicht aufgenommen.")
            row.values[name] = ""
        if name in row.values and row.values.get("email"):
            row.values[name] = ""


def _phone(row: Row, name: str) -> str:
    """Return the number as it is stored; drop, with a warning, what nobody could dial."""
    number = phones.normal(row.values[name])
    if not number:
        row.warn(name, "Das ist keine Telefonnummer. Aufgenommen ohne diese Nummer.")
    return number


def _kind(row: Row) -> str:
    text = fold(row.values["kind"])
    for word, kind in (("gast", "guest"), ("unterst", "supporter"), ("juso", "youth")):
        if word in text:
            return kind
    if text and "mitglied" not in text and text not in ("aktiv", "ordentlich"):
        row.warn("kind", "Diese Mitgliedsart ist unbekannt. Aufgenommen als „Mitglied“.")
    return "member"
