"""How somebody is reached best: by which way, and when (people.md R3, R11)."""

from dataclasses import dataclass
from datetime import date

from members.labels import SHIFTS, SLOTS
from members.models import Person
from members.shifts import EARLY, FREE, LATE, NIGHT, WEEK, monday_of, seen_from
from portal.common import clock

Channel = Person.Channel
WORK = (EARLY, LATE, NIGHT)


@dataclass(frozen=True, slots=True)
class Way:
    """One button: a telephone, a mail program or the messages of this phone opens."""

    label: str
    href: str
    number: str = ""


def best_way(person: Person, *, may_use_messenger: bool) -> Way | None:
    """Return the way this person chose, if we may and can; else the telephone, else mail.

    Which messenger two people share we do not know, so the phone's own messages open.
    """
    number = person.best_phone.replace(" ", "")
    mail = Way("E-Mail schreiben", f"mailto:{person.email}") if person.email else None
    call = Way("Anrufen", f"tel:{number}", person.best_phone) if number else None
    if person.preferred_channel == Channel.MESSENGER and may_use_messenger and person.mobile:
        return Way("Nachricht schreiben", f"sms:{person.mobile.replace(' ', '')}")
    if person.preferred_channel == Channel.EMAIL and mail:
        return mail
    return call or mail


def when(person: Person) -> str:
    """Return when a call fits: this week's shifts if they are known, else the usual times."""
    return _shifts(person, clock.today()) or ", ".join(
        SLOTS[slot] for slot in person.availability if slot in SLOTS and slot != "schicht"
    )


def _shifts(person: Person, today: date) -> str:
    """„diese Woche Spätschicht“; in a mixed week what is today."""
    week = seen_from(person.shifts, person.shifts_from, monday_of(today))[:WEEK]
    worked, now = set(week) & set(WORK), week[today.weekday()]
    if len(worked) == 1:
        return f"diese Woche {SHIFTS[worked.pop()]}schicht"
    if now in WORK:
        return f"heute {SHIFTS[now]}schicht"
    return "heute frei" if now == FREE else ""
