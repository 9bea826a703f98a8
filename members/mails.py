"""Every mail the members app may send, with its reason and what is true when it leaves."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.urls import reverse

from members import login_code
from members.models import (
    District,
    Invitation,
    Membership,
    Milestone,
    Onboarding,
    Person,
    Step,
    User,
)
from members.services import invitations
from members.services.organisation import shown_contact
from members.services.welcome import WELCOME
from portal.common import clock, links
from portal.common.dates import long_day
from portal.common.outbox import kinds, languages
from portal.common.outbox.models import OutgoingMail
from portal.common.outbox.wording import Placeholder

# Somebody who joined longer ago is not greeted as if it were yesterday (R4).
LATE_WELCOME = timedelta(days=92)


def _house() -> dict[str, Any]:
    """What every text may use."""
    district = District.current()
    return {
        "geschaeftsstelle": district.office_name,
        "geschaeftsstelle_telefon": district.phone,
        "geschaeftsstelle_adresse": f"{district.street}, {district.city}",
        "impressum": f"{settings.BASE_URL}/impressum/",
    }


_URL = f"{settings.BASE_URL}/beispiel/"
FIRST_NAME = Placeholder("vorname", "Vorname der Person", "Kim")
HOUSE = (
    FIRST_NAME,
    Placeholder("geschaeftsstelle", "Name der Geschäftsstelle", "Geschäftsstelle Beispiel"),
    Placeholder("geschaeftsstelle_telefon", "Telefon der Geschäftsstelle", "0511 0000000"),
    Placeholder(
        "geschaeftsstelle_adresse",
        "Adresse der Geschäftsstelle",
        "Musterstraße 1, 30159 Hannover",
    ),
    Placeholder(
        "impressum",
        "Link zu Impressum und Datenschutz",
        f"{settings.BASE_URL}/impressum/",
        is_link=True,
    ),
)
INVITATION_LINK = Placeholder(
    "einladung", "Link zur eigenen Seite", f"{_URL}einladung/", is_needed=True, is_link=True
)


# --- Welcome --------------------------------------------------------------------------------


def _onboarding(mail: OutgoingMail) -> Onboarding:
    return Onboarding.objects.select_related("person", "responsible", "person__gliederung").get(
        pk=mail.ids["onboarding"]
    )


def welcome_context(mail: OutgoingMail) -> Mapping[str, Any]:
    """What the welcome says today: the contact and the number valid at this moment."""
    onboarding = _onboarding(mail)
    person = onboarding.person
    house = _house()
    contact = shown_contact(onboarding, house["geschaeftsstelle_telefon"])
    joined_long_ago = onboarding.started_on < clock.today() - LATE_WELCOME
    promised = [m for m in onboarding.milestones.all() if m.state == Milestone.State.OPEN]
    return (
        house
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
        f"{_URL}niemand/",
        is_needed=True,
        is_link=True,
    ),
    Placeholder("lieber_schreiben", "Link „Lieber schreiben“", f"{_URL}schreiben/", is_link=True),
    Placeholder(
        "andere_sprachen",
        "Links zu allen anderen Sprachen",
        f"Einfaches Deutsch: {_URL}leicht/\nEnglish: {_URL}en/",
        is_list=True,
        is_link=True,
    ),
)


def welcome_may_send(mail: OutgoingMail) -> str | None:
    onboarding = Onboarding.objects.filter(pk=mail.ids["onboarding"]).first()
    if onboarding is None:
        return "Person nicht mehr im Portal"
    if onboarding.state != Onboarding.State.RUNNING:
        return "Ankommen beendet"
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
    )
)


# --- A fresh invitation ---------------------------------------------------------------------


def _invitation_context(mail: OutgoingMail) -> Mapping[str, Any]:
    invitation = Invitation.objects.select_related("person").get(pk=mail.ids["invitation"])
    return _house() | {
        "language": invitation.person.language,
        "vorname": invitation.person.first_name,
        "einladung": invitations.url(invitation),
    }


def _invitation_may_send(mail: OutgoingMail) -> str | None:
    waiting = Invitation.objects.filter(pk=mail.ids["invitation"], accepted_at=None).exists()
    return None if waiting else "Einladung schon angenommen"


kinds.register(
    kinds.MailKind(
        code=invitations.INVITATION,
        title="Neuer Link zum Anmelden",
        template="members/invitation",
        recipient="eingeladene Person",
        reason="Du hast einen neuen Link bestellt.",
        mail_class=kinds.MailClass.REQUESTED,
        counts_for_cap=False,
        context=_invitation_context,
        may_send=_invitation_may_send,
        placeholders=(*HOUSE, INVITATION_LINK),
        secrets=("einladung",),
    )
)


# --- Login code and password reset (secrets are derived when the mail is made) --------------


def _user(mail: OutgoingMail) -> User:
    return User.objects.select_related("person").get(pk=mail.ids["user"])


def _account_facts(user: User) -> dict[str, Any]:
    return _house() | {"language": user.person.language, "vorname": user.person.first_name}


def _code_context(mail: OutgoingMail) -> Mapping[str, Any]:
    return _account_facts(_user(mail)) | {"code": login_code.derive(mail.pk)}


def _reset_context(mail: OutgoingMail) -> Mapping[str, Any]:
    user = _user(mail)
    path = reverse(
        "account_reset_password_from_key",
        kwargs={"uidb36": user_pk_to_url_str(user), "key": login_code.reset_key(user)},
    )
    return _account_facts(user) | {"neues_passwort": settings.BASE_URL + path}


CODE = Placeholder("code", "Code zum Anmelden", "123456", is_needed=True)
RESET_LINK = Placeholder(
    "neues_passwort", "Link zum neuen Passwort", f"{_URL}passwort/", is_needed=True, is_link=True
)


def _user_may_send(mail: OutgoingMail) -> str | None:
    known = User.objects.filter(pk=mail.ids["user"], is_active=True).exists()
    return None if known else "Zugang gesperrt"


for _code, _title, _template, _context, _placeholder in (
    ("account.login_code", "Anmeldecode", "account/login_code", _code_context, CODE),
    ("account.reset", "Neues Passwort", "account/reset", _reset_context, RESET_LINK),
):
    kinds.register(
        kinds.MailKind(
            code=_code,
            title=_title,
            template=_template,
            recipient="wer sich anmeldet",
            reason="Du hast es gerade angefordert.",
            mail_class=kinds.MailClass.REQUESTED,
            counts_for_cap=False,
            context=_context,
            may_send=_user_may_send,
            placeholders=(*HOUSE, _placeholder),
            secrets=(_placeholder.name,),
            keep_body=False,
        )
    )


def received_by(person: Person) -> list[OutgoingMail]:
    """Everything that was sent to this person, newest first, for their own page."""
    sent = OutgoingMail.objects.filter(recipient_key=person.pk, state=OutgoingMail.State.SENT)
    return list(sent.exclude(kind__startswith="account.").order_by("-sent_at"))
