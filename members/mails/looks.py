"""Somebody saw very many people in a day: staff and Datenschutz are told, once, without names."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.urls import reverse

from members.mails.house import HOUSE, SAMPLE_URL, house
from members.models import LookRelease, LookStop, Person
from members.services import looks
from portal.common.dates import long_day
from portal.common.outbox import kinds
from portal.common.outbox.models import OutgoingMail
from portal.common.outbox.wording import Placeholder

GONE = "Person nicht mehr im Portal"
_WHERE = (
    Placeholder("amt", "Amt und Ort", "Ansprechperson für Neumitglieder, Ortsverein Beispiel"),
    Placeholder("tag", "an welchem Tag", "3. Dezember"),
    Placeholder(
        "ansehen", "Link zum Ansehen", f"{SAMPLE_URL}ansehen/", is_needed=True, is_link=True
    ),
)


def _facts(mail: OutgoingMail, stop: LookStop) -> dict[str, Any]:
    person = Person.objects.get(pk=mail.recipient_key)
    held = stop.viewer.aemter.active(stop.day).select_related("gliederung__level")
    offices = [f"{amt.get_kind_display()}, {amt.gliederung}" for amt in held.order_by("pk")]
    return house() | {
        "language": person.language,
        "vorname": person.first_name,
        "amt": "; ".join(offices) or "ein Amt, das inzwischen beendet ist",
        "tag": long_day(stop.day),
        "ansehen": settings.BASE_URL + reverse("members:look_stop", args=[stop.pk]),
    }


def _stopped_context(mail: OutgoingMail) -> Mapping[str, Any]:
    stop = LookStop.objects.select_related("viewer").get(pk=mail.ids["stop"])
    return _facts(mail, stop) | {"anzahl": str(stop.most)}


def _stopped_may_send(mail: OutgoingMail) -> str | None:
    return None if LookStop.objects.filter(pk=mail.ids["stop"]).exists() else GONE


def _released_context(mail: OutgoingMail) -> Mapping[str, Any]:
    release = LookRelease.objects.select_related("stop__viewer", "made_by").get(
        pk=mail.ids["release"]
    )
    by = release.made_by.full_name if release.made_by else "Jemand"
    return _facts(mail, release.stop) | {"freigegeben_von": by}


def _released_may_send(mail: OutgoingMail) -> str | None:
    return None if LookRelease.objects.filter(pk=mail.ids["release"]).exists() else GONE


kinds.register(
    kinds.MailKind(
        code=looks.STOPPED,
        title="Sehr viele Menschen angesehen",
        template=looks.STOPPED.replace(".", "/"),
        recipient="wer Ämter vergibt, und der Datenschutz",
        reason="Jemand mit einem Amt hat an einem Tag sehr viele Menschen angesehen.",
        mail_class=kinds.MailClass.DUTY,
        counts_for_cap=False,
        context=_stopped_context,
        may_send=_stopped_may_send,
        placeholders=(
            *HOUSE,
            *_WHERE,
            Placeholder("anzahl", "wie viele Menschen", "200"),
        ),
        mail_only=True,
    )
)
kinds.register(
    kinds.MailKind(
        code=looks.RELEASED,
        title="Mehr Menschen freigegeben: bitte ansehen",
        template=looks.RELEASED.replace(".", "/"),
        recipient="zweite Person",
        reason="Jemand darf heute mehr Menschen ansehen; das wissen immer zwei.",
        mail_class=kinds.MailClass.DUTY,
        counts_for_cap=False,
        context=_released_context,
        may_send=_released_may_send,
        placeholders=(
            *HOUSE,
            *_WHERE,
            Placeholder("freigegeben_von", "wer freigegeben hat", "Alex Muster"),
        ),
        mail_only=True,
    )
)
