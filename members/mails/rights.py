"""The answer to a request about one's own data: what was decided, and why not."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from members.mails.house import ADDRESS_CHANGED, HOUSE, SAMPLE_URL, house, is_not_theirs
from members.models import RightsRequest
from members.services import rights
from portal.common.dates import long_day
from portal.common.outbox import kinds
from portal.common.outbox.models import OutgoingMail
from portal.common.outbox.wording import Placeholder

State = RightsRequest.State


def _request(mail: OutgoingMail) -> RightsRequest | None:
    found = RightsRequest.objects.select_related("person")
    return found.filter(pk=mail.ids["request"]).first()


def _context(mail: OutgoingMail) -> Mapping[str, Any]:
    request = _request(mail)
    assert request is not None  # `_may_send` was asked before
    objection = request.get_objection_display() if request.objection else ""
    return house() | {
        "language": request.person.language,
        "vorname": request.person.first_name,
        "tag": long_day(timezone.localdate(request.created_at)),
        "anfrage": objection or request.get_kind_display(),
        "antwort": request.answer,
        "grund": request.get_refusal_display() if request.refusal else "",
        "wenn_geloescht": "ja" if request.state == State.ACCEPTED else "",
        "meine_daten": settings.BASE_URL + reverse("members:my_data"),
    }


def _may_send(mail: OutgoingMail) -> str | None:
    request = _request(mail)
    if request is None:
        return "Person nicht mehr im Portal"
    if request.state in (State.OPEN, State.WITHDRAWN):
        return "zurückgenommen"
    return ADDRESS_CHANGED if is_not_theirs(mail, request.person) else None


kinds.register(
    kinds.MailKind(
        code=rights.ANSWERED,
        title="Antwort zu deinen Daten",
        template="members/rights_answered",
        recipient="wer eine Anfrage zu den eigenen Daten gestellt hat",
        reason="Du hast etwas zu deinen Daten gefragt oder widersprochen.",
        mail_class=kinds.MailClass.DUTY,
        counts_for_cap=False,
        context=_context,
        may_send=_may_send,
        placeholders=(
            *HOUSE,
            Placeholder("tag", "an welchem Tag gefragt wurde", "3. Dezember"),
            Placeholder("anfrage", "worum es ging", "Etwas stimmt nicht"),
            Placeholder("antwort", "die Antwort", "Wir haben es geändert.", is_needed=True),
            Placeholder(
                "grund",
                "warum nicht",
                "Die Angaben sind geprüft und stimmen.",
                is_needed=True,
                may_be_empty=True,
            ),
            Placeholder(
                "wenn_geloescht",
                "am Anfang einer Zeile: nur, wenn gelöscht wird",
                "ja",
                may_be_empty=True,
            ),
            Placeholder(
                "meine_daten", "Link zu „Meine Daten“", f"{SAMPLE_URL}daten/", is_link=True
            ),
        ),
    )
)
