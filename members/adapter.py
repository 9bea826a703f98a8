"""allauth, closed: no sign-up, and every mail through the outbox."""

import time
from typing import Any
from uuid import UUID, uuid4

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest

from members import login_code
from members.models import District, User
from members.services import sessions, signing_in

# Who was let in by telephone has that long to set up a new factor without being asked again.
ENROLMENT_SECONDS = 30 * 60


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up: a login grows out of an invitation only."""
        return False

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Somebody who signed in a moment ago need not do it again to set up a factor."""
        records = get_authentication_records(context.request, context.request.user)
        fresh = any(time.time() - r["at"] < _counts_for(r["method"]) for r in records)
        return not fresh and super().is_reauthentication_required(app=app, **kwargs)

    def reauthenticate(self, user: User, password: str) -> bool:
        """Without the detour over a login by address."""
        return user.check_password(password)

    def set_password(self, user: User, password: str) -> None:
        """Whoever changes the password wants nobody else to stay signed in."""
        super().set_password(user, password)
        sessions.end_all(user, but=context.request.session.session_key)

    def generate_login_code(self) -> str:
        """Return the code of an outbox row that `send_mail` writes next."""
        mail_id = uuid4()
        context.request._login_mail_id = mail_id
        return login_code.derive(mail_id)

    def send_mail(self, template_prefix: str, email: str, context_: dict[str, Any]) -> None:
        """Queue the login code with ids only; AssertionError for a mail we do not know."""
        assert template_prefix == "account/email/login_code", template_prefix
        mail_id: UUID = context.request._login_mail_id
        signing_in.queue_for(context.request._login_user, signing_in.CODE, mail_id)


def _counts_for(method: str) -> int:
    if method == "one_time":
        return ENROLMENT_SECONDS
    return int(settings.ACCOUNT_REAUTHENTICATION_TIMEOUT)


class FactorAdapter(DefaultMFAAdapter):
    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """A passkey belongs to the portal's host, however the page was reached."""
        return {"id": settings.PASSKEY_HOST, "name": District.current().product_name}

    def get_public_key_credential_user_entity(self, user: User) -> dict[str, Any]:
        """The name a phone shows when it offers the passkey."""
        return {"id": user.pk.hex.encode(), "display_name": user.email, "name": user.email}

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:  # noqa: A002 -- allauth's name
        """A first name for a passkey: where it was made."""
        from members.session_engine import device

        return device(context.request)
