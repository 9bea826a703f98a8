"""The one welcome, as mail or letter."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from members.mails.house import (
    ADDRESS_CHANGED,
    HOUSE,
    INVITATION_LINK,
    SAMPLE_URL,
    house,
    is_not_theirs,
)
from members.models import Membership, Milestone, Onboarding, Step
from members.queries.responsible import shown_contact
from members.services import invitations
from members.services.welcome import WELCOME
from portal.common import clock, links
from portal.common.dates import long_day
from portal.common.outbox import kinds, languages
from portal.common.outbox.models import OutgoingMail
from portal.common.outbox.wording import Placeholder

# Somebody who joined longer ago is not greeted as if it were yesterday (R4).
LATE_WELCOME = timedelta(days=92)


def _onboarding(mail: OutgoingMail) -> Onboarding:
    return Onboarding.objects.select_related("person", "responsible", "person__gliederung").get(
        pk=mail.ids["onboarding"]
    )


def welcome_context(mail: OutgoingMail) -> Mapping[str, Any]:
    """What the welcome says today: the contact and the number valid at this moment."""
    onboarding = _onboarding(mail)
    person = onboarding.person
    common = house()
    contact = shown_contact(onboarding, common["geschaeftsstelle_telefon"])
    joined_long_ago = onboarding.started_on < clock.today() - LATE_WELCOME
    promised = [m for m in onboarding.milestones.all() if m.state == Milestone.State.OPEN]
    return (
        common
        | {
            "language": person.language,
            "vorname": person.first_name,
            "nachname": person.family_name if person.given_name else "",
            "ansprechperson": contact.person.full_name if contact.person else "",
            "ansprechperson_vorname": contact.person.first_name if contact.person else "",
            "ansprechperson_telefon": contact.phone,
            "wenn_ohne_ansprechperson": contact.person is None,
            "wenn_neu": not joined_long_ago,
            "wenn_schon_laenger": joined_long_ago,
            "termine": _dates(promised, person.language),
            "naechste_zwei_termine": _dates(promised[:2], person.language),
        }
        | (_no_links() if mail.channel == OutgoingMail.Channel.LETTER else _links(onboarding))
    )


def _links(onboarding: Onboarding) -> dict[str, str]:
    person, subject = onboarding.person, str(onboarding.pk)
    return {
        "einladung": invitations.url(invitations.ensure_invitation(person)),
        "niemand_gemeldet": links.signed_url("nobody-called", subject),
        "lieber_schreiben": links.signed_url("rather-write", subject),
        "andere_sprachen": "\n".join(
            f"{name}: {links.signed_url('language', f'{subject}:{code}')}"
            for code, name in languages.choices()
            if code != person.language
        ),
    }


def _no_links() -> dict[str, str]:
    """Nobody can tap on paper, and an invitation nobody sees is not made."""
    return dict.fromkeys(
        ("einladung", "niemand_gemeldet", "lieber_schreiben", "andere_sprachen"), ""
    )


def _dates(promised: list[Milestone], language: str) -> str:
    if language == languages.ENGLISH:
        return "\n".join(f"- {_in_english(m)}: by {m.due_on:%d.%m.%Y}" for m in promised)
    by = "bis zum" if language == languages.EASY else "spätestens am"
    return "\n".join(f"- {m.title}: {by} {long_day(m.due_on)}" for m in promised)


def _in_english(milestone: Milestone) -> str:
    if milestone.kind == Step.Kind.HANDOVER:
        return f"You get your {milestone.title}"
    return "First talk" if milestone.position == 1 else "Another talk"


WELCOME_PLACEHOLDERS = (
    *(replace(p, is_needed=True) if p.name == "impressum" else p for p in HOUSE),
    INVITATION_LINK,
    Placeholder("nachname", "Nachname der Person", "Beispiel", may_be_empty=True),
    Placeholder(
        "ansprechperson",
        "Name der Ansprechperson",
        "Alex Muster",
        is_needed=True,
        may_be_empty=True,
    ),
    Placeholder("ansprechperson_vorname", "Vorname der Ansprechperson", "Alex", may_be_empty=True),
    Placeholder(
        "ansprechperson_telefon",
        "Telefonnummer, die die Ansprechperson zeigen will",
        "0511 1111111",
        may_be_empty=True,
    ),
    Placeholder(
        "wenn_ohne_ansprechperson",
        "am Anfang einer Zeile: Sie steht nur da, wenn es noch keine Ansprechperson gibt",
        "",
        is_needed=True,
        may_be_empty=True,
    ),
    Placeholder(
        "wenn_neu", "am Anfang einer Zeile: nur für frisch Eingetretene", "ja", may_be_empty=True
    ),
    Placeholder(
        "wenn_schon_laenger",
        "am Anfang einer Zeile: nur, wer länger als drei Monate dabei ist",
        "",
        may_be_empty=True,
    ),
    Placeholder(
        "termine",
        "alle versprochenen Termine als Liste",
        "- Erstes Gespräch: spätestens am 3. Dezember\n- Parteibuch: spätestens am 1. Februar",
        may_be_empty=True,
        is_list=True,
    ),
    Placeholder(
        "naechste_zwei_termine",
        "die nächsten zwei Termine als Liste",
        "- Erstes Gespräch: spätestens am 3. Dezember\n- Parteibuch: spätestens am 1. Februar",
        may_be_empty=True,
        is_list=True,
    ),
    Placeholder(
        "niemand_gemeldet",
        "Link „Bei mir hat sich noch niemand gemeldet“",
        f"{SAMPLE_URL}niemand/",
        is_needed=True,
        is_link=True,
    ),
    Placeholder(
        "lieber_schreiben", "Link „Lieber schreiben“", f"{SAMPLE_URL}schreiben/", is_link=True
    ),
    Placeholder(
        "andere_sprachen",
        "Links zu allen anderen Sprachen",
        f"Einfaches Deutsch: {SAMPLE_URL}leicht/\nEnglish: {SAMPLE_URL}en/",
        is_list=True,
        is_link=True,
    ),
)


def welcome_may_send(mail: OutgoingMail) -> str | None:
    found = Onboarding.objects.select_related("person").filter(pk=mail.ids["onboarding"])
    onboarding = found.first()
    if onboarding is None:
        return "Person nicht mehr im Portal"
    if onboarding.state == Onboarding.State.FINISHED:
        return "ist schon angekommen"
    if onboarding.state != Onboarding.State.RUNNING:
        return "Ankommen beendet"
    if is_not_theirs(mail, onboarding.person):
        return ADDRESS_CHANGED
    ended = Membership.objects.filter(person=onboarding.person_id, has_ended=False).exists()
    return None if ended else "ausgetreten"


kinds.register(
    kinds.MailKind(
        code=WELCOME,
        title="Willkommen",
        template="members/welcome",
        recipient="Neumitglied",
        reason="Du bist Mitglied geworden.",
        mail_class=kinds.MailClass.DUTY,
        counts_for_cap=True,
        context=welcome_context,
        may_send=welcome_may_send,
        placeholders=WELCOME_PLACEHOLDERS,
        secrets=("einladung", "niemand_gemeldet", "lieber_schreiben", "andere_sprachen"),
        opens_first_days=True,
        once=True,
    )
)
