"""What both sides of a tandem are asked, registered so that it can be said by phone (R1)."""

from collections.abc import Callable
from uuid import UUID

from django.db.models import Q

from members.models import Mentor, Onboarding, Person, Tandem, TandemMeeting
from members.models.tandems import still_looking
from members.queries import tandems as queries
from members.services import mentors, tandems
from members.services.answers import NO, YES, Answer, Choices, register
from members.services.profile_answers import OPEN
from portal.common import clock

COMPLETED, LONGER = "abschluss", "laenger"
ENDS = {
    COMPLETED: "Ja, das Abschlussgespräch war",
    LONGER: f"Nein, wir machen {tandems.LONGER[0]} Monate weiter",
}
YES_OR_NO = [(YES, "Ja"), (NO, "Nein"), OPEN]


def running(person: Person) -> Onboarding | None:
    """The arrival that mentors are proposed for."""
    found = Onboarding.objects.filter(still_looking(), person=person)
    return found.select_related("person").order_by("-started_on").first()


def asked_newcomer(person: Person) -> str | None:
    """The reasons of the proposal this newcomer can answer; None without one."""
    onboarding = running(person)
    proposal = tandems.proposal_for(onboarding) if onboarding else None
    return proposal.explanation if proposal else None


def answer_proposal(person: Person, value: str, by: Person, shown: str = "") -> None:
    """`shown` is the mentor whose card was looked at: nobody says yes to another one."""
    onboarding = running(person)
    proposal = tandems.proposal_for(onboarding) if onboarding else None
    if onboarding is None or proposal is None or proposal.mentor_id is None:
        raise tandems.TandemRefused(tandems.TOO_LATE)
    if shown and shown != str(proposal.mentor_id):
        raise tandems.TandemRefused(tandems.TOO_LATE)
    act = tandems.accept if value == YES else tandems.decline
    act(onboarding, proposal.mentor_id, by)


def asked_mentor(person: Person) -> Tandem | None:
    """The oldest tandem that waits for this mentor's answer."""
    return queries.unanswered_by(person).order_by("asked_at", "pk").first()


def answer_as_mentor(person: Person, value: str, by: Person) -> None:
    tandem = asked_mentor(person)
    if tandem is None:
        raise tandems.TandemRefused(tandems.NOT_OPEN)
    tandems.answer(tandem.pk, person, yes=value == YES, by=by)


def active_of(person: Person) -> list[Tandem]:
    """The tandems this person is part of, the oldest first."""
    own = Tandem.objects.active().filter(Q(newcomer=person) | Q(mentor=person) | Q(second=person))
    return list(own.order_by("started_on", "pk"))


def _which(person: Person) -> Choices:
    """One choice for each; by its first day, because whoever writes it down knows no more."""
    found = [(str(one.pk), f"Ja, seit {one.started_on:%d.%m.%Y}") for one in active_of(person)]
    return [*found, ("", "Nein")]


def met_today(person: Person, pk: str, by: Person) -> None:
    tandems.note_meeting(UUID(pk), clock.today(), TandemMeeting.How.MEETING, by)


def _ends(person: Person) -> Choices:
    found = [
        (f"{step} {one.pk}", f"{label} (Tandem seit {one.started_on:%d.%m.%Y})")
        for one in active_of(person)
        for step, label in ENDS.items()
    ]
    return [*found, ("", "Nicht gefragt")]


def complete_or_extend(person: Person, value: str, by: Person) -> None:
    step, _, pk = value.partition(" ")
    if step == LONGER:
        tandems.extend(UUID(pk), tandems.LONGER[0], by)
    else:
        tandems.complete(UUID(pk), by)


def leave(person: Person, pk: str, by: Person) -> None:
    tandems.leave(UUID(pk), person, by)


def _if(found: object, value: str = "") -> str | None:
    return value if found else None


def _set_wished(person: Person, name: str, by: Person) -> None:
    Onboarding.objects.filter(still_looking(), person=person).update(wished_mentor=name)


def _wished(person: Person) -> str | None:
    onboarding = running(person)
    return onboarding.wished_mentor if onboarding else None


def _guardian(person: Person) -> str | None:
    onboarding = running(person) if person.is_minor else None
    return _if(onboarding and onboarding.guardian_consent_on is None)


def _read_out(of: Callable[[Person], str | None]) -> Callable[[Person], str]:
    return lambda person: of(person) or ""


def _about_newcomer(person: Person) -> str:
    tandem = asked_mentor(person)
    return tandem.explanation if tandem else ""


register(
    Answer(
        "wished_mentor",
        "Wunsch-Mentor:in",
        list,
        _wished,
        _set_wished,
        pages=("members:about_section",),
        most_chars=80,
        own_label="Kennst du schon jemanden?",
        hint="Vorname und Nachname, wenn du magst. Die Person erfährt es nicht.",
    )
)
register(
    Answer(
        "mentor_proposal",
        "Vorschlag für eine Mentor:in",
        lambda: YES_OR_NO,
        lambda person: _if(asked_newcomer(person)),
        answer_proposal,
        read_out=_read_out(asked_newcomer),
        links=("mentor-yes", "mentor-no"),
        pages=("members:my_proposal",),
    )
)
register(
    Answer(
        "guardian",
        "Einwilligung der Eltern liegt auf Papier vor",
        lambda: [(YES, "Ja, unterschrieben"), OPEN],
        _guardian,
        lambda person, _value, by: tandems.guardian_agrees(person, clock.today(), by),
    )
)


def _offer(person: Person) -> str | None:
    """Nobody under age is asked to look after others."""
    return _if(mentors.of(person) is None and not person.is_minor)


def _rests(person: Person) -> str | None:
    mentor = mentors.of(person)
    return None if mentor is None else YES if mentor.paused_on else NO


def _rest(person: Person, value: str, by: Person) -> None:
    if mentor := mentors.of(person):
        mentors.pause(mentor, rests=value == YES)


def _capacity(person: Person) -> str | None:
    mentor = mentors.of(person)
    return str(mentor.capacity) if mentor else None


def _set_capacity(person: Person, value: str, by: Person) -> None:
    Mentor.objects.filter(person=person).update(capacity=int(value))


register(
    Answer(
        "mentor_offer",
        "Möchte Mentor:in werden",
        lambda: [(YES, "Ja, und behält für sich, was jemand erzählt"), ("", "Nicht gefragt")],
        _offer,
        lambda person, _value, by: mentors.offer(person, by),
        pages=("members:mentor_new",),
    )
)
register(
    Answer(
        "mentor_pause",
        "Pause als Mentor:in",
        lambda: [(YES, "Ja, keine neuen Vorschläge"), (NO, "Nein")],
        _rests,
        _rest,
        pages=("members:mentor_pause", "members:mentor_stop"),
    )
)
register(
    Answer(
        "mentor_capacity",
        "Plätze als Mentor:in",
        lambda: [("1", "eine Person"), ("2", "zwei"), ("3", "drei")],
        _capacity,
        _set_capacity,
        pages=("members:mentor_profile",),
    )
)
register(
    Answer(
        "tandem_request",
        "Will dieses Neumitglied begleiten",
        lambda: YES_OR_NO,
        lambda person: _if(asked_mentor(person)),
        answer_as_mentor,
        read_out=_about_newcomer,
        links=("tandem-yes", "tandem-no"),
        pages=("members:tandem_answer",),
    )
)
register(
    Answer(
        "tandem_met",
        "Tandem: haben sich getroffen",
        list,
        lambda person: _if(active_of(person)),
        met_today,
        choices_for=_which,
        links=("tandem-met",),
        pages=("members:tandem_met",),
    )
)
register(
    Answer(
        "tandem_leave",
        "Tandem: will aufhören oder wechseln",
        list,
        lambda person: _if(active_of(person)),
        leave,
        choices_for=_which,
        pages=("members:tandem_leave",),
    )
)
register(
    Answer(
        "tandem_closing",
        "Tandem: Abschluss",
        list,
        lambda person: _if(active_of(person)),
        complete_or_extend,
        choices_for=_ends,
        pages=("members:tandem_leave",),
    )
)
