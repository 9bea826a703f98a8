"""The sentences of a digest: first names, one date, no reproach."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.conf import settings
from django.urls import reverse

from members import digest_links
from members.models import Milestone, Onboarding, Person, Step
from members.queries import reminders
from members.queries.calls import SUGGESTED_WITHIN
from members.queries.reminders import Told
from portal.common import clock, dates, ladder, links
from portal.common.todos import Todo

# More than that nobody reads in a mail; the page has them all.
MOST = 10
NUMBERS = "Null Ein Zwei Drei Vier Fünf Sechs Sieben Acht Neun Zehn Elf Zwölf".split()
RATHER = {
    Person.Channel.EMAIL: "schreibt lieber E-Mails",
    Person.Channel.MESSENGER: "schreibt lieber über Messenger",
    Person.Channel.LETTER: "bekommt lieber Briefe",
    Person.Channel.MEETING: "trifft sich lieber persönlich",
}
SAMPLE_SENTENCE = "ein Mensch freut sich auf deinen Anruf."
SAMPLE_CALLS = "Kim: Erstes Gespräch, fällig seit Samstag."


@dataclass(frozen=True, slots=True)
class Lines:
    sentence: str
    calls: str
    help: str
    tasks: str


@dataclass(frozen=True, slots=True)
class _About:
    """One newcomer and everything the reader is told about them."""

    onboarding: Onboarding
    told: list[Told]
    milestones: dict[UUID, Milestone]

    @property
    def name(self) -> str:
        # One word in a line of its own: no colon that would part a link, no line break.
        return " ".join(self.onboarding.person.first_name.replace(":", " ").split())

    @property
    def is_own(self) -> bool:
        return any(told.role not in (reminders.UP, reminders.LATE) for told in self.told)

    @property
    def is_call(self) -> bool:
        """Is there somebody to call, not only something to hand over?"""
        found = [self.milestones.get(t.milestone) for t in self.told if t.milestone]
        talks = any(m is not None and m.kind == Step.Kind.CONTACT for m in found)
        return self.is_own and (talks or any(t.milestone is None for t in self.told))

    @property
    def later_on(self) -> date | None:
        """The day of the next call, while it is ahead."""
        on = self.onboarding.follow_up_on
        return on if on and on > clock.today() else None

    @property
    def due_on(self) -> date:
        return self.onboarding.next_due_on or date.max


def lines(reader: Person, day: date, told: Sequence[Told], todos: Sequence[Todo]) -> Lines:
    """Return what the digest of `day` says to this reader now."""
    everybody = _by_newcomer(told)
    own = [about for about in everybody if about.is_own]
    reported = [about for about in everybody if not about.is_own]
    calls = sum(about.is_call for about in own)
    return Lines(
        _sentence(calls, len(own), len(reported)),
        _blocks([_call(reader, day, about) for about in own[:MOST]], len(own)),
        _blocks([_help(reader, about) for about in reported[:MOST]], len(reported)),
        _blocks([f"{todo.title}: {_absolute(todo.url)}" for todo in todos[:MOST]], len(todos)),
    )


def _by_newcomer(told: Sequence[Told]) -> list[_About]:
    rows = Onboarding.objects.select_related("person__gliederung", "responsible")
    onboardings = rows.in_bulk({one.onboarding for one in told})
    milestones = Milestone.objects.in_bulk({one.milestone for one in told if one.milestone})
    found = [
        _About(onboarding, [one for one in told if one.onboarding == pk], milestones)
        for pk, onboarding in onboardings.items()
    ]
    return sorted(found, key=lambda about: (about.due_on, about.onboarding.person.sort_name))


def _sentence(calls: int, own: int, reported: int) -> str:
    """After „Hallo …,“, so it begins small; it is also what a telephone shows of the mail."""
    if calls:
        return _people(calls, "freut sich", "freuen sich") + " auf deinen Anruf."
    if own:
        return "für jemanden liegt etwas zum Übergeben bereit."
    if reported:
        return (
            "bei " + _people(reported, "", "", dative=True) + " hilft vielleicht ein Anruf von dir."
        )
    return "auf deiner Liste steht etwas Neues."


def _people(count: int, one: str, many: str, *, dative: bool = False) -> str:
    if count == 1:
        return "einem Menschen" if dative else f"ein Mensch {one}".strip()
    number = NUMBERS[count].lower() if count < len(NUMBERS) else str(count)
    return f"{number} Menschen {many}".strip()


def _blocks(blocks: Sequence[str], count: int) -> str:
    rest = count - len(blocks)
    more = [f"… und {rest} weitere auf deiner Liste." if rest > 1 else "… und noch jemand."]
    return "\n\n".join([*blocks, *(more if rest else [])])


def _call(reader: Person, day: date, about: _About) -> str:
    subject = digest_links.subject(reader.pk, about.onboarding.pk, day)
    answers: Iterable[str] = ()
    if about.is_call:
        answers = (
            f"{about.name} erreicht: {links.signed_url(digest_links.REACHED, subject)}",
            f"{about.name} nicht erreicht: {links.signed_url(digest_links.NOT_REACHED, subject)}",
            f"{about.name} nächste Woche: {links.signed_url(digest_links.NEXT_WEEK, subject)}",
        )
    rather = RATHER.get(Person.Channel(about.onboarding.person.preferred_channel))
    said = [*_sentences(about), f"{about.name} {rather}." if rather and about.is_call else ""]
    if about.later_on:
        said.append(f"Du wolltest am {dates.day(about.later_on)} wieder anrufen.")
    said = [*said[:1], *(f"{one[:1].upper()}{one[1:]}" for one in said[1:])]
    return "\n".join(
        [f"{_named(reader, about)}: " + " ".join(filter(None, said)), _page(about), *answers]
    )


def _help(reader: Person, about: _About) -> str:
    whose = _whose(reader, about)
    said = f"{_named(reader, about)}: " + " ".join(filter(None, [*_sentences(about), whose]))
    return f"{said}\n{_page(about)}"


def _whose(reader: Person, about: _About) -> str:
    """Whom to ask; and that they will call, so that nobody is blamed who has agreed on a day."""
    responsible = about.onboarding.responsible
    if about.later_on:
        day = dates.day(about.later_on)
        if responsible and responsible != reader:
            return f"{responsible.first_name} will am {day} wieder anrufen."
        return f"Am {day} soll wieder jemand anrufen."
    return f"Zuständig ist {responsible.first_name}." if responsible else ""


def _named(reader: Person, about: _About) -> str:
    """The first name; the place only where a reader takes care of several."""
    gliederung = about.onboarding.person.gliederung
    if gliederung is None or gliederung == reader.gliederung:
        return about.name
    return f"{about.name}, {gliederung.name}"


def _page(about: _About) -> str:
    url = reverse("members:newcomer", args=[about.onboarding.pk])
    return f"Seite von {about.name} öffnen: {_absolute(url)}"


def _absolute(url: str) -> str:
    return settings.BASE_URL + url


def _sentences(about: _About) -> list[str]:
    """Each thing once, the earliest date first."""
    with_milestone = [
        (about.milestones[told.milestone], told)
        for told in about.told
        if told.milestone in about.milestones
    ]
    with_milestone.sort(key=lambda pair: (pair[0].due_on, pair[0].position))
    said = [_OTHER[told.role](about) for told in about.told if told.milestone is None]
    # Whoever has a day with somebody needs no suggestion when to call.
    needed = [
        (one, told) for one, told in with_milestone if not said or told.step != ladder.ARRIVED
    ]
    return said + [_promise(about, milestone, told) for milestone, told in needed]


def _promise(about: _About, milestone: Milestone, told: Told) -> str:
    suggested = about.onboarding.arrived_on + SUGGESTED_WITHIN
    if told.step == ladder.ARRIVED and suggested >= clock.today():
        news = "wieder eingeladen" if about.onboarding.wave_id else "neu dabei"
        return _closed(f"{news}. Am schönsten ist ein Anruf {dates.due(suggested)}")
    late = " Die Daten kamen erst spät bei uns an." if milestone.is_late_data else ""
    return _closed(f"{milestone.title}, {dates.due(milestone.due_on)}") + late


def _closed(sentence: str) -> str:
    """With one full stop: a date ends with its own."""
    return sentence if sentence.endswith(".") else f"{sentence}."


def _asked(about: _About) -> str:
    return "wartet noch auf den ersten Anruf. Magst du dich melden?"


def _follow_up(about: _About) -> str:
    on = about.onboarding.follow_up_on
    assert on is not None  # it is why this is named
    past = clock.today() - on > timedelta(0)
    return f"du wolltest dich {'am ' + dates.day(on) if past else 'heute'} wieder melden."


_OTHER: dict[str, Callable[[_About], str]] = {
    reminders.ASKED: _asked,
    reminders.FOLLOW_UP: _follow_up,
}
