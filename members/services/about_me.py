"""„Über mich“ in small pieces: one question a page, and which one comes next."""

from dataclasses import dataclass

from members.models import Person
from members.services import answers
from members.services.profile_answers import SHIFT_SLOT


@dataclass(frozen=True, slots=True)
class Section:
    """One question with its own page; `codes` are the answers it gives."""

    slug: str
    question: str
    why: str
    codes: tuple[str, ...]


SECTIONS = (
    Section(
        "interessen",
        "Was interessiert dich?",
        "Dann können wir dir zeigen, was dazu bei dir in der Nähe passiert.",
        ("topics", "own_interest"),
    ),
    Section(
        "wie-aktiv",
        "Wie aktiv willst du sein?",
        "Alles ist in Ordnung, auch nur zuzuschauen. Du kannst es jederzeit ändern.",
        ("wish",),
    ),
    Section(
        "freie-zeiten",
        "Wann hast du Zeit?",
        "Dann ruft dich niemand zur falschen Zeit an.",
        ("availability",),
    ),
    Section(
        "zeit",
        "Wie viel Zeit hast du?",
        "Eine Stunde ab und zu hilft schon.",
        ("time_budget",),
    ),
    Section(
        "koennen",
        "Was kannst du gut?",
        "Niemand wird deshalb verpflichtet. Es hilft beim Vorschlagen.",
        ("skills",),
    ),
    Section(
        "sprachen",
        "Welche Sprachen sprichst du?",
        "Vielleicht spricht jemand bei dir vor Ort dieselbe.",
        ("languages",),
    ),
    Section(
        "wer-anruft",
        "Mit wem sprichst du lieber?",
        "Niemand fragt, warum. Wer dich anruft, weiß nur, dass du es dir so wünschst.",
        ("prefers_flinta",),
    ),
    Section(
        "mentoring",
        "Möchtest du eine Mentor:in?",
        "Jemand mit Erfahrung begleitet dich ein Stück. Nein sagen ist völlig in Ordnung.",
        ("mentor", "wished_mentor"),
    ),
)
BY_SLUG = {section.slug: section for section in SECTIONS}


@dataclass(frozen=True, slots=True)
class Told:
    """One question and what was said to it so far."""

    section: Section
    said: list[str]


def told(person: Person) -> list[Told]:
    """Return every question this person can be asked, with the answers in words."""
    codes = [code for section in SECTIONS for code in section.codes]
    found = {entry.answer.code: entry for entry in answers.asked_of(person, codes)}
    return [
        Told(section, [word for code in section.codes for word in found[code].said])
        for section in SECTIONS
        if all(code in found for code in section.codes)
    ]


def _open_sections(person: Person, *, has_topics: bool) -> list[Section]:
    told = {
        "interessen": has_topics or bool(person.own_interest),
        "wie-aktiv": bool(person.wish),
        "freie-zeiten": bool(person.availability),
        "zeit": bool(person.time_budget),
        "koennen": bool(person.skills),
        "sprachen": bool(person.languages),
        "wer-anruft": True,  # whoever wants it finds it
        "mentoring": True,  # a yes until somebody says no
    }
    return [section for section in SECTIONS if not told[section.slug]]


def next_question(person: Person, *, has_topics: bool) -> Section | None:
    """Return the one fact to ask for next; nothing from whoever only wants to support."""
    if person.wish == Person.Wish.SUPPORTING:
        return None
    return next(iter(_open_sections(person, has_topics=has_topics)), None)


def has_said_nothing(person: Person, *, has_topics: bool) -> bool:
    """Is the page about this person still empty?"""
    return len(_open_sections(person, has_topics=has_topics)) == len(SECTIONS) - 2


def has_shifts(person: Person) -> bool:
    return SHIFT_SLOT in person.availability
