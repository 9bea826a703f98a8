"""What „Über mich“ asks; registered as answers, so that all of it can be said by phone (R1)."""

from collections.abc import Callable, Mapping
from typing import Final

from django.db.models import Q

from members import shifts
from members.labels import LANGUAGES, SKILLS, SLOTS
from members.models import Person, Topic
from members.services.answers import NO, YES, Answer, Choices, register
from members.services.onboarding import reassign
from portal.common import clock
from portal.common.errors import DomainError

# The page on which a person answers alone.
PAGE: Final = ("members:about_section",)
SHIFT_SLOT: Final = "schicht"
OPEN: Final = ("", "Noch offen")


class PlanUnreadable(DomainError):
    """Not four weeks of known letters."""


def _topics_for(person: Person) -> Choices:
    """What is offered, and what this person has chosen before it was taken off the list."""
    own = person.topics.values("pk")
    found = Topic.objects.filter(Q(is_offered=True) | Q(pk__in=own))
    return [(topic.code, topic.name) for topic in found]


def _offered() -> Choices:
    return [(topic.code, topic.name) for topic in Topic.objects.filter(is_offered=True)]


def _set_topics(person: Person, codes: list[str], by: Person) -> None:
    person.topics.set(Topic.objects.filter(code__in=codes))


def _set(field: str) -> Callable[[Person, str | list[str], Person], None]:
    def apply(person: Person, value: str | list[str], by: Person) -> None:
        setattr(person, field, value)
        person.save(update_fields=[field])

    return apply


def _several(field: str, label: str, table: Mapping[str, str], hint: str = "") -> None:
    """Any number of codes out of a table; a code that left the table stays with who has it."""

    def choices_for(person: Person) -> Choices:
        old = [code for code in getattr(person, field) if code not in table]
        return [*table.items(), *((code, code) for code in old)]

    register(
        Answer(
            field,
            label,
            lambda: list(table.items()),
            lambda person: list(getattr(person, field)),
            _set(field),
            pages=PAGE,
            many=True,
            choices_for=choices_for,
            hint=hint,
        )
    )


def _set_availability(person: Person, codes: list[str], by: Person) -> None:
    """Whoever has no shifts any more needs no plan of them."""
    person.availability = codes
    if SHIFT_SLOT not in codes:
        person.shifts, person.shifts_from = "", None
    person.save(update_fields=["availability", "shifts", "shifts_from"])


def _set_prefers_flinta(person: Person, value: str, by: Person) -> None:
    """Kept at once: whoever does not fit looks after this newcomer no longer (R13)."""
    person.prefers_flinta = value == YES
    person.save(update_fields=["prefers_flinta"])
    reassign([person])


def _plan(person: Person) -> str | None:
    """Return the four weeks from this Monday on; None for somebody without shifts."""
    if SHIFT_SLOT not in person.availability:
        return None
    monday = shifts.monday_of(clock.today())
    return shifts.seen_from(person.shifts, person.shifts_from, monday)


def _set_plan(person: Person, letters: str, by: Person) -> None:
    if not shifts.is_plan(letters):
        raise PlanUnreadable("Dieser Schichtplan ist nicht lesbar. Bitte tipp ihn noch einmal an.")
    is_empty = letters == shifts.NOTHING_KNOWN
    person.shifts = "" if is_empty else letters
    person.shifts_from = None if is_empty else shifts.monday_of(clock.today())
    person.save(update_fields=["shifts", "shifts_from"])


register(
    Answer(
        "topics",
        "Themen",
        _offered,
        lambda person: [topic.code for topic in person.topics.all()],
        _set_topics,
        pages=PAGE,
        many=True,
        choices_for=_topics_for,
    )
)
register(
    Answer(
        "own_interest",
        "Eigenes Thema",
        list,
        lambda person: person.own_interest,
        _set("own_interest"),
        pages=PAGE,
        most_chars=80,
        hint="Etwas anderes? In wenigen Worten, wenn du magst.",
    )
)
register(
    Answer(
        "wish",
        "Wie aktiv",
        lambda: [*Person.Wish.choices, OPEN],
        lambda person: person.wish,
        _set("wish"),
        pages=PAGE,
    )
)
register(
    Answer(
        "time_budget",
        "Wie viel Zeit",
        lambda: [*Person.Time.choices, OPEN],
        lambda person: person.time_budget,
        _set("time_budget"),
        pages=PAGE,
    )
)
register(
    Answer(
        "availability",
        "Freie Zeiten",
        lambda: list(SLOTS.items()),
        lambda person: list(person.availability),
        _set_availability,
        pages=PAGE,
        many=True,
    )
)
register(
    Answer(
        "shifts",
        "Schichtplan",
        list,
        _plan,
        _set_plan,
        pages=("members:my_shifts",),
        phone_page="members:by_phone_shifts",
    )
)
register(
    Answer(
        "prefers_flinta",
        "Wer anruft",
        lambda: [(YES, "Lieber eine Frau oder FLINTA*-Person"), (NO, "Das ist mir egal")],
        lambda person: YES if person.prefers_flinta else NO,
        _set_prefers_flinta,
        pages=PAGE,
    )
)
_several("skills", "Kann ich gut", SKILLS)
_several("languages", "Sprachen", LANGUAGES)
