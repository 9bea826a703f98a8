"""Every mail about getting in: links, codes, and what was done to a login."""

from collections.abc import Callable, Mapping
from typing import Any

from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.urls import reverse

from members import login_code
from members.models import District, OneTimeCode, Person, User
from members.services import invitations, recovery, signing_in
from portal.common.outbox import kinds
from portal.common.outbox.models import OutgoingMail

Context = Callable[[OutgoingMail], Mapping[str, Any]]
MaySend = Callable[[OutgoingMail], str | None]


def _house() -> dict[str, Any]:
    return {"district": District.current(), "base_url": settings.BASE_URL}


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
    return _house() | {
        "language": person.language,
        "first_name": person.first_name,
        "invitation_url": invitations.url(invitation),
    }


def _invitation_may_send(mail: OutgoingMail) -> str | None:
    person = _person(mail)
    if person is None or invitations.has_left(person):
        return "nicht mehr Mitglied"
    return "Einladung schon angenommen" if hasattr(person, "user") else None


def _hint_context(mail: OutgoingMail) -> Mapping[str, Any]:
    person = Person.objects.get(pk=mail.ids["person"])
    return _house() | {
        "first_name": person.first_name,
        "email": person.user.email,
        "login_url": settings.BASE_URL + reverse("account_login"),
    }


def _hint_may_send(mail: OutgoingMail) -> str | None:
    person = _person(mail)
    known = person is not None and hasattr(person, "user") and person.user.is_active
    return None if known else "kein Zugang"


_register(
    invitations.INVITATION,
    "Einladung zum Portal",
    "eingeladene Person",
    "Du oder die Geschäftsstelle hat einen Link bestellt.",
    _invitation_context,
    _invitation_may_send,
    secrets=("invitation_url",),
)
_register(
    invitations.LOGIN_HINT,
    "So meldest du dich an",
    "wer schon einen Zugang hat",
    "Du hast gefragt, wie du mitmachen kannst.",
    _hint_context,
    _hint_may_send,
)


# --- Login code and password reset (secrets are derived when the mail is made) --------------


def _user(mail: OutgoingMail) -> User:
    return User.objects.select_related("person").get(pk=mail.ids["user"])


def _code_context(mail: OutgoingMail) -> Mapping[str, Any]:
    return _house() | {
        "first_name": _user(mail).person.first_name,
        "code": login_code.derive(mail.pk),
    }


def _reset_context(mail: OutgoingMail) -> Mapping[str, Any]:
    user = _user(mail)
    path = reverse(
        "account_reset_password_from_key",
        kwargs={"uidb36": user_pk_to_url_str(user), "key": login_code.reset_key(user)},
    )
    return _house() | {
        "first_name": user.person.first_name,
        "reset_url": settings.BASE_URL + path,
    }


def _user_may_send(mail: OutgoingMail) -> str | None:
    known = User.objects.filter(pk=mail.ids["user"], is_active=True).exists()
    return None if known else "Zugang gesperrt"


for _code, _title, _context, _secret in (
    (signing_in.CODE, "Anmeldecode", _code_context, "code"),
    (signing_in.RESET, "Neues Passwort", _reset_context, "reset_url"),
):
    _register(
        _code,
        _title,
        "wer sich anmeldet",
        "Du hast es gerade angefordert.",
        _context,
        _user_may_send,
        secrets=(_secret,),
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


def _one_time_context(mail: OutgoingMail) -> Mapping[str, Any]:
    code = OneTimeCode.objects.select_related("user__person", "made_by", "told").get(
        pk=mail.ids["one_time_code"]
    )
    return _house() | {
        "first_name": code.user.person.first_name,
        "told_first_name": code.told.first_name,
        "made_by": code.made_by.full_name,
        "person": code.user.person.full_name,
        "made_at": code.created_at,
        "notice_url": settings.BASE_URL + reverse("members:code_notice", args=[code.pk]),
    }


def _one_time_may_send(mail: OutgoingMail) -> str | None:
    known = OneTimeCode.objects.filter(pk=mail.ids["one_time_code"]).exists()
    return None if known else "Person nicht mehr im Portal"


for _code, _title, _recipient, _reason in (
    (
        recovery.MADE,
        "Einmalcode erstellt",
        "wer nicht hineinkommt",
        "Am Telefon wurde ein Einmalcode für dich erstellt.",
    ),
    (
        recovery.USED,
        "Einmalcode benutzt",
        "wer wieder hineinkam",
        "Mit einem Einmalcode hat sich jemand in deinem Zugang angemeldet.",
    ),
    (
        recovery.TOLD,
        "Einmalcode: bitte ansehen",
        "zweite Person",
        "Ein Zugang wurde am Telefon geöffnet; das sehen immer zwei.",
    ),
):
    _register(
        _code,
        _title,
        _recipient,
        _reason,
        _one_time_context,
        _one_time_may_send,
        mail_class=kinds.MailClass.DUTY,
    )
