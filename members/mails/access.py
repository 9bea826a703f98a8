"""Every mail about getting in: links, codes, and what was done to a login."""

from collections.abc import Callable, Mapping
from typing import Any

from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from members import login_code
from members.mails.house import (
    ADDRESS_CHANGED,
    HOUSE,
    INVITATION_LINK,
    SAMPLE_URL,
    house,
    is_not_theirs,
)
from members.models import OneTimeCode, Person, User
from members.services import invitations, recovery, signing_in
from portal.common.dates import long_day
from portal.common.outbox import kinds
from portal.common.outbox.models import OutgoingMail
from portal.common.outbox.wording import Placeholder

Context = Callable[[OutgoingMail], Mapping[str, Any]]
MaySend = Callable[[OutgoingMail], str | None]


def _register(
    code: str, title: str, recipient: str, reason: str, context: Context, may: MaySend, **more: Any
) -> None:
    """Mails about a login answer a question or are owed; none counts against the cap."""
    more.setdefault("mail_class", kinds.MailClass.REQUESTED)
    kind = kinds.MailKind(
        code=code,
        title=title,
        template=code.replace(".", "/"),
        recipient=recipient,
        reason=reason,
        counts_for_cap=False,
        context=context,
        may_send=may,
        **more,
    )
    kinds.register(kind)


# --- Invitation, and the hint where there is a login already ----------------------------------


def _person(mail: OutgoingMail) -> Person | None:
    return Person.objects.select_related("user").filter(pk=mail.ids["person"]).first()


def _invitation_context(mail: OutgoingMail) -> Mapping[str, Any]:
    person = Person.objects.get(pk=mail.ids["person"])
    invitation = invitations.ensure_invitation(person)
    return house() | {
        "language": person.language,
        "vorname": person.first_name,
        "einladung": invitations.url(invitation),
    }


def _invitation_may_send(mail: OutgoingMail) -> str | None:
    person = _person(mail)
    if person is None or invitations.has_left(person):
        return "nicht mehr Mitglied"
    if is_not_theirs(mail, person):
        return ADDRESS_CHANGED
    if person.invitations.filter(revoked_at__gte=mail.created_at).exists():
        return invitations.REVOKED
    return "Einladung schon angenommen" if hasattr(person, "user") else None


def _hint_context(mail: OutgoingMail) -> Mapping[str, Any]:
    person = Person.objects.get(pk=mail.ids["person"])
    return house() | {
        "language": person.language,
        "vorname": person.first_name,
        "adresse": person.user.email,
        "anmelden": settings.BASE_URL + reverse("account_login"),
    }


def _hint_may_send(mail: OutgoingMail) -> str | None:
    person = _person(mail)
    if person is None or not hasattr(person, "user") or not person.user.is_active:
        return "kein Zugang"
    return ADDRESS_CHANGED if is_not_theirs(mail, person) else None


_register(
    invitations.INVITATION,
    "Einladung zum Portal",
    "eingeladene Person",
    "Du oder die Geschäftsstelle hat einen Link bestellt.",
    _invitation_context,
    _invitation_may_send,
    placeholders=(*HOUSE, INVITATION_LINK),
    secrets=("einladung",),
)
_register(
    invitations.LOGIN_HINT,
    "So meldest du dich an",
    "wer schon einen Zugang hat",
    "Du hast gefragt, wie du mitmachen kannst.",
    _hint_context,
    _hint_may_send,
    placeholders=(
        *HOUSE,
        Placeholder("adresse", "Adresse des Zugangs", "kim@example.org", is_needed=True),
        Placeholder(
            "anmelden",
            "Link zum Anmelden",
            f"{SAMPLE_URL}anmelden/",
            is_needed=True,
            is_link=True,
        ),
    ),
)


# --- Login code and password reset (secrets are derived when the mail is made) --------------


def _user(mail: OutgoingMail) -> User:
    return User.objects.select_related("person").get(pk=mail.ids["user"])


def _facts(user: User) -> dict[str, Any]:
    return house() | {"language": user.person.language, "vorname": user.person.first_name}


def _code_context(mail: OutgoingMail) -> Mapping[str, Any]:
    return _facts(_user(mail)) | {"code": login_code.derive(mail.pk)}


def _reset_context(mail: OutgoingMail) -> Mapping[str, Any]:
    user = _user(mail)
    path = reverse(
        "account_reset_password_from_key",
        kwargs={"uidb36": user_pk_to_url_str(user), "key": login_code.reset_key(user)},
    )
    return _facts(user) | {"neues_passwort": settings.BASE_URL + path}


def _user_may_send(mail: OutgoingMail) -> str | None:
    known = User.objects.filter(pk=mail.ids["user"], is_active=True).exists()
    return None if known else "Zugang gesperrt"


for _code, _title, _context, _secret in (
    (
        signing_in.CODE,
        "Anmeldecode",
        _code_context,
        Placeholder("code", "Code zum Anmelden", "ABCD-EFGH", is_needed=True),
    ),
    (
        signing_in.RESET,
        "Neues Passwort",
        _reset_context,
        Placeholder(
            "neues_passwort",
            "Link zum neuen Passwort",
            f"{SAMPLE_URL}passwort/",
            is_needed=True,
            is_link=True,
        ),
    ),
):
    _register(
        _code,
        _title,
        "wer sich anmeldet",
        "Du hast es gerade angefordert.",
        _context,
        _user_may_send,
        placeholders=(*HOUSE, _secret),
        secrets=(_secret.name,),
        keep_body=False,
    )


def _nobodys_context(mail: OutgoingMail) -> Mapping[str, Any]:
    return {}


def _to_nobody(mail: OutgoingMail) -> str:
    return "niemand gefragt"


_register(
    signing_in.NOBODY,
    "an niemanden",
    "niemand",
    "Damit eine unbekannte Adresse dieselbe Arbeit macht wie eine bekannte.",
    _nobodys_context,
    _to_nobody,
    keep_body=False,
)


# --- Back in by telephone (R27) -------------------------------------------------------------


ONE_TIME = (
    *HOUSE,
    Placeholder("erstellt_von", "wer den Code erstellt hat", "Alex Muster"),
    Placeholder("tag", "an welchem Tag", "3. Dezember"),
    Placeholder("uhrzeit", "um welche Uhrzeit", "18:05"),
)
NOTICE_LINK = Placeholder(
    "ansehen", "Link zum Ansehen", f"{SAMPLE_URL}ansehen/", is_needed=True, is_link=True
)


def _one_time_code(mail: OutgoingMail) -> OneTimeCode:
    codes = OneTimeCode.objects.select_related("user__person", "made_by", "told")
    return codes.get(pk=mail.ids["one_time_code"])


def _one_time_context(mail: OutgoingMail) -> Mapping[str, Any]:
    code = _one_time_code(mail)
    made_at = timezone.localtime(code.created_at)
    return _facts(code.user) | {
        "erstellt_von": code.made_by.full_name,
        "tag": long_day(made_at.date()),
        "uhrzeit": f"{made_at:%H:%M}",
    }


def _told_context(mail: OutgoingMail) -> Mapping[str, Any]:
    code = _one_time_code(mail)
    return {
        **_one_time_context(mail),
        "language": code.told.language,
        "vorname": code.told.first_name,
        "ansehen": settings.BASE_URL + reverse("members:code_notice", args=[code.pk]),
    }


def _one_time_may_send(mail: OutgoingMail) -> str | None:
    known = OneTimeCode.objects.filter(pk=mail.ids["one_time_code"]).exists()
    return None if known else "Person nicht mehr im Portal"


for _code, _title, _recipient, _reason, _context, _more in (
    (
        recovery.MADE,
        "Einmalcode erstellt",
        "wer nicht reinkommt",
        "Am Telefon wurde ein Einmalcode für dich erstellt.",
        _one_time_context,
        (),
    ),
    (
        recovery.USED,
        "Einmalcode benutzt",
        "wer wieder reinkam",
        "Mit einem Einmalcode hat sich jemand in deinem Zugang angemeldet.",
        _one_time_context,
        (),
    ),
    (
        recovery.TOLD,
        "Einmalcode: bitte ansehen",
        "zweite Person",
        "Ein Zugang wurde am Telefon geöffnet; das sehen immer zwei.",
        _told_context,
        (NOTICE_LINK,),
    ),
):
    _register(
        _code,
        _title,
        _recipient,
        _reason,
        _context,
        _one_time_may_send,
        mail_class=kinds.MailClass.DUTY,
        names_others=True,
        placeholders=(*ONE_TIME, *_more),
    )
