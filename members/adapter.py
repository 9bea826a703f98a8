"""allauth, closed: no sign-up, and every mail through the outbox."""

import time
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core import context
from django.conf import settings
from django.http import HttpRequest

from members import login_code
from members.models import User
from portal.common import clock
from portal.common.outbox import services as outbox

LIVES = {
    "account.login_code": settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT,
    "account.reset": settings.PASSWORD_RESET_TIMEOUT,
}
KINDS = {
    "account/email/login_code": "account.login_code",
    "account/email/password_reset_key": "account.reset",
}


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up: a login grows out of an invitation only."""
        return False

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Somebody who signed in a moment ago need not do it again to set up a factor."""
        records = get_authentication_records(context.request, context.request.user)
        fresh = any(
            time.time() - r["at"] < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT for r in records
        )
        return not fresh and super().is_reauthentication_required(app=app, **kwargs)

    def generate_login_code(self) -> str:
        """Return the code of an outbox row that `send_mail` writes next."""
        mail_id = uuid4()
        context.request._login_mail_id = mail_id
        return login_code.derive(mail_id)

    def send_mail(self, template_prefix: str, email: str, context_: dict[str, Any]) -> None:
        """Queue the mail with ids only; KeyError for one that is not in the registry."""
        kind = KINDS[template_prefix]
        user = context_.get("user") or User.objects.get(email__iexact=email)
        mail_id: UUID = getattr(context.request, "_login_mail_id", None) or uuid4()
        outbox.queue(
            outbox.Draft(
                id=mail_id,
                kind=kind,
                recipient_key=user.person_id,
                address=email,
                dedupe_key=f"{kind}:{mail_id}",
                ids={"user": str(user.pk)},
                # A code that came too late would only puzzle whoever asked for it.
                expires_at=clock.now() + timedelta(seconds=LIVES[kind]),
            )
        )
