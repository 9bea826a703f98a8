"""What both sides of a tandem get; no name leaves before both have said yes (R14)."""

from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.urls import reverse

from members.mails.house import ADDRESS_CHANGED, HOUSE, SAMPLE_URL, house, is_not_theirs
from members.models import MatchingRun, MatchProposal, Person, Tandem, TandemReport
from members.models.retention import held_people
from members.services import tandem_mail, tandems
from members.services.tandem_ways import way_from
from portal.common import links
from portal.common.dates import long_day
from portal.common.outbox import kinds
from portal.common.outbox.models import OutgoingMail
from portal.common.outbox.wording import Placeholder

State = Tandem.State
GONE = tandem_mail.GONE


def _link(name: str, what: str) -> Placeholder:
    return Placeholder(name, what, f"{SAMPLE_URL}{name}/", is_link=True, may_be_empty=True)


def _linked(mail: OutgoingMail, **targets: tuple[str, str]) -> dict[str, str]:
    """Links for a mail; on paper there are none, and their lines go."""
    if mail.channel == OutgoingMail.Channel.LETTER:
        return dict.fromkeys(targets, "")
    return {name: links.signed_url(code, subject) for name, (code, subject) in targets.items()}


# --- The proposal ---


def _proposal(mail: OutgoingMail) -> MatchProposal | None:
    found = MatchProposal.objects.filter(
        run__state=MatchingRun.State.CURRENT,
        onboarding=mail.ids["onboarding"],
        mentor=mail.ids["mentor"],
    )
    return found.select_related("onboarding__person").first()


def _proposal_context(mail: OutgoingMail) -> Mapping[str, Any]:
    proposal = _proposal(mail)
    assert proposal is not None  # `_may_propose` was asked before
    person = proposal.onboarding.person
    subject = f"{proposal.onboarding_id}:{proposal.mentor_id}"
    answers = _linked(mail, ja=("mentor-yes", subject), nein=("mentor-no", subject))
    said = {"language": person.language, "vorname": person.first_name}
    return house() | said | answers | {"begruendung": proposal.explanation}


def _may_propose(mail: OutgoingMail) -> str | None:
    proposal = _proposal(mail)
    if proposal is None or tandems.proposal_for(proposal.onboarding) is None:
        return GONE
    return ADDRESS_CHANGED if is_not_theirs(mail, proposal.onboarding.person) else None


kinds.register(
    kinds.MailKind(
        code=tandem_mail.PROPOSAL,
        title="Vorschlag für eine Mentor:in",
        template="members/mentor_proposal",
        recipient="Neumitglied, dem jemand vorgeschlagen wird",
        reason="Du hast nicht gesagt, dass du keine Mentor:in möchtest.",
        mail_class=kinds.MailClass.INVITATION,
        counts_for_cap=True,
        context=_proposal_context,
        may_send=_may_propose,
        placeholders=(
            *HOUSE,
            Placeholder(
                "begruendung", "was die beiden verbindet", "Beide interessieren sich für Wohnen."
            ),
            _link("ja", "Link „Ja, gern“"),
            _link("nein", "Link „Lieber jemand anderes“"),
        ),
        secrets=("ja", "nein"),
        bulk=True,
        keeps_quiet=True,
    )
)

# --- To one side of a tandem ---


def _tandem(mail: OutgoingMail) -> Tandem | None:
    rows = Tandem.objects.select_related("newcomer", "mentor", "second")
    return rows.filter(pk=mail.ids["tandem"]).first()


def _side(mail: OutgoingMail, tandem: Tandem) -> Person | None:
    people = [tandem.newcomer, *tandem.mentors]
    return next((one for one in people if one.pk == mail.recipient_key), None)


def _may(*states: str) -> Callable[[OutgoingMail], str | None]:
    def may_send(mail: OutgoingMail) -> str | None:
        tandem = _tandem(mail)
        if tandem is None or tandem.state not in states:
            return GONE
        person = _side(mail, tandem)
        if person is None:
            return GONE
        if tandem.outcome == Tandem.Outcome.BLOCKED or _is_held(tandem):
            return "gesperrt"
        return ADDRESS_CHANGED if is_not_theirs(mail, person) else None

    return may_send


def _is_held(tandem: Tandem) -> bool:
    people = [tandem.newcomer_id, *(one.pk for one in tandem.mentors)]
    return held_people().filter(person__in=people).exists()


def _base(mail: OutgoingMail) -> tuple[Tandem, Person, dict[str, Any]]:
    tandem = _tandem(mail)
    person = _side(mail, tandem) if tandem else None
    assert tandem is not None  # `may_send` was asked before
    assert person is not None  # the same
    said = {"language": person.language, "vorname": person.first_name}
    return tandem, person, house() | said


def _asked_context(mail: OutgoingMail) -> Mapping[str, Any]:
    tandem, person, said = _base(mail)
    subject = f"{tandem.pk}:{person.pk}"
    answers = _linked(mail, ja=("tandem-yes", subject), nein=("tandem-no", subject))
    both = "ja" if tandem.second_id else ""
    return said | answers | {"begruendung": tandem.explanation, "wenn_zu_zweit": both}


def _begins_context(mail: OutgoingMail) -> Mapping[str, Any]:
    tandem, person, said = _base(mail)
    is_newcomer = person.pk == tandem.newcomer_id
    others = [one for one in (tandem.newcomer, *tandem.mentors) if one != person]
    assert tandem.first_meeting_by is not None  # active, so it has a first day
    page = settings.BASE_URL + reverse("members:tandem", args=[tandem.pk])
    return said | {
        "person": " und ".join(one.first_name for one in others),
        "weg": "; ".join(_way(person, tandem, one) for one in others),
        "tag": long_day(tandem.first_meeting_by),
        "wenn_neumitglied": "ja" if is_newcomer else "",
        "wenn_mentor": "" if is_newcomer else "ja",
        "wenn_zu_zweit": "ja" if tandem.second_id and not is_newcomer else "",
        "seite": page if mail.channel == OutgoingMail.Channel.MAIL else "",
    }


def _way(reader: Person, tandem: Tandem, other: Person) -> str:
    """How the other side is reached, in words."""
    way = way_from(reader, tandem, other)
    return f"{other.first_name}: {way.address or way.label or 'über die Geschäftsstelle'}"


def _over_context(mail: OutgoingMail) -> Mapping[str, Any]:
    tandem, person, said = _base(mail)
    is_newcomer = person.pk == tandem.newcomer_id
    began = tandem.started_on is not None
    return said | {
        "wenn_gesucht": "ja" if is_newcomer else "",
        "wenn_begonnen": "ja" if began and not is_newcomer else "",
        "wenn_nicht_begonnen": "" if began or is_newcomer else "ja",
    }


def _page(mail: OutgoingMail, tandem: Tandem) -> str:
    if mail.channel == OutgoingMail.Channel.LETTER:
        return ""
    return settings.BASE_URL + reverse("members:tandem", args=[tandem.pk])


def _silent_context(mail: OutgoingMail) -> Mapping[str, Any]:
    tandem, person, said = _base(mail)
    met = _linked(mail, ja=("tandem-met", f"{tandem.pk}:{person.pk}"))
    return said | met | {"seite": _page(mail, tandem)}


def _closing_context(mail: OutgoingMail) -> Mapping[str, Any]:
    tandem, _, said = _base(mail)
    assert tandem.planned_end is not None  # active, so it has an end
    return said | {"tag": long_day(tandem.planned_end), "seite": _page(mail, tandem)}


def _condition(name: str, what: str) -> Placeholder:
    return Placeholder(name, f"am Anfang einer Zeile: nur, {what}", "ja", may_be_empty=True)


def _register(
    code: str,
    title: str,
    template: str,
    context: Callable[[OutgoingMail], Mapping[str, Any]],
    states: tuple[str, ...],
    placeholders: tuple[Placeholder, ...],
    secrets: tuple[str, ...] = (),
) -> None:
    kinds.register(
        kinds.MailKind(
            code=code,
            title=title,
            template=f"members/{template}",
            recipient="beide Seiten eines Tandems, oder eine davon",
            reason="Du bist Teil eines Tandems, oder du hast dich als Mentor:in gemeldet.",
            mail_class=kinds.MailClass.REQUESTED,
            counts_for_cap=False,
            context=context,
            may_send=_may(*states),
            placeholders=(*HOUSE, *placeholders),
            secrets=secrets,
            keeps_quiet=True,
        )
    )


_BOTH = _condition("wenn_zu_zweit", "wenn zwei Mentor:innen begleiten")
_DAY = Placeholder("tag", "bis wann", "3. Dezember")
_PAGE = _link("seite", "Link zur Seite des Tandems")
_register(
    tandem_mail.ASKED,
    "Frage an eine Mentor:in",
    "tandem_asked",
    _asked_context,
    (State.ASKED,),
    (
        Placeholder("begruendung", "was die beiden verbindet", "Beide interessieren sich für X."),
        _link("ja", "Link „Ja, mache ich“"),
        _link("nein", "Link „Gerade nicht“"),
        _BOTH,
    ),
    ("ja", "nein"),
)
_register(
    tandem_mail.BEGINS,
    "Das Tandem beginnt",
    "tandem_begins",
    _begins_context,
    (State.ACTIVE,),
    (
        Placeholder("person", "Vorname der anderen Seite", "Alex", is_needed=True),
        Placeholder("weg", "wie man sie erreicht", "Alex: 0511 0000000", is_needed=True),
        _DAY,
        _condition("wenn_neumitglied", "wenn es an das Neumitglied geht"),
        _condition("wenn_mentor", "wenn es an die Mentor:in geht"),
        _BOTH,
        _PAGE,
    ),
    ("person", "weg", "seite"),
)
_register(
    tandem_mail.OVER,
    "Das Tandem ist zu Ende",
    "tandem_over",
    _over_context,
    (State.ENDED,),
    (
        _condition("wenn_gesucht", "wenn wir weitersuchen"),
        _condition("wenn_begonnen", "wenn es schon begonnen hatte"),
        _condition("wenn_nicht_begonnen", "wenn es noch nicht begonnen hatte"),
    ),
)
_register(
    tandem_mail.SILENT,
    "Trefft ihr euch noch?",
    "tandem_silent",
    _silent_context,
    (State.ACTIVE,),
    (_link("ja", "Link „Ja, haben wir“"), _PAGE),
    ("ja", "seite"),
)
_register(
    tandem_mail.CLOSING,
    "Zeit für das Abschlussgespräch",
    "tandem_closing",
    _closing_context,
    (State.ACTIVE,),
    (_DAY, _PAGE),
    ("seite",),
)

# --- To the two people of the office ---


def _report(mail: OutgoingMail) -> TandemReport | None:
    return TandemReport.objects.open().filter(pk=mail.ids["report"]).first()


def _reported_context(mail: OutgoingMail) -> Mapping[str, Any]:
    person = Person.objects.get(pk=mail.recipient_key)
    page = settings.BASE_URL + reverse("members:tandem_reports")
    return house() | {"vorname": person.first_name, "seite": page}


def _may_report(mail: OutgoingMail) -> str | None:
    report = _report(mail)
    if report is None or mail.recipient_key not in (report.first_told_id, report.second_told_id):
        return "schon geklärt"
    person = Person.objects.filter(pk=mail.recipient_key).first()
    return ADDRESS_CHANGED if person is None or is_not_theirs(mail, person) else None


kinds.register(
    kinds.MailKind(
        code=tandem_mail.REPORTED,
        title="Meldung aus dem Mentoring",
        template="members/tandem_reported",
        recipient="zwei Menschen der Geschäftsstelle",
        reason="Jemand hat etwas gemeldet und braucht deinen Anruf.",
        mail_class=kinds.MailClass.DUTY,
        counts_for_cap=False,
        context=_reported_context,
        may_send=_may_report,
        placeholders=(*HOUSE, _link("seite", "Link zu den Meldungen")),
        mail_only=True,
    )
)
