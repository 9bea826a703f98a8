"""The invitation to come back, as mail or letter."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from members.mails.house import ADDRESS_CHANGED, HOUSE, SAMPLE_URL, house, is_not_theirs
from members.models import Membership, Onboarding, Wave
from members.queries import waves as query
from members.queries.responsible import shown_contact
from portal.common import clock, links
from portal.common.dates import LONG_WEEKDAYS, long_day
from portal.common.outbox import kinds, languages
from portal.common.outbox.models import MailChoice, OutgoingMail
from portal.common.outbox.wording import Placeholder

LINKS = {
    "ruft_mich_an": "reconnect-call",
    "ich_komme": "reconnect-meeting",
    "lieber_nicht": "reconnect-no",
}


def _onboarding(mail: OutgoingMail) -> Onboarding | None:
    found = Onboarding.objects.select_related("person__gliederung", "responsible", "wave")
    return found.filter(pk=mail.ids["onboarding"]).first()


def _context(mail: OutgoingMail) -> Mapping[str, Any]:
    onboarding = _onboarding(mail)
    assert onboarding is not None  # _may_send was asked before
    assert onboarding.wave is not None
    person, common = onboarding.person, house()
    contact = shown_contact(onboarding, common["geschaeftsstelle_telefon"])
    meets = query.can_meet(onboarding.wave, clock.now())
    on_paper = mail.channel == OutgoingMail.Channel.LETTER
    urls = {
        name: "" if on_paper else links.signed_url(code, str(onboarding.pk))
        for name, code in LINKS.items()
    }
    return (
        common
        | urls
        | {
            "language": person.language,
            "vorname": person.first_name,
            "nachname": person.family_name if person.given_name else "",
            "seit_jahr": query.joined_year(person) or "",
            "ansprechperson": contact.person.full_name if contact.person else "",
            "ansprechperson_telefon": contact.phone,
            "treffen": _meeting(onboarding.wave, person.language) if meets else "",
            "wenn_treffen": meets,
            "ich_komme": urls["ich_komme"] if meets else "",
        }
    )


def _meeting(wave: Wave, language: str) -> str:
    assert wave.meeting_at is not None  # only asked for a meeting to come
    at = timezone.localtime(wave.meeting_at)
    if language == languages.ENGLISH:
        return f"{at:%d.%m.%Y, %H:%M}, {wave.meeting_place}"
    weekday = LONG_WEEKDAYS[at.weekday()]
    return f"{weekday}, {long_day(at.date())}, {at:%H:%M} Uhr, {wave.meeting_place}"


def _may_send(mail: OutgoingMail) -> str | None:
    onboarding = _onboarding(mail)
    if onboarding is None or onboarding.wave is None:
        return "Welle zurückgenommen"
    if onboarding.state != Onboarding.State.RUNNING or onboarding.person.no_contact_since:
        return "nicht mehr nötig"
    if is_not_theirs(mail, onboarding.person):
        return ADDRESS_CHANGED
    own = MailChoice.objects.filter(recipient_key=onboarding.person_id, kind=query.RECONNECT)
    if own.filter(way=MailChoice.Way.NONE).exists():
        return "möchte diese Post nicht"
    held = Membership.objects.filter(person=onboarding.person_id, has_ended=False)
    return None if held.exists() else "ausgetreten"


PLACEHOLDERS = (
    *HOUSE,
    Placeholder("nachname", "Nachname der Person", "Beispiel", may_be_empty=True),
    Placeholder("seit_jahr", "Jahr des Eintritts", "2014", may_be_empty=True),
    Placeholder("ansprechperson", "Name der Ansprechperson", "Alex Muster", may_be_empty=True),
    Placeholder(
        "ansprechperson_telefon",
        "Telefonnummer, die die Ansprechperson zeigen will",
        "0511 1111111",
        may_be_empty=True,
    ),
    Placeholder(
        "treffen",
        "wann und wo das Treffen ist",
        "Donnerstag, 3. Dezember, 18:00 Uhr, Gasthaus Beispiel",
        may_be_empty=True,
    ),
    Placeholder(
        "wenn_treffen",
        "am Anfang einer Zeile: nur, wenn die Welle zu einem Treffen einlädt",
        "ja",
        may_be_empty=True,
    ),
    Placeholder(
        "ruft_mich_an",
        "Link „Ja, ruft mich an“",
        f"{SAMPLE_URL}anruf/",
        is_needed=True,
        is_link=True,
    ),
    Placeholder(
        "ich_komme",
        "Link „Ich komme zum Treffen“",
        f"{SAMPLE_URL}treffen/",
        is_needed=True,
        may_be_empty=True,
        is_link=True,
    ),
    Placeholder(
        "lieber_nicht", "Link „Lieber nicht“", f"{SAMPLE_URL}nicht/", is_needed=True, is_link=True
    ),
)


kinds.register(
    kinds.MailKind(
        code=query.RECONNECT,
        title="Einladung, wieder anzuknüpfen",
        template="members/reconnect",
        recipient="Mitglied ohne Gespräch seit vielen Monaten",
        reason="Lange hat niemand mit dir gesprochen. Das möchten wir ändern.",
        mail_class=kinds.MailClass.INVITATION,
        counts_for_cap=True,
        context=_context,
        may_send=_may_send,
        placeholders=PLACEHOLDERS,
        secrets=tuple(LINKS),
        bulk=True,
        keeps_quiet=True,
    )
)
